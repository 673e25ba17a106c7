"""GPT-2 (Radford et al., 2019), GPT-3 (Brown et al., 2020, arXiv:2005.14165): GPT with its norms before the blocks."""

from zoo.blueprint import Parts, attend, embedding, layer_norm, longest, repeat, scope, stream, transposed_linear
from zoo.common_keys import harmless
from zoo.fields import dim

from .decoder import QUESTION_ANSWERING, TOKEN_CLASSIFICATION
from .openai_gpt import OpenAIGPT, OpenAIGPTConfig


class GPT2Config(OpenAIGPTConfig):
    """Defaults of transformers' GPT2Config."""

    vocab_size: int = dim("V", 50_257)
    max_position_embeddings: int = dim("P", 1_024)
    add_cross_attention: bool = False

    spellings = {"n_inner": "intermediate_size"}
    inert = harmless("activation_function reorder_and_upcast_attn scale_attn_by_inverse_layer_idx scale_attn_weights")


class GPT2(OpenAIGPT):
    """Words and positions; layers of attention and MLP, each behind a norm; a norm at the end."""

    config: GPT2Config
    prefix = "GPT2"
    lora_targets = ("c_attn",)
    words = "wte"
    labels = "classifier"
    heads = OpenAIGPT.heads | TOKEN_CLASSIFICATION | QUESTION_ANSWERING

    def model(self) -> Parts:
        """Words, positions, layers, norm."""
        c = self.config
        yield embedding(self.words, c.vocab_size, c.hidden_size)
        yield embedding("wpe", c.max_position_embeddings, c.hidden_size), longest(c.max_position_embeddings)
        yield repeat("h", c.num_hidden_layers, self.layer())
        yield layer_norm("ln_f", c.hidden_size)

    def layer(self) -> Parts:
        """Attention and MLP, each behind a norm; and attention to an encoder, where this is the decoder to one."""
        c = self.config
        H = c.hidden_size
        yield layer_norm("ln_1", H), scope("attn", self.attention())
        if c.add_cross_attention:
            yield layer_norm("ln_cross_attn", H), scope("crossattention", self.cross_attention())
        yield layer_norm("ln_2", H), scope("mlp", self.mlp())

    def cross_attention(self) -> Parts:
        """Queries from one matrix, keys and values from another; and the projection back."""
        c = self.config
        H = c.hidden_size
        yield transposed_linear("q_attn", H, H), stream("encoder", transposed_linear("c_attn", H, 2 * H))
        yield transposed_linear("c_proj", H, H)
        yield attend(heads=c.num_attention_heads, head_dim=c.head_dim, causal=False, across=True)
