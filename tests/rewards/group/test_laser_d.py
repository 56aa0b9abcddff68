import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.rewards import Program, Source, score
from envgym.rewards.group.laser_d import (
    LaserTargets,
    difficulty,
    laser_d,
    laser_d_rewards,
    smallest_target,
)
from envgym.rewards.map.length import laser
from envgym.types import ConfigError

RIGHT, TOKENS = Source("right", "episode", 0, 1), Source("tokens", "episode", lo=0)
LOOPS, FORM = Source("loops", "episode", 0, 1), Source("form", "episode", 0, 1)
TARGETS = LaserTargets(1000, 4000, 8000)
rows = st.lists(
    st.tuples(*[st.sampled_from([0.0, 1.0])] * 3, st.sampled_from([900, 1000, 3999, 5000, 9000])),
    min_size=1,
    max_size=6,
)


def totals(node, table):
    ends = [{"right": y, "loops": r, "form": f, "tokens": n, "end": "task"} for y, r, f, n in table]
    return [
        each.total for each in score([[{"end": None}, end] for end in ends], Program("p", node))
    ]


def plain(right, lengths):
    return [(y, 0.0, 1.0, n) for y, n in zip(right, lengths, strict=True)]


def test_cookbook_b10_laser_d():
    node = laser_d(RIGHT, TOKENS, TARGETS)
    assert totals(node, plain([1, 1, 1], [900, 1100, 9000])) == [1.5, 1.0, 1.0]  # easy: 1000
    assert totals(node, plain([1, 0, 0], [3000, 900, 9000])) == [1.5, -0.5, -0.5]  # medium: 4000
    assert totals(node, plain([1, 0, 0, 0], [7000, 1, 1, 1])) == [1.5, -0.5, -0.5, -0.5]  # hard


def test_cookbook_b10_laser_de_pays_long_wrong_answers_that_do_not_loop():
    node = laser_d(RIGHT, TOKENS, TARGETS, repetitive=LOOPS)
    table = [(0, 0, 1, 9000), (0, 1, 1, 9000), (0, 0, 1, 900), (0, 1, 1, 900)]
    assert totals(node, table) == [0.0, -0.5, -0.5, -0.5]


def test_cookbook_b10_targets_from_a_monitor_set():
    # Of 5 expected correct answers one must fit: coverage 0.2; of 2: 0.5; of 1: all.
    lengths = [2000, 3000, 5000, 9000, 16000]
    monitor = {"easy": lengths, "medium": lengths, "hard": lengths}
    assert LaserTargets().updated(monitor) == LaserTargets(2048, 5120, 16384)
    assert smallest_target([10**6], 5) == 16384


def test_targets_start_at_the_longest_and_must_be_lengths():
    assert LaserTargets() == LaserTargets(16384, 16384, 16384)
    assert LaserTargets(0.5, 1, 1).of("easy") == 0.5
    with pytest.raises(ConfigError, match="hard must be a length above 0, got inf"):
        LaserTargets(hard=float("inf"))


def test_a_class_without_answers_keeps_its_target():
    targets = LaserTargets(3072, 4096, 8192)
    assert targets.updated({}) == targets
    assert targets.updated({"hard": []}) == targets
    assert targets.updated({"hard": [100]}).hard == 2048


@pytest.mark.parametrize("size", range(1, 10))
def test_the_thresholds_are_exact_thirds(size):
    for right in range(size + 1):
        expected = "easy" if 3 * right >= 2 * size else "medium" if 3 * right >= size else "hard"
        assert difficulty(right / size) == expected


@settings(deadline=None, max_examples=60)
@given(rows, st.booleans(), st.booleans())
def test_node_and_array_agree(table, explore, formed):
    right, loops, form, lengths = zip(*table, strict=True)
    node = laser_d(
        RIGHT,
        TOKENS,
        TARGETS,
        repetitive=LOOPS if explore else None,
        well_formed=FORM if formed else None,
    )
    out = laser_d_rewards(
        right,
        lengths,
        TARGETS,
        repetitive=loops if explore else None,
        well_formed=form if formed else None,
    )
    assert totals(node, table) == out.tolist()


@settings(deadline=None, max_examples=30)
@given(rows)
def test_l8_equal_targets_are_laser_and_correct_beats_wrong(table):
    same = LaserTargets(4000, 4000, 4000)
    assert totals(laser_d(RIGHT, TOKENS, same), table) == totals(laser(RIGHT, TOKENS, 4000), table)
    for node in (
        laser_d(RIGHT, TOKENS, TARGETS),
        laser_d(RIGHT, TOKENS, TARGETS, repetitive=LOOPS),
    ):
        paid = totals(node, table)
        right = [r for r, (y, *_) in zip(paid, table, strict=True) if y]
        wrong = [r for r, (y, *_) in zip(paid, table, strict=True) if not y]
        assert all(r > w for r in right for w in wrong)


def test_l2_an_empty_group():
    assert laser_d_rewards([], [], TARGETS).tolist() == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: LaserTargets(easy=0), "easy must be a length above 0"),
        (lambda: TARGETS.updated({"heasy": [1]}), "Did you mean 'easy'"),
        (lambda: laser_d(RIGHT, TOKENS, TARGETS, bonus=1.5), "bonus must be from 0 to below"),
        (lambda: laser_d(RIGHT, TOKENS, TARGETS, malformed=0.0), "malformed must not exceed"),
        (lambda: laser_d(RIGHT, TOKENS, TARGETS, bonus=-0.1), "bonus must be from 0"),
        (lambda: laser_d_rewards([1], [1], TARGETS, bonus=1.5), "bonus must be from 0"),
        (lambda: laser_d_rewards([1], [1, 2], TARGETS), "must have one length"),
        (lambda: laser_d_rewards([1], [1], TARGETS, repetitive=[0.5]), "repetitive must be 0 or 1"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
