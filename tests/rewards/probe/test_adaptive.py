import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.probe.adaptive import VerifierDrift, VerifierLine, retraining_set
from envgym.types import Candidate, ConfigError


def answers(count):
    return [Candidate(id=f"a{i:02}", records=({},), text=str(i)) for i in range(count)]


def test_cookbook_h13():
    """Positives by rule and the verifier's own false positives; the rest is left out."""
    chosen = retraining_set(
        answers(5), [True, False, False, None, True], [0.1, 0.9, 0.2, 0.9, None], balance=False
    )
    assert [(x.candidate.id, x.label, x.why) for x in chosen] == [
        ("a00", True, "rule positive"),
        ("a01", False, "false positive"),
        ("a04", True, "rule positive"),
    ]


rows = st.lists(
    st.tuples(st.sampled_from([True, False, None]), st.sampled_from([0.1, 0.9, None])), max_size=12
)


@given(rows, st.integers(0, 99), st.randoms(use_true_random=False))
def test_labels_are_the_rules_and_order_does_not_matter(rows, seed, shuffled):
    triples = [(c, right, s) for c, (right, s) in zip(answers(len(rows)), rows, strict=True)]
    chosen = retraining_set(*_columns(triples), seed=seed)
    truth = {c.id: right for c, right, _ in triples}
    assert all(x.label is truth[x.candidate.id] for x in chosen)
    shuffled.shuffle(triples)
    assert retraining_set(*_columns(triples), seed=seed) == chosen
    fooled = [x for x in chosen if not x.label]
    if fooled:
        assert len(chosen) - len(fooled) <= len(fooled)


def _columns(triples):
    return tuple(map(list, zip(*triples, strict=True))) if triples else ([], [], [])


def test_the_frozen_verifier_stays():
    line = VerifierLine(frozen="rm-1").updated("rm-2").updated("rm-3")
    assert (line.frozen, line.current, line.round) == ("rm-1", "rm-3", 2)
    with pytest.raises(ConfigError, match="a name other than 'rm-1'"):
        line.updated("rm-1")


def test_drift():
    report = VerifierDrift().run(
        [False, False, True, None], [0.9, 0.9, 0.9, 0.9], [0.9, 0.1, 0.9, 0.9]
    )
    assert report.detail == {
        "frozen.false_positives": 1.0,
        "frozen.true_positives": 1.0,
        "current.false_positives": 0.5,
        "current.true_positives": 1.0,
    }
    assert (report.metric, report.passed) == (0.5, False)
    assert not VerifierDrift().run([True], [0.9], [0.9]).passed


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: retraining_set(answers(1), [], []), "one rule verdict"),
        (lambda: retraining_set(answers(1) * 2, [True] * 2, [0.0] * 2), "different ids"),
        (lambda: VerifierDrift(limit=2), "limit must be 0 to 1"),
        (lambda: VerifierDrift().run([True], [], []), "per answer"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
