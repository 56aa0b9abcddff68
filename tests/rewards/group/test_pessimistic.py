import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.group.pessimistic import choose, pessimistic
from envgym.types import ConfigError

counts = st.lists(st.tuples(st.floats(0, 1), st.integers(1, 9)), min_size=1, max_size=5)


def test_cookbook_d10():
    # 16 samples, 4 verifications each; the five others gave a third answer.
    lower = pessimistic([0.8, 0.75, 0.0], [1, 10, 5], 4)
    assert lower[:2] == pytest.approx([0.717, 0.740], abs=1e-3)
    answers = ["rare"] + ["common"] * 10 + ["other"] * 5
    scores = [[0.8] * 4] + [[0.75] * 4] * 10 + [[0.0] * 4] * 5
    choice = choose(answers, scores)
    assert choice.answer == "common"
    assert choice.value == pytest.approx(0.740, abs=1e-3)


@given(counts, st.integers(1, 8), st.floats(0, 1))
def test_the_estimate_is_below_the_score_and_rises_with_it(table, runs, alpha):
    scores, votes = zip(*table, strict=True)
    lower = pessimistic(scores, votes, runs, alpha)
    assert all(x <= s for x, s in zip(lower, scores, strict=True))
    assert pessimistic([s + 0.5 for s in scores], votes, runs, alpha) == pytest.approx(lower + 0.5)


@given(counts, st.integers(1, 8))
def test_l8_alpha_zero_is_the_score(table, runs):
    scores, votes = zip(*table, strict=True)
    assert pessimistic(scores, votes, runs, 0.0).tolist() == list(scores)


@given(st.floats(0, 1), st.integers(1, 8), st.integers(1, 8))
def test_of_equal_scores_the_one_with_more_votes_wins(score, few, more):
    low, high = pessimistic([score, score], [few, few + more], 3)
    assert low < high


def test_samples_without_an_answer_do_not_count_and_ties_go_to_the_first():
    assert choose([], []).answer is None
    assert choose([None], [[1.0]]).value is None
    assert choose(["a", None, "b"], [[1.0], [], [1.0]]).answer == "a"
    assert pessimistic([], [], 1).tolist() == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pessimistic([1], [0], 1), "votes must be whole numbers"),
        (lambda: pessimistic([1], [1.5], 1), "votes must be whole numbers"),
        (lambda: pessimistic([1], [1], 0), "verifications must be at least 1"),
        (lambda: pessimistic([1], [1], 1, -1), "alpha must be at least 0"),
        (lambda: pessimistic([1, 2], [1], 1), "must have one length"),
        (lambda: choose(["a"], []), "one list of scores per answer"),
        (lambda: choose(["a", "b"], [[1], [1, 2]]), "equally many scores"),
        (lambda: choose(["a"], [[float("nan")]]), "must be finite"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
