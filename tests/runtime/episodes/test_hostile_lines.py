"""Every field of every line holding the wrong thing: named, never a crash."""

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from envgym.runtime.episodes import EpisodeWriter, read_episodes
from envgym.runtime.episodes.decode import LineError, decode, whole_numbers

WRONG = [None, True, -1, 1.5, 10**400, "x", "9" * 5000, [], {}, [1], {"a": 1}, [[[]]]]


def _places(value: Any, path: tuple[Any, ...] = ()) -> Any:
    if path:
        yield path
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, item in items:
        yield from _places(item, (*path, key))


def test_any_wrong_value_anywhere_is_a_line_error(recorded):
    for line in (recorded / "episodes.jsonl").read_text().splitlines()[:6]:
        for path in _places(json.loads(line)):
            for wrong in WRONG:
                spoilt = json.loads(line)
                at = spoilt
                for key in path[:-1]:
                    at = at[key]
                at[path[-1]] = wrong
                with suppress(LineError):
                    decode(json.dumps(spoilt).encode())


def test_a_child_finds_the_parent_that_shows_what_it_continues(tmp_path, begin_episode):
    """Two workers used one name; the fork shows which of them is meant."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    for folder, word in (("a", "left"), ("b", "right")):
        with EpisodeWriter(tmp_path / folder) as writer:
            ep = begin_episode(writer)
            record = {"turn": 1, "outcome": 0.0, "end": None}
            writer.event(ep, 0, f"go {word}", (), None, f"You are {word}.", record, 0.0)
            child = begin_episode(writer, parent={"ep": ep, "e": 1})
            writer.reset(child, f"You are {word}.", record)
    both = tmp_path / "both"
    both.mkdir()
    (both / "episodes.jsonl").write_bytes((tmp_path / "a/episodes.jsonl").read_bytes())
    (both / "episodes-1.jsonl").write_bytes((tmp_path / "b/episodes.jsonl").read_bytes())
    # A third process restored the right one's snapshot.
    head, reset = (tmp_path / "b/episodes.jsonl").read_text().splitlines()[3:5]
    last = (tmp_path / "b/episodes.jsonl").read_text().splitlines()[-1]
    (both / "episodes-2.jsonl").write_text(f"{head}\n{reset}\n{last}\n")
    episodes = read_episodes(both)
    told = [episodes.history(e).turns[0].action for e in episodes if e.head.parent]
    assert told == ["go left", "go right", "go right"]


class Inner(BaseModel):
    number: int
    label: str


class Outer(BaseModel):
    model_config = ConfigDict(strict=True)

    top: int
    maybe: int | None
    either: int | str
    words: str
    many: list[int]
    pair: tuple[str, int]
    table: dict[str, int]
    inner: Inner
    inners: Sequence[Inner]
    optional: list[int] | None = None


def test_big_integers_come_back_wherever_they_were_declared():
    big, quoted = 2**60 + 1, str(2**60 + 1)
    inner = {"number": quoted, "label": quoted}
    found = whole_numbers(
        {
            "top": quoted, "maybe": quoted, "either": quoted, "words": quoted, "many": [quoted, 1],
            "pair": [quoted, quoted], "table": {"a": quoted}, "inner": inner, "inners": [inner],
            "optional": [quoted], "unknown": quoted,
        },
        Outer,
    )  # fmt: skip
    good = {"number": big, "label": quoted}
    assert found == {
        "top": big, "maybe": big, "either": quoted, "words": quoted, "many": [big, 1],
        "pair": [quoted, big], "table": {"a": big}, "inner": good, "inners": [good],
        "optional": [big], "unknown": quoted,
    }  # fmt: skip
    assert whole_numbers({"a": quoted}, None) == {"a": quoted}


@pytest.mark.parametrize("kind", ["[]", "{}", "3", "null"])
def test_a_kind_that_is_no_text_is_named(kind):
    with pytest.raises(LineError, match="field 'kind'"):
        decode(b'{"kind":' + kind.encode() + b"}")
