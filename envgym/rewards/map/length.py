"""Length: rewards for short answers that are right."""

from math import inf
from typing import Literal, get_args

from envgym.rewards.fold.gate import Gate
from envgym.rewards.fold.product import Product
from envgym.rewards.map.above import Above
from envgym.rewards.map.affine import Affine
from envgym.rewards.map.clip import Clip
from envgym.rewards.map.scale import Scale
from envgym.rewards.node import Node
from envgym.rewards.source import Constant
from envgym.rewards.within import within
from envgym.types.errors import ConfigError, unknown

LaserForm = Literal["reward", "penalty", "hybrid"]
"""What a right answer's length does: short pays, long costs, or both."""


def _whole(function: str, length: Node) -> None:
    if length.scope != "episode":
        raise ConfigError(
            f"{function}.length must be one number per episode; '{length.label}' is a step value, "
            'so read it with scope="episode", or reduce it.'
        )


def laser(
    correct: Node,
    length: Node,
    target: float,
    form: LaserForm = "reward",
    *,
    bonus: float = 0.5,
    well_formed: Node | None = None,
    wrong: float = -0.5,
    malformed: float = -1.0,
    name: str = "laser",
) -> Node:
    """Return an outcome whose right answers earn more, or lose less, within a target length.

    Formula: malformed -1; wrong -0.5; right 1 + b with b = 0.5 [L <= target] (reward),
             -0.5 [L > target] (penalty) or their sum (hybrid)
    Source:  cookbook B10, LASER, arXiv 2505.15612~ (seen: hkust-nlp/Laser, with its constants)
    Shapes:  episode scalars
    Range:   [malformed, 1.5], [malformed, 1] and [malformed, 1.5] by form
    Laws:    a wrong answer's length is never read, so brevity alone pays nothing; a right answer
             beats a wrong one at every length; bonus 0: plain outcome (L8)

    Args:
        correct: above 0.5 counts as right.
        length: tokens of the answer, for instance ``Source("tokens", "episode", lo=0)``.
        target: longest short answer, in the unit of the length.
        form: reward, penalty or hybrid.
        bonus: size of b; below 1 - wrong, or a long right answer could lose to a wrong one.
        well_formed: above 0.5 counts as well formed; None: everything does.
        wrong: paid for a wrong answer.
        malformed: paid for an answer without the required form.
        name: mark of the gates in the ledger.

    Raises:
        ConfigError: for an unknown form, a length per step, or constants that break the order
            above.

    >>> from envgym.rewards import Source
    >>> node = laser(Source("right", "episode"), Source("tokens", "episode", lo=0), 1000)
    >>> [node.settle([{}, {"right": 1, "tokens": n}])[0] for n in (900, 1100)]
    [1.5, 1.0]
    """
    if form not in get_args(LaserForm):
        raise ConfigError(unknown("laser form", str(form), get_args(LaserForm)))
    if not 0 <= bonus < 1 - wrong:
        raise ConfigError(
            f"laser.bonus must be from 0 to below 1 - wrong = {1 - wrong:g}, got {bonus!r}: a right "
            "answer must beat a wrong one at every length."
        )
    if malformed > wrong:
        raise ConfigError(
            f"laser.malformed must not exceed wrong, got {malformed!r} and {wrong!r}."
        )
    _whole("laser", length)
    short = Above(Scale(length, -1.0), -target, strict=False)
    pays, costs = (form in ("reward", "hybrid")), (form in ("penalty", "hybrid"))
    right = Affine(short, bonus * (pays + costs), 1.0 - bonus * costs)
    judged: Node = Gate(Above(correct, 0.5), right, Constant(wrong), name=name)
    if well_formed is None:
        return judged
    return Gate(Above(well_formed, 0.5), judged, Constant(malformed), name=f"{name}.form")


def length_cap(length: Node, soft: float, hard: float, *, name: str = "length") -> Node:
    """Return a penalty that grows from 0 at a soft limit to -1 at a hard one.

    Formula: y = clip((soft - L) / (hard - soft), -1, 0)
    Source:  cookbook B10, cap penalty (recalled)
    Shapes:  episode scalars
    Range:   [-1, 0]
    Laws:    down in L (L3); L up to the soft limit: 0

    Added to a 0/1 outcome, the longest right answer ties with a wrong one that is short.

    Raises:
        ConfigError: for a length per step, or unless soft is below hard.

    >>> from envgym.rewards import Source
    >>> node = length_cap(Source("tokens", "episode", lo=0), 12_000, 16_000)
    >>> [node.settle([{}, {"tokens": n}])[0] for n in (9_000, 13_000, 20_000)]
    [0.0, -0.25, -1.0]
    """
    if not soft < hard:
        raise ConfigError(f"length_cap.soft must be below hard, got {soft!r} and {hard!r}.")
    _whole("length_cap", length)
    over = Affine(length, -1.0 / (hard - soft), soft / (hard - soft))
    return Clip(over, -1.0, 0.0, name=name)


def crf(
    outcome: Node,
    conciseness: Node,
    difficulty: Node,
    strength: float,
    alpha: float = 0.5,
    *,
    name: str = "crf",
) -> Node:
    """Return an outcome raised by a bonus for conciseness that grows with difficulty.

    Formula: R = R_o * (1 + alpha * c * (s + d))
    Source:  cookbook B10, CRF (seen: a public review; the paper's arXiv number was not read)
    Shapes:  of one scope, usually episode scalars
    Range:   [0, 1 + alpha * c_hi * (s + d_hi)] for R_o in [0, 1]
    Laws:    R_o = 0: 0 whatever the length; up in each (L3); alpha = 0: identity (L8)

    Args:
        outcome: R_o, 0 or more.
        conciseness: c; the source keeps it in [0.1, 1].
        difficulty: d of the question, 0 or more.
        strength: s, annealed by a ``Schedule``; 0 or more.
        alpha: weight of the bonus; 0 or more.
        name: component in the ledger.

    Raises:
        ConfigError: where something may be negative.

    >>> from envgym.rewards import Source
    >>> at = {"right": 1.0, "concise": 0.8, "hard": 0.25}
    >>> node = crf(*(Source(key, "episode", lo=0, hi=1) for key in at), strength=0.6)
    >>> round(node.settle([{}, at])[0], 3)
    1.34
    """
    named = (("outcome", outcome), ("conciseness", conciseness), ("difficulty", difficulty))
    for where, each in named:
        within(f"crf.{where}", each, 0.0, inf)
    if not (strength >= 0 and alpha >= 0):
        raise ConfigError(
            f"crf.strength and alpha must be 0 or more, got {strength!r} and {alpha!r}."
        )
    bonus = Product((conciseness, Affine(difficulty, shift=strength)))
    return Product((outcome, Affine(bonus, alpha, 1.0)), name=name)
