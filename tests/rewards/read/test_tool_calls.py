import subprocess
import sys
from itertools import permutations
from time import perf_counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from envgym.rewards import Program
from envgym.rewards.read.assignment import best_assignment
from envgym.rewards.read.overlaps import multiset_jaccard
from envgym.rewards.read.tag_format import TagFormat
from envgym.rewards.read.tool_calls import ToolCalls, tool_rl
from envgym.rewards.source import Source
from envgym.types import ConfigError, EvidenceError

values = st.integers(0, 2) | st.sampled_from(["x", "y"]) | st.tuples(st.integers(0, 1))
arguments = st.dictionaries(st.sampled_from("abc"), values, max_size=3).map(
    lambda d: tuple(sorted(d.items()))
)
calls = st.lists(st.tuples(st.sampled_from(["find", "book"]), arguments), max_size=4).map(tuple)
variants = st.sampled_from(["fine", "strict", "intermediate", "coarse"])


def value(pred, gold, **options):
    return ToolCalls(**options).read({"calls": pred, "gold_calls": gold})


def test_cookbook_a4():
    gold = (("book", (("city", "Rome"), ("day", 3))),)
    # S = 1 name + 1 argument names + 1 value = 3 of S_max = 4.
    assert value((("book", (("city", "Rome"), ("day", 4))),), gold) == pytest.approx(1.5)
    assert value(gold, gold) == 3
    assert value((), gold) == -3


def brute(pred, gold):
    """The formula with every assignment tried."""
    total = 0.0
    slots = list(range(len(pred))) + [None] * len(gold)
    for chosen in set(permutations(slots, len(gold))):
        score = 0.0
        for (name, pairs), j in zip(gold, chosen, strict=True):
            if j is None or pred[j][0] != name:
                continue
            want, have = dict(pairs), dict(pred[j][1])
            score += multiset_jaccard(list(want), list(have))
            score += sum(
                k in have and type(have[k]) is type(v) and have[k] == v for k, v in want.items()
            )
        total = max(total, score)
    names = multiset_jaccard([c[0] for c in pred], [c[0] for c in gold])
    return (names + total) / (1 + sum(1 + len(pairs) for _, pairs in gold))


@given(calls.filter(lambda c: len(c) <= 3), calls.filter(lambda c: len(c) <= 3))
def test_the_assignment_is_the_best_one(pred, gold):
    assert value(pred, gold) == pytest.approx(6 * brute(pred, gold) - 3)


@given(calls, calls, variants)
def test_l1_and_l8_stay_in_range_and_gold_is_best(pred, gold, variant):
    assert -3 <= value(pred, gold, variant=variant) <= 3
    assert value(gold, gold, variant=variant) == 3
    assert value(pred, gold, variant=variant, lo=0, hi=1) == pytest.approx(
        (value(pred, gold, variant=variant) + 3) / 6
    )


@given(calls, calls, variants, st.randoms(use_true_random=False))
def test_permuting_calls_or_arguments_changes_nothing(pred, gold, variant, random):
    mixed = [(name, tuple(random.sample(pairs, len(pairs)))) for name, pairs in pred]
    random.shuffle(mixed)
    before = value(pred, gold, variant=variant)
    assert value(tuple(mixed), gold, variant=variant) == pytest.approx(before)
    wanted = list(gold)
    random.shuffle(wanted)
    assert value(pred, tuple(wanted), variant=variant) == pytest.approx(before)


@given(calls, calls)
def test_only_the_gold_calls_reach_the_top(pred, gold):
    assume(sorted(map(repr, pred)) != sorted(map(repr, gold)))
    for variant in ("fine", "strict", "intermediate", "coarse"):
        assert value(pred, gold, variant=variant) < 3


def test_greedy_order_would_lose():
    gold = (("f", (("a", 1),)), ("f", (("a", 1), ("b", 2))))
    pred = (("f", (("a", 1), ("b", 2))), ("f", (("a", 1),)))
    assert value(pred, gold) == 3


def test_variants():
    gold = (("f", (("a", 1), ("b", 2))), ("g", ()))
    half = (("f", (("a", 1), ("c", 2))), ("g", ()))
    # S_max = 1 + 3 + 1; fine: names 1, f 1/3 + 1, g 1.
    assert value(half, gold, lo=0, hi=1) == pytest.approx((1 + 1 / 3 + 1 + 1) / 5)
    assert value(half, gold, lo=0, hi=1, variant="strict") == pytest.approx((1 + 0 + 1 + 1) / 5)
    assert value(half, gold, lo=0, hi=1, variant="intermediate") == pytest.approx((1 + 1) / 3)
    assert value(half, gold, lo=0, hi=1, variant="coarse") == 0


@pytest.mark.parametrize(
    "broken",
    [("f(1)",), (("f",),), ((3, ()),), (("f", "a=1"),), (("f", (("a", 1), ("a", 2))),)],
)
def test_unparsable_calls_are_worst_and_unparsable_gold_is_an_error(broken):
    gold = (("f", (("a", 1),)),)
    assert value(broken, gold) == -3
    with pytest.raises(EvidenceError, match="'gold_calls' must hold"):
        value(gold, broken)


def test_l1_the_gold_calls_are_worth_hi_to_the_last_bit():
    gold = (("f", (("a", 1),)),)
    assert -0.1 + (0.3 - -0.1) > 0.3
    assert value(gold, gold, lo=-0.1, hi=0.3) == 0.3


def test_no_gold_calls_and_unknown_evidence():
    assert value((), ()) == 3
    assert value((("f", ()),), ()) == -3
    assert value(None, ()) is None
    assert value((), None) is None
    # True is not 1, and a list is a tuple.
    assert value([["f", [["a", True]]]], (("f", (("a", 1),)),), lo=0, hi=1) == pytest.approx(2 / 3)


@given(st.integers(1, 4), st.integers(1, 5), st.data())
def test_the_assignment_is_the_best_of_all(rows, columns, data):
    entry = st.sampled_from([0.0, 1.0, 1.5]) | st.floats(0, 4)
    line = st.lists(entry, min_size=columns, max_size=columns)
    worth = data.draw(st.lists(line, min_size=rows, max_size=rows))
    table = worth if rows <= columns else list(zip(*worth, strict=True))
    best = max(
        sum(table[i][j] for i, j in enumerate(chosen))
        for chosen in permutations(range(len(table[0])), len(table))
    )
    assert best_assignment(worth) == pytest.approx(best)
    assert best_assignment(list(zip(*worth, strict=True))) == pytest.approx(best)


def test_nothing_to_assign():
    assert best_assignment([]) == best_assignment([[], []]) == 0


def test_spraying_guesses_lowers_the_name_term_alone_and_takes_no_time():
    gold = (("f", tuple((f"a{k}", k) for k in range(9))),)
    guesses = tuple(("f", tuple((f"a{k}", k + g) for k in range(9))) for g in range(100))
    assert value(guesses, gold, lo=0, hi=1) == pytest.approx((0.01 + 10) / 11)
    assert value(guesses, gold, lo=0, hi=1, variant="coarse") == 0
    start = perf_counter()
    value(guesses * 20, gold * 5)
    assert perf_counter() - start < 2


FORM = TagFormat("think tool_call")


def test_tool_rl_adds_the_format_and_follows_the_schedule():
    gold = (("f", ()),)
    record = {"calls": gold, "gold_calls": gold}
    well = record | {"message": "<think>so</think><tool_call>f</tool_call>"}
    assert tool_rl(FORM).settle([well, well, record | {"message": "f"}])[1] == (4, 3)
    for step, expected in ((0, 4), (75, 4), (150, 4), (300, 4)):
        assert tool_rl(FORM, step=step).settle([well, well])[0] == pytest.approx(expected)
    bad = record | {"message": "f", "calls": ()}
    for step, expected in ((0, -4), (75, -3.5), (150, -4), (300, -4)):
        assert tool_rl(FORM, step=step).settle([bad, bad])[0] == pytest.approx(expected)
    program = Program("tool_rl", tool_rl(FORM, step=75))
    assert Program.from_spec(program.spec()) == program


def test_bad_arguments():
    with pytest.raises(ConfigError, match=r"ToolCalls.lo must be below hi, got 1 and 1"):
        ToolCalls(lo=1, hi=1)
    with pytest.raises(ConfigError, match=r"tool_rl.step must be 0 or more, got -1"):
        tool_rl(FORM, step=-1)
    with pytest.raises(ConfigError, match=r"tool_rl.form must lie in \[0, 1\]"):
        tool_rl(Source("format", lo=-1, hi=1))


def test_without_scipy_the_node_is_refused_when_it_is_made():
    code = (
        "import sys\n"
        "sys.modules['scipy'] = None\n"
        "import importlib.util\n"
        "real = importlib.util.find_spec\n"
        "import envgym.rewards.read.assignment as a\n"
        "a.find_spec = lambda name: None if name == 'scipy' else real(name)\n"
        "from envgym.rewards import ToolCalls\n"
        "ToolCalls()\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "pip install 'envgym[stats]'" in run.stderr.splitlines()[-1]
