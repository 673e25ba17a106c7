"""Keys that any config.json may have and that change no shape: those of transformers' base config, and of its writers.

Source: the documentation of PreTrainedConfig and GenerationConfig (transformers 5.23 and the 4.x versions that wrote
today's files), and the stamps that common tools leave.
"""

from collections.abc import Mapping

ANY = object()
"""In `Config.inert`: the key decides no shape, whatever its value."""


def harmless(keys: str) -> dict[str, object]:
    """Keys, with blanks between them, that decide no shape whatever their values, for `Config.inert`."""
    return dict.fromkeys(keys.split(), ANY)


_BASE = """
    _attn_implementation _attn_implementation_autoset _commit_hash _name_or_path _num_labels attn_implementation
    chunk_size_feed_forward cross_attention_hidden_size dtype finetuning_task gradient_checkpointing id2label
    is_encoder_decoder label2id name_or_path output_past prefix problem_type return_dict task_specific_params
    tf_legacy_loss tie_last_hidden_states tokenizer_class torch_dtype torchscript transformers_version use_bfloat16
    use_return_dict xla_device
"""

# How tokens are chosen from the scores, once the model has given them.
_GENERATION = """
    bad_words_ids begin_suppress_tokens bos_token_id cache_config cache_implementation constraints
    decoder_start_token_id disable_compile diversity_penalty do_sample early_stopping
    encoder_no_repeat_ngram_size encoder_repetition_penalty eos_token_id epsilon_cutoff eta_cutoff
    exponential_decay_length_penalty force_bos_token_to_be_generated force_words_ids forced_bos_token_id
    forced_eos_token_id guidance_scale is_assistant length_penalty max_length max_new_tokens max_time min_length
    min_new_tokens min_p no_repeat_ngram_size num_beam_groups num_beams num_return_sequences output_attentions
    output_hidden_states output_logits output_scores pad_token_id penalty_alpha prompt_lookup_num_tokens
    remove_invalid_values renormalize_logits repetition_penalty return_dict_in_generate sep_token_id sequence_bias
    stop_strings suppress_tokens temperature token_healing top_h top_k top_p typical_p unk_token_id use_cache
    watermarking_config
"""

# How the weights are stored and trained, or who wrote the file. What is stored in 4 bits is as many parameters.
_WRITERS = """
    bos_token eos_token eos_token_ids initializer_range language neftune_noise_alpha pad_token pretraining_tp
    quantization quantization_config sbert_ce_default_activation_function sentence_transformers tokenizer_config
    tokenizer_name transformers.js_config unsloth_fixed unsloth_version
"""

COMMON: Mapping[str, object] = harmless(_BASE + _GENERATION + _WRITERS) | {
    # Harmless as long as they ask for nothing.
    "add_cross_attention": False,
    "auto_map": {},
    "is_decoder": False,
    "per_layer_config": {},
    "pruned_heads": {},
    "tie_encoder_decoder": False,
}
