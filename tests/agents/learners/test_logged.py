"""Logged rounds: read back from episode files as they were played, or refused in one sentence."""

import numpy as np
import pytest

from envgym.agents.learners.logged import Logged, features, logged, read_logged
from envgym.agents.learners.ope import importance_weights, ipw
from envgym.runtime.episodes import EpisodeWriter, read_episodes
from envgym.types import Call, ConfigError, EpisodeFileError, Record, Task

ROUNDS = [(2, 0.5, 0.25), (0, 1.0, 0.5), (1, 0.0, 0.25)]
"""Action, reward, propensity."""


def head(writer: EpisodeWriter, seed: int) -> str:
    return writer.head(env="tests/Toy-v0", version="0", config={}, seed=seed, task=Task(id="a"))


def record(rounds: int, utility: float, **more: object) -> Record:
    return Record({"rounds": rounds, "utility": utility, "visits": 1, **more})


def numeric(writer, seed=0, *, late=True, obs=lambda t: [float(t), 0.5], lost=()):
    """Write an episode of a single numeric environment; ``lost`` turns play no round."""
    ep = head(writer, seed)
    writer.reset(ep, obs(0), record(0, 0.0))
    played = 0
    for e, (action, utility, chance) in enumerate(ROUNDS):
        err = "no such action" if e in lost else None
        played += err is None
        ended = "terminated" if e == 2 else None
        ev = record(played, utility, immediate=utility, retention=1)
        writer.event(ep, e, action, (), err, obs(e + 1), ev, utility, ended)
        if late and err is None:
            writer.late(ep, e, "agent", {"propensity": chance}, "learner")
    writer.end(ep, "task", success=None, returns=1.5)
    return ep


def text(writer, calls):
    """Write an episode of a text view, one call per turn."""
    ep = head(writer, 1)
    writer.reset(ep, "Round 1.", record(0, 0.0))
    for e, call in enumerate(calls):
        ev = record(e + 1, float(e), propensity=0.5)
        writer.event(ep, e, "<tool_call>...</tool_call>", [call], None, "Next.", ev, 0.0)
    return ep


def test_numeric_episodes(tmp_path):
    with EpisodeWriter(tmp_path / "run") as writer:
        names = (numeric(writer, 0), numeric(writer, 1, lost=(1,)))
    found = read_logged(tmp_path / "run", channels=("immediate", "retention"))
    assert found.actions.tolist() == [2, 0, 1, 2, 1]
    assert found.rewards.tolist() == [0.5, 1.0, 0.0, 0.5, 0.0]
    assert found.propensities.tolist() == [0.25, 0.5, 0.25, 0.25, 0.25]
    assert found.contexts[:, 0].tolist() == [0, 1, 2, 0, 2]  # seen before acting
    assert found.episodes.tolist() == [0, 0, 0, 1, 1]
    assert found.channels["immediate"].tolist() == found.rewards.tolist()
    assert found.channels["retention"].tolist() == [1.0] * 5
    assert (found.names, found.lost, len(found)) == (names, 1, 5)
    assert (found.actions.dtype, found.rewards.dtype) == (np.int64, np.float64)
    uniform = ipw(found.rewards, found.propensities, np.full(5, 1 / 3), groups=found.episodes)
    assert uniform.value == pytest.approx((4 / 3 * 1.0 + 2 / 3 * 1.0) / 5)


def test_dicts_and_stored_arrays(tmp_path):
    with EpisodeWriter(tmp_path / "run") as writer:
        numeric(writer, obs=lambda t: {"b": float(t), "a": [1.0, 2.0]})
        numeric(writer, 1, obs=lambda t: np.full(5000, float(t)))
    small, large = read_episodes(tmp_path / "run")
    assert read_logged([small]).contexts[1].tolist() == [1.0, 2.0, 1.0]
    assert read_logged([large]).contexts.shape == (3, 5000)
    assert read_logged([large]).contexts[2, 7] == 2.0
    own = read_logged([small], context=lambda obs: [10 * obs["b"]])
    assert own.contexts[:, 0].tolist() == [0.0, 10.0, 20.0]
    with pytest.raises(EpisodeFileError, match="observations differ in shape between rounds"):
        read_logged([small, large])


def test_text_views(tmp_path):
    with EpisodeWriter(tmp_path / "run") as writer:
        text(writer, [Call("choose", {"action": 3}), Call("choose", {"action": "4"})])
    found = read_logged(tmp_path / "run")
    assert found.actions.tolist() == [3, 4]
    assert found.contexts.shape == (2, 0)
    assert found.rewards.tolist() == [0.0, 1.0]


def test_slates_and_points(tmp_path):
    with EpisodeWriter(tmp_path / "run") as writer:
        text(writer, [Call("choose", {"items": [3, 1]}), Call("choose", {"items": [0, 2]})])
        text(writer, [Call("choose", {"x": [0.5, 1]})])
    slates, points = read_episodes(tmp_path / "run")
    assert read_logged([slates]).actions.tolist() == [[3, 1], [0, 2]]
    assert read_logged([points]).actions.tolist() == [[0.5, 1.0]]


def test_missing_propensities_name_the_episode(tmp_path):
    with EpisodeWriter(tmp_path / "run") as writer:
        numeric(writer, 0)
        bare = numeric(writer, 1, late=False)
    with pytest.raises(EpisodeFileError, match=f"{bare} has no 'propensity' at event 0 .1 epis"):
        read_logged(tmp_path / "run")
    assert read_logged(tmp_path / "run", propensity=None).propensities is None
    with pytest.raises(EpisodeFileError, match="has no 'clicks' at event 0 .2 episode"):
        read_logged(tmp_path / "run", propensity=None, reward="clicks")


@pytest.mark.parametrize(
    ("calls", "words"),
    [
        ([Call("look", {})], "event 0 played a round without one call 'choose'"),
        ([Call("choose", {"action": 1, "why": 2})], "without one call 'choose' with one argument"),
        ([Call("choose", {"action": "left"})], "must be a number or a list of numbers, got 'left'"),
    ],
    ids=["other tool", "two arguments", "word"],
)
def test_unreadable_actions_name_the_event(tmp_path, calls, words):
    with EpisodeWriter(tmp_path / "run") as writer:
        text(writer, calls)
    with pytest.raises(EpisodeFileError, match=words):
        read_logged(tmp_path / "run")


def test_a_round_of_a_failed_side_is_left_out(tmp_path):
    with EpisodeWriter(tmp_path / "run") as writer:
        ep = head(writer, 0)
        writer.reset(ep, [0.0], record(0, 0.0))
        writer.event(ep, 0, 1, (), None, [1.0], record(1, 0.5, propensity=0.5), 0.5)
        counters = Record({"turn": 2, "errors": 0, "end": "invalid"})
        writer.event(ep, 1, 1, (), None, [1.0], counters, 0.0, "truncated")
        writer.end(ep, "invalid", False, "disk")
    assert read_logged(tmp_path / "run").rewards.tolist() == [0.5]


def test_files_without_a_round_are_refused(tmp_path):
    with EpisodeWriter(tmp_path / "run") as writer:
        writer.reset(head(writer, 0), [0.0], record(0, 0.0))
    with pytest.raises(EpisodeFileError, match="no round that was played"):
        read_logged(tmp_path / "run")


def test_arrays():
    found = logged(
        actions=[0, 1, 0],
        rewards=[1, 2, 3],
        propensities=[0.5, 0.5, 1],
        episodes=[7, 7, 2],
        channels={"retention": [0, 1, 0]},
    )
    assert found.episodes.tolist() == [0, 0, 1]
    assert (found.names, found.contexts.shape) == (("7", "2"), (3, 0))
    assert found.channels["retention"].tolist() == [0.0, 1.0, 0.0]
    assert importance_weights(found.propensities, [1, 1, 1]).tolist() == [2, 2, 1]
    assert isinstance(logged(actions=[0], rewards=[1]), Logged)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"propensities": [0.5, 0.0]}, "above 0 and at most 1, got 0 at position 1"),
        ({"propensities": [0.5, np.nan]}, "propensities must be 2 finite numbers"),
        ({"rewards": [1]}, "rewards must be 2 finite numbers, got shape"),
        ({"rewards": ["x", "y"]}, "rewards must be 2 numbers"),
        ({"actions": ["a", "b"]}, "actions must be numbers of shape"),
        ({"actions": [0.5, np.inf]}, "actions must be finite"),
        ({"contexts": [[1.0]]}, "contexts must be 2 rows"),
        ({"actions": [0, 0, 0], "rewards": [0, 0, 0], "episodes": [1, 2, 1]}, "side by side"),
    ],
    ids=range(8),
)
def test_bad_arrays_are_refused(given, words):
    with pytest.raises(ConfigError, match=words):
        logged(**{"actions": [0, 1], "rewards": [1.0, 2.0], **given})


def test_features_of_a_batch_are_the_rows_of_single_ones():
    batch = {"z": np.arange(3.0), "m": np.ones((3, 2, 2), bool), "a": np.zeros((3, 1))}
    rows = features(batch, batch=3)
    assert rows.shape == (3, 6)
    for i in range(3):
        single = features({key: value[i].tolist() for key, value in batch.items()})
        assert rows[i].tolist() == single.tolist()
    assert features("a text").shape == (0,)
    assert features(None, batch=3).shape == (3, 0)
