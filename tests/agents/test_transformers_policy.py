"""The sampling loop against full forward passes and against generate."""

from collections.abc import Sequence

import pytest
import torch
import transformers

import envgym.agents.policies.transformers as module
from envgym.agents.policies.transformers import TransformersPolicy
from envgym.agents.sampling import Sampling
from envgym.agents.tiny import tiny_qwen, tiny_tokenizer
from envgym.types import ConfigError, Message, Reply, Request, Stream

WORDS = ("north", "south", "take", "key", "open", "door", "kitchen", "cellar")


@pytest.fixture(scope="module")
def tokenizer():
    return tiny_tokenizer(["you see a key in the kitchen. go north"], whole_words=WORDS)


@pytest.fixture(scope="module")
def model(tokenizer):
    return tiny_qwen(tokenizer, hidden=64, layers=2, seed=3)


def policy_of(model, tokenizer, **options) -> TransformersPolicy:
    return TransformersPolicy(model, tokenizer, **{"max_new_tokens": 6, **options})


def say(session: str, text: str, *, role: str = "user", seed: int = 0) -> Request:
    return Request(session=session, messages=(Message(role, text),), seed=seed)


def words(stream: Stream, low: int, high: int) -> str:
    return " ".join(stream.choice(WORDS) for _ in range(stream.integers(low, high)))


def full_logprobs(model, replies: Sequence[Reply], sampling: Sampling) -> list[float]:
    """Log-probabilities of every sampled id from one forward pass without a cache."""
    ids: list[int] = []
    spots: list[int] = []
    for reply in replies:
        ids += reply.prompt_ids
        spots += range(len(ids), len(ids) + len(reply.token_ids))
        ids += reply.token_ids
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([ids]), use_cache=False).logits[0]
    table = sampling.log_probs(logits)
    return [float(table[spot - 1, ids[spot]]) for spot in spots]


def check_ragged_sessions(policy: TransformersPolicy, rounds: int = 9) -> None:
    """Turns of unlike lengths; sessions join, sit out, leave, and their slots are taken over."""
    stream = Stream(0, "ragged")
    said: dict[str, list[Reply]] = {}
    open_now: list[str] = []
    for round_ in range(rounds):
        open_now += [f"s{round_}.{k}" for k in range(stream.integers(0, 3) if round_ else 4)]
        chosen = stream.sample(open_now, stream.integers(1, len(open_now)))
        requests = [say(name, words(stream, 1, 30), seed=round_) for name in chosen]
        for request, reply in zip(requests, policy.act(requests), strict=True):
            assert len(reply.token_ids) == len(reply.logprobs) >= 1
            said.setdefault(request.session, []).append(reply)
        if len(open_now) > 3:
            gone = open_now.pop(stream.below(len(open_now)))
            policy.close([gone, "nobody"])
    assert max(len(replies) for replies in said.values()) >= 3
    for replies in said.values():
        torch.testing.assert_close(
            torch.tensor([value for reply in replies for value in reply.logprobs]),
            torch.tensor(full_logprobs(policy.model, replies, policy.sampling)),
            atol=1e-4,
            rtol=0,
        )


@pytest.mark.parametrize(
    "sampling",
    [Sampling(), Sampling(temperature=0.7, top_k=20), Sampling(temperature=1.5, top_p=0.8)],
)
def test_logprobs_equal_a_full_forward_pass(model, tokenizer, sampling):
    check_ragged_sessions(policy_of(model, tokenizer, sampling=sampling))


def test_prefill_portions(monkeypatch):
    assert module._portions([60] * 4) == [[0, 1, 2, 3]]
    assert module._portions([60, 200, 70, 150, 10]) == [[1, 3], [0, 2], [4]]
    monkeypatch.setattr(module, "_PREFILL_TOKENS", 100)
    assert module._portions([40, 50, 30, 500]) == [[3], [0, 1], [2]]


def test_logprobs_with_rare_looks_and_small_prefills(model, tokenizer, monkeypatch):
    """As on a GPU: rows run past their stop before anyone looks; prompts come in portions."""
    monkeypatch.setattr(module, "_PREFILL_TOKENS", 64)
    policy = policy_of(model, tokenizer, check_every=4, max_new_tokens=10)
    # More stop ids, so that many replies are short and the batch is thinned out on the way.
    policy.codec.stop_ids = frozenset(range(policy.codec.stop_id, 300, 7))
    check_ragged_sessions(policy)
    often = policy_of(model, tokenizer, check_every=1, max_new_tokens=10, codec=policy.codec)
    requests = [say(f"x{i}", "go", seed=i) for i in range(8)]
    for one, other in zip(policy.act(requests), often.act(requests), strict=True):
        assert one.token_ids == other.token_ids


SMALL = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "max_position_embeddings": 1024,
    "pad_token_id": 0,
}


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("Llama", SMALL),
        ("Qwen3", SMALL),
        ("Qwen2", SMALL | {"_attn_implementation": "eager"}),
        ("Mistral", SMALL | {"sliding_window": 12}),
        ("Gemma2", SMALL | {"sliding_window": 12, "query_pre_attn_scalar": 8}),
        ("Gemma3", SMALL | {"sliding_window": 12, "layer_types": ["sliding_attention", "full_attention"]}),
        ("GPT2", {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 1024}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_logprobs_of_other_architectures(tokenizer, kind, fields):
    """Windows, soft caps, learned positions, eager attention: one slot cache for all."""
    text = "Text" if kind == "Gemma3" else ""
    fields = dict(fields)
    attention = fields.pop("_attn_implementation", None)
    config = getattr(transformers, f"{kind}{text}Config")(vocab_size=len(tokenizer), **fields)
    name = "GPT2LMHeadModel" if kind == "GPT2" else f"{kind}ForCausalLM"
    before = torch.get_rng_state()
    torch.manual_seed(0)
    model = getattr(transformers, name)._from_config(config, attn_implementation=attention)
    torch.set_rng_state(before)
    check_ragged_sessions(policy_of(model.eval(), tokenizer), rounds=6)


def test_greedy_equals_generate(model, tokenizer):
    policy = policy_of(model, tokenizer, sampling=Sampling(temperature=0.0), max_new_tokens=12)
    stream = Stream(1, "greedy")
    requests = [say(f"s{i}", words(stream, 1, 25)) for i in range(5)]
    for reply in policy.act(requests):
        prompt = torch.tensor([reply.prompt_ids])
        out = model.generate(
            prompt, attention_mask=torch.ones_like(prompt), do_sample=False, max_new_tokens=12
        )
        assert list(reply.token_ids) == out[0, prompt.shape[1] :].tolist()
        assert set(reply.logprobs) == {0.0}


def test_context_is_what_was_sampled(model, tokenizer):
    policy = policy_of(model, tokenizer)
    ids: list[int] = []
    for turn in range(4):
        (reply,) = policy.act([say("a", f"turn {turn}")])
        ids += [*reply.prompt_ids, *reply.token_ids]
    assert policy.context("a") == tuple(ids)
    assert policy.codec.text(reply.token_ids) == reply.text


def test_samples_follow_the_seed(model, tokenizer):
    def samples(seeds: Sequence[int]) -> list[tuple[int, ...]]:
        policy = policy_of(model, tokenizer)
        return [r.token_ids for r in policy.act([say(f"s{s}", "go", seed=s) for s in seeds])]

    before = torch.get_rng_state()
    first = samples([0, 1, 2, 3])
    assert torch.equal(before, torch.get_rng_state())
    assert first == samples([0, 1, 2, 3])
    assert len(set(first)) == 4
    assert samples([2]) == first[2:3]


def test_sampled_frequencies(model, tokenizer):
    """The inverse of the cumulative distribution draws what the distribution says."""
    policy = policy_of(model, tokenizer, max_new_tokens=1, sampling=Sampling(top_k=3))
    count = 600
    replies = policy.act([say(f"s{i}", "go", seed=i) for i in range(count)])
    share: dict[int, float] = {}
    chance: dict[int, float] = {}
    for reply in replies:
        token = reply.token_ids[0]
        share[token] = share.get(token, 0.0) + 1 / count
        chance[token] = float(torch.tensor(reply.logprobs[0]).exp())
    assert len(share) == 3
    assert sum(chance.values()) == pytest.approx(1.0, abs=1e-5)
    for token, value in share.items():
        assert value == pytest.approx(chance[token], abs=0.08)


def test_sync_reads_the_context_anew(model, tokenizer):
    learning = tiny_qwen(tokenizer, hidden=64, layers=2, seed=4)
    policy = policy_of(learning, tokenizer)
    first = policy.act([say("a", "north")])
    learning.load_state_dict(model.state_dict())
    policy.sync()
    second = policy.act([say("a", "south")])
    assert second[0].info["version"] == 1
    with_new = full_logprobs(model, [*first, *second], Sampling())
    assert second[0].logprobs == pytest.approx(with_new[len(first[0].token_ids) :], abs=1e-4)


def test_full_context_ends_with_length(model, tokenizer):
    policy = policy_of(model, tokenizer, max_context=40, max_new_tokens=8)
    replies = [policy.act([say("a", "north south take key")])[0] for _ in range(5)]
    used = sum(len(r.prompt_ids) + len(r.token_ids) for r in replies)
    assert used == len(policy.context("a")) <= 40
    assert replies[-1].finish == "length"
    assert replies[-1].text == ""
    assert replies[-1].info["context_full"]
    assert replies[-1].prompt_ids == replies[-1].token_ids == ()


def test_training_flag_is_put_back(model, tokenizer):
    model.train()
    try:
        policy_of(model, tokenizer).act([say("a", "go")])
        assert model.training
    finally:
        model.eval()


def test_bad_requests(model, tokenizer):
    policy = policy_of(model, tokenizer)
    with pytest.raises(ConfigError, match="session 'a' appears twice"):
        policy.act([say("a", "go"), say("a", "go")])
    with pytest.raises(ConfigError, match="has no messages"):
        policy.act([Request(session="a", messages=())])
    with pytest.raises(ConfigError, match="max_new_tokens must be at least 1, got 0"):
        policy_of(model, tokenizer, max_new_tokens=0)
    with pytest.raises(ConfigError, match="check_every must be at least 1, got 0"):
        policy_of(model, tokenizer, check_every=0)
    with pytest.raises(ConfigError, match="temperature must be 0 or more, got -1"):
        Sampling(temperature=-1)


def test_models_that_cannot_be_kept_in_slots(tokenizer, monkeypatch):
    model = tiny_qwen(tokenizer, hidden=32, layers=1)
    monkeypatch.setattr(model.config, "_attn_implementation_internal", "flash_attention_2")
    with pytest.raises(ConfigError, match="must be 'sdpa' or 'eager' for the slot cache, got 'fla"):
        policy_of(model, tokenizer)
    monkeypatch.undo()
    monkeypatch.setattr(model.config, "layer_types", ["linear_attention"])
    with pytest.raises(ConfigError, match="layer_types of qwen2 hold linear_attention"):
        policy_of(model, tokenizer)


def test_a_device_that_is_not_here_costs_one_sentence() -> None:
    from envgym.agents.policies.loading import usable

    with pytest.raises(ConfigError, match="device 'gpu' cannot be used here"):
        usable("gpu")
    assert usable("cpu") == "cpu"


def test_an_adapter_without_a_base_is_refused(tmp_path) -> None:
    from envgym.agents.policies.loading import load

    (tmp_path / "adapter_config.json").write_text('{"base_model_name_or_path": null}')
    with pytest.raises(ConfigError, match="names no base model"):
        load(str(tmp_path))
