"""Group programs on recordings and rollouts: the same scores on every way."""

import pytest

from envgym import Job, rollout
from envgym.agents import NoisyOraclePolicy
from envgym.rewards import GroupNormalised, Program, Source
from envgym.runtime.episodes import read_episodes, rescore
from envgym.runtime.groups import close_groups, group_of, member_arguments, member_ids
from envgym.runtime.registry import make
from envgym.types import ConfigError, Match

GUESS = "envgym/GuessNumber-v0"
PROGRAM = Program("rloo", GroupNormalised(Source("outcome", "episode", 0, 1)))
JOBS = [Job(seed=s, group=f"g{s}", index=i) for s in (1, 2) for i in range(4)]


class Longest:
    """Prefers the longer transcript; asked in both orders it costs two calls."""

    name = "longest"

    def compare(self, pairs):
        return [Match(p=float(len(a.text) > len(b.text)), calls=2) for a, b in pairs]


def play(program, record=None):
    _, settings = member_arguments(GUESS, {"reward": program, "max_turns": 4})
    if record is not None:
        settings["record"] = record
    played = rollout(
        lambda: make(GUESS, disable_env_checker=True, **settings),
        NoisyOraclePolicy(noise=0.5),
        JOBS,
        batch=1,
    )
    return [one for _, one in sorted(played, key=lambda pair: pair[0])]


def test_recorded_groups_score_as_the_rollouts_did(tmp_path):
    played = play(PROGRAM, tmp_path / "run")
    closed, scores = close_groups(played, PROGRAM)
    assert sorted(scores) == ["g1", "g2"]
    episodes = read_episodes(tmp_path / "run")
    assert [group_of(each) for each in episodes] == ["g1"] * 4 + ["g2"] * 4
    again = rescore(tmp_path / "run", PROGRAM)
    assert [each.total for each in again] == [one.total for one in closed]
    assert [each.step_rewards for each in again] == [one.step_rewards for one in closed]
    assert {one.total for one in played} == {0.0}
    assert len({one.total for one in closed}) > 1


def test_a_comparator_sees_transcripts(tmp_path):
    from envgym.rewards.group.tournament import Tournament

    cup = Program(
        "cup", Tournament(Source("turn", "episode", 0), comparator="any", format="round_robin")
    )
    closed, scores = close_groups(play(cup, tmp_path / "run"), cup, comparators=Longest())
    report = next(iter(scores["g1"].report.values()))
    assert report["calls"] == 2 * report["comparisons"] == 12
    again = rescore(tmp_path / "run", cup, comparators={"any": Longest()})
    assert [each.total for each in again] == [one.total for one in closed]
    with pytest.raises(ConfigError, match="needs a comparator"):
        rescore(tmp_path / "run", cup)


def test_members_that_were_recorded_alone_belong_to_their_task(tmp_path):
    env = make(GUESS, record=tmp_path / "run", disable_env_checker=True, max_turns=2)
    for _ in range(2):
        env.reset(seed=9)
        env.step("hm")
        env.step("hm")
    env.close()
    (first, second) = read_episodes(tmp_path / "run")
    assert group_of(first) == group_of(second)
    assert [each.total for each in rescore(tmp_path / "run", "rloo")] == [0.0, 0.0]


@pytest.mark.parametrize("form", ["single", "swiss", "seeded", "double", "sparse_bt"])
def test_rescoring_plays_the_same_tournament(tmp_path, form):
    from envgym.rewards.group.tournament import Tournament

    cup = Program("cup", Tournament(Source("turn", "episode"), format=form))
    closed, _ = close_groups(play(cup, tmp_path / "run"), cup)
    again = rescore(tmp_path / "run", cup)
    assert [each.total for each in again] == [one.total for one in closed]
    assert [each.member for each in again] == [f"g{s}#{i}" for s in (1, 2) for i in range(4)]


def test_ids_sort_as_places_do():
    ids = member_ids("g", range(11), ())
    assert ids == sorted(ids)
    assert ids[2] == "g#02"
    assert member_ids("g", [None, 1], ["a", "b"]) == ["a", "b"]
