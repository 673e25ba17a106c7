"""OPT: GPT-3's layers; one size has late norms and narrower words (Zhang et al., 2022, arXiv:2205.01068)."""

from zoo.blueprint import Parts, attend, embedding, layer_norm, linear, longest, repeat, scope
from zoo.common_keys import harmless
from zoo.fields import derived, dim

from .decoder import CAUSAL_LM, QUESTION_ANSWERING, SEQUENCE_CLASSIFICATION, Decoder, SharedWidthConfig


class OPTConfig(SharedWidthConfig):
    """Defaults of transformers' OPTConfig."""

    vocab_size: int = dim("V", 50_272)
    hidden_size: int = dim("H", 768)
    intermediate_size: int = dim("F", 3_072)
    num_hidden_layers: int = dim("L", 12)
    num_attention_heads: int = dim("A", 12)
    max_position_embeddings: int = dim("P", 2_048)
    word_embed_proj_dim: int = derived("E", lambda fields: fields["hidden_size"])
    do_layer_norm_before: bool = True
    remove_final_layer_norm: bool = False
    enable_bias: bool = True
    layer_norm_elementwise_affine: bool = True

    spellings = {"ffn_dim": "intermediate_size", "_remove_final_layer_norm": "remove_final_layer_norm"}
    unread = frozenset({"intermediate_size", "remove_final_layer_norm"})
    inert = harmless("activation_dropout activation_function attention_dropout dropout init_std layerdrop")


class OPT(Decoder):
    """Words and positions; layers of attention and MLP, each with a norm before or after it."""

    config: OPTConfig
    prefix = "OPT"
    lora_targets = ("q_proj", "v_proj")
    words = "decoder.embed_tokens"
    heads = CAUSAL_LM | SEQUENCE_CLASSIFICATION | QUESTION_ANSWERING

    def model(self) -> Parts:
        """All of it under the name that it had as half of an encoder-decoder."""
        yield scope("decoder", self.decoder())

    def decoder(self) -> Parts:
        """Words, made as wide as the layers where they are not; positions, layers, norm."""
        c = self.config
        H, E = c.hidden_size, c.word_embed_proj_dim
        yield embedding("embed_tokens", c.vocab_size, E)
        # Positions are counted from 2.
        yield embedding("embed_positions", c.max_position_embeddings + 2, H), longest(c.max_position_embeddings)
        if E != H:
            yield linear("project_out", H, E, bias=False), linear("project_in", E, H, bias=False)
        if c.do_layer_norm_before and not c.remove_final_layer_norm:
            yield self.norm("final_layer_norm")
        yield repeat("layers", c.num_hidden_layers, self.layer())

    def layer(self) -> Parts:
        """Attention and MLP, each with a norm."""
        c = self.config
        H, F = c.hidden_size, c.intermediate_size
        yield scope("self_attn", self.attention()), self.norm("self_attn_layer_norm")
        yield linear("fc1", H, F, bias=c.enable_bias), linear("fc2", F, H, bias=c.enable_bias)
        yield self.norm("final_layer_norm")

    def attention(self) -> Parts:
        """Four H x H projections."""
        c = self.config
        H = c.hidden_size
        yield [linear(name, H, H, bias=c.enable_bias) for name in ("k_proj", "v_proj", "q_proj", "out_proj")]
        yield attend(heads=c.num_attention_heads, head_dim=c.head_dim)

    def norm(self, name: str) -> Parts:
        """A norm as wide as the layers, if it has parameters at all."""
        if self.config.layer_norm_elementwise_affine:
            yield layer_norm(name, self.config.hidden_size)

    def causal_lm(self) -> Parts:
        """Scores for the next token; the output is as wide as the words."""
        c = self.config
        yield scope(self.base, self.model())
        yield linear("lm_head", c.word_embed_proj_dim, c.vocab_size, bias=False, tied_to=self.tied_words())

    def sequence_classification(self) -> Parts:
        """One label for the whole."""
        c = self.config
        yield scope(self.base, self.model()), linear("score", c.word_embed_proj_dim, c.num_labels, bias=False)

    def question_answering(self) -> Parts:
        """Where the answer begins and ends."""
        yield scope(self.base, self.model()), linear("qa_outputs", self.config.word_embed_proj_dim, 2)
