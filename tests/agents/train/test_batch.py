"""Trajectories and batches: what the environment says has no say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.agents.train.batch import (
    cut,
    degenerate,
    imitation_batch,
    minibatches,
    reinforce_batch,
)
from envgym.agents.train.trajectory import Trajectory, from_replies
from envgym.types import Reply

tokens = st.lists(st.integers(0, 40), min_size=1, max_size=4)


@st.composite
def episodes(draw: st.DrawFn) -> list[tuple[list[list[int]], list[float]]]:
    """Return rollouts as (sampled ids per turn, reward per turn)."""
    made = []
    for _ in range(draw(st.integers(2, 6))):
        said = draw(st.lists(tokens, min_size=1, max_size=4))
        paid = draw(
            st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=len(said), max_size=len(said))
        )
        made.append((said, paid))
    return made


def trajectory(said: list[list[int]], paid: list[float], group: int, gaps: list[int]) -> Trajectory:
    """Return the episode in which turn k is preceded by gaps[k] tokens of observation."""
    replies = [
        Reply(
            text="",
            prompt_ids=tuple(range(100, 100 + gap)),
            token_ids=tuple(ids),
            logprobs=tuple(-0.5 for _ in ids),
        )
        for ids, gap in zip(said, gaps, strict=True)
    ]
    return from_replies(replies, group=group, rewards=tuple(paid))


@settings(deadline=None)
@given(
    episodes(),
    st.data(),
    st.sampled_from(["rloo", "grpo", "dr_grpo"]),
    st.sampled_from(["episode", "turn"]),
    st.sampled_from(["token_global", "sequence_mean", "constant"]),
    st.floats(0.5, 1.0),
)
def test_longer_observations_change_no_advantage_and_no_weight(
    rollouts, data, estimator, credit, aggregation, gamma
) -> None:
    def batch(low: int) -> list[tuple[list[float], list[float]]]:
        made = []
        for i, (said, paid) in enumerate(rollouts):
            size = st.integers(low, low + 30)
            gaps = data.draw(st.lists(size, min_size=len(said), max_size=len(said)))
            made.append(trajectory(said, paid, i % 2, gaps))
        found = reinforce_batch(
            made, estimator=estimator, credit=credit, gamma=gamma, aggregation=aggregation
        )
        return [
            (list(a[t.model]), list(w[t.model]))
            for t, a, w in zip(made, found.advantages, found.weights, strict=True)
        ]

    assert batch(1) == batch(40)


@given(episodes())
def test_observation_tokens_have_no_advantage_and_no_weight(rollouts) -> None:
    made = [trajectory(s, p, 0, [3] * len(s)) for s, p in rollouts]
    for found in (reinforce_batch(made), imitation_batch(made)):
        for t, a, w in zip(made, found.advantages, found.weights, strict=True):
            assert (a[~t.model] == 0).all()
            assert (w[~t.model] == 0).all()
            assert (w[t.model] > 0).all()


@given(episodes(), st.integers(8, 80))
def test_any_cut_keeps_every_sequence_with_its_weight(rollouts, limit) -> None:
    made = [trajectory(s, p, 0, [5] * len(s)) for s, p in rollouts]
    whole = reinforce_batch(made)
    pieces = list(cut(whole, limit))
    assert sum(len(p.sequences) for p in pieces) == len(made)
    total = sum(float(w.sum()) for p in pieces for w in p.weights)
    assert total == pytest.approx(1.0)
    for piece in pieces:
        padded = max(t.ids.size for t in piece.sequences) * len(piece.sequences)
        assert padded <= limit or len(piece.sequences) == 1


def test_minibatches_keep_groups_whole_and_stand_for_the_batch() -> None:
    made = [trajectory([[1, 2]] * (1 + i % 3), [0.0] * (1 + i % 3), i // 2, [1, 1, 1][: 1 + i % 3])
            for i in range(8)]  # fmt: skip
    parts = list(minibatches(reinforce_batch(made), 2, [3, 1, 0, 2]))
    groups = [{t.group for t in part.sequences} for part in parts]
    assert groups == [{1, 3}, {0, 2}]
    for part in parts:
        assert sum(float(w.sum()) for w in part.weights) == pytest.approx(1.0)


def test_spans_of_a_conversation() -> None:
    t = trajectory([[7, 8], [9]], [0.0, 1.0], 0, [2, 1])
    assert t.ids.tolist() == [100, 101, 7, 8, 100, 9]
    assert t.model.tolist() == [False, False, True, True, False, True]
    assert t.turn.tolist() == [0, 0, 0, 0, 1, 1]
    assert t.behaviour[~t.model].tolist() == [0, 0, 0]
    assert t.turns == 2


def test_a_reply_without_log_probabilities_cannot_be_trained_on() -> None:
    with pytest.raises(ValueError, match="turn 0 has 2 token ids and 1 log-probabilities"):
        from_replies([Reply(text="", token_ids=(1, 2), logprobs=(0.0,))])


def test_a_reply_that_did_not_fit_the_context_adds_nothing() -> None:
    full = Reply(text="", finish="length")
    one = Reply(text="go", prompt_ids=(1,), token_ids=(2,), logprobs=(-1.0,))
    t = from_replies([one, full], rewards=(0.0, 0.0))
    assert t.ids.tolist() == [1, 2]
    for credit in ("episode", "turn"):
        found = reinforce_batch([t, t], credit=credit)
        assert found.advantages[0].shape == (2,)


def test_degenerate_share() -> None:
    assert degenerate(np.array([1.0, 1.0, 0.0, 1.0]), [0, 0, 1, 1]) == 0.5
    assert degenerate(np.array([]), []) == 1.0
