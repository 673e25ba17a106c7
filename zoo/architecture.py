"""What an architecture plugin subclasses: a config, the classes it has, and a method for each that yields its parts."""

from collections.abc import Mapping
from functools import cache
from typing import ClassVar, get_type_hints

from zoo.blueprint import Part, flatten
from zoo.config import Config


class Architecture:
    """One model_type of config.json: from a config, the parts of each of its classes.

    A subclass annotates `config` with its own Config class and names its classes as transformers does: `prefix` and
    the endings in `heads`, each with the method that yields the parts. The first is the type's usual class, which is
    meant where a config names none.

        class Bert(Architecture):
            config: BertConfig
            prefix = "Bert"
            heads = {"Model": "model", "ForMaskedLM": "masked_lm"}
    """

    config: Config
    prefix: ClassVar[str]
    heads: ClassVar[Mapping[str, str]]
    aliases: ClassVar[Mapping[str, str]] = {}
    """Other names that published configs give to a class: `{"LLaMAForCausalLM": "LlamaForCausalLM"}`."""

    # What checkpoints make of the type; of use to `zoo.checkpoints`. What is customary everywhere is not told here.

    stored_names: ClassVar[Mapping[str, str]] = {}
    """Modules by their last name that checkpoints call otherwise: `{"lm_head": "embed_out"}`."""
    stored_experts: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Tensors of fused experts whose matrices checkpoints hold one by one, expert after expert, the rows of the first
    module before those of the second: `{"gate_up_proj": ("w1", "w3"), "down_proj": ("w2",)}`.
    """
    not_stored: ClassVar[tuple[str, ...]] = ()
    """Modules by their last name that checkpoints leave out, as transformers computes them anew."""
    ignored: ClassVar[tuple[str, ...]] = ()
    """Modules and tensors that published checkpoints hold and transformers passes over, by their names or the ends of
    these: its `_keys_to_ignore_on_load_unexpected`, but for buffers.
    """

    # What tools that look for modules in transformers make of the type; of use to `zoo.measures.lora` and to
    # `zoo.measures.quantization`.

    output_embedding: ClassVar[str] = "lm_head"
    """The module that scores words, in a class that does: what `get_output_embeddings()` gives in transformers. Where
    that depends on the config, `output_module` says which.
    """
    not_linear: ClassVar[tuple[str, ...]] = ()
    """Modules by their last name that are stated as `linear` and are of a class of their own in transformers, so that
    whoever looks for nn.Linear passes them by: the router of fused experts.
    """
    linear_subclasses: ClassVar[tuple[str, ...]] = ()
    """Modules by their last name that are stated as `linear` and are of a subclass of nn.Linear in transformers: some
    tools take them for linear layers, and some pass them by.
    """
    full_precision: ClassVar[tuple[str, ...]] = ()
    """Modules by their last name that transformers leaves out of quantization, and keeps in float32 where all else is
    in float16: what its class calls `_keep_in_fp32_modules` (transformers 5.23, modeling_utils.py).
    """
    always_full_precision: ClassVar[tuple[str, ...]] = ()
    """Modules and tensors by their last name that transformers keeps in float32 where all else is in any 16 bits: those
    of `_keep_in_fp32_modules_strict`, and tensors that its code makes in float32.
    """
    awq_scaled: ClassVar[tuple[str, ...]] = ()
    """Modules by their last name whose outputs AWQ divides, after the activation, by a vector of scales of its own
    (`AWQ_SCALES_MAPPINGS` in transformers 5.23, integrations/awq.py).
    """
    lora_targets: ClassVar[tuple[str, ...]] = ()
    """The modules that LoRA adapts where nobody says which, as PEFT lists them for the type; () where it lists none."""
    lora_fused: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Tensors that PEFT adapts in place of modules that were theirs once: `{"gate_up_proj": ("w1", "w3")}`."""
    lora_refused: ClassVar[tuple[str, ...]] = ()
    """Modules by their last name that PEFT refuses to adapt."""

    def __init__(self, config: Config) -> None:
        self.config = config

    @classmethod
    @cache
    def config_class(cls) -> type[Config]:
        """The Config class that the annotation of `config` names."""
        hint: type[Config] = get_type_hints(cls)["config"]
        return hint

    @classmethod
    def classes(cls) -> dict[str, str]:
        """Each class name with the method that yields its parts; the usual one first."""
        return {cls.prefix + ending: method for ending, method in cls.heads.items()}

    def output_module(self) -> str:
        """The name of `output_embedding` at this config."""
        return self.output_embedding

    def parts(self, class_name: str) -> tuple[Part, ...]:
        """The parts of the class `class_name`, one of `classes()`."""
        return flatten((getattr(self, self.classes()[class_name])(),))
