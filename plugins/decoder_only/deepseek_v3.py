"""DeepSeek-V3: DeepSeek-V2 with many more experts, balanced by a buffer (DeepSeek-AI, 2024, arXiv:2412.19437)."""

from zoo.common_keys import harmless
from zoo.fields import dim

from .decoder import TOKEN_CLASSIFICATION
from .deepseek_v2 import Deepseek, DeepseekConfig


class DeepseekV3Config(DeepseekConfig):
    """Defaults of transformers' DeepseekV3Config."""

    vocab_size: int = dim("V", 129_280)
    hidden_size: int = dim("H", 7_168)
    intermediate_size: int = dim("F", 18_432)
    moe_intermediate_size: int = dim("F_E", 2_048)
    num_hidden_layers: int = dim("L", 61)
    num_attention_heads: int = dim("A", 128)
    num_experts: int = dim("E", 256)
    num_experts_per_tok: int = dim("k", 8)
    n_shared_experts: int = dim("E_S", 1)
    first_k_dense_replace: int = dim("dense", 3, minimum=0)
    max_position_embeddings: int = dim("P", 4_096)

    spellings = {"num_local_experts": "num_experts"}
    unread = frozenset({"num_experts"})
    # Published weights hold layers that predict further tokens (MTP); no class of transformers has them.
    inert = harmless("num_mtp_layers num_nextn_predict_layers")


class DeepseekV3(Deepseek):
    """The buffer that balances the experts is no parameter, and so the tensors are those of V2."""

    config: DeepseekV3Config
    prefix = "DeepseekV3"
    heads = Deepseek.heads | TOKEN_CLASSIFICATION
