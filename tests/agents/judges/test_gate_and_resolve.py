"""Admission of judges, and judge strings."""

import re
import subprocess
import sys

import pytest
import torch

import envgym.agents.judges as judges
from envgym.agents.judges import (
    CassetteJudge,
    FakeJudge,
    GatedJudge,
    LocalJudge,
    PolicyJudge,
    resolve_judge,
)
from envgym.agents.tiny import save, tiny_qwen, tiny_tokenizer
from envgym.types import ConfigError, MissingExtraError


def test_a_refused_judge_never_answers(ask):
    asked = []

    def gate(judge, template):
        asked.append(judge.name)
        return "false positives 12%, at most 1% allowed"

    gated = GatedJudge(FakeJudge(seed=5), gate)
    assert gated.name == "fake:seed=5"
    for _ in range(2):
        with pytest.raises(ConfigError, match="'fake:seed=5' is refused for training: false pos"):
            gated.judge([ask("a")])
    assert asked == ["fake:seed=5"]


def test_an_admitted_judge_is_examined_once(ask):
    asked = []

    def gate(judge, template):
        asked.append((judge, template.id))

    gated = GatedJudge(FakeJudge(), gate)
    assert gated.judge([ask("a")]) == FakeJudge().judge([ask("a")])
    gated.judge([ask("b")])
    assert asked == [(gated.inner, "pointwise")]


def test_another_prompt_is_another_examination(ask, pair):
    asked = []

    def gate(judge, template):
        asked.append(template and template.id)
        return "it prefers A" if template and template.id == "pairwise" else None

    gated = GatedJudge(FakeJudge(), gate)
    gated.admit()
    gated.judge([ask("a")])
    for _ in range(2):
        with pytest.raises(ConfigError, match="refused for training: it prefers A"):
            gated.judge([ask("a"), pair("a", "b")])
    assert asked == [None, "pointwise", "pairwise"]


def test_fake_strings():
    judge = resolve_judge("fake:noise=0.2, bias=0.5,seed=1")
    assert judge == FakeJudge(noise=0.2, bias=0.5, seed=1)
    assert resolve_judge("fake") == FakeJudge()
    assert resolve_judge("fake", seed=3) == FakeJudge(seed=3)


def test_endpoint_and_human_strings():
    judge = resolve_judge("openai:m@http://127.0.0.1:9/v1", tries=2, timeout=5, total_timeout=60)
    assert isinstance(judge, PolicyJudge)
    assert (judge.name, judge.tries, judge.timeout) == ("openai:m@http://127.0.0.1:9/v1", 2, 60)
    assert resolve_judge("human").name == "human"
    cool = resolve_judge("openai:m@http://127.0.0.1:9/v1", temperature=0, seed=4, max_tokens=None)
    assert cool.name == "openai:m@http://127.0.0.1:9/v1#seed=4,temperature=0"
    assert cool.seed == 4


def test_no_name_holds_a_secret():
    body = {"api_key": "sk-hidden", "top_k": 4}
    judge = resolve_judge("openai:m@http://127.0.0.1:9/v1", extra=body)
    assert "hidden" not in judge.name
    turned = resolve_judge("openai:m@http://127.0.0.1:9/v1", extra=dict(reversed(body.items())))
    other = resolve_judge("openai:m@http://127.0.0.1:9/v1", extra={"top_k": 5})
    assert judge.name == turned.name != other.name
    for address in ("http://me:hidden@127.0.0.1/v1", "http://127.0.0.1/v1?key=hidden"):
        with pytest.raises(ConfigError, match="no password and no query") as caught:
            resolve_judge(f"openai:m@{address}")
        assert "hidden" not in str(caught.value)


def test_recording_caching_voting_and_replay(tmp_path, ask):
    tape, cache = tmp_path / "tape.jsonl", tmp_path / "cache.db"
    judge = resolve_judge("fake:noise=0.3", cache=cache, record=tape, samples=3)
    assert judge.name == "fake:noise=0.3+votes=3"
    answers = judge.judge([ask("a"), ask("b")])
    replay = resolve_judge(f"cassette:{tape}", samples=3)
    assert replay.name == judge.name
    assert replay.judge([ask("b"), ask("a")]) == answers[::-1]
    assert isinstance(resolve_judge(f"cassette:{tape}"), CassetteJudge)
    assert cache.exists()


def test_a_model_folder(tmp_path, ask):
    tokenizer = tiny_tokenizer(["score this"])
    save(tmp_path, tiny_qwen(tokenizer, hidden=32, layers=1, seed=1), tokenizer)
    judge = resolve_judge(f"hf:{tmp_path}", device="cpu")
    assert isinstance(judge, LocalJudge)
    assert re.fullmatch(rf"hf:{tmp_path}@[0-9a-f]{{8}}\+expected", judge.name)
    assert resolve_judge(f"hf:{tmp_path}", device="cpu").name == judge.name
    verdict = judge.judge([ask("a")])[0]
    assert 0.0 <= verdict.value <= 10.0
    parsed = resolve_judge(
        f"hf:{tmp_path}", device="cpu", readout="parsed", max_new_tokens=3, tries=2
    )
    assert parsed.name == judge.name.replace("expected", "parsed#max_new_tokens=3")
    assert parsed.judge([ask("a")])[0].reason in ("parse", "cut")
    with torch.no_grad():
        for weight in judge.model.parameters():
            weight.mul_(1.001)
    save(tmp_path, judge.model, tokenizer)
    trained = resolve_judge(f"hf:{tmp_path}", device="cpu")
    assert trained.name != judge.name  # caches and gatekeepers must not take it for the old one


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("fkae", "unknown judge 'fkae'.*Did you mean 'fake'"),
        ("fake:nois=1", "unknown setting 'nois'.*Did you mean 'noise'"),
        ("fake:noise", "unknown setting"),
        ("fake:noise=x", "noise must be a number, got 'x'"),
        ("fake:noise=inf", "noise must be finite, got inf"),
        ("fake:seed=1.5", "seed must be a number, got '1.5'"),
        ("fake:failures=2", "failures must be from 0 to 1"),
        ("cassette:", "lacks what follows the colon: cassette:PATH"),
        ("hf", "lacks what follows the colon: hf:PATH"),
        ("openai:", "lacks a model"),
        ("openai", "unknown judge 'openai'"),
        ("human:x", "unknown judge 'human:x'"),
        ("oracle", "unknown judge 'oracle'"),
    ],
)
def test_wrong_strings_are_one_sentence(spec, message):
    with pytest.raises(ConfigError, match=message):
        resolve_judge(spec)


def test_a_missing_library_names_the_extra(monkeypatch):
    monkeypatch.setattr("envgym.agents.resolve.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'envgym\[train\]'"):
        resolve_judge("hf:somewhere")


def test_the_package_exports_what_it_names_and_loads_nothing_heavy():
    for name in judges.__all__:
        assert getattr(judges, name)
    with pytest.raises(AttributeError, match="no attribute 'Jduge'"):
        _ = judges.Jduge
    code = (
        "import sys; from envgym.agents.judges import FakeJudge, JudgeComparator, PolicyJudge, "
        "CachedJudge, grade, resolve_judge; resolve_judge('fake'); "
        "print([m for m in ('torch', 'transformers', 'httpx') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
