"""What weights take in memory once they are quantized: packed numbers, their scales, and what is left as it was.

A format is read from a config's `quantization_config`; which matrices it converts, and into how many bytes, is said
here, once for each format. Nothing is guessed: of a format that is not known, or that lays these matrices out in a way
that is not, the size is not told.

Sources: the quantizers and integrations of transformers 5.23, and where named the code that writes the format.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, NamedTuple

from zoo.architecture import Architecture
from zoo.blueprint import Part
from zoo.conditions import MeasureError
from zoo.fields import LARGEST
from zoo.measures.counts import attentions, depths
from zoo.measures.flops import UnknownCostError
from zoo.measures.quantizable import Weight, heads, weights
from zoo.measures.skipped import Skipped
from zoo.text import shown


class Stored(NamedTuple):
    """Quantized weights in bytes, and how many numbers stay as they are.

    packed: the weights themselves. scales: what they are multiplied by. other: zero points, the order of the columns,
    tables of codes. unquantized: numbers, each in the dtype of the model. full_precision: numbers in float32 where that
    is of 16 bits.
    """

    packed: int = 0
    scales: int = 0
    other: int = 0
    unquantized: int = 0
    full_precision: int = 0

    def plus(self, more: "Stored", times: int = 1) -> "Stored":
        """The sum with `times` of `more`."""
        return Stored(*(one + times * other for one, other in zip(self, more, strict=True)))


# --- what a config says ----------------------------------------------------------------------------------------------


class Stated:
    """The keys of a `quantization_config`, each checked as it is read. Raises MeasureError for what it cannot be."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given

    def text(self, key: str, default: str) -> str:
        """A word, in lower case."""
        value = self._value(key, default)
        if not isinstance(value, str):
            raise _wrong(key, "a string", value)
        return value.lower()

    def flag(self, key: str) -> bool:
        """True or false; false where it is not given."""
        value = self._value(key, False)
        if not isinstance(value, bool):
            raise _wrong(key, "true or false", value)
        return value

    def number(self, key: str, default: int | None = None) -> int:
        """A whole number; -1 is one, too. A default of None: it must be given."""
        value = self._value(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value == 0 or not -1 <= value <= LARGEST:
            raise _wrong(key, "a positive whole number or -1", value)
        return value

    def sides(self, key: str, default: tuple[int, int]) -> tuple[int, int] | None:
        """Two whole numbers, or null, which is a value."""
        value = self._given.get(key, default)
        if value is None:
            return None
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise _wrong(key, "two whole numbers or null", value)
        if any(isinstance(side, bool) or not isinstance(side, int) or not 1 <= side <= LARGEST for side in value):
            raise _wrong(key, "two whole numbers or null", value)
        return value[0], value[1]

    def names(self, *keys: str) -> list[str] | None:
        """What is listed under the first of the keys that is given."""
        for key in keys:
            value = self._given.get(key)
            if value is None:
                continue
            if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
                raise _wrong(key, "a list of names", value)
            return value
        return None

    def without(self, *keys: str) -> None:
        """Raises UnknownCostError where one of the keys asks for something: what it does to sizes is not known."""
        for key in keys:
            if self._given.get(key):
                raise UnknownCostError(f"what quantization_config.{key} does to the sizes is not known")

    def _value(self, key: str, default: object) -> Any:
        value = self._given.get(key)
        return default if value is None else value


def _wrong(key: str, wanted: str, value: object) -> MeasureError:
    got = "but is missing" if value is None else f"got {shown(value)}"
    return MeasureError(f"quantization_config.{key} must be {wanted}, {got}")


# --- the formats -----------------------------------------------------------------------------------------------------


class Format(ABC):
    """The base of the formats: made from what a config states.

    name: what it is, in words. lists: under which keys it may list modules to leave as they are; these are `skipped`.
    skips_heads: whether the output matrix is left as it is even where a list does not name it. any_model: whether
    models are quantized that have more than one stack of layers, or do not write.
    """

    name: str
    lists: ClassVar[tuple[str, ...]] = ("modules_to_not_convert",)
    skips_heads: ClassVar[bool] = False
    any_model: ClassVar[bool] = True

    def __init__(self, config: Stated, skipped: Skipped, architecture: Architecture) -> None:
        self.skipped, self.architecture = skipped, architecture

    @abstractmethod
    def converts(self, weight: Weight) -> bool:
        """Whether weights of this kind are quantized, unless they are skipped."""

    @abstractmethod
    def stored(self, weight: Weight) -> Stored:
        """What one of them takes. Raises UnknownCostError where that is not known."""

    def beside(self, weight: Weight) -> Stored:
        """What is added for a weight, quantized or not."""
        return Stored()


def _blocks(numbers: int, block: int) -> int:
    return -(-numbers // block)


class BitsAndBytes(Format):
    """bitsandbytes: every linear layer; in 8 bits with a scale for each output, or in 4 with one for each block of 64,
    themselves in 8 bits in blocks of 256 where there is double quantization.

    Sources: LLM.int8() (Dettmers et al., 2022, arXiv:2208.07339), QLoRA (Dettmers et al., 2023, arXiv:2305.14314); the
    layout as bitsandbytes 0.50 writes it (`QuantState.as_dict`), its JSON header and format byte left out.
    """

    lists = ("llm_int8_skip_modules",)

    def __init__(self, config: Stated, skipped: Skipped, architecture: Architecture) -> None:
        super().__init__(config, skipped, architecture)
        self.bits = 4 if config.flag("load_in_4bit") else 8
        if config.flag("load_in_4bit") == config.flag("load_in_8bit"):
            raise MeasureError("quantization_config must have one of load_in_4bit and load_in_8bit true")
        config.without("llm_int8_has_fp16_weight")
        self.double = config.flag("bnb_4bit_use_double_quant")
        kind = config.text("bnb_4bit_quant_type", "fp4")
        if self.bits == 4 and kind not in ("fp4", "nf4"):
            raise MeasureError(f"quantization_config.bnb_4bit_quant_type must be fp4 or nf4, got {shown(kind)}")
        self.name = "bitsandbytes int8" if self.bits == 8 else f"bitsandbytes {kind}" + ", double" * self.double

    def converts(self, weight: Weight) -> bool:
        return weight.kind in ("linear", "subclass", "transposed", "experts")

    def stored(self, weight: Weight) -> Stored:
        _no_subclass(weight, self.name)
        if weight.kind == "experts":  # fused in 5 only
            raise UnknownCostError(f"{weight.module}: {self.name} converts experts in transformers 4 and not in 5")
        if self.bits == 8:
            return Stored(packed=weight.size, scales=4 * weight.outputs)
        packed, blocks, table = _blocks(weight.size, 2), _blocks(weight.size, 64), 4 * 16
        if not self.double:
            return Stored(packed, scales=4 * blocks, other=table)
        # The scales are moved to a mean of zero by one offset before they are quantized by a table of 256 codes.
        return Stored(packed, scales=blocks + 4 * _blocks(blocks, 256), other=table + 4 + 4 * 256)


def _no_subclass(weight: Weight, name: str) -> None:
    if weight.kind == "subclass":
        raise UnknownCostError(
            f"{weight.module}: {name} converts a subclass of nn.Linear in transformers 4 and passes it by in 5"
        )


class Grouped(Format):
    """The base of GPTQ and AWQ: the matrices in the layers, integers of few bits, one scale and zero point for each
    output and group of inputs. Of experts each matrix is stored by itself. Routers stay as they are. The tools that
    write them take models of one stack of layers, which write.
    """

    any_model = False

    def __init__(self, config: Stated, skipped: Skipped, architecture: Architecture) -> None:
        super().__init__(config, skipped, architecture)
        self.bits = config.number("bits")
        self.group = config.number("group_size", 128)
        config.without("dynamic", "modules_in_block_to_quantize")

    def converts(self, weight: Weight) -> bool:
        if weight.kind == "experts with bias":
            raise UnknownCostError(f"{weight.module}: how {self.name} lays out experts with a bias is not known")
        return weight.in_layer and weight.kind in ("linear", "subclass", "transposed", "experts")

    def stored(self, weight: Weight) -> Stored:
        outputs, inputs = weight.outputs // weight.joined, weight.inputs
        groups = 1 if self.group == -1 else _blocks(inputs, self.group)
        if inputs % 32 or outputs % 32:
            raise UnknownCostError(f"{weight.module}: {inputs} x {outputs} cannot be packed into words of 32 bits")
        bits = self.bits
        one = Stored(packed=inputs * outputs * bits // 8, scales=2 * groups * outputs,
                     other=groups * outputs * bits // 8 + self.order(inputs))  # fmt: skip
        return Stored().plus(one, weight.joined)

    def order(self, inputs: int) -> int:
        """Bytes of what tells the group of each input."""
        return 0


class Gptq(Grouped):
    """GPTQ (Frantar et al., 2022, arXiv:2210.17323), as AutoGPTQ and GPTQModel write it: qweight, qzeros and g_idx of
    32-bit integers, scales of float16. The order g_idx is always there, whatever `desc_act` says.
    """

    lists = ()

    def __init__(self, config: Stated, skipped: Skipped, architecture: Architecture) -> None:
        super().__init__(config, skipped, architecture)
        if self.bits not in (2, 3, 4, 8):
            raise MeasureError(f"quantization_config.bits must be 2, 3, 4 or 8, got {self.bits}")
        layout = config.text("checkpoint_format", config.text("format", "gptq"))
        if layout not in ("gptq", "gptq_v2"):
            raise UnknownCostError(f"how the GPTQ format {shown(layout)} lays weights out is not known")
        config.without("lm_head")
        self.name = f"GPTQ, {self.bits} bits"

    def order(self, inputs: int) -> int:
        return 4 * inputs


class Awq(Grouped):
    """AWQ (Lin et al., 2023, arXiv:2306.00978), as AutoAWQ's GEMM layout: qweight and qzeros of 32-bit integers, scales
    of float16. The zero points are stored whatever `zero_point` says. In some architectures a vector of scales comes
    after the activation, too.
    """

    skips_heads = True

    def __init__(self, config: Stated, skipped: Skipped, architecture: Architecture) -> None:
        super().__init__(config, skipped, architecture)
        if self.bits != 4:
            raise MeasureError(f"quantization_config.bits must be 4, got {self.bits}")
        layout = config.text("version", config.text("format", "gemm"))
        if layout != "gemm":
            raise UnknownCostError(f"how the AWQ version {shown(layout)} lays weights out is not known")
        self.name = f"AWQ, {self.bits} bits"

    def converts(self, weight: Weight) -> bool:
        _no_transposed(weight, self.name)
        return super().converts(weight)

    def stored(self, weight: Weight) -> Stored:
        if weight.inputs % self.group:
            raise UnknownCostError(f"{weight.module}: {weight.inputs:,} inputs are no groups of {self.group:,}")
        return super().stored(weight)

    def beside(self, weight: Weight) -> Stored:
        return Stored(scales=2 * weight.outputs if weight.among(self.architecture.awq_scaled) else 0)


def _no_transposed(weight: Weight, name: str) -> None:
    """Of a square matrix nobody knows whether it is stored the other way round, too."""
    if weight.kind == "transposed":
        raise UnknownCostError(f"{weight.module}: {name} does not convert layers that store (inputs, outputs)")


class Fp8(Format):
    """FP8 as DeepSeek-V3 (arXiv:2412.19437) and FineGrainedFP8Config have it: a byte for each number, and a scale for
    each block of 128 x 128, or for each matrix.
    """

    lists = ("modules_to_not_convert", "ignored_layers")

    def __init__(self, config: Stated, skipped: Skipped, architecture: Architecture) -> None:
        super().__init__(config, skipped, architecture)
        self.block = config.sides("weight_block_size", (128, 128))
        self.static = config.text("activation_scheme", "dynamic") == "static"
        self.scale = 1 if config.text("scale_fmt", "float") == "ue8m0" else 4
        if config.text("expert_dtype", "fp8") != "fp8":
            config.without("expert_dtype")
        config.without("modules_to_convert", "dequantize")
        self.name = "FP8" + (f", blocks of {self.block[0]} x {self.block[1]}" if self.block else "")

    def converts(self, weight: Weight) -> bool:
        _no_transposed(weight, self.name)
        if weight.kind == "experts with bias":
            raise UnknownCostError(f"{weight.module}: {self.name} does not know experts with a bias")
        return weight.kind in ("linear", "subclass", "tied", "experts")

    def stored(self, weight: Weight) -> Stored:
        _no_subclass(weight, self.name)
        if weight.kind == "tied":
            raise UnknownCostError(f"{weight.module}: what becomes of a tied matrix in {self.name} is not known")
        down, across = self.block or (weight.outputs, weight.inputs)
        # Matrices that are one tensor have a scale each, however small they are.
        scales = max(_blocks(weight.outputs, down), weight.joined) * _blocks(weight.inputs, across)
        width = self.scale if self.block or weight.kind == "experts" else 4
        return Stored(packed=weight.size, scales=width * scales, other=4 * self.static)


class Mxfp4(Format):
    """MXFP4 as gpt-oss (arXiv:2508.10925) has it: the matrices of experts with biases, numbers of 4 bits in blocks of
    32 along the inputs, and for each block an exponent of 8 bits.

    Source: the OCP Microscaling Formats specification, v1.0.
    """

    name = "MXFP4"

    def __init__(self, config: Stated, skipped: Skipped, architecture: Architecture) -> None:
        super().__init__(config, skipped, architecture)
        config.without("dequantize")

    def converts(self, weight: Weight) -> bool:
        if weight.kind == "experts":
            raise UnknownCostError(f"{weight.module}: {self.name} is known of experts with a bias alone")
        return weight.kind == "experts with bias"

    def stored(self, weight: Weight) -> Stored:
        if weight.inputs % 32 or weight.outputs % 32:
            raise UnknownCostError(f"{weight.module}: {weight.inputs} x {weight.outputs} are no blocks of 32")
        return Stored(packed=weight.size // 2, scales=weight.size // 32)


FORMATS: Mapping[str, type[Format]] = {
    "bitsandbytes": BitsAndBytes,
    "gptq": Gptq,
    "awq": Awq,
    "fp8": Fp8,
    "mxfp4": Mxfp4,
}
"""The formats by what `quant_method` calls them."""


# --- what a model takes ----------------------------------------------------------------------------------------------

MOST_LOOKS = 1_000_000
"""The cap on how often a tensor is held against the modules that stay as they are, where these tell layers apart."""


def implied_dtype(stated: object) -> str | None:
    """The number format of what a format leaves unquantized, where that is part of it; None where the config must say.

    gpt-oss, for which MXFP4 was made, has all but its experts in bfloat16 (model card, arXiv:2508.10925), and its
    config.json says no format.
    """
    return "bfloat16" if isinstance(stated, Mapping) and stated.get("quant_method") == "mxfp4" else None


def read(stated: object, architecture: Architecture, parts: tuple[Part, ...]) -> Format:
    """The format that a `quantization_config` states, for a model of these parts.

    Raises MeasureError for a value that cannot be, UnknownCostError for a format that is not known.
    """
    if not isinstance(stated, Mapping):
        raise MeasureError(f"quantization_config must be an object, got {shown(stated)}")
    config = Stated(stated)
    method = config.text("quant_method", "")
    if config.flag("load_in_4bit") or config.flag("load_in_8bit"):
        method = "bitsandbytes"
    if method not in FORMATS:
        known = ", ".join(FORMATS)
        said = f"quant_method {shown(method)} is not known" if method else "quantization_config has no quant_method"
        raise UnknownCostError(f"{said} (known are {known})")
    format_class = FORMATS[method]
    return format_class(config, Skipped(_skipped(format_class, config, architecture, parts)), architecture)


def _skipped(
    format_class: type[Format], config: Stated, architecture: Architecture, parts: tuple[Part, ...]
) -> Iterator[str]:
    """What stays as it is: as listed, by default, and because it is kept in float32."""
    if not format_class.lists:
        return
    listed = config.names(*format_class.lists)
    yield from listed or ()
    if listed is None or format_class.skips_heads:
        yield from heads(architecture, parts)
    yield from architecture.full_precision


def total(format_: Format, parts: tuple[Part, ...], dtype: str) -> Stored:
    """What all weights take where those that are not quantized are in `dtype`.

    Raises UnknownCostError where a matrix, or the model, cannot be stored so.
    """
    if not format_.any_model and (len(list(depths(parts))) > 1 or not all(at.causal for at in attentions(parts))):
        raise UnknownCostError(f"which layers {format_.name} converts where not all of them write is not known")
    full_precision = _full_precision(format_.architecture, dtype)
    found = Stored()
    for seen, weight in enumerate(weights(format_.architecture, parts, format_.skipped.numbers)):
        if seen * (10 + format_.skipped.patterns) > MOST_LOOKS:
            raise MeasureError("quantization_config tells more layers apart than zoo looks through")
        if format_.converts(weight) and weight.module not in format_.skipped:
            stored = format_.stored(weight)
        elif weight.among(full_precision):
            stored = Stored(full_precision=weight.size)
        else:
            stored = Stored(unquantized=weight.size)
        found = found.plus(stored, weight.times).plus(format_.beside(weight), weight.times)
    return found


def _full_precision(architecture: Architecture, dtype: str) -> tuple[str, ...]:
    """What is in float32 beside weights in `dtype`. Numbers of bfloat16 reach as far as those of float32."""
    if dtype == "float16":
        return architecture.full_precision + architecture.always_full_precision
    return architecture.always_full_precision if dtype == "bfloat16" else ()
