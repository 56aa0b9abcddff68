"""Groups that close together: waiting members, group rewards, partial groups, recordings."""

from math import fsum

import numpy as np
import pytest
from gymnasium.error import ResetNeeded

from envgym.rewards import GroupNormalised, Program, ProgressDelta, Source, score
from envgym.rewards.group.tournament import Tournament
from envgym.runtime.episodes import read_episodes, rescore
from envgym.runtime.group_vector import GroupVectorEnv
from envgym.types import ConfigError, EvidenceError, InfraError

GUESS = "envgym/GuessNumber-v0"
OUTCOME = Source("outcome", "episode", 0, 1)
PROGRAM = Program(
    "mixed", OUTCOME + ProgressDelta(Source("progress", lo=0, hi=1)) + GroupNormalised(OUTCOME)
)


def answers(env):
    """The expert's next message of a member."""
    return env.unwrapped.oracle()


def play(group, lazy=(), seed=3):
    """Play a group to its end; members in ``lazy`` give up by sending nothing useful."""
    _, infos = group.reset(seed=seed)
    sums = np.zeros(group.num_envs)
    log = []
    while True:
        actions = [
            "hm" if i in lazy or group._over[i] else answers(env)
            for i, env in enumerate(group.envs)
        ]
        _, rewards, terminated, truncated, infos = group.step(actions)
        sums += rewards
        log.append((rewards.copy(), infos["waiting"].copy()))
        assert not truncated.any()
        if terminated.any():
            assert terminated.all()
            return sums, infos["per_env"], log


def test_members_share_the_task_and_close_together():
    group = GroupVectorEnv(GUESS, 3, reward=PROGRAM, max_turns=12)
    try:
        _, infos = group.reset(seed=3)
        assert len({each["task_id"] for each in infos["per_env"]}) == 1
        sums, per_env, log = play(group, lazy=(1,))
    finally:
        group.close()
    assert [each["end"] for each in per_env] == ["task", "budget", "task"]
    assert any(waiting[0] and rewards[0] == 0.0 for rewards, waiting in log)
    assert not log[-1][1].any()
    for i, each in enumerate(per_env):
        assert sums[i] == pytest.approx(fsum(entry.value for entry in each["ledger"]))
        assert sums[i] == pytest.approx(fsum(each["step_rewards"]))
        assert {entry.paid for entry in each["ledger"]} <= set(range(len(each["step_rewards"])))
    assert sums[1] < sums[0] == sums[2]
    assert group.result is not None
    assert not group.result.partial


def test_equal_to_scoring_the_recorded_group(tmp_path):
    group = GroupVectorEnv(GUESS, 3, reward=PROGRAM, max_turns=8, record=tmp_path / "g")
    try:
        sums, per_env, _ = play(group, lazy=(2,))
    finally:
        group.close()
    episodes = list(read_episodes(tmp_path / "g"))
    assert [each.head.group["index"] for each in episodes] == [0, 1, 2]
    found = score([each.records for each in episodes], PROGRAM)
    assert [each.total for each in found] == pytest.approx(list(sums))
    for each, info in zip(found, per_env, strict=True):
        assert each.settled == pytest.approx(info["step_rewards"])
    share = episodes[0].records[-1]["group:rloo(outcome)"]
    assert share == pytest.approx(found[0].late["group:rloo(outcome)"])


def test_an_invalid_member_takes_no_part(monkeypatch):
    group = GroupVectorEnv(GUESS, 3, reward="rloo", max_turns=8)
    try:
        broken = group.envs[1].unwrapped

        def fail():
            raise InfraError("container", "it died")

        group.reset(seed=1)
        monkeypatch.setattr(broken, "facts", fail)
        while True:
            actions = ["hm" if i else answers(env) for i, env in enumerate(group.envs)]
            actions = [a if a is not None else "hm" for a in actions]
            _, rewards, terminated, _, infos = group.step(actions)
            if terminated.all():
                break
    finally:
        group.close()
    first, second, third = infos["per_env"]
    assert not second["valid"]
    assert second["invalid_reason"] == "container"
    assert second["ledger"] == ()
    assert (first["group"]["valid"], first["group"]["partial"]) == (2, True)
    assert first["group"]["dropped"] == (("1", "container"),)
    assert rewards[1] == 0.0
    assert fsum(first["step_rewards"]) == -fsum(third["step_rewards"]) > 0


def test_misuse_is_named():
    with pytest.raises(ConfigError, match=r"size must be 1 or more, got 0"):
        GroupVectorEnv(GUESS, 0)
    with pytest.raises(ConfigError, match="unknown reward preset 'tournamnt'.*Did you mean"):
        GroupVectorEnv(GUESS, 2, reward="tournamnt")
    with pytest.raises(EvidenceError, match="needs evidence 'utility'"):
        GroupVectorEnv(GUESS, 2, reward=Program("u", GroupNormalised(Source("utility", "episode"))))
    with pytest.raises(ConfigError, match="comparators must be a comparator"):
        GroupVectorEnv(GUESS, 2, reward="rloo", comparators=3)
    group = GroupVectorEnv(GUESS, 2, reward="rloo")
    try:
        with pytest.raises(ResetNeeded):
            group.step(["a", "b"])
        with pytest.raises(ConfigError, match="shares one seed"):
            group.reset(seed=[1, 2])
        with pytest.raises(ConfigError, match="reset whole"):
            group.reset(seed=1, options={"reset_mask": [True, False]})
        group.reset()
        with pytest.raises(ConfigError, match="step needs 2 actions, got 1"):
            group.step(["a"])
    finally:
        group.close()


class Down:
    """A judge whose machine is gone."""

    name = "down"

    def compare(self, pairs):
        raise InfraError("judge", "no answer")


JUDGED = Program("cup", Tournament(OUTCOME, comparator="judge"))


def test_a_judge_that_fails_rewards_nobody():
    group = GroupVectorEnv(GUESS, 2, reward=JUDGED, comparators=Down(), max_turns=3)
    try:
        sums, per_env, _ = play(group)
        assert list(sums) == [0.0, 0.0]
        assert [each["invalid_reason"] for each in per_env] == ["judge", "judge"]
        assert not any(each["valid"] for each in per_env)
        assert per_env[0]["group"]["dropped"] == (("0", "judge"), ("1", "judge"))
        assert group.result is None
        group.reset(seed=1)  # the next group is a new chance
    finally:
        group.close()


def test_a_missing_judge_is_named_before_anything_is_played():
    with pytest.raises(ConfigError, match=r"needs a comparator: unknown comparator 'judge'"):
        GroupVectorEnv(GUESS, 2, reward=JUDGED)
    with pytest.raises(ConfigError, match=r"unknown comparator 'judge'; allowed: jugde"):
        GroupVectorEnv(GUESS, 2, reward=JUDGED, comparators={"jugde": Down()})


def test_seeds_and_sizes_of_numpy():
    group = GroupVectorEnv(GUESS, np.int64(2), reward="rloo")
    try:
        first, _ = group.reset(seed=7)
        assert group.reset(seed=np.uint32(7))[0] == first
        for wrong in (True, 1.0, np.array([1])):
            with pytest.raises(ConfigError, match="one integer"):
                group.reset(seed=wrong)
        with pytest.raises(ConfigError, match=r"options\['group'\] must be"):
            group.reset(seed=1, options={"group": {"id": "x", "index": 0}})
    finally:
        group.close()


def test_a_group_that_cannot_begin_is_closed(monkeypatch):
    group = GroupVectorEnv(GUESS, 2, reward="rloo", max_turns=3)

    def fail(**_):
        raise InfraError("container", "no room")

    try:
        group.reset(seed=1)
        with monkeypatch.context() as patch:
            patch.setattr(group.envs[0], "reset", fail)
            _, infos = group.reset(seed=1)
            assert list(infos["waiting"]) == [True, False]
            assert infos["per_env"][0]["invalid_reason"] == "container"
            assert infos["per_env"][0]["turn"] == 0
            patch.setattr(group.envs[1], "reset", fail)
            with pytest.raises(InfraError):
                group.reset(seed=1)
            with pytest.raises(ResetNeeded):
                group.step(["a", "b"])
        play(group)
    finally:
        group.close()


@pytest.mark.parametrize("form", ["single", "swiss", "double", "sparse_bt"])
def test_rescoring_plays_the_same_tournament(tmp_path, form):
    progress = Source("turn", "episode")
    cup = Program("cup", Tournament(progress, format=form))
    group = GroupVectorEnv(GUESS, 6, reward=cup, max_turns=6, record=tmp_path / "g")
    try:
        sums, _, _ = play(group, lazy=(1, 4))
    finally:
        group.close()
    assert [each.total for each in rescore(tmp_path / "g", cup)] == list(sums)
