"""The files of a package as templates: what is put in is marked `$name`, and not looked into for marks."""

from collections.abc import Iterator
from importlib.resources import files
from string import Template

from zoo.scaffold import literals
from zoo.scaffold.names import Names
from zoo.scaffold.reading import Reading


def filled(template: str, names: Names, **texts: str) -> str:
    """The template of that name with the names and these texts put in."""
    source = files(__package__).joinpath("templates", f"{template}.txt").read_text("utf-8")
    return Template(source).substitute(names._asdict(), config=names.config, target=names.target, **texts)


def remarks(reading: Reading) -> Iterator[str]:
    """Comments in the class of a config: what of the given one has yet to be understood, and what is not in it."""
    if reading.unread:
        yield literals.comment(
            f"Not yet read: {literals.keys(reading.unread)}. Make each a field or, if it changes no shape, put it into "
            "`inert`; until then every count of such a config is unverified."
        )
    if reading.refused:
        yield literals.comment(f"Not taken, as no such value is known: {literals.keys(reading.refused)}.")
    if reading.stated:
        yield literals.comment(
            f"Said by tests/config.json, and no default of the type: {literals.keys(tuple(reading.stated))}."
        )
