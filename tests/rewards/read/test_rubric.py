import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Program
from envgym.rewards.read.rubric import Rubric
from envgym.types import ConfigError, EvidenceError

WEIGHTS = (("cites", 2.0), ("short", 1.0), ("polite", 1.0))
NAMES = [name for name, _ in WEIGHTS]
verdict = st.none() | st.floats(0, 1)
judged = st.tuples(verdict, verdict, verdict)


def value(verdicts, weights=WEIGHTS, **options):
    pairs = tuple(zip(NAMES, verdicts, strict=False))
    return Rubric("v", weights, **options).read({"v": pairs})


def test_cookbook_a8():
    assert value((1, 0, 1)) == 0.75
    assert value((True, False, True), must=("short",)) == 0
    assert value((1, None, 1)) == 1
    assert value((None, 0, 1)) == 0.5


@given(judged, st.integers(0, 2), st.floats(0, 1))
def test_monotone_in_each_verdict(verdicts, which, more):
    low = value(verdicts, must=("cites",))
    if verdicts[which] is None or low is None:
        return
    raised = list(verdicts)
    raised[which] = max(verdicts[which], more)
    assert value(raised, must=("cites",)) >= low - 1e-12


@given(judged, st.floats(0.01, 100))
def test_the_scale_of_the_weights_changes_nothing(verdicts, factor):
    scaled = tuple((name, weight * factor) for name, weight in WEIGHTS)
    found, other = value(verdicts), value(verdicts, scaled)
    assert (found is None) == (other is None) == (set(verdicts) == {None})
    if found is not None:
        assert 0 <= found <= 1
        assert other == pytest.approx(found)


def test_invalid_musts_quorums_and_absent_items():
    assert value((None, 1, 1), must=("cites",)) is None
    assert value((None, 1, 1), quorum=0.5) == 1
    assert value((None, 1, 1), quorum=0.6) is None
    assert value((None, None, None)) is None
    assert value((1,)) == 1  # criteria without an entry have no verdict
    assert Rubric("v", WEIGHTS).read({"v": None}) is None
    assert value((0.5, 0, 0), must=("cites",)) == 0.25
    assert value((0.49, 1, 1), must=("cites",)) == 0


def test_a_dropped_criterion_is_noted_in_the_ledger():
    full = tuple(zip(NAMES, (1, 1, 1), strict=True))
    part = tuple(zip(NAMES, (1, None, 1), strict=True))
    for scope in ("step", "episode"):
        program = Program("rubric", Rubric("v", WEIGHTS, scope=scope))
        books = program.replay(
            [{"v": full, "end": None}, {"v": full, "end": None}, {"v": part, "end": "task"}]
        )
        noted = [entry for entry in books.ledger if entry.note]
        assert len(noted) == 1
        assert "drop" in str(noted[0].note)
        assert noted[0].earned == 1
        assert books.settled == ((1, 1) if scope == "step" else (0, 1))


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ((("sites", 1),), "Did you mean 'cites'"),
        (("cites",), r"must hold \(criterion, verdict\)"),
        (((["cites"], 1),), "unknown criterion"),
        ((("cites", 2),), "must judge 'cites' once, from 0 to 1, got 2"),
        ((("cites", 1), ("cites", 1)), "must judge 'cites' once"),
        ((("cites", "yes"),), "from 0 to 1, got 'yes'"),
        ((("cites", float("nan")),), "from 0 to 1, got nan"),
    ],
)
def test_bad_verdicts(entries, message):
    with pytest.raises(EvidenceError, match=message):
        Rubric("v", WEIGHTS).read({"v": entries})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weights": ()}, "needs criteria"),
        ({"weights": (("a", -1),)}, "of 'a' must be above 0, got -1"),
        ({"must": ("x",)}, "Rubric.must: unknown criterion 'x'"),
        ({"pass_mark": 2}, r"pass_mark must be in \[0, 1\]"),
        ({"quorum": -1}, r"quorum must be in \[0, 1\]"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ConfigError, match=message):
        Rubric("v", **{"weights": WEIGHTS} | options)


def test_json():
    program = Program("r", Rubric("v", WEIGHTS, must=("cites",), quorum=0.5))
    assert Program.from_spec(program.spec()) == program
