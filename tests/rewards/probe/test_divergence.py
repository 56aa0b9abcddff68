import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Program, Source
from envgym.rewards.probe.divergence import Divergence, DivergenceMonitor, Evaluation, repetition
from envgym.types import ConfigError, EvidenceError


def after(monitor, *evaluations):
    for evaluation in evaluations:
        monitor = monitor.updated(Evaluation(*evaluation))
    return monitor


SMALL = DivergenceMonitor(window=4)


def test_cookbook_h9():
    assert after(SMALL, (0, 1), (0, 1), (1, 0), (1, 0)).alarms == ("divergence",)


@pytest.mark.parametrize(
    "rows",
    [
        [(0, 1), (0, 1), (1, 1), (1, 1)],  # both, or one alone
        [(0, 0), (0, 0), (1, 1), (1, 1)],
        [(1, 1), (1, 1), (1, 0), (1, 0)],
        [(0, 1), (0, 1), (1, 0)],  # not full yet
    ],
)
def test_no_divergence(rows):
    assert after(SMALL, *rows).alarms == ()


def test_a_change_within_the_noise_is_none():
    noisy = [(0, 1), (2, 0), (1, 0.5), (2, 0)]
    assert after(SMALL, *noisy).alarms == ()
    assert after(DivergenceMonitor(window=4, z=0.0), *noisy).alarms == ("divergence",)


def test_length_repetition_and_flat_groups():
    rows = [(0, 0, 10, 0.1, 0.2)] * 2 + [(0, 0, 16, 0.4, 1e-5)] * 2
    assert after(SMALL, *rows).alarms == ("length", "repetition", "group_std")
    assert after(SMALL, *[(0, 0, 10, 0.1, 0.2)] * 4).alarms == ()
    shrunk = [(0, 0, 10)] * 2 + [(0, 0, 4)] * 2
    assert after(SMALL, *shrunk).alarms == ("length",)


@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), max_size=12))
def test_state_is_bounded_and_survives_json(rows):
    monitor = after(SMALL, *rows)
    assert len(monitor.seen) <= 4
    again = DivergenceMonitor(**json.loads(json.dumps(monitor.to_json())))
    assert again == monitor
    assert again.alarms == monitor.alarms


def test_repetition():
    assert repetition("a b c d e f") == 0.0
    assert repetition("go on " * 4, n=2) == pytest.approx(5 / 7)
    assert repetition("short") == 0.0


def recorded(*pairs, key="gold"):
    return [[{"end": None}, {"a": a, key: b, "end": "task"}] for a, b in pairs]


PROGRAM = Program("p", Source("a", "episode"))


def test_the_probe_over_recorded_episodes():
    rows = [(0, 1), (0, 1), (1, 0), (1, 0), (1, 0), (1, 0)]
    report = Divergence(SMALL, "gold").run(PROGRAM, recorded(*rows))
    assert report.metric == pytest.approx(1 / 3)  # later windows see noise, then no change
    assert not report.passed
    assert report.detail["alarms.divergence"] == 1.0
    halved = Divergence(SMALL, "gold", batch=2).run(PROGRAM, recorded(*rows))
    assert (halved.passed, halved.metric) == (False, 0.0)
    assert halved.notes == ("3 evaluations do not fill a window of 4",)


def test_messages_are_read_where_they_are_recorded():
    loop = [{"end": None}, {"a": 1, "gold": 1, "message": "go on " * 9, "end": "task"}]
    report = Divergence(SMALL, "gold").run(PROGRAM, [loop] * 4)
    assert report.detail["alarms.repetition"] == 1.0


def test_episodes_without_a_number_do_not_count():
    report = Divergence(SMALL, "gold").run(PROGRAM, recorded((None, 1), (1, None), (1, 1)))
    assert len(report.rows) == 1


def test_more_evaluations_make_smaller_changes_count():
    """Halves of four: means 1 and 3, each with a squared standard error of 1/3."""
    rows = [(0, 3), (2, 5)] * 2 + [(2, 1), (4, 3)] * 2
    assert after(DivergenceMonitor(window=8, z=2.4), *rows).alarms == ("divergence",)
    assert after(DivergenceMonitor(window=8, z=2.5), *rows).alarms == ()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: DivergenceMonitor(window=5), ConfigError, "even number of 4 or more"),
        (lambda: DivergenceMonitor(z=-1), ConfigError, "z must be 0"),
        (lambda: SMALL.updated(Evaluation(float("nan"), 0)), ConfigError, "total must be finite"),
        (lambda: Divergence(batch=0), ConfigError, "batch must be 1 or more"),
        (lambda: Divergence(SMALL).run(PROGRAM, recorded((1, 1))), EvidenceError, "'outcome'"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
