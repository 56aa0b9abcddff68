"""The seven scales and the scores on them."""

import pytest

from envgym.runtime.games.social import DIMENSIONS, SocialScores
from envgym.types import ConfigError

RANGES = {
    "believability": (0, 10),
    "relationship": (-5, 5),
    "knowledge": (0, 10),
    "secret": (-10, 0),
    "social_rules": (-10, 0),
    "financial": (-5, 5),
    "goal": (0, 10),
}
"""Sotopia's, seen."""


def test_the_ranges_are_sotopias():
    assert {name: (scale.lo, scale.hi) for name, scale in DIMENSIONS.items()} == RANGES


def test_what_is_measured_goes_before_what_is_judged():
    measured, judged = SocialScores(goal=7.0), SocialScores(goal=1.0, relationship=-2.0)
    assert measured.filled(judged) == SocialScores(goal=7.0, relationship=-2.0)
    assert measured.filled(judged).overall == 2.5
    assert SocialScores().overall is None


@pytest.mark.parametrize(("name", "value"), [("secret", 0.5), ("goal", 10.5), ("financial", -6.0)])
def test_a_score_out_of_range_is_refused(name, value):
    lo, hi = RANGES[name]
    with pytest.raises(ConfigError, match=f"'{name}' must be from {lo} to {hi}, got {value}"):
        SocialScores(**{name: value})
