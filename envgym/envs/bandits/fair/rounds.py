"""One round for a whole batch: what is drawn, what it is worth, where the population goes.

Written for speed: the constants of the played thresholds are gathered once.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from envgym.envs.bandits.fair.oracle import SLACK, targets
from envgym.runtime.numeric.arrays import Arrays
from envgym.runtime.numeric.core import Facts, State
from envgym.runtime.numeric.noise import Noise
from envgym.types.bandit import Outcome

if TYPE_CHECKING:
    from envgym.envs.bandits.fair.core import FairThresholdCore

ACCEPT, VALUE, RATE, PER, SPREAD, REST = (slice(2 * i, 2 * i + 2) for i in range(6))
"""Pairs of rows, group 0 and group 1: acceptance rate a; expected utility per applicant u; good
rate f among the accepted; u / a; sqrt(a (1 - a) / n); variance of utility given acceptance, over n."""
PULL, HINGE = 12, 13
"""Rows: (1 - decay) * target share; hinge of the expected gap's residual."""
Triple = tuple[Any, Any, Any]
"""Realised utility, signed gap, served share: [B] or [B, K] each."""


class Round(dict[str, Any]):
    """Facts of a round that carry every threshold's outcome under full feedback."""

    every: Any = None
    """[B, 3 K]: rewards, gaps, served; None under bandit feedback."""


def constants(core: "FairThresholdCore") -> NDArray[Any]:
    """Return the constants of every threshold, float64 [14, K]; rows as named above."""
    accepted, good = core.people.accepted, core.people.good
    b, c, n = core.benefit, core.loss, core.applicants
    value = b * good - c * (accepted - good)
    some = np.where(accepted > 0, accepted, 1.0)
    rate = np.clip(good / some, 0.0, 1.0)
    gap = accepted[1] - accepted[0]
    table = [
        *accepted,
        *value,
        *rate,
        *(b * rate - c * (1 - rate)),
        *np.sqrt(accepted * (1 - accepted) / n),
        *(accepted * (b + c) ** 2 * rate * (1 - rate) / n),
        (1 - core.decay) * targets(gap, core.kappa),
        np.maximum(np.abs(gap) - core.limit, 0.0),
    ]
    return np.stack(table)


def cells(core: "FairThresholdCore") -> tuple[NDArray[Any], NDArray[Any]]:
    """Return how full feedback draws the applicants' scores, cell by cell from the top.

    Cell k holds scores from threshold k to the next. Returns the chance of each cell for those who
    are in none above it, and the good rate inside it: float64 [2, K] each.
    """
    accepted, good = core.people.accepted, core.people.good
    zeros = np.zeros((2, 1))
    above = np.concatenate([accepted[:, 1:], zeros], 1)
    mass = accepted - above
    wins = good - np.concatenate([good[:, 1:], zeros], 1)
    chance = np.where(above < 1.0, mass / np.where(above < 1.0, 1.0 - above, 1.0), 0.0)
    rate = np.where(mass > 0, wins / np.where(mass > 0, mass, 1.0), 0.0)
    return np.clip(chance, 0.0, 1.0), np.clip(rate, 0.0, 1.0)


def advance(
    core: "FairThresholdCore", state: State, action: Any, noise: Noise, ar: Arrays
) -> tuple[State, Facts]:
    """Return the next state and the facts of one round; see ``FairThresholdCore``."""
    xp = ar.xp
    share = state["share"]
    table = ar.const(core.table)
    col = table[:, action] if ar.torch else table.take(action, 1)
    one, zero = col[VALUE.start + 1], col[VALUE.start]
    expected = zero + share * (one - zero)
    one, zero = col[ACCEPT.start + 1], col[ACCEPT.start]
    serving = zero + share * (one - zero)
    every: Any = None
    if core.full:
        triple, every = _full(core, share, action, noise, ar)
    elif core.noise == "binomial":
        triple = _counts(core, share, col, noise, ar)
    elif core.noise == "gaussian":
        drawn = noise.normal((share.shape[0], 3))
        triple = _normals(core, share, col, (drawn[:, 0], drawn[:, 1], drawn[:, 2]), ar)
    else:
        triple = expected, _signed(core, one - zero, ar), serving
    utility, gap, served = triple
    moved = core.decay * share + col[PULL]
    high = gap - core.limit
    facts = Round(
        utility=utility,
        expected=expected,
        violation=col[HINGE] + xp.clip(core.least - serving, 0.0, None),
        dp_gap=gap,
        served=served,
        dp_residual=high if core.absolute else xp.abs(gap) - core.limit,
        gap_high_residual=high,
        gap_low_residual=high if core.absolute else -core.limit - gap,
        service_residual=core.least - served,
        share=moved,
        shortfall=core.optimum - expected,
        potential=-xp.abs(moved - core.rest),
    )
    facts.every = every
    score = ar.real(action) / (core.thresholds - 1)
    fresh = xp.stack([score, utility, gap, served], 1)
    if every is not None:
        fresh = ar.cat([fresh, every], 1)
    after: State = {"share": moved, "seen": fresh}
    if core.delay:
        line = state["line"]
        after["seen"] = line[:, 0] + 0.0  # no view: the kernel writes into rows of a state
        after["line"] = ar.cat([line[:, 1:], fresh[:, None]], 1)
    return after, facts


def _signed(core: "FairThresholdCore", gap: Any, ar: Arrays) -> Any:
    """Return the gap as it is revealed."""
    return ar.xp.abs(gap) if core.absolute else gap


def _counts(core: "FairThresholdCore", share: Any, col: Any, noise: Noise, ar: Arrays) -> Triple:
    """Draw who is accepted and who is good: binomial counts per group."""
    n = core.applicants
    sizes = _sizes(core, share, noise, ar)
    accepted = noise.binomial(ar.whole(sizes), col[ACCEPT].T)
    good = noise.binomial(ar.whole(accepted), col[RATE].T)
    total = accepted[:, 0] + accepted[:, 1]
    wins = good[:, 0] + good[:, 1]
    gap = accepted[:, 1] / sizes[:, 1] - accepted[:, 0] / sizes[:, 0]
    return _earned(core, wins, total, ar), _signed(core, gap, ar), total / n


def _earned(core: "FairThresholdCore", wins: Any, total: Any, ar: Arrays) -> Any:
    """Return the utility of counts, within its bounds: sums round, and 0.1 * 3 / 3 > 0.1."""
    utility = ((core.benefit + core.loss) * wins - core.loss * total) / core.applicants
    return ar.xp.clip(utility, -core.loss, core.benefit)


def _sizes(core: "FairThresholdCore", share: Any, noise: Noise, ar: Arrays) -> Any:
    """Draw the groups' sizes, whole floats [B, 2].

    Group 1 counts floor(n p + uniform): n p on average, and never empty, since n >= 20 and p stays
    within 0.05 and 0.95.
    """
    n = core.applicants
    ones = ar.xp.floor(n * share + noise.uniform((share.shape[0],)))
    ones = ar.xp.clip(ones, 1.0, n - 1.0)
    return ar.xp.stack([n - ones, ones], 1)


def _normals(core: "FairThresholdCore", share: Any, col: Any, z: Triple, ar: Arrays) -> Triple:
    """Return normals with the counts' moments at group sizes n (1 - p) and n p.

    Acceptance rates are a + sqrt(a (1 - a) / (n share)) z; given them, utility has mean u / a per
    accepted and the variance of their good outcomes.

    Args:
        share: [B], or [B, 1] for every threshold.
        col: the table, [14, K], or its columns for the actions, [14, B].
        z: three standard normals like ``share``.
    """
    sqrt = ar.xp.sqrt
    other = 1.0 - share
    low = col[ACCEPT.start] + col[SPREAD.start] * (z[0] / sqrt(other))
    high = col[ACCEPT.start + 1] + col[SPREAD.start + 1] * (z[1] / sqrt(share))
    gap = high - low
    low, high = other * low, share * high
    mean = col[PER.start] * low + col[PER.start + 1] * high
    spread = sqrt(other * col[REST.start] + share * col[REST.start + 1])
    return mean + spread * z[2], _signed(core, gap, ar), low + high


def _full(
    core: "FairThresholdCore", share: Any, action: Any, noise: Noise, ar: Arrays
) -> tuple[Triple, Any]:
    """Return the played threshold's outcome and everyone's, [B, 3 K]: the same applicants."""
    col, wide, batch = ar.const(core.table), share[:, None], share.shape[0]
    if core.noise == "binomial":
        triples = _pool(core, share, noise, ar)
    elif core.noise == "gaussian":
        z = noise.normal((batch, 3))
        triples = _normals(core, wide, col, (z[:, 0:1], z[:, 1:2], z[:, 2:3]), ar)
    else:
        value, accept = col[VALUE], col[ACCEPT]
        gaps = ar.full((batch, 1), 0.0) + _signed(core, accept[1] - accept[0], ar)
        mean = value[0] + wide * (value[1] - value[0])
        triples = mean, gaps, accept[0] + wide * (accept[1] - accept[0])
    rows = ar.arange(batch)
    played = tuple(each[rows, action] for each in triples)
    return (played[0], played[1], played[2]), ar.cat(triples, 1)


def _pool(core: "FairThresholdCore", share: Any, noise: Noise, ar: Arrays) -> Triple:
    """Draw every applicant's score cell and outcome once, and count for every threshold."""
    k, n = core.thresholds, core.applicants
    chance, rate = (ar.const(table) for table in core.pool)
    sizes = _sizes(core, share, noise, ar)
    left = sizes
    held = [left] * k
    for place in range(k - 1, 0, -1):
        held[place] = noise.binomial(ar.whole(left), chance[:, place] + 0.0 * left)
        left = left - held[place]
    held[0] = left
    counts = ar.xp.stack(held, 2)
    good = noise.binomial(ar.whole(counts), rate + 0.0 * counts)
    down = ar.arange(k) * -1 + (k - 1)
    accepted = ar.xp.cumsum(counts[:, :, down], 2)[:, :, down]
    wins = ar.xp.cumsum(good[:, :, down], 2)[:, :, down]
    total = accepted[:, 0] + accepted[:, 1]
    gap = accepted[:, 1] / sizes[:, 1:2] - accepted[:, 0] / sizes[:, 0:1]
    utility = _earned(core, wins[:, 0] + wins[:, 1], total, ar)
    return utility, _signed(core, gap, ar), total / n


def myopic(core: "FairThresholdCore", share: Any, ar: Arrays) -> Any:
    """Return per row the threshold of highest expected reward among those feasible now."""
    col, wide = ar.const(core.table), share[:, None]
    value, accept = col[VALUE], col[ACCEPT]
    worth = value[0] + wide * (value[1] - value[0])
    served = accept[0] + wide * (accept[1] - accept[0])
    allowed = (col[HINGE] <= SLACK) & (served >= core.least - SLACK)
    return ar.xp.argmax(ar.xp.where(allowed, worth, -ar.xp.inf), 1)


def reveal(
    core: "FairThresholdCore", before: State, action: Any, facts: Facts, ar: Arrays
) -> tuple[Outcome, ...]:
    """Return the one outcome that became known; round -1: none yet."""
    k, t = core.thresholds, before["t"]
    if not core.delay:
        if core.full:
            every: Any = getattr(facts, "every", None)  # ``advance`` made a Round
            return (_outcome(core, t, action, _split(every, k)),)
        residuals = (
            facts["gap_high_residual"],
            facts["gap_low_residual"],
            facts["service_residual"],
        )
        return (Outcome(t, action, facts["utility"], residuals),)
    seen = before["line"][:, 0]
    number = ar.xp.where(t >= core.delay, t - core.delay, ar.ints(t.shape, -1))
    played = ar.whole(seen[:, 0] * (k - 1) + 0.5)
    triple = _split(seen[:, 4:], k) if core.full else (seen[:, 1], seen[:, 2], seen[:, 3])
    return (_outcome(core, number, played, triple),)


def _split(every: Any, k: int) -> Triple:
    return every[:, :k], every[:, k : 2 * k], every[:, 2 * k :]


def _outcome(core: "FairThresholdCore", number: Any, action: Any, triple: Triple) -> Outcome:
    """Return an outcome from what was realised, [B] or [B, K]."""
    utility, gap, served = triple
    high = gap - core.limit
    low = high if core.absolute else -core.limit - gap
    return Outcome(number, action, utility, (high, low, core.least - served))
