"""Numeric vectors recorded as blocks: round trips, resets of every kind, what is read back."""

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import gymnasium
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import envgym  # noqa: F401 - registers the ids
from envgym.runtime.episodes import read_episodes, rescore, verify
from envgym.runtime.numeric.blocks import registered_id
from envgym.runtime.numeric.vector import NumericVectorEnv
from envgym.types import EpisodeFileError
from tests.runtime.numeric.toy_family import LampsCore, LampsEnv

REAL = {
    "envgym/OnlineMatching-v0": {"horizon": 20, "items": 12, "clusters": 6, "degree": 4},
    "envgym/Coverage-v0": {},
    "envgym/FairThreshold-v0": {"horizon": 15},
}


def record(
    folder: Path, *, steps: int = 30, seed: int = 0, masks: Any = None, **arguments: Any
) -> list[dict[str, Any]]:
    """Play lamps at random on a recorded vector; return what was seen at every step."""
    vector = NumericVectorEnv(LampsEnv, 3, record=folder, **{"horizon": 8, **arguments})
    rng = np.random.default_rng(seed)
    vector.reset(seed=seed)
    seen = []
    for step in range(steps):
        if masks is not None and masks[step].any():
            vector.reset(seed=[step, 50 + step, 99 + step], options={"reset_mask": masks[step]})
        actions = rng.integers(-1, 5, size=3)
        obs, rewards, done, _, infos = vector.step(actions)
        shown = infos.get("final_obs", obs)
        seen.append({"actions": actions, "obs": shown, "pay": rewards, "done": done})
        if done.any() and str(arguments.get("autoreset_mode")) == "Disabled":
            vector.reset(seed=[7 * step, 7 * step + 1, 3], options={"reset_mask": done})
    vector.close()
    return seen


def of_row(folder: Path, row: int) -> list[Any]:
    return [each for each in read_episodes(folder) if each.row == row]


@pytest.mark.usefixtures("lamps")
@pytest.mark.parametrize("fuse", [False, True])
@pytest.mark.parametrize("streams", ["rows", "batch"])
@pytest.mark.parametrize("mode", ["NextStep", "SameStep", "Disabled"])
def test_round_trip(tmp_path, mode, streams, fuse):
    """Episodes of all rows, whenever they end, hold what was played; a second run agrees."""
    seen = record(tmp_path, autoreset_mode=mode, streams=streams, fuse=fuse)
    episodes = read_episodes(tmp_path)
    read = list(episodes)
    assert episodes.problems == []
    report = verify(tmp_path)
    assert (report.difference, report.notes, report.episodes) == (None, (), len(read))
    assert report.events == sum(each.events for each in read)
    for row in range(3):
        played, events = [], []
        mine = of_row(tmp_path, row)
        for each in mine:
            played += each.actions().tolist()
            events.append(each.events)
        ends = np.cumsum(events)
        if mode == "NextStep":  # the step that resets a row is no event of it
            waiting = [False, *(bool(step["done"][row]) for step in seen[:-1])]
            kept = [s for s, waits in zip(seen, waiting, strict=True) if not waits]
        else:
            kept = seen
        assert played == [int(step["actions"][row]) for step in kept]
        over = [i + 1 for i, step in enumerate(kept) if step["done"][row]]
        finished = [each for each in mine if each.cause == "task"]
        assert [end for end, each in zip(ends, mine, strict=True) if each in finished] == over
        start = 0
        for each, end in zip(mine, ends, strict=True):
            total = sum(float(step["pay"][row]) for step in kept[start:end])
            if each.finished:
                assert each.total == pytest.approx(total, rel=1e-12)
            else:
                assert (each.cause, each.total) == ("external", None)
            start = end


@pytest.mark.parametrize("streams", ["rows", "batch"])
@pytest.mark.parametrize("env_id", REAL)
def test_real_families(tmp_path, env_id, streams):
    vector = gymnasium.make_vec(env_id, 4, record=tmp_path, streams=streams, **REAL[env_id])
    rng = np.random.default_rng(0)
    vector.reset(seed=11)
    for _ in range(40):
        masks = vector.action_masks()
        chances = rng.random((4, vector.single_action_space.n))
        vector.step((chances if masks is None else chances * masks).argmax(1))
    vector.close()
    report = verify(tmp_path)
    assert report.ok, report
    assert report.notes == ()
    heads = [each.head for each in read_episodes(tmp_path)]
    assert {head.env for head in heads} == {env_id}
    assert [head.seed for head in heads[:4]] == [11, 12, 13, 14]
    for name, value in REAL[env_id].items():
        assert heads[0].config[name] == value


@pytest.mark.usefixtures("lamps")
@pytest.mark.parametrize("streams", ["rows", "batch"])
def test_resets_of_some_rows_on_request(tmp_path, streams):
    masks = np.random.default_rng(3).random((20, 3)) < 0.2
    masks[7] = True  # all of them: a new batch
    masks[0] = [True, False, True]  # before the first step
    record(tmp_path, steps=20, masks=masks, streams=streams, autoreset_mode="Disabled", horizon=99)
    read = list(read_episodes(tmp_path))
    assert len(read) == 3 + masks.sum()
    assert all(each.cause == "external" for each in read)
    report = verify(tmp_path)
    assert (report.ok, report.events, report.notes) == (True, 60, ())
    rows = [each for each in read if each.head.batch["asked"]]
    assert len(rows) == masks.sum() - 3


@pytest.mark.usefixtures("lamps")
@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    mode=st.sampled_from(["NextStep", "SameStep"]),
    streams=st.sampled_from(["rows", "batch"]),
    horizon=st.integers(1, 9),
    fuse=st.booleans(),
    rest=st.booleans(),
    kept=st.sampled_from(["needed", "all"]),
)
def test_any_vector_repeats_itself(
    tmp_path_factory, seed, mode, streams, horizon, fuse, rest, kept
):
    folder = tmp_path_factory.mktemp("any")
    record(
        folder,
        steps=12,
        seed=seed,
        autoreset_mode=mode,
        streams=streams,
        horizon=horizon,
        fuse=fuse,
        rest=rest,
        record_evidence=kept,
    )
    episodes = read_episodes(folder)
    assert all(each.gap is None for each in episodes)
    assert episodes.problems == []
    report = verify(folder)
    assert report.ok, report
    lines = [json.loads(line) for line in (folder / "episodes.jsonl").read_text().splitlines()]
    if not fuse:  # rows in lockstep share one line
        blocks = [line for line in lines if line["kind"] == "block"]
        assert all(len(line["eps"]) == 3 for line in blocks)


@pytest.mark.usefixtures("lamps")
def test_stored_evidence_fills_turns_and_records(tmp_path):
    """With everything stored a row reads like the single environment's own recording."""
    settings_ = {"fuse": True, "horizon": 9, "record_evidence": "all"}
    record(tmp_path / "rows", streams="rows", autoreset_mode="SameStep", steps=9, **settings_)
    compared = 0
    for each in read_episodes(tmp_path / "rows"):
        env = gymnasium.make(
            "toys/Lamps-v0", record=tmp_path / "one", append=True, disable_env_checker=True,
            **settings_,
        )  # fmt: skip
        env.reset(seed=each.head.seed)
        for turn in each.turns:
            env.step(turn.action)
        env.close()
        single = list(read_episodes(tmp_path / "one"))[-1]
        assert each.packed is None
        assert each.obs == single.obs
        assert (each.cause, len(each.turns)) == (single.cause, len(single.turns))
        for one, other in zip(each.records, single.records, strict=True):
            assert one.keys() == other.keys()
            for key, value in one.items():
                assert type(value) is type(other[key])
                if value != other[key]:
                    assert value == pytest.approx(other[key], rel=1e-12)
        for one, other in zip(each.turns, single.turns, strict=True):
            assert one.obs == pytest.approx(other.obs, rel=1e-12)
            assert one.pay == pytest.approx(other.pay, rel=1e-12)
            assert (one.e, one.ended, one.err is None) == (
                other.e, other.ended, other.err is None,
            )  # fmt: skip
            compared += 1
    assert compared == 27


@pytest.mark.usefixtures("lamps")
@pytest.mark.parametrize("kept", ["needed", "all"])
@pytest.mark.parametrize("preset", ["utility", "outcome", "lagrangian", "process", "count"])
def test_rows_are_rescored(tmp_path, kept, preset):
    record(tmp_path / "a", streams="rows", record_evidence=kept, fuse=True)
    record(tmp_path / "b", streams="rows", reward=preset, fuse=True)
    scores = rescore(tmp_path / "a", preset)
    for score, paid in zip(scores, read_episodes(tmp_path / "b"), strict=True):
        assert score.episode == paid.name
        assert len(score.step_rewards) == paid.events
        if paid.finished:
            assert score.total == pytest.approx(paid.total, rel=1e-9, abs=1e-12)
        else:
            assert (score.total, score.valid) == (None, True)


@pytest.mark.usefixtures("lamps")
def test_a_batch_without_evidence_is_not_rescored_and_says_so(tmp_path):
    record(tmp_path, steps=8)
    scores = rescore(tmp_path, "outcome")
    assert [score.valid for score in scores] == [False] * 3
    assert "only its whole batch could be run again; record vectors with streams=" in str(
        scores[0].reason
    )
    assert scores[0].step_rewards == (0.0,) * 8


@pytest.mark.usefixtures("lamps")
def test_heads_are_those_of_the_single_environment(tmp_path):
    record(tmp_path, spread=0.5, reward="gated", steps=3, dtype="float32", streams="rows")
    first, second, _ = read_episodes(tmp_path)
    assert first.head.env == registered_id(LampsEnv) == "toys/Lamps-v0"
    assert first.head.config == {"horizon": 8, "spread": 0.5, "reward": "gated"}
    assert first.head.program["program"] == "gated"
    assert first.head.task["id"] == "seed/0"
    assert first.head.batch == {
        "id": None, "row": 0, "size": 3, "start": 0, "asked": 0, "evidence": False,
        "vector": {
            "backend": "numpy", "device": None, "dtype": "float32", "streams": "rows",
            "autoreset_mode": "NextStep",
        },
    }  # fmt: skip
    assert second.head.batch["id"] == first.name == "seed/0-s0-g0-a0"
    assert first.turns == first.records == ()
    assert "blocks of actions" in str(first.packed)
    assert first.gap is None
    assert verify(tmp_path).ok


@pytest.mark.usefixtures("lamps")
def test_two_vectors_and_a_single_environment_share_a_folder(tmp_path):
    vectors = [
        NumericVectorEnv(LampsEnv, 2, record=tmp_path, append=True, horizon=4) for _ in range(2)
    ]
    env = gymnasium.make("toys/Lamps-v0", record=tmp_path, append=True, disable_env_checker=True)
    env.reset(seed=1)
    for vector in vectors:
        vector.reset(seed=1)
    for _ in range(11):
        env.step(0)
        for vector in vectors:
            vector.step(np.array([1, 2]))
    for each in (env, *vectors):
        each.close()
    assert len(set(read_episodes(tmp_path).names)) == 1 + 2 * 3 * 2
    report = verify(tmp_path)
    assert (report.ok, report.episodes) == (True, 13)
    with pytest.raises(EpisodeFileError, match="is not empty"):
        NumericVectorEnv(LampsEnv, 2, record=tmp_path)


def test_long_episodes_are_written_in_pieces(tmp_path, lamps):
    vector = gymnasium.make_vec(lamps, 2, record=tmp_path, horizon=5000, streams="rows")
    vector.reset(seed=0)
    for step in range(2500):
        vector.step(np.array([step % 5, step % 3]))
    before = [each.events for each in read_episodes(tmp_path)]
    vector.close()
    first, second = read_episodes(tmp_path)
    assert before == [2048, 2048]
    assert [(part.e0, part.n, part.t0) for part in first.blocks] == [
        (0, 1024, 0), (1024, 1024, 0), (2048, 452, 0),
    ]  # fmt: skip
    assert second.actions().tolist() == [step % 3 for step in range(2500)]
    assert verify(tmp_path).events == 5000


class DimCore(LampsCore):
    """Lights whose sum is no number."""

    def advance(self, state: Any, action: Any, noise: Any, ar: Any) -> Any:
        after, facts = super().advance(state, action, noise, ar)
        facts["utility"] = ar.xp.where(action == 1, math.nan, facts["utility"])
        return after, facts


class DimEnv(LampsEnv):
    core_class = DimCore


def test_a_return_that_is_no_number_is_invalid(tmp_path):
    vector = NumericVectorEnv(DimEnv, 2, record=tmp_path, horizon=2, autoreset_mode="SameStep")
    vector.reset(seed=0)
    for _ in range(2):
        vector.step(np.array([0, 1]))
    vector.close()
    good, bad, *_ = read_episodes(tmp_path)
    assert (good.cause, bad.cause, bad.total) == ("task", "invalid", None)
    assert bad.end.reason == "reward:utility"
    assert not bad.broken
    assert good.head.env == "DimEnv"  # nobody registered it


def test_a_lost_vector_closes_its_file(tmp_path):
    vector = NumericVectorEnv(LampsEnv, 2, record=tmp_path)
    vector.reset(seed=0)
    vector.step(np.array([0, 1]))
    del vector
    assert [each.cause for each in read_episodes(tmp_path)] == ["external"] * 2
    assert [each.events for each in read_episodes(tmp_path)] == [1, 1]


WRITE = """
import sys, numpy as np, envgym
from pathlib import Path
sys.path.append(sys.argv[3])  # last: envgym stays the installed one
from tests.runtime.numeric.test_blocks import record
record(Path(sys.argv[1]), fuse=True, record_evidence="all", streams=sys.argv[2])
"""


@pytest.mark.parametrize("streams", ["rows", "batch"])
def test_bytes_are_equal_across_processes(tmp_path, streams):
    folders = [tmp_path / "here", tmp_path / "there"]
    record(folders[0], fuse=True, record_evidence="all", streams=streams)
    root = Path(__file__).parents[3]
    subprocess.run(
        [sys.executable, "-c", WRITE, str(folders[1]), streams, str(root)], check=True, timeout=120
    )
    files = [
        {
            path.relative_to(folder): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }
        for folder in folders
    ]
    assert files[0] == files[1]
    assert any(path.suffix == ".npz" for path in files[0])


@pytest.mark.usefixtures("lamps")
def test_torch_vectors_are_recorded(tmp_path):
    record(tmp_path, backend="torch", dtype="float32")
    head = read_episodes(tmp_path)[0].head
    assert head.batch["vector"]["backend"] == "torch"
    assert head.batch["vector"]["dtype"] == "float32"
    report = verify(tmp_path)
    assert report.ok, report
    text = (tmp_path / "episodes.jsonl").read_text()
    (tmp_path / "episodes.jsonl").write_text(text.replace('"device":"cpu"', '"device":"cuda:63"'))
    report = verify(tmp_path)
    assert (report.difference, report.episodes) == (None, 0)
    assert "device 'cuda:63' is not there" in report.notes[0]
