"""PSR, NSR and W-REINFORCE: learning from correct samples, from wrong ones, or from both."""

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.fold.gate import Gate
from envgym.rewards.group.batch import Floats, binary, row
from envgym.rewards.map.above import Above
from envgym.rewards.node import Node
from envgym.rewards.source import Constant
from envgym.types.errors import ConfigError


def psr(correct: ArrayLike) -> Floats:
    """Return positive sample reinforcement: only correct rollouts are pushed, upwards.

    Formula: A = y
    Source:  cookbook D6, arXiv 2506.01347~ (seen: TianHongZXY/RLVR-Decomposed)
    Shapes:  y in {0, 1} [N], A float64 [N]; no group is needed
    Range:   {0, 1}
    Laws:    a wrong rollout gets exactly 0

    >>> psr([1, 0]).tolist()
    [1.0, 0.0]
    """
    return _signed(correct, positive=1.0, negative=0.0)


def nsr(correct: ArrayLike) -> Floats:
    """Return negative sample reinforcement: only wrong rollouts are pushed, downwards.

    Formula: A = y - 1
    Source:  cookbook D6, arXiv 2506.01347~ (seen: TianHongZXY/RLVR-Decomposed)
    Shapes:  y in {0, 1} [N], A float64 [N]; no group is needed
    Range:   {-1, 0}
    Laws:    a correct rollout gets exactly 0

    >>> nsr([1, 0]).tolist()
    [0.0, -1.0]
    """
    return _signed(correct, positive=0.0, negative=1.0)


def w_reinforce(correct: ArrayLike, positive: float = 0.1) -> Floats:
    """Return weighted REINFORCE: full weight on wrong rollouts, ``positive`` on correct ones.

    Formula: A = lambda y - (1 - y)
    Source:  cookbook D6, arXiv 2506.01347~ (seen: TianHongZXY/RLVR-Decomposed), lambda 0.1
    Shapes:  y in {0, 1} [N], A float64 [N]; no group is needed
    Range:   {-1, lambda}
    Laws:    lambda = 1: plus and minus 1; lambda = 0: ``nsr`` (L8)

    >>> w_reinforce([1, 0]).tolist()
    [0.1, -1.0]
    """
    return _signed(correct, positive=positive, negative=1.0)


def signed(
    correct: Node, positive: float = 1.0, negative: float = 1.0, *, name: str = "signed"
) -> Node:
    """Return the node: ``positive`` for a correct rollout, minus ``negative`` for a wrong one.

    Formula: A = positive y - negative (1 - y), y = [correct > 0.5]
    Source:  cookbook D6, arXiv 2506.01347~ (seen: TianHongZXY/RLVR-Decomposed); the threshold is
             ours
    Shapes:  episode scalars
    Range:   [-negative, positive]
    Laws:    up in ``correct`` (L3). positive 1, negative 0: PSR; 0 and 1: NSR; 0.1 and 1:
             W-REINFORCE

    >>> from envgym.rewards import Source
    >>> w = signed(Source("outcome", "episode"), positive=0.1)
    >>> [w.settle([{}, {"outcome": y}])[0] for y in (1.0, 0.0)]
    [0.1, -1.0]
    """
    _check(positive, negative)
    return Gate(Above(correct, 0.5), Constant(positive), Constant(-negative), name=name)


def _signed(correct: ArrayLike, positive: float, negative: float) -> Floats:
    _check(positive, negative)
    hit = binary(row(correct, "correct"), "correct")
    return np.where(hit, positive, -negative) + 0.0


def _check(positive: float, negative: float) -> None:
    for name, weight in (("positive", positive), ("negative", negative)):
        if not 0 <= weight < float("inf"):
            raise ConfigError(f"{name} must be a finite weight of at least 0, got {weight!r}.")
