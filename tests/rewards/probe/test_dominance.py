import pytest

from envgym.rewards import Dominance, Program, Source
from envgym.types import ConfigError

A, B = Source("a", "episode"), Source("b", "episode")


def episodes(*pairs):
    return [[{"end": None}, {"a": a, "b": b, "end": "task"}] for a, b in pairs]


def test_one_loud_component_fails():
    square = episodes((0, 0), (1, 0), (0, 1), (1, 1))
    report = Dominance().run(Program("p", A + 10.0 * B), square)
    assert report.passed is False
    assert report.metric == pytest.approx(100 / 101)
    assert Dominance().run(Program("p", A + B), square).detail == {"a": 0.5, "b": 0.5}


def test_nothing_varies_and_invalid_episodes_do_not_count():
    report = Dominance().run(Program("p", A + B), episodes((1, 1), (None, 5)))
    assert (report.metric, report.passed) == (0.0, True)


def test_the_limit_is_checked():
    with pytest.raises(ConfigError, match="limit must be 0 to 1"):
        Dominance(limit=2)
