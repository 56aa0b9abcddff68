"""Calibration: rewards for an agent that says how sure it is."""

from envgym.rewards.fold.product import Product
from envgym.rewards.map.affine import Affine
from envgym.rewards.map.curve import Curve
from envgym.rewards.map.scale import Scale
from envgym.rewards.node import Node
from envgym.rewards.within import within
from envgym.types.errors import ConfigError


def rlcr(correct: Node, confidence: Node, *, name: str = "calibration") -> Node:
    """Return correctness less the Brier penalty of the stated confidence.

    Formula: R = y - (q - y)^2
    Source:  cookbook B13, RLCR, arXiv 2507.16806~ (recalled)
    Shapes:  of one scope, usually episode scalars; y 0 or 1, q in [0, 1]
    Range:   [-1, 1]
    Laws:    proper: at success rate p the best q is p; a right answer is never below a wrong one

    A score without a lower bound, such as the logarithm, breaks that order.

    Args:
        correct: whether the answer is right.
        confidence: what the agent stated, clipped to [0, 1].
        name: the penalty's component in the ledger.

    Raises:
        ConfigError: if a child's bounds leave [0, 1], or the scopes differ.

    >>> from envgym.rewards import Source
    >>> right = Source("right", "episode", lo=0, hi=1)
    >>> node = rlcr(right, Source("stated", "episode", lo=0, hi=1))
    >>> round(node.settle([{}, {"right": 1, "stated": 0.8}])[0], 3)
    0.96
    """
    within("rlcr.correct", correct, 0.0, 1.0)
    within("rlcr.confidence", confidence, 0.0, 1.0)
    if correct.scope != confidence.scope:
        raise ConfigError(
            f"rlcr needs one scope; '{correct.label}' is {correct.scope} and "
            f"'{confidence.label}' {confidence.scope}."
        )
    return correct + Scale(Curve(confidence - correct, "square"), -1.0, name=name)


def ppo_c(
    score: Node, confidence: Node, centre: float, weight: float = 0.5, *, name: str = "confidence"
) -> Node:
    """Return a score with a bonus for being sure above the running mean and unsure below it.

    Formula: y = r + w * (r - D) * (s - 1/2)
    Source:  cookbook B14, PPO-C, arXiv 2410.09724 (seen: a concept note; w is ours)
    Shapes:  of one scope; D is an ``Ema`` of past scores, read before the program is built
    Range:   interval arithmetic over both
    Laws:    s = 1/2: identity (L8); the bonus has the sign of (r - D)(s - 1/2)

    Args:
        score: reward of the answer without its statement of confidence.
        confidence: s, in [0, 1].
        centre: D.
        weight: w; 0 switches the bonus off.
        name: the bonus' component in the ledger.

    Raises:
        ConfigError: if the confidence may leave [0, 1].

    >>> from envgym.rewards import Source
    >>> node = ppo_c(Source("score", "episode"), Source("sure", "episode", lo=0, hi=1), 0.7)
    >>> round(node.settle([{}, {"score": 1.2, "sure": 0.9}])[0], 3)
    1.3
    """
    within("ppo_c.confidence", confidence, 0.0, 1.0)
    bonus = Product((Affine(score, shift=-centre), Affine(confidence, shift=-0.5)))
    return score + Scale(bonus, weight, name=name)
