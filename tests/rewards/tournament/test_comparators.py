import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import GroupNormalised, Source
from envgym.rewards.tournament.exact import ExactComparator
from envgym.rewards.tournament.export import Preference, large_margin
from envgym.rewards.tournament.fake import FakeComparator
from envgym.rewards.tournament.ranking import Played
from envgym.types import Candidate, Comparator, ConfigError

OUTCOME = Source("outcome", "episode", 0, 1)


def rollout(id, outcome=0.0):
    return Candidate(id=id, records=({}, {"outcome": outcome, "end": "task"}))


def judged(judge, a, b, **quality):
    return judge.compare([(rollout(a), rollout(b))])[0]


def test_exact_is_a_comparator_without_calls():
    judge = ExactComparator(OUTCOME)
    assert isinstance(judge, Comparator)
    matches = judge.compare([(rollout("a", 0.75), rollout("b", 0.5))] * 2)
    assert [(m.p, m.scores, m.calls, m.agreed) for m in matches] == [
        (1.0, (0.75, 0.5), 0, None)
    ] * 2
    assert ExactComparator(OUTCOME, 0.25).compare([(rollout("a", 0.75), rollout("b", 0.5))])[
        0
    ].p == pytest.approx(0.5)


def test_exact_does_not_guess_what_is_invalid():
    pair = (rollout("a", None), rollout("b", 0.5))
    assert ExactComparator(OUTCOME).compare([pair])[0].p is None


def test_equal_names_mean_equal_answers():
    names = {
        ExactComparator(OUTCOME).name,
        ExactComparator(OUTCOME, 0.1).name,
        ExactComparator(Source("outcome", "episode")).name,
        ExactComparator(Source("progress", "episode")).name,
    }
    assert len(names) == 4
    assert ExactComparator(OUTCOME).name == ExactComparator(OUTCOME).name
    fakes = [
        FakeComparator(quality={"a": 1.0}),
        FakeComparator(quality={"a": 2.0}),
        FakeComparator(quality={"a": 1.0}, seed=1),
        FakeComparator(quality={"a": 1.0}, votes=True),
        FakeComparator(quality={"a": 1.0}, cycle=("a", "b")),
        FakeComparator(quality=OUTCOME),
    ]
    assert len({fake.name for fake in fakes}) == len(fakes)
    assert FakeComparator(quality={"a": 1.0}).name == fakes[0].name


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12),
    st.integers(0, 99),
)
def test_a_fake_answer_depends_on_the_pair_only(pairs, seed):
    judge = FakeComparator(quality={str(i): i / 5 for i in range(6)}, seed=seed)
    asked = [(rollout(str(a)), rollout(str(b))) for a, b in pairs]
    together = judge.compare(asked)
    assert together == [judge.compare([pair])[0] for pair in asked]
    assert [m.swapped() for m in together] == judge.compare([(b, a) for a, b in asked])
    assert all(m.calls == 2 for m in together)


def test_without_noise_a_fake_is_exact_and_both_orders_cancel_the_bias():
    judge = FakeComparator(quality={"a": 0.4, "b": 0.3}, noise=0, bias=5.0)
    match = judged(judge, "b", "a")
    assert (match.p, match.agreed) == (0.0, False)
    assert match.scores == pytest.approx((-0.2, 0.2))
    strict = FakeComparator(quality={"a": 0.4, "b": 0.3}, noise=0, bias=5.0, strict=True)
    assert judged(strict, "b", "a").p == 0.5
    fair = FakeComparator(quality={"a": 0.4, "b": 0.3}, noise=0, bias=0.0, votes=True)
    assert judged(fair, "a", "b").scores == (2.0, 0.0)


def test_the_share_of_votes_is_that_of_the_model():
    # P(first wins) = sigmoid(2 * 0.5 + 0.5) = 0.8176; second order sigmoid(-1 + 0.5) = 0.3775.
    wins = disagreed = 0
    for seed in range(4000):
        judge = FakeComparator(quality={"a": 0.5, "b": 0.0}, votes=True, seed=seed)
        match = judged(judge, "a", "b")
        wins += match.scores[0]
        disagreed += not match.agreed
    assert wins / 4000 == pytest.approx(0.8176 + 0.6225, abs=0.03)
    assert disagreed / 4000 == pytest.approx(0.8176 * 0.3775 + 0.1824 * 0.6225, abs=0.03)


def test_cycles_on_demand():
    ids = ("a", "b", "c")
    judge = FakeComparator(quality=dict.fromkeys("abcd", 0.0), noise=0, cycle=ids)
    assert [judged(judge, *p).p for p in ("ab", "bc", "ca", "ac")] == [1.0, 1.0, 1.0, 0.0]
    assert judged(judge, "a", "d").p == 0.5
    four = FakeComparator(quality=dict.fromkeys("abcd", 0.0), noise=0, cycle=tuple("abcd"))
    assert [judged(four, *p).p for p in ("ab", "ac", "ad")] == [1.0, 0.5, 0.0]


def test_failures_are_unanswered():
    never = FakeComparator(quality={"a": 1.0, "b": 0.0}, failures=1.0)
    assert (judged(never, "a", "b").p, judged(never, "a", "b").calls) == (None, 2)
    found = [
        judged(FakeComparator(quality={"a": 1.0, "b": 0.0}, failures=0.2, seed=s), "a", "b").valid
        for s in range(1000)
    ]
    assert sum(found) / 1000 == pytest.approx(0.64, abs=0.05)


def test_the_quality_may_be_a_node():
    judge = FakeComparator(quality=OUTCOME, noise=0)
    assert judge.compare([(rollout("a", 0.1), rollout("b", 0.9))])[0].p == 0.0
    assert judge.compare([(rollout("a", 0.1), rollout("b", None))])[0].p is None


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: FakeComparator(quality={}, noise=-1), "noise must be finite and 0 or more"),
        (lambda: FakeComparator(quality={}, slope=float("inf")), "slope must be finite, got inf"),
        (lambda: FakeComparator(quality={}, failures=2), "failures must be between 0 and 1"),
        (lambda: FakeComparator(quality={}, cycle=("a", "a")), "names an id twice"),
        (
            lambda: judged(FakeComparator(quality={"a": 1.0}), "a", "b"),
            "no value for the rollout 'b'",
        ),
        (lambda: ExactComparator("outcome"), "must be a reward node of one episode"),
        (lambda: ExactComparator(GroupNormalised(OUTCOME)), "must be a reward node of one"),
        (lambda: ExactComparator(OUTCOME, -1.0), "margin must be 0 or more"),
        (lambda: large_margin([], 0), "margin must be more than 0"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ConfigError, match=message):
        call()


def test_large_margin_pairs_are_exported_once_the_largest_first():
    def played(first, second, result, p, scores=None, agreed=True):
        return Played(
            round=0, first=first, second=second, result=result, p=p, scores=scores, agreed=agreed
        )

    matches = [
        played("a", "b", "first", 1.0, (9.0, 4.0)),
        played("b", "a", "second", 0.0, (4.0, 9.0)),  # met again
        played("c", "d", "second", 0.0, (1.0, 8.0)),
        played("a", "c", "first", 1.0, (5.0, 4.0)),  # too close
        played("a", "d", "tie", 0.5, (9.0, 1.0)),
        played("b", "d", "first", 1.0, (9.0, 1.0), agreed=False),
        played("b", "c", "unanswered", None),
        played("d", "e", "first", 1.0),
    ]
    assert large_margin(matches, 2.0) == [Preference("d", "c", 7.0), Preference("a", "b", 5.0)]
    assert large_margin(matches, 1.0)[-1] == Preference("d", "e", 1.0)
