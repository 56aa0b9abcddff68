import copy
import json
import pickle

import gymnasium
import pytest
from gymnasium.error import CustomSpaceError
from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv
from gymnasium.vector.utils import (
    batch_differing_spaces,
    batch_space,
    concatenate,
    create_empty_array,
    create_shared_memory,
    iterate,
)
from hypothesis import given
from hypothesis import strategies as st

from envgym.runtime.unicode import Unicode, clean, cut

any_text = st.text(st.characters(), max_size=200)  # surrogates included


class Echo(gymnasium.Env):
    """Answers with what it was told and how often it was asked."""

    def __init__(self, mark: str) -> None:
        self.observation_space = Unicode(100)
        self.action_space = Unicode(50)
        self.mark = mark

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return f"{self.mark}: hello", {}

    def step(self, action):
        return f"{self.mark}: {action}", 0.0, action == "stop", False, {}


@given(any_text)
def test_clean_gives_valid_unicode_and_keeps_valid_text(text):
    cleaned = clean(text)
    cleaned.encode()
    assert clean(cleaned) == cleaned
    assert len(cleaned) <= len(text)
    if not any("\ud800" <= c <= "\udfff" for c in text):
        assert cleaned == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("grün 🙂", "grün 🙂"),
        ("\ud800", "\ufffd"),
        ("a\udfffb\ud800", "a\ufffdb\ufffd"),
        ("\ud83d\ude42", "🙂"),
        ("\ud800\ud83d\ude42\udc00x", "\ufffd🙂\ufffdx"),
    ],
)
def test_clean_joins_pairs_and_replaces_the_rest(text, expected):
    assert clean(text) == expected


@given(st.text(max_size=400), st.integers(0, 300))
def test_cut_keeps_head_and_tail_and_counts(text, limit):
    result = cut(text, limit)
    assert len(result) <= limit or result == text
    if len(text) <= limit:
        assert result == text
    elif "characters cut" in result and "characters cut" not in text:
        head, rest = result.split("\n[... ")
        count, tail = rest.split(" characters cut ...]\n")
        assert text.startswith(head)
        assert text.endswith(tail)
        assert len(head) + int(count) + len(tail) == len(text)


def test_cut_says_how_much_is_gone():
    assert cut("a" * 1000 + "z" * 1000, 60).endswith("z" * 8)
    assert "1971 characters cut" in cut("a" * 1000 + "z" * 1000, 60)


@pytest.mark.parametrize(
    ("value", "inside"),
    [("", True), ("12345", True), ("123456", False), ("\ud800", False), (b"1", False), (5, False)],
)
def test_contains(value, inside):
    assert (value in Unicode(5)) is inside


def test_min_length():
    space = Unicode(5, min_length=2, seed=0)
    assert "a" not in space
    assert all(space.sample() in space for _ in range(100))


def test_wrong_lengths_are_told():
    with pytest.raises(ValueError, match=r"min_length=3 and max_length=2"):
        Unicode(2, min_length=3)


def test_samples_are_seeded_and_not_all_ascii():
    space, twin = Unicode(500, seed=7), Unicode(500)
    twin.seed(7)
    samples = [space.sample() for _ in range(50)]
    assert samples == [twin.sample() for _ in range(50)]
    assert Unicode(500, seed=8).sample() != samples[0]
    assert all(s in space for s in samples)
    assert not "".join(samples).isascii()


def test_json_equality_copies():
    space = Unicode(10, seed=1)
    samples = ["", "é🙂"]
    written = json.loads(json.dumps(space.to_jsonable(samples)))
    assert space.from_jsonable(written) == samples
    assert space == Unicode(10) != Unicode(11)
    assert space != Unicode(10, min_length=1)
    assert hash(space) == hash(Unicode(10))
    assert repr(Unicode(10, min_length=1)) == "Unicode(10, min_length=1)"
    for twin in (copy.deepcopy(space), pickle.loads(pickle.dumps(space))):
        assert twin == space
        assert twin.sample() == copy.deepcopy(space).sample()
    with pytest.raises(ValueError, match="no mask"):
        space.sample(mask=1)


def test_batches_are_tuples_of_text():
    space = Unicode(9, seed=0)
    batch = batch_space(space, 3)
    texts = ("one", "zwei", "三")
    assert texts in batch
    assert batch.sample() in batch
    assert concatenate(space, texts, create_empty_array(space, 3)) == texts
    assert list(iterate(batch, texts)) == list(texts)
    unlike = batch_differing_spaces([Unicode(3), Unicode(9)])
    assert ("one", "longer") in unlike
    assert ("longer", "one") not in unlike


def test_shared_memory_fails_loudly():
    with pytest.raises(CustomSpaceError):
        create_shared_memory(Unicode(9), 2)


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_vectors_of_text(kind):
    makers = [lambda mark=mark: Echo(mark) for mark in "abc"]
    envs = SyncVectorEnv(makers) if kind == "sync" else AsyncVectorEnv(makers, shared_memory=False)
    try:
        assert envs.reset(seed=0)[0] == ("a: hello", "b: hello", "c: hello")
        observations, _, terminated, _, _ = envs.step(("x", "stop", "é"))
        assert observations == ("a: x", "b: stop", "c: é")
        assert terminated.tolist() == [False, True, False]
        assert observations in envs.observation_space
        assert envs.action_space.sample() in envs.action_space
    finally:
        envs.close()


def test_vectors_of_unlike_spaces():
    def maker(length):
        env = Echo("x")
        env.observation_space = Unicode(length)
        return env

    envs = SyncVectorEnv([lambda n=n: maker(n) for n in (20, 30)], observation_mode="different")
    assert envs.reset(seed=0)[0] in envs.observation_space
    envs.close()
