"""LLaMA: pre-norm decoder with RMSNorm, rotary positions and a gated MLP (Touvron et al., 2023, arXiv:2302.13971)."""

from zoo.blueprint import Parts, attend, embedding, linear, repeat, rms_norm, scope
from zoo.common_keys import ANY
from zoo.config import derived, dim, per_head

from .decoder import ANSWERS, CAUSAL_LM, SEQUENCES, TOKENS, Decoder, DecoderConfig


class LlamaConfig(DecoderConfig):
    """Defaults of transformers' LlamaConfig."""

    vocab_size: int = dim("V", 32_000)
    hidden_size: int = dim("H", 4_096)
    intermediate_size: int = dim("F", 11_008)
    num_hidden_layers: int = dim("L", 32)
    num_attention_heads: int = dim("A", 32)
    num_key_value_heads: int = derived("K", lambda fields: fields["num_attention_heads"])
    head_dim: int = derived("D", per_head)
    max_position_embeddings: int = dim("P", 2_048)
    attention_bias: bool = False
    mlp_bias: bool = False
    tie_word_embeddings: bool = False

    inert = dict.fromkeys(
        [
            "attention_dropout",
            "hidden_act",
            "max_sequence_length",
            "rms_norm_eps",
            "rope_parameters",
            "rope_scaling",
            "rope_theta",
        ],
        ANY,
    )


class Llama(Decoder):
    """Layers of attention and MLP, each behind a norm; a norm at the end."""

    config: LlamaConfig
    prefix = "Llama"
    heads = CAUSAL_LM | SEQUENCES | TOKENS | ANSWERS
    aliases = {"LLaMAForCausalLM": "LlamaForCausalLM"}

    def model(self) -> Parts:
        """Words, layers, norm."""
        c = self.config
        yield embedding(self.words, c.vocab_size, c.hidden_size)
        yield repeat("layers", c.num_hidden_layers, self.layer())
        yield rms_norm("norm", c.hidden_size)

    def layer(self) -> Parts:
        """Attention and MLP, each behind a norm."""
        yield rms_norm("input_layernorm", self.config.hidden_size), scope("self_attn", self.attention())
        yield rms_norm("post_attention_layernorm", self.config.hidden_size), scope("mlp", self.mlp())

    def attention(self) -> Parts:
        """Projections to the query heads, to as many or fewer key and value heads, and back."""
        c = self.config
        H, A, K, D = c.hidden_size, c.num_attention_heads, c.num_key_value_heads, c.head_dim
        yield linear("q_proj", H, A * D, bias=c.attention_bias)
        yield linear("k_proj", H, K * D, bias=c.attention_bias), linear("v_proj", H, K * D, bias=c.attention_bias)
        yield linear("o_proj", A * D, H, bias=c.attention_bias)
        yield attend(heads=A, kv_heads=K, head_dim=D)

    def mlp(self) -> Parts:
        """SwiGLU (Shazeer, 2020, arXiv:2002.05202): three matrices, one of them the gate."""
        c = self.config
        H, F = c.hidden_size, c.intermediate_size
        yield linear("gate_proj", H, F, bias=c.mlp_bias), linear("up_proj", H, F, bias=c.mlp_bias)
        yield linear("down_proj", F, H, bias=c.mlp_bias)

    def question_answering(self) -> Parts:
        """Where the answer begins and ends; the base model has another name here."""
        yield scope("transformer", self.model()), linear("qa_outputs", self.config.hidden_size, 2)
