import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Program, Source, score
from envgym.rewards.group.copeland import Copeland
from envgym.types import ConfigError

FACTORS = (Source("tests", "episode"), Source("style", "episode"))
NODE = Copeland(FACTORS, (0.15, 0.0))
CYCLE = [(1.0, 0.0), (0.8, 0.8), (0.9, 0.7)]
vectors = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=6)


def episode(tests, style):
    return [{"end": None}, {"tests": tests, "style": style, "end": "task"}]


def test_cookbook_c9_the_cycle_is_broken():
    (first, second, third) = CYCLE
    assert [NODE.beats(*pair) for pair in ((first, second), (second, third), (third, first))] == [
        1,
        1,
        1,
    ]
    assert NODE.over(CYCLE) == (0.5, 0.5, 0.5)
    assert NODE.cycles(CYCLE) == 1


@given(vectors)
def test_shares_are_in_bounds_and_sum_to_half_the_group(group):
    shares = NODE.over(group)
    assert all(0 <= s <= 1 for s in shares)
    assert sum(shares) == pytest.approx(len(group) / 2)


@given(vectors, st.randoms(use_true_random=False))
def test_l4_permuting_the_group_permutes_the_shares(group, shuffler):
    order = list(range(len(group)))
    shuffler.shuffle(order)
    shares = NODE.over(group)
    assert NODE.over([group[i] for i in order]) == tuple(shares[i] for i in order)


@given(vectors)
def test_without_margins_it_ranks_lexicographically_and_never_cycles(group):
    node = Copeland(FACTORS, (0.0, 0.0))
    shares = node.over(group)
    assert node.cycles(group) == 0
    for one, s in zip(group, shares, strict=True):
        for other, t in zip(group, shares, strict=True):
            assert (one > other) == (s > t)


def test_l2_small_groups():
    assert NODE.over([]) == ()
    assert NODE.over([(1.0, 1.0)]) == (0.5,)


def test_in_a_program_with_a_report_and_an_invalid_member():
    program = Program("heron", NODE)
    runs = [episode(*z) for z in CYCLE] + [episode(None, 1.0)]
    scored = score(runs, program)
    assert [s.total for s in scored] == [0.5, 0.5, 0.5, None]
    assert scored.report[NODE.key] == {
        "shares": {"0": 0.5, "1": 0.5, "2": 0.5},
        "cycles_of_three": 1,
    }
    assert Program.from_spec(program.spec()) == program


def test_bad_margins_are_named():
    with pytest.raises(ConfigError, match="one per factor, got 1 for 2"):
        Copeland(FACTORS, (0.1,))
    with pytest.raises(ConfigError, match="margins must be 0 or more"):
        Copeland(FACTORS, (-0.1, 0.0))
