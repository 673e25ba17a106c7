"""Active parameters, each by its own arithmetic from the numbers that the models' config.json files state."""

import zoo


def test_mixtral_8x7b() -> None:
    # 32 layers 4,096 wide; 32 heads of 128 over 8; two of 8 experts of three matrices to 14,336; 32,000 words, twice.
    attention = 4096 * 32 * 128 * 2 + 4096 * 8 * 128 * 2
    expert = 3 * 4096 * 14_336
    layer = attention + 8 * 4096 + 2 * 4096  # and the router, and two norms
    rest = 2 * 32_000 * 4096 + 4096
    model = zoo.load("mixtral-8x7b")
    assert model.parameters == 32 * (layer + 8 * expert) + rest
    assert model.active_parameters == 32 * (layer + 2 * expert) + rest == 12_879_925_248


def test_qwen3_30b_a3b() -> None:
    # 48 layers 2,048 wide; 32 heads of 128 over 4, each normed; eight of 128 experts to 768; 151,936 words, twice.
    attention = 2048 * 32 * 128 * 2 + 2048 * 4 * 128 * 2 + 2 * 128
    expert = 3 * 2048 * 768
    layer = attention + 128 * 2048 + 2 * 2048
    rest = 2 * 151_936 * 2048 + 2048
    model = zoo.load("qwen3-30b-a3b")
    assert model.parameters == 48 * (layer + 128 * expert) + rest
    assert model.active_parameters == 48 * (layer + 8 * expert) + rest
    assert round(model.active_parameters / 1e9, 2) == 3.35
    assert model.embedding_parameters == 151_936 * 2048


def test_deepseek_v3() -> None:
    # 61 layers 7,168 wide; 128 heads of 128 + 64, their values 128 wide; queries through 1,536, the rest through 512.
    queries = 7168 * 1536 + 1536 + 1536 * 128 * (128 + 64)
    keys_and_values = 7168 * (512 + 64) + 512 + 512 * 128 * (128 + 128)
    attention = queries + keys_and_values + 128 * 128 * 7168 + 2 * 7168
    expert = 3 * 7168 * 2048
    dense = attention + 3 * 7168 * 18_432  # the first three
    sparse = attention + 256 * 7168 + expert  # a router, and the expert that every token passes
    rest = 2 * 129_280 * 7168 + 7168
    model = zoo.load("deepseek-v3")
    assert model.parameters == 3 * dense + 58 * (sparse + 256 * expert) + rest
    assert model.active_parameters == 3 * dense + 58 * (sparse + 8 * expert) + rest
    assert round(model.active_parameters / 1e9, 2) == 37.55


def test_a_dense_model_uses_all_of_itself_and_all_measures_stand_side_by_side() -> None:
    names = ["parameters", "active", "non_embedding", "embedding_parameters"]
    drawn = zoo.compare("bert-base", "qwen3-30b-a3b", columns=["model", *names]).render("csv").splitlines()
    assert drawn[0] == "model,parameters,active,non_embedding,embedding_parameters"
    bert = dict(zip(names, map(int, drawn[1].split(",")[1:]), strict=True))
    assert bert["active"] == bert["parameters"] == bert["non_embedding"] + bert["embedding_parameters"]
