"""Records what transformers writes when it saves a model: the names, formats and shapes of a checkpoint's header.

    cd tests && python -m oracle.saved [TYPE ...]

writes tests/oracle/headers/TYPE.json.gz for each type (all built-in ones, if none is given), with each of its classes
at a tiny config, and again with its ties turned around where that changes what is written; one class in shards, too.
"""

import gzip
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
import transformers
from architectures.suites import SUITES
from transformers.utils.logging import disable_progress_bar

from zoo.manager import manager
from zoo.testing.judge import classes, config

HEADERS = Path(__file__).parent / "headers"

SHARDED = "MixtralForCausalLM"
"""The class that is saved in shards, too: one whose tensors are taken apart before they are spread over files."""

# Hardly two dimensions of a type alike, so that a transposed or swapped tensor is seen.
_SIZES = {
    "hidden_size": 16,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "num_kv_heads": 2,
    "head_dim": 6,
    "intermediate_size": 22,
    "moe_intermediate_size": 10,
    "shared_expert_intermediate_size": 14,
    "vocab_size": 40,
    "max_position_embeddings": 18,
    "num_hidden_layers": 2,
    "num_decoder_layers": 2,
    "decoder_layers": 2,
    "encoder_ffn_dim": 26,
    "decoder_ffn_dim": 28,
    "decoder_attention_heads": 2,
    "num_experts": 3,
    "num_local_experts": 3,
    "num_experts_per_tok": 1,
    "n_shared_experts": 3,
    "n_group": 1,
    "topk_group": 1,
    "embedding_size": 14,
    "q_lora_rank": 11,
    "kv_lora_rank": 9,
    "qk_nope_head_dim": 8,
    "qk_rope_head_dim": 6,
    "v_head_dim": 5,
    "max_encoder_position_embeddings": 18,
    "max_decoder_position_embeddings": 22,
    "attention_window": 8,
    "rotary_dim": 2,
    "pad_token_id": 1,
    "bos_token_id": 1,
    "eos_token_id": 1,
    "decoder_start_token_id": 1,
}

# A layer of each kind among the two.
_KINDS: dict[str, dict[str, Any]] = {
    "deepseek_v2": {"first_k_dense_replace": 1},
    "deepseek_v3": {"first_k_dense_replace": 1},
    "gpt_neo": {"attention_types": [[["global", "local"], 1]]},
    "qwen2_moe": {"mlp_only_layers": [0]},
    "qwen3_moe": {"mlp_only_layers": [0]},
    "switch_transformers": {"num_sparse_encoder_layers": 1, "num_sparse_decoder_layers": 1},
}


def tiny(model_type: str) -> dict[str, Any]:
    """Config fields with which a model of the type is a few kilobytes, and has a layer of each kind."""
    default = config(model_type)
    spelt = {default.attribute_map.get(name, name): value for name, value in _SIZES.items()}
    sizes = {name: value for name, value in spelt.items() if name in vars(default)}
    return {**SUITES[model_type].start, **sizes} | _KINDS.get(model_type, {})


def save(
    class_name: str, model_type: str, folder: Path, fields: Mapping[str, Any] = MappingProxyType({}), shard: str = "1GB"
) -> None:
    """Saves a tiny random model, the same each time, into a folder: config.json and model.safetensors.

    fields: of the config, beside those of `tiny`. shard: how large a file may get before there are several.
    """
    torch.manual_seed(0)
    model = getattr(transformers, class_name)(config(model_type, **{**tiny(model_type), **fields}))
    model.save_pretrained(folder, max_shard_size=shard)


def saved(class_name: str, model_type: str, fields: Mapping[str, Any], shard: str = "1GB") -> dict[str, Any]:
    """What a saved model has in its folder: the config, each tensor's format and shape, and what the files say of
    themselves; and the index, or null where one file holds all.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save(class_name, model_type, folder, fields, shard)
        index = folder / "model.safetensors.index.json"
        headers = [_header(path) for path in sorted(folder.glob("*.safetensors"))]
        return {
            "class": class_name,
            "config": json.loads((folder / "config.json").read_bytes()),
            "metadata": headers[0]["__metadata__"],
            "tensors": {
                tensor: [entry["dtype"], entry["shape"]]
                for header in headers
                for tensor, entry in header.items()
                if tensor != "__metadata__"
            },
            "index": json.loads(index.read_bytes()) if index.exists() else None,
        }


def _header(path: Path) -> dict[str, Any]:
    """The JSON at the head of a safetensors file, after its length in 8 bytes."""
    with path.open("rb") as file:
        header: dict[str, Any] = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    return header


def record(model_type: str) -> str:
    """Records a type; gives a line that says how much was recorded."""
    rows = []
    turned = {"tie_word_embeddings": not config(model_type).tie_word_embeddings}
    for class_name in classes(model_type):
        rows.append(saved(class_name, model_type, {}))
        other = saved(class_name, model_type, turned)
        if other["tensors"] != rows[-1]["tensors"]:
            rows.append(other)
        if class_name == SHARDED:
            rows.append(saved(class_name, model_type, {}, shard="4KB"))
    document = {"transformers": transformers.__version__, "model_type": model_type, "saved": rows}
    HEADERS.mkdir(exist_ok=True)
    data = json.dumps(document, separators=(",", ":")).encode()
    # No time in the header, so that the same truth is the same bytes.
    (HEADERS / f"{model_type}.json.gz").write_bytes(gzip.compress(data, compresslevel=9, mtime=0))
    return f"{model_type}: {len(rows)} checkpoints, {sum(len(row['tensors']) for row in rows)} tensors"


if __name__ == "__main__":
    disable_progress_bar()  # type: ignore[no-untyped-call,unused-ignore]  # untyped, where it is installed
    for name in sys.argv[1:] or [name for name, plugin in manager if plugin.distribution.startswith("paramzoo ")]:
        print(record(name), flush=True)
