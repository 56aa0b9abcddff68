"""What every node that compares rollouts promises."""

from math import isfinite

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.rewards import GroupNormalised, Program, ReduceSum, Source, score
from envgym.rewards.group.absolute import anchored
from envgym.rewards.group.amplified import Amplified
from envgym.rewards.group.bnpo import BetaNormalised
from envgym.rewards.group.grpo_lambda import grpo_lambda
from envgym.rewards.group.laser_d import LaserTargets, laser_d
from envgym.rewards.group.length import GroupLength
from envgym.rewards.group.mean import GroupMean
from envgym.rewards.group.pairing import Paired
from envgym.rewards.group.signed import signed
from envgym.rewards.group.trust_grpo import TrustGRPO
from envgym.rewards.group.turn_normalised import TurnNormalised
from envgym.rewards.group.unlikeliness import Unlikeliness
from envgym.rewards.group.verpo import CalibratedTests, verpo
from envgym.rewards.read.weighted_tests import WeightedTests
from envgym.types import Candidate

RIGHT = Source("right", "episode", 0, 1)
THOUGHT = Source("thought", "episode", 0, 1)
TOKENS = Source("tokens", "episode", lo=0)
STEP = Source("item", lo=0, hi=1)
NODES = {
    "grpo": GroupNormalised(RIGHT, "grpo", floor=0.1, ddof=1, clamp=True),
    "bnpo": BetaNormalised(RIGHT, 1.5, 2.0),
    "paired": Paired(RIGHT),
    "amplified": Amplified(RIGHT),
    "soft": Amplified(RIGHT, "soft", 0.5, top=2.0),
    "mean": GroupMean(RIGHT),
    "anchored": anchored(RIGHT),
    "lambda": grpo_lambda(RIGHT, RIGHT * 2.0),
    "signed": signed(RIGHT, 0.1),
    "turns": TurnNormalised(STEP, more_than=1),
    "turns std": TurnNormalised(STEP, "group", divide=True, more_than=0),
    "tests": CalibratedTests("tests"),
    "tests by sum": CalibratedTests("tests", by_sum=True),
    "frozen": WeightedTests("tests", (0.2, 0.3, 0.5)),
    "verpo": verpo("tests", RIGHT),
    "kimi": GroupLength(RIGHT, TOKENS),
    "normalised": GroupLength(RIGHT, TOKENS, "normalised"),
    "laser d": laser_d(RIGHT, TOKENS, LaserTargets(100, 200, 300)),
    "laser de": laser_d(RIGHT, TOKENS, LaserTargets(100, 200, 300), repetitive=THOUGHT),
    "unlikeliness": Unlikeliness(RIGHT, Source("mean_logprob", "episode", hi=0)),
    "trust": TrustGRPO(RIGHT, THOUGHT, at=100.0),
    "nested": GroupNormalised(ReduceSum(CalibratedTests("tests")), "dr_grpo"),
}
EACH = pytest.mark.parametrize("name", sorted(NODES))
RELATIVE = ("grpo", "bnpo", "paired", "turns", "turns std", "nested")
laws = settings(deadline=None, max_examples=25)


@st.composite
def rollouts(draw, least=0, most=6):
    """Ended episodes of 1 to 3 turns."""
    found = []
    for _ in range(draw(st.integers(least, most))):
        length = draw(st.integers(1, 3))
        records = [{"item": 0, "tests": (), "turn": 0, "end": None}]
        for turn in range(1, length + 1):
            results = tuple(draw(st.lists(st.booleans(), min_size=3, max_size=3)))
            item = draw(st.sampled_from([0.0, 0.5, 1.0]))
            records.append({"item": item, "tests": results, "turn": turn, "end": None})
        records[-1] |= {
            "right": float(draw(st.booleans())),
            "thought": draw(st.sampled_from([0.0, 0.25, 0.7, 1.0])),
            "tokens": draw(st.integers(1, 400)),
            "mean_logprob": -draw(st.integers(1, 9)) / 10,
            "end": "task",
        }
        found.append(records)
    return found


def scored(name, group):
    """Scores by id, given in the order of ``group``, a list of (id, records)."""
    result = score(
        [Candidate(id=i, records=r) for i, r in group], Program(name, NODES[name]), seed=1
    )
    return {each.id: (each.total, each.settled) for each in result}


def named(group):
    return [(f"r{i}", records) for i, records in enumerate(group)]


@EACH
@laws
@given(group=rollouts(), data=st.data())
def test_l4_the_order_of_the_rollouts_changes_nothing(name, group, data):
    rows = named(group)
    assert scored(name, data.draw(st.permutations(rows))) == scored(name, rows)


@EACH
@laws
@given(group=rollouts(), data=st.data())
def test_l4_neither_do_their_ids(name, group, data):
    others = data.draw(st.permutations([f"r{i}" for i in range(len(group))]))
    before = scored(name, named(group))
    after = scored(name, list(zip(others, group, strict=True)))
    for i, other in enumerate(others):
        assert after[other][0] == pytest.approx(before[f"r{i}"][0], abs=1e-12)


@EACH
@laws
@given(group=rollouts())
def test_l2_totals_are_finite_and_inside_the_bounds(name, group):
    bounds = Program(name, NODES[name]).bounds
    for total, settled in scored(name, named(group)).values():
        assert isfinite(total)
        assert bounds.lo - 1e-9 <= total <= bounds.hi + 1e-9
        assert sum(settled) == pytest.approx(total, abs=1e-9)


@EACH
@laws
@given(group=rollouts(), extra=rollouts(1, 2))
def test_l9_rollouts_that_were_cut_change_nothing(name, group, extra):
    cut = [
        (f"x{i}", [*records[:-1], records[-1] | {"end": None}]) for i, records in enumerate(extra)
    ]
    rows = named(group)
    with_cut = scored(name, cut + rows)
    assert all(with_cut[i][0] is None for i, _ in cut)
    assert {i: with_cut[i] for i, _ in rows} == scored(name, rows)


@pytest.mark.parametrize("name", RELATIVE)
@laws
@given(group=rollouts())
def test_relative_rewards_sum_to_zero(name, group):
    assert abs(sum(total for total, _ in scored(name, named(group)).values())) < 1e-9


@pytest.mark.parametrize("name", RELATIVE)
@laws
@given(group=rollouts(1, 1), copies=st.integers(1, 4))
def test_l2_equal_rollouts_and_one_alone_get_zero(name, group, copies):
    if name == "turns std":
        group = [[*group[0][:1], group[0][-1]]]  # turns of one rollout differ among themselves
    totals = [total for total, _ in scored(name, named(group * copies)).values()]
    assert totals == pytest.approx([0.0] * copies, abs=1e-9)


@EACH
@pytest.mark.parametrize("gone", ["right", "thought", "tokens", "mean_logprob", "item", "tests"])
def test_an_unknown_signal_is_invalid_and_never_zero(name, gone):
    ended = {"item": 1, "tests": (True, False, True), "turn": 1, "right": 1.0, "thought": 0.5}
    ended |= {"tokens": 50, "mean_logprob": -0.5, "end": "task"}
    start = {"item": 0, "tests": (), "turn": 0, "end": None}
    good, bad = [start, ended], [start, ended | {gone: None}]
    program = Program(name, NODES[name])
    alone = score([good], program)[0].total
    both = score([good, bad, bad], program)
    if gone in program.needs and not (name == "laser de" and gone == "thought"):
        assert [each.total for each in both] == [alone, None, None]
        assert both.partial
        assert all(each.total is None for each in score([bad, bad], program))


@EACH
def test_programs_survive_json_and_the_empty_group(name):
    program = Program(name, NODES[name])
    assert Program.from_spec(program.spec()) == program
    assert list(score([], program)) == []
    assert program.tree()


@pytest.mark.parametrize("name", [n for n in sorted(NODES) if n not in ("signed", "frozen")])
def test_group_programs_do_not_run_inside_step(name):
    assert Program(name, NODES[name]).phase == "group"
