"""Learning curves of recorded episodes: equal seeds, lost turns, what cannot be compared."""

import pytest

import envgym  # noqa: F401  # registers ids
from envgym.agents.study.learning import learning_curves
from envgym.runtime import registry
from envgym.types import ConfigError, EpisodeFileError

TEXT = "envgym/FairThresholdText-v0"


@pytest.fixture
def play(tmp_path):
    """Return a function that records episodes of one message per turn."""

    def record(name, message, seeds, env_id=TEXT, keep=True, **arguments):
        folder = tmp_path / name
        arguments = {"horizon": 6, **arguments} if keep else arguments
        env = registry.make(
            env_id, disable_env_checker=True, record=folder, record_evidence="all", **arguments
        )
        for seed in seeds:
            env.reset(seed=seed)
            over = False
            while not over:
                _, _, terminated, truncated, _ = env.step(message)
                over = terminated or truncated
        env.close()
        return folder

    return record


def test_only_seeds_that_all_played_count(play):
    folders = [
        play("high", "<action>10</action>", [0, 1, 2]),
        play("low", "<action>0</action>", [1, 2, 3], wording=1, memory="raw"),
    ]
    found = learning_curves(TEXT, folders)
    assert found.agents == ("high", "low")
    assert [seed for seed, _ in found.keys] == [1, 2]
    assert found.expected.shape == found.violation.shape == (2, 2, 6)
    # Threshold 1 accepts nobody: reward 0, and the floor of service (.35) is broken in full.
    assert (found.expected[0] == 0.0).all()
    assert found.violation[0] == pytest.approx(0.35)
    assert (found.expected[1] > 0.0).all() and (found.violation[1] == 0.0).all()
    assert found.lost == (0, 0)


def test_lost_turns_earn_nothing_and_are_counted(play):
    found = learning_curves(TEXT, [play("silent", "I pass.", [4])])
    assert found.lost == (6,) and not found.expected.any() and not found.violation.any()


def test_what_cannot_be_compared_is_refused(play, tmp_path):
    one = play("one", "<action>3</action>", [0])
    with pytest.raises(ConfigError, match="equal --seed"):
        learning_curves(TEXT, [one, play("two", "<action>3</action>", [7])])
    with pytest.raises(ConfigError, match="different settings"):
        learning_curves(TEXT, [one, play("three", "<action>3</action>", [0], horizon=7)])
    with pytest.raises(ConfigError, match="two folders are named 'one'"):
        learning_curves(TEXT, [one, one])
    with pytest.raises(EpisodeFileError, match="no finished episode"):
        learning_curves("envgym/CoverageText-v0", [one])
    with pytest.raises(EpisodeFileError):
        learning_curves(TEXT, [tmp_path / "nowhere"])
