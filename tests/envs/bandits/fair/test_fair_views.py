"""Text view and pictures."""

import numpy as np
import pytest

from envgym.envs.bandits.fair import FairThresholdEnv, FairThresholdText
from envgym.envs.bandits.fair.render import figure


def test_text_tells_the_round_and_its_limits():
    env = FairThresholdText(noise="none")
    shown, info = env.reset(seed=1)
    assert shown.startswith("Round 1 of 50.\nThresholds 0 to 10. Rule: gap at most 0.08, serve")
    for word in ("50 rounds", "0.08", "35%", "group A and group B", "<action>5</action>"):
        assert word in info["system"]
    shown, *_ = env.step("<action>3</action>")
    first = shown.split("\n")[0]
    assert first == "Threshold 3 gave reward 0.531, gap -0.097 (over the limit), served 92.3% (ok)."
    assert "3 | 1 | 0.531 ± 0.134 | -0.097 ± 0.112 | 0.923 ± 0.056" in shown


def test_hidden_names_tell_no_story():
    for wording in (0, 1, 2):
        env = FairThresholdText(names="hidden", wording=wording, feedback="full", delay=1)
        shown, info = env.reset(seed=2)
        told = [shown, info["system"], *(env.step("<action>2</action>")[0] for _ in range(3))]
        for word in ("lend", "loan", "group", "threshold", "applicant", "gap", "served"):
            assert word not in "\n".join(told).lower().replace("gaps", "")


@pytest.mark.parametrize("wording", [0, 1, 2])
@pytest.mark.parametrize("names", ["shown", "hidden"])
def test_wordings_state_the_same_facts(names, wording):
    env = FairThresholdText(
        names=names, wording=wording, horizon=77, epsilon=0.13, floor=0.42, thresholds=9
    )
    _, info = env.reset(seed=0)
    floor = "42%" if names == "shown" else "0.42"
    for fact in ("77", "0.13", floor, "8", "<action>4</action>"):
        assert fact in info["system"]


@pytest.mark.parametrize("wording", [0, 1, 2])
def test_limits_are_told_as_they_are(wording):
    """A floor of 35.5 % is not told as 36 %, and one round is no rounds."""
    env = FairThresholdText(wording=wording, floor=0.355, delay=1)
    shown, info = env.reset(seed=0)
    assert "35.5%" in info["system"]
    assert "at least 35.5%." in shown
    assert "1 round later" in info["system"]


def test_a_limit_that_is_just_kept_is_ok():
    env = FairThresholdText()
    assert env._told((0.4, -0.08, 0.35)) == "reward 0.400, gap -0.080 (ok), served 35.0% (ok)"
    assert "gap +0.081 (over the limit)" in env._told((0.4, 0.0801 + 0.0005, 0.35))
    assert env._told((0.4, 0.0, 0.3499)).endswith("(under the limit)")


@pytest.mark.parametrize(("names", "what"), [("shown", "gap"), ("hidden", "x")])
def test_the_rules_say_when_the_gap_has_no_sign(names, what):
    told = f"Only the size of the {what} is shown."
    for absolute in (False, True):
        env = FairThresholdText(names=names, absolute=absolute, noise="none")
        assert (told in env.reset(seed=0)[1]["system"]) is absolute
        first = env.step("<action>3</action>")[0].split("\n")[0]
        assert f"{what} {'' if absolute else '-'}0.097" in first


def test_delayed_outcomes_are_not_told_early():
    env = FairThresholdText(delay=2, noise="none")
    env.reset(seed=1)
    for action in (3, 0):
        shown, *_ = env.step(f"<action>{action}</action>")
        assert "No result is known yet." in shown
        assert "reward" not in shown
    shown, *_ = env.step("<action>5</action>")
    assert shown.startswith("Threshold 5 is set. Round 1, 3, gave reward 0.531, gap -0.097")


def test_full_feedback_lists_every_threshold():
    env = FairThresholdText(feedback="full", thresholds=5)
    env.reset(seed=1)
    shown, *_ = env.step("<action>1</action>")
    lines = shown.split("\n")
    assert lines[1] == "What each would have given:"
    assert [line[:2] for line in lines[2:7]] == ["0:", "1:", "2:", "3:", "4:"]
    assert lines[3].removeprefix("1: ") == lines[0].removeprefix("Threshold 1 gave ")[:-1]


def test_an_unplayable_action_leaves_the_world_alone():
    env = FairThresholdText()
    env.reset(seed=1)
    shown, reward, *_, info = env.step("<action>11</action>")
    assert reward == 0.0
    assert info["evidence"]["share"] == 0.5
    assert info["evidence"]["rounds"] == 0
    assert "from 0 to 10, got 11" in shown


def test_the_expert_plays_the_oracle():
    env = FairThresholdText(regime="synthetic-tension", horizon=5)
    env.reset(seed=1)
    assert env.oracle() == f"<action>{env.core.swept.best}</action>"
    numeric = FairThresholdEnv()
    numeric.reset(seed=1)
    assert numeric.expert_actions() == 11


def test_picture_shows_rewards_feasible_set_and_path():
    env = FairThresholdEnv(render_mode="ansi", thresholds=11, noise="none")
    env.reset(seed=0)
    for _ in range(40):
        env.step(2)
    lines = env.render().split("\n")
    assert lines[0] == "FairThreshold synthetic-aligned, round 40 of 1000"
    rows = {line.split("|")[0].strip(): line.split("|")[1] for line in lines if "|" in line}
    assert rows["feasible"] == "===        "
    assert rows["played"] == "  @        "
    assert rows["oracle"].index("o") == env.core.swept.best
    assert "rounds 0 to 40" in lines[-1]
    assert all(len(line) < 90 for line in lines)


def test_the_path_stays_short():
    env = FairThresholdEnv(horizon=5000)
    env.reset(seed=0)
    for _ in range(1500):
        env.step(9)
    path = env.scalar.path
    assert len(path) <= 129
    assert path[0] == (0, 0.5)
    assert [t for t, _ in path] == sorted({t for t, _ in path})


def test_figure_draws_thresholds_and_paths():
    env = FairThresholdEnv(regime="synthetic-tension")
    env.reset(seed=0)
    for _ in range(30):
        env.step(22)
    counts = [env.scalar.plays.get(i, 0) for i in range(41)]
    made = figure(env.core, {"free": env.scalar.path}, {"free": counts})
    left, right, *_ = made.axes
    assert left.get_xlabel() == "threshold"
    np.testing.assert_array_equal(left.lines[0].get_ydata(), env.core.swept.rewards)
    assert right.lines[-1].get_ydata()[0] == 0.5
