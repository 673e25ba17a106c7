"""Switch Transformer: T5 with experts in some blocks, one for each token (Fedus et al., 2021, arXiv:2101.03961)."""

from zoo.blueprint import Parts, Without, experts, linear, present, repeat, scope
from zoo.common_keys import harmless
from zoo.fields import derived, dim

from .t5 import T5, Role, T5Config


class SwitchTransformersConfig(T5Config):
    """Defaults of transformers' SwitchTransformersConfig."""

    hidden_size: int = dim("H", 768)
    num_hidden_layers: int = dim("L", 12)
    num_decoder_layers: int | None = dim("L_dec", 12)
    num_attention_heads: int = dim("A", 12)
    num_experts: int = dim("E", 8)
    num_sparse_encoder_layers: int = dim("S", 3, minimum=0)
    num_sparse_decoder_layers: int = dim("S_dec", 3, minimum=0)
    # Every how many blocks there are experts. Written by transformers beside the numbers, and believed before them.
    encoder_sparse_step: int = derived(
        "step", lambda fields: _step(fields["num_hidden_layers"], fields["num_sparse_encoder_layers"]), minimum=0
    )
    decoder_sparse_step: int = derived(
        "step_dec",
        lambda fields: _step(
            fields["num_decoder_layers"] or fields["num_hidden_layers"], fields["num_sparse_decoder_layers"]
        ),
        minimum=0,
    )
    router_bias: bool = False

    unread = frozenset({"head_dim"})
    inert = harmless("""
        add_cross_attention add_router_probs expert_capacity router_aux_loss_coef router_dtype
        router_ignore_padding_tokens router_jitter_noise router_type router_z_loss_coef
    """)


def _step(layers: int, sparse: int) -> int:
    """Every how many blocks there are experts. With none asked for, block 1 still has them."""
    return layers // sparse if sparse else layers


class SwitchTransformers(T5):
    """T5 whose MLP is never gated, and in some blocks one of many. Where words are not tied, each stack has its own."""

    config: SwitchTransformersConfig
    prefix = "SwitchTransformers"
    ignored = ()  # transformers passes over nothing
    full_precision = ()  # transformers has none
    lora_targets = ()  # PEFT has none
    heads = {"ForConditionalGeneration": "conditional_generation", "Model": "model"}
    aliases = {}

    def shared_words(self, within: str) -> str | None:
        """The tensor that the word embeddings of both stacks share, if they do."""
        return f"{within}shared.weight" if self.config.tie_word_embeddings else None

    def blocks(self, layers: int, *, role: Role) -> Parts:
        """Blocks 1, 1 + step, ... have experts; all have where the step is 1, none where it is 0."""
        c = self.config
        step = c.encoder_sparse_step if role == "encoder" else c.decoder_sparse_step
        sparse = range(1, layers, step) if step else range(0)
        kinds = {
            (True, step == 1): range(1),
            (False, True): sparse,
            (False, False): Without(range(1, layers), sparse),
        }

        def block(kind: tuple[bool, bool]) -> Parts:
            first, has_experts = kind
            yield self.attentions(positions=first, role=role)
            yield self.last_sublayer(self.sparse_mlp() if has_experts else self.mlp(), role=role)

        yield repeat("block", layers, present(kinds), block)

    def mlp(self) -> Parts:
        """Two matrices."""
        yield scope("mlp", self.matrices())

    def sparse_mlp(self) -> Parts:
        """A router, and experts that are an MLP each."""
        c = self.config
        router = scope("router", linear("classifier", c.hidden_size, c.num_experts, bias=c.router_bias))
        yield scope("mlp", router, experts("experts.expert_{}", c.num_experts, 1, self.matrices(), fused=False))

    def matrices(self) -> Parts:
        """To the inner width and back."""
        H, F = self.config.hidden_size, self.config.intermediate_size
        yield linear("wi", H, F, bias=False), linear("wo", F, H, bias=False)
