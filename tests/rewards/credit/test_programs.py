"""Entries that are programs over evidence: SPA, MiRA, CALM (E1, E12, E13)."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Program, Source
from envgym.rewards.credit.calm import calm
from envgym.rewards.credit.mira import mira, potential_loss, value_loss
from envgym.rewards.credit.ragged import pad
from envgym.rewards.credit.spa import spa, spa_loss
from envgym.rewards.read.milestones import progress_labels
from envgym.rewards.spec import from_spec, to_spec
from envgym.types import ConfigError

C, G = Source("c", lo=-1, hi=1), Source("g", lo=0, hi=1)
OUTCOME, P = Source("outcome", "episode", 0, 1), Source("p", lo=0, hi=1)
unit = st.floats(0, 1).map(lambda x: round(x, 3))
pairs = st.lists(st.tuples(unit, st.sampled_from([0, 1])), min_size=1, max_size=6)


def steps(rows):
    made = [{"c": 0, "g": 0, "end": None}, *({"c": c, "g": g, "end": None} for c, g in rows)]
    made[-1]["end"] = "task"
    return made


def test_cookbook_e1():
    rows = steps([(0.1, 1), (0.5, 0), (0.3, 1)])
    assert spa(C, G).settle(rows)[1] == pytest.approx((0.6, 0.5, 0.8))


@given(pairs)
def test_grounding_never_exceeds_its_cap(rows):
    records = steps(rows)
    plain = spa(C, G, beta=0.0).settle(records)[1]
    bonus = np.array(spa(C, G).settle(records)[1]) - plain
    assert ((bonus >= -1e-12) & (bonus <= 0.5 + 1e-12)).all()
    mean = Program("mean", spa(C, G, grounding="mean")).replay(records)
    assert mean.total - sum(plain) <= 0.5 + 1e-9
    limited = Program("limit", spa(C, G, limit=0.2)).replay(records)
    assert limited.total - sum(plain) <= 0.2 + 1e-9


def test_a_longer_episode_collects_more_unless_divided():
    short, long = steps([(0.0, 1)] * 2), steps([(0.0, 1)] * 6)
    assert spa(C, G).settle(long)[0] > spa(C, G).settle(short)[0]
    mean = spa(C, G, grounding="mean")
    assert mean.settle(long)[0] == pytest.approx(mean.settle(short)[0])


@given(st.lists(st.lists(unit, min_size=1, max_size=4), min_size=1, max_size=4))
def test_a_perfect_fit_has_no_loss_and_sums_to_the_return(rows):
    values, mask = pad(rows)
    returns = [sum(row) for row in rows]
    assert spa_loss(values, returns, mask) == pytest.approx(0.0, abs=1e-12)
    assert spa_loss(values, [r + 2 for r in returns], mask) == pytest.approx(4.0)
    assert spa_loss(np.zeros((0, 2)), []) == 0.0
    assert spa_loss(np.where(mask, values, np.nan), returns, mask) == pytest.approx(0, abs=1e-12)


@given(st.lists(unit, min_size=2, max_size=6), unit, st.floats(0, 1))
def test_mira_adds_the_same_whatever_the_policy_did(progress, outcome, gamma):
    records = [{"p": p, "end": None} for p in progress]
    records[-1].update(outcome=outcome, end="task")
    _, settled = mira(OUTCOME, P, gamma=gamma).settle(records)
    shaping = np.array(settled) - np.eye(len(settled))[-1] * outcome
    whole = sum(gamma**t * f for t, f in enumerate(shaping))
    assert whole == pytest.approx(-progress[0], abs=1e-9)


def test_cookbook_e12():
    """The worked number of B7, with the outcome beside it."""
    records = [{"p": p, "end": None} for p in (0.0, 0.3, 0.6, 1.0)]
    records[-1].update(outcome=1.0, end="task")
    found = mira(OUTCOME, P, gamma=0.9).settle(records)[1]
    assert found == pytest.approx((0.27, 0.24, 1.0 - 0.6))
    plain = mira(OUTCOME, P).settle(records)[1]
    assert plain == pytest.approx((0.3, 0.3, 1.0 - 0.6))
    assert mira(OUTCOME, P, weight=0.0).settle(records)[0] == 1.0


@given(st.lists(st.lists(unit, min_size=1, max_size=4), min_size=1, max_size=4), st.data())
def test_losses_of_the_two_critics(rows, data):
    values, mask = pad(rows)
    outcomes = [data.draw(st.sampled_from([0.0, 1.0])) for _ in rows]
    assert potential_loss(values, values, mask) == 0.0
    assert potential_loss(values + 2, values, mask) == pytest.approx(4.0)
    assert value_loss(np.zeros_like(values), outcomes, mask) == pytest.approx(math.log(2))
    signs = np.array(outcomes)[:, None] * 2 - 1
    assert value_loss(signs * 9 + 0 * values, outcomes, mask) < 1e-3
    spoiled = np.where(mask, values, np.nan)
    assert potential_loss(spoiled, np.zeros_like(values), mask) == pytest.approx(
        (values[mask] ** 2).mean()
    )
    assert value_loss(spoiled, outcomes, mask) == value_loss(values, outcomes, mask)
    nothing = np.zeros(mask.shape, bool)
    assert potential_loss(spoiled, spoiled, nothing) == 0.0
    assert value_loss(spoiled, outcomes, nothing) == 0.0


def test_labels_of_milestones_fit_the_potential_critic():
    labels = progress_labels([2, 4], 4, 5)
    assert potential_loss([labels], [labels]) == 0.0


GOALS = tuple(Source(k, lo=0, hi=1) for k in "xyz")
verdicts = st.lists(st.tuples(*[st.sampled_from([0, 1])] * 3), min_size=2, max_size=7)


def goals(rows):
    made = [dict(zip("xyz", row, strict=True)) | {"end": None} for row in rows]
    made[-1]["end"] = "task"
    return made


def test_cookbook_e13():
    rows = goals([(0, 0, 0), (1, 0, 0), (0, 0, 0), (1, 1, 0)])
    assert calm(GOALS).settle(rows)[1] == pytest.approx((0.1, 0.0, 0.1))


@given(verdicts, st.floats(0, 1), st.floats(0, 1))
def test_each_subgoal_pays_once_up_to_the_limit(rows, bonus, limit):
    records = goals(rows)
    books = Program("p", calm(GOALS, bonus=bonus, limit=limit)).replay(records)
    new = [max(row[k] for row in rows) > rows[0][k] for k in range(3)]
    already = sum(rows[0])
    expected = min(bonus * (already + sum(new)), limit) - min(bonus * already, limit)
    assert books.total == pytest.approx(expected, abs=1e-9)
    assert all(-1e-12 <= r <= limit + 1e-12 for r in books.settled)
    again = Program("p", calm(GOALS, bonus=bonus, limit=limit)).replay(goals([*rows, *rows[1:]]))
    assert again.total == pytest.approx(expected, abs=1e-9)


def test_calm_is_paid_inside_the_step_and_survives_json():
    node = calm(GOALS)
    assert node.phase == "online" and node.label == "calm"
    assert from_spec(to_spec(node)) == node
    assert from_spec(to_spec(spa(C, G, limit=1.0))) == spa(C, G, limit=1.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: spa(C, G, grounding="sum"), "grounding must be step or mean, got 'sum'"),
        (lambda: spa(C, G, limit=-1.0), "limit must be 0 or more"),
        (lambda: calm([]), "at least one node"),
        (lambda: calm([C]), r"must lie in \[0, 1\]; 'c' has \[-1, 1\]"),
        (lambda: calm([Source("w", lo=0, hi=1.5)]), r"'w' has \[0, 1.5\]"),
        (lambda: calm([G], bonus=-1.0), "bonus and limit must be 0 or more"),
        (lambda: potential_loss([[1.0]], [[1.0, 2.0]]), "its mask"),
        (lambda: value_loss([[1.0]], []), "must be one row of 1"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
