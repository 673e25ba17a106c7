"""ModernBERT: pre-norm, rotary positions, gated MLP, mostly local attention (Warner et al., 2024, arXiv:2412.13663)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, NamedTuple

from zoo.blueprint import Parts, Without, attend, embedding, layer_norm, linear, repeat, scope, stream
from zoo.common_keys import harmless
from zoo.fields import dim, for_each_layer

from .encoder import Encoder, EncoderConfig


class ModernbertConfig(EncoderConfig):
    """Defaults of transformers' ModernBertConfig."""

    vocab_size: int = dim("V", 50_368)
    intermediate_size: int = dim("F", 1_152)
    num_hidden_layers: int = dim("L", 22)
    max_position_embeddings: int = dim("P", 8_192)
    layer_types: list[Literal["full_attention", "sliding_attention", "attention"]] | None = None
    global_attn_every_n_layers: int = dim("n", 3)
    local_attention: int = dim("W", 128, minimum=0)
    attention_bias: bool = False
    mlp_bias: bool = False
    norm_bias: bool = False
    classifier_bias: bool = False
    decoder_bias: bool = True

    inert = harmless("""
        attention_dropout classifier_activation classifier_dropout classifier_pooling cls_token_id
        deterministic_flash_attn embedding_dropout global_rope_theta hidden_activation initializer_cutoff_factor
        local_rope_theta mlp_dropout norm_eps reference_compile repad_logits_with_grad rope_parameters rope_scaling
        sparse_pred_ignore_index sparse_prediction
    """)


class LayerKind(NamedTuple):
    """What a layer's number decides."""

    first: bool
    local: bool


class Modernbert(Encoder):
    """Layers of attention and gated MLP, each behind a norm; every third attends to all tokens, the others nearby."""

    config: ModernbertConfig
    prefix = "ModernBert"
    output_embedding = "decoder"
    base = "model"
    words = "embeddings.tok_embeddings"
    heads = {
        "Model": "encoder",
        "ForMaskedLM": "masked_lm",
        "ForSequenceClassification": "sequence_classification",
        "ForTokenClassification": "token_classification",
        "ForQuestionAnswering": "token_classification",
    }

    def encoder(self) -> Parts:
        """Words, layers, norm."""
        c = self.config
        yield scope("embeddings", embedding("tok_embeddings", c.vocab_size, c.hidden_size), self.norm("norm"))
        yield repeat("layers", c.num_hidden_layers, self.kinds(), self.layer_of)
        yield self.norm("final_norm")

    def kinds(self) -> Sequence[LayerKind] | Mapping[LayerKind, Collection[int]]:
        """The kind of each layer: as the config lists them, or every n-th global, beginning with the first."""
        c = self.config
        L, n = c.num_hidden_layers, c.global_attn_every_n_layers
        if c.layer_types is not None:
            types = for_each_layer(c.layer_types, L, "layer_types")
            return [LayerKind(number == 0, kind == "sliding_attention") for number, kind in enumerate(types)]
        numbers: dict[LayerKind, Collection[int]] = {
            LayerKind(first=True, local=False): range(1),
            LayerKind(first=False, local=False): range(n, L, n),
            LayerKind(first=False, local=True): Without(range(L), range(0, L, n)),
        }
        return {kind: layers for kind, layers in numbers.items() if len(layers)}

    def layer_of(self, kind: LayerKind) -> Parts:
        """Attention and MLP, each behind a norm, but that the first layer's input is normed already."""
        if not kind.first:
            yield self.norm("attn_norm")
        yield scope("attn", self.attention_of(kind))
        yield self.norm("mlp_norm"), scope("mlp", self.mlp())

    def attention_of(self, kind: LayerKind) -> Parts:
        """One matrix to query, key and value heads, one back."""
        c = self.config
        H = c.hidden_size
        yield linear("Wqkv", H, 3 * H, bias=c.attention_bias), linear("Wo", H, H, bias=c.attention_bias)
        # Half of the window on either side of the token, and the token itself.
        window = c.local_attention // 2 * 2 + 1 if kind.local else None
        yield attend(heads=c.num_attention_heads, head_dim=c.head_dim, window=window, causal=False)

    def mlp(self) -> Parts:
        """GeGLU (Shazeer, 2020, arXiv:2002.05202): gate and input in one matrix, and the way back."""
        c = self.config
        H, F = c.hidden_size, c.intermediate_size
        yield linear("Wi", H, 2 * F, bias=c.mlp_bias), linear("Wo", F, H, bias=c.mlp_bias)

    def norm(self, name: str) -> Parts:
        """LayerNorm, by default without bias."""
        yield layer_norm(name, self.config.hidden_size, bias=self.config.norm_bias)

    def head(self) -> Parts:
        """What every head begins with: one more layer and a norm."""
        H = self.config.hidden_size
        yield scope("head", linear("dense", H, H, bias=self.config.classifier_bias), self.norm("norm"))

    def masked_lm(self) -> Parts:
        """Words."""
        c = self.config
        yield scope(self.base, self.encoder()), self.head()
        yield linear("decoder", c.hidden_size, c.vocab_size, bias=c.decoder_bias, tied_to=self.tied_words())

    def sequence_classification(self) -> Parts:
        """One label for the whole."""
        yield scope(self.base, self.encoder()), stream(1, self.head(), self.labels("classifier"))

    def token_classification(self) -> Parts:
        """A label for each token; where an answer begins and ends are two of them."""
        yield scope(self.base, self.encoder()), self.head(), self.labels("classifier")
