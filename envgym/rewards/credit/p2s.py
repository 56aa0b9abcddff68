"""Path faithfulness, from the probability of a reference chain, P2S (E14)."""

from collections.abc import Callable, Sequence
from math import inf, tanh

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.credit.ragged import Floats, row, table
from envgym.types.errors import ConfigError

Logprob = Callable[[str, str], float]
"""Log-probability of a continuation after a context: ``score(context, continuation)``."""


def p2s_steps(given: ArrayLike, masked: ArrayLike, answer: float) -> Floats:
    """Return the score of every step of one answer.

    Formula: f_t = max_s (lp(suffix s | q, prefix t) - lp(suffix s | q, masked prefix t)) for
             t < T - 1; f_{T-1} = lp(y* | q, z)
    Source:  cookbook E14, P2S, arXiv 2601.20649 (seen: note)
    Shapes:  given, masked [T - 1, S], f [T]
    Range:   unbounded
    Laws:    free; a prefix that changes nothing scores 0; a common offset of the scorer cancels

    >>> p2s_steps([[-2.0, -1.0]], [[-2.5, -3.0]], -0.5).tolist()
    [2.0, -0.5]
    """
    ahead, _ = table("p2s.given", given)
    blind, _ = table("p2s.masked", masked)
    if ahead.shape != blind.shape or (len(ahead) and not ahead.shape[1]):
        raise ConfigError(
            "p2s.given and masked must have one shape [T - 1, S] with S of 1 or more, got "
            f"{ahead.shape} and {blind.shape}."
        )
    last = row("p2s.answer", [answer])
    gains = (ahead - blind).max(axis=1) if len(ahead) else np.zeros(0)
    return np.concatenate([gains, last])


def p2s_table(
    question: str,
    steps: Sequence[str],
    chain: Sequence[str],
    score: Logprob,
    *,
    blank: str = "...",
) -> tuple[Floats, Floats]:
    """Return (given, masked) of ``p2s_steps`` by asking a scorer.

    Args:
        question: q.
        steps: the answer's steps, the last one included, which is not scored here.
        chain: steps of the reference chain; its suffixes start at each of them.
        score: for instance a model's mean log-probability per token.
        blank: stands for each step of the masked prefix.

    >>> given, masked = p2s_table("q", ["s", "end"], ["a", "b"], lambda c, s: -len(c) - len(s))
    >>> given.tolist(), masked.tolist()
    ([[-6.0, -4.0]], [[-8.0, -6.0]])
    """
    suffixes = ["\n".join(chain[s:]) for s in range(len(chain))]
    if not suffixes:
        raise ConfigError("p2s_table.chain needs at least one step.")
    given, masked = [], []
    for t in range(1, len(steps)):
        seen = "\n".join([question, *steps[:t]])
        hidden = "\n".join([question, *[blank] * t])
        given.append([score(seen, suffix) for suffix in suffixes])
        masked.append([score(hidden, suffix) for suffix in suffixes])
    shape = (max(len(steps) - 1, 0), len(suffixes))
    return np.array(given, float).reshape(shape), np.array(masked, float).reshape(shape)


def p2s_weights(length: int, *, steepness: float = 5.0) -> tuple[float, ...]:
    """Return weights [T] that rise along a sigmoid and sum to 1.

    Formula: w_t = sg(steepness * (t / (T - 1) - .5)), normalised; T = 1: 1
    Source:  cookbook E14 (seen: note, that they rise as a sigmoid; steepness ours)

    >>> [round(w, 3) for w in p2s_weights(3)]
    [0.051, 0.333, 0.616]
    """
    if not 0 <= steepness < inf:
        raise ConfigError(f"p2s_weights.steepness must be 0 or more, got {steepness!r}.")
    if length < 2:
        return (1.0,) * length
    raw = [0.5 + 0.5 * tanh(0.5 * steepness * (t / (length - 1) - 0.5)) for t in range(length)]
    return tuple(w / sum(raw) for w in raw)


def p2s_rewards(
    steps: Sequence[ArrayLike],
    correct: Sequence[bool],
    malformed: Sequence[bool] | None = None,
    *,
    steepness: float = 5.0,
) -> Floats:
    """Return the reward of every rollout of one group.

    Formula: malformed: -1; else if any rollout is correct: 1 or 0; else sum_t w_t f_t
    Source:  cookbook E14, P2S, arXiv 2601.20649 (seen: note)
    Shapes:  steps: G rows of f [T_i]; rewards [G]
    Laws:    free; with a correct rollout the dense value has no effect; up in each f_t without

    >>> p2s_rewards([[2.0, -0.5], [0.0, -0.5]], [False, False]).round(3).tolist()
    [-0.31, -0.462]
    >>> p2s_rewards([[2.0, -0.5], [0.0, -0.5]], [False, True]).tolist()
    [0.0, 1.0]
    """
    broken = [False] * len(steps) if malformed is None else list(malformed)
    if len(correct) != len(steps) or len(broken) != len(steps):
        raise ConfigError(
            f"p2s_rewards needs steps, correct and malformed of one length, got {len(steps)}, "
            f"{len(correct)} and {len(broken)}."
        )
    right = [bool(c) and not b for c, b in zip(correct, broken, strict=True)]
    out = np.zeros(len(steps))
    for i, f in enumerate(steps):
        if broken[i]:
            out[i] = -1.0
        elif any(right):
            out[i] = float(right[i])
        else:
            values = row("p2s_rewards.steps", f)
            out[i] = float(values @ np.array(p2s_weights(len(values), steepness=steepness)))
    return out
