import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Program, score
from envgym.rewards.group.groupmap import Group
from envgym.rewards.group.majority import Majority, co_reward, majority
from envgym.types import ConfigError, EvidenceError

answers = st.lists(st.sampled_from(["4", "4.", "5", "six", "", None]), max_size=7)


def shares(given, **options):
    group = [[{"end": None}, {"answer": a, "end": "task"}] for a in given]
    result = score(group, Program("self", Majority("answer", **options)))
    return [one.total for one in result], result


def test_cookbook_a14():
    assert shares(["4", "4.", "5"])[0] == [1, 1, 0]
    # Co-Reward: each side is judged by the other's label.
    assert co_reward(["4", "4", "5"], ["5", "5", "4"]) == ((0, 0, 1), (0, 0, 1))


def test_missing_empty_and_tied_answers():
    totals, result = shares(["4", "4", None, ""])
    assert totals == [1, 1, None, 0]
    assert result.report == {"group:majority(answer)": {"label": "4", "votes": 2, "voters": 2}}
    assert shares(["4", "5"])[0] == [0, 0]
    assert shares(["", ""])[0] == [0, 0]
    assert shares(["4"])[0] == [1]
    assert majority([]) is None
    assert Majority().compare(Group(members=())) == ()


def test_a_quorum_asks_for_more_than_a_plurality():
    assert shares(["4", "4", "5", "6", "7"])[0] == [1, 1, 0, 0, 0]
    assert shares(["4", "4", "5", "6", "7"], quorum=0.5)[0] == [0] * 5
    assert shares(["4", "4", "5", "6"], quorum=0.5)[0] == [1, 1, 0, 0]


@given(answers, st.randoms(use_true_random=False))
def test_l4_permuting_the_answers_permutes_the_rewards(given, random):
    order = random.sample(range(len(given)), len(given))
    found = co_reward(given, given)[0]
    mixed = [given[i] for i in order]
    assert co_reward(mixed, given)[0] == tuple(found[i] for i in order)
    assert majority(mixed) == majority(given)


@given(answers, answers)
def test_swapping_the_sides_swaps_the_rewards(a, b):
    assert co_reward(a, b) == co_reward(b, a)[::-1]
    for rewards, side in zip(co_reward(a, b), (a, b), strict=True):
        assert [r is None for r in rewards] == [answer is None for answer in side]
        assert set(rewards) <= {0.0, 1.0, None}


@given(answers)
def test_a_majority_has_more_votes_than_any_other(given):
    label = majority(given)
    votes = [a.rstrip(".") for a in given if a]
    counts = sorted((votes.count(v) for v in set(votes)), reverse=True)
    clear = bool(counts) and (len(counts) == 1 or counts[0] > counts[1])
    assert (label is not None) == clear
    if clear:
        assert votes.count(label) == counts[0]


def test_bad_input():
    with pytest.raises(ConfigError, match=r"quorum must be in \[0, 1\], got 2"):
        Majority(quorum=2)
    with pytest.raises(EvidenceError, match="'answer' must be text"):
        shares([3])
    with pytest.raises(ConfigError, match="group program"):
        Program("self", Majority()).open({"end": None})


def test_json():
    program = Program("self", Majority("label", 0.5))
    assert Program.from_spec(program.spec()) == program
    assert program.needs == {"label"}
    assert str(program) == "self: majority(label, 0.5)"
