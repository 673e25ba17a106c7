"""What each markup would take for its own, written so that a reader sees the text as it is."""

import re
import unicodedata
from collections.abc import Callable
from html import escape
from typing import TypeAlias

Escape: TypeAlias = Callable[[str], str]
"""From a printable text to what stands for it in a format."""

_INNER = r"(?<=[^\W_])_+(?=[^\W_])"  # no markup begins or ends with an underscore within a word


def _kept(text: str) -> str:
    """The text with its blanks where readers of markup would drop them: at the ends, and all but one of several."""
    return re.sub(r"^ +| +$| {2,}", lambda blanks: "\N{NO-BREAK SPACE}" * len(blanks[0]), text)


def terminal(text: str) -> str:
    """Text for a cell in a terminal: a sign that would join what is before it gets a dotted circle to stand on."""
    return f"\N{DOTTED CIRCLE}{text}" if unicodedata.category(text[:1] or " ")[0] == "M" else text


def html(text: str) -> str:
    """Text for an element or an attribute of HTML."""
    return escape(_kept(text))


def markdown(text: str) -> str:
    """Text for a cell of a table of GitHub Flavored Markdown (github.github.com/gfm), or within a paragraph of it."""
    text = re.sub(r"&(?=#?\w+;)", "&amp;", _kept(text)).replace("<", "&lt;")
    # Not doubled: renderers disagree on what a table makes of a doubled backslash before a bar.
    text = re.sub(r"\\(?=[!-/:-@[-`{-~]|$)", "&#92;", text)
    text = re.sub(rf"({_INNER})|[_*`~$|[]", lambda sign: sign[1] or f"\\{sign[0]}", text)
    text = re.sub(r":(?=//)|(?<=www)\.", r"\\\g<0>", text, flags=re.IGNORECASE)
    # GitHub looks for addresses after it has read escapes and entities; only an element comes between.
    return re.sub(r"(?<=[\w.+-])@(?=[^@]*\.)", "<!-- -->@", text)


def markdown_line(text: str) -> str:
    """Text that is a paragraph of Markdown, and nothing else that is told by how it begins."""
    return re.sub(r"^(\d+(?=[.)])|(?=[#+=>-]))", r"\1\\", markdown(text))


def rst(text: str) -> str:
    """Text for a cell of a table, or a paragraph, of reStructuredText (docutils' specification)."""
    text = "" if text.isspace() else _kept(text)  # an escape needs something to escape
    text = re.sub(rf"({_INNER})|[\\_*`|@]|:(?=\S|$)", lambda sign: sign[1] or f"\\{sign[0]}", text)
    # An escaped blank is nothing: a list, a comment or a directive no longer begins with the text.
    return re.sub(r"^(?=[-+](?!\d\S)|[^\w+-]|\w+[.)](\s|$))", r"\\ ", text)


_WIKI = rf"""({_INNER})
    | [&<>\[\]{{}}|'"*~^`\\!+\#?$=@_]
    | (?<![^\W_]) [-%] | - (?![^\W_])
    | :(?=\S)
    | [.,](?=[.,])
    | \((?=\W|\w{{1,2}}\))
"""


def wiki(text: str) -> str:
    """Text for any markup that knows HTML's character references: of MediaWiki, AsciiDoc, Textile, Jira or MoinMoin."""
    return re.sub(_WIKI, lambda sign: sign[1] or _reference(sign[0]), _kept(text), flags=re.VERBOSE)


def wiki_line(text: str) -> str:
    """Text that is a paragraph of a wiki, and nothing else that is told by how it begins."""
    begun = re.sub(r"^(\w+)([.)]|(?<=[A-Z]):)(?=\s)", lambda found: found[1] + _reference(found[2]), wiki(text))
    return re.sub(r"^[^\w&]", lambda sign: _reference(sign[0]), begun)


def _reference(sign: str) -> str:
    return f"&#{ord(sign)};"


_ORG = {
    "|": "vert", "\\": "bsol", "*": "ast", "_": "under", "/": "slash", "+": "plus", "=": "equal", "~": "tilde",
    "^": "asciicirc", "$": "dollar", "[": "lbrack", "]": "rbrack", "{": "lbrace", "}": "rbrace", "<": "lt", ">": "gt",
    "\0": "zwnj",
}  # fmt: skip


def org(text: str) -> str:
    """Text for a cell of a table of Org mode, which has names for signs (org-entities.el)."""
    # What shows nothing keeps apart what would become a link, a dash or an ellipsis.
    apart = re.sub(r"(?=://)|(?<=-)(?=-)|(?<=\.)(?=\.)", "\0", text)
    signs = r"(?<=[^\W_])/(?=[^\W_])|([^\w\s]|_)"
    return re.sub(signs, lambda sign: f"\\{_ORG[sign[1]]}{{}}" if sign[1] in _ORG else sign[0], apart)


_LATEX = {
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    **{sign: f"{{{sign}}}" for sign in "[]*"},  # after the end of a row these would belong to it
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "\N{NO-BREAK SPACE}": "~",
    "^": r"\textasciicircum{}",
    "<": r"\ensuremath{<}",
    ">": r"\ensuremath{>}",
    "|": r"\ensuremath{|}",
    "·": r"\ensuremath{\cdot}",
    **{sign: rf"\ensuremath{{^{power}}}" for power, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    "…": r"\ldots{}",
    "−": r"\ensuremath{-}",
    "⌊": r"\ensuremath{\lfloor}",
    "⌋": r"\ensuremath{\rfloor}",
}
_LETTERS = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿ")
"""The letters of Latin-1 that LaTeX's usual fonts have or put together."""
_BRANCHES = r"^(?:│  |   )*[├└]─ "
"""What stands before a name in a tree: LaTeX has no such signs."""


def latex(text: str) -> str:
    """Text that LaTeX sets as it stands; signs that its base fonts have not are written as their codes."""
    text = _kept(re.sub(_BRANCHES, lambda branches: ". " * (len(branches[0]) // 3), text))
    # Two of these would be set as one sign.
    pieces = re.split(r"(?<=[-'`,?!])(?=[-'`,])", text)
    return "{}".join("".join(map(_set, piece)) for piece in pieces)


def _set(sign: str) -> str:
    told = _LATEX.get(sign)
    if told is not None:
        return told
    return sign if sign.isascii() or sign in _LETTERS else f"U+{ord(sign):04X}"
