"""What a slate is worth, as pure functions over arrays of B users."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

TEMPER = 10.0
"""Temper at the start of a session [KuaiSim, seen]."""
LEAVES = 1.0
"""A user whose temper is below this ends the session [KuaiSim, seen]."""
BEST = 2
"""Signals that one item can earn, for instance a click and a long view; the mean slate reward at
which temper does not fall [KuaiSim, seen]."""
LOWEST, HIGHEST = 0.001, 0.999
"""Bounds of the return probability [KuaiSim, seen]."""
PLAIN, LIKING = 0.3, 0.35
"""Relevance = PLAIN + LIKING * (interest + quality): ours, from 0.3 to 1."""


def relevance(interest: Array, quality: Array, category: Array, bored: Array, loss: float) -> Array:
    """Return how likely each candidate alone earns a signal, float64 [B, N], 0 to 1.

    (PLAIN + LIKING * (interest of its category + its quality)) * (1 - loss * boredom with it).

    Args:
        interest: [B, C], 0 to 1.
        quality: [B, N], 0 to 1.
        category: int64 [B, N].
        bored: [B, C], 0 to 1.
        loss: share that full boredom takes, 0 to 0.95.
    """
    rows = np.arange(len(category))[:, None]
    liking = PLAIN + LIKING * (interest[rows, category] + quality)
    found: Array = liking * (1.0 - loss * bored[rows, category])
    return found


def repeats(category: Array) -> Array:
    """Return for every place how many earlier places hold the same category, int64 [B, S]."""
    same = category[:, :, None] == category[:, None, :]
    found: Array = np.tril(same, -1).sum(axis=2)
    return found


def gains(alone: Array, category: Array, loss: float) -> Array:
    """Return what each candidate adds if its category is shown best first, float64 [B, N].

    ``alone * (1 - loss) ** rank``, rank counted from 0 within its category. Within a category these
    fall, and places are worth less the lower they are, so no slate is worth more than the largest
    ``slots`` of them in falling order: exchanging two neighbours never helps.
    """
    order = np.argsort(-alone, axis=1, kind="stable")
    ranked = np.empty_like(order)
    np.put_along_axis(ranked, order, repeats(np.take_along_axis(category, order, 1)), 1)
    found: Array = alone * (1.0 - loss) ** ranked
    return found


def best_slates(worth: Array, slots: int) -> Array:
    """Return the slates of most expected signals in this request, int64 [B, slots]."""
    return np.argsort(-worth, axis=1, kind="stable")[:, :slots]


@lru_cache
def discounts(slots: int) -> Array:
    """Return DCG's weights 1 / log2(place + 1), places counted from 1, float64 [slots]."""
    return 1.0 / np.log2(np.arange(2, slots + 2))


@lru_cache
def attentions(slots: int, attention: float) -> Array:
    """Return the share of attention that each place gets: 1, a, a ** 2, ..."""
    return np.array([attention**place for place in range(slots)])


def page(alone: Array, chosen: Array, category: Array, categories: int) -> dict[str, Array]:
    """Return the page-level and item-level parts of [241], each float64 [B] from 0 to 1.

    The four page families are the paper's (seen); their formulas are ours (inferred).
    relevance    sum of the slate's relevances / that of the most relevant candidates
    ranking      DCG of the slate's relevances in its order / in falling order
    diversity    different categories / as many as a slate can hold
    redundancy   share of the pairs of places that hold one category; lower is better
    page_reward  (relevance + ranking + diversity + 1 - redundancy) / 4
    item_reward  mean relevance, weighted with DCG's weights: each item for itself

    Args:
        alone: relevance of the candidates [B, N].
        chosen: relevance of the slate's items in order [B, S].
        category: of the slate's items, int64 [B, S].
        categories: C.
    """
    slots = chosen.shape[1]
    weights = discounts(slots)
    top = -np.sort(-alone, axis=1)[:, :slots]
    earlier = repeats(category)
    pairs = max(slots * (slots - 1) // 2, 1)
    dcg = chosen @ weights
    parts = {
        # Sums in another order may exceed the most by rounding.
        "relevance": np.minimum(chosen.sum(axis=1) / top.sum(axis=1), 1.0),
        "ranking": np.minimum(dcg / (-np.sort(-chosen, axis=1) @ weights), 1.0),
        "diversity": (earlier == 0).sum(axis=1) / min(slots, categories),
        "redundancy": earlier.sum(axis=1) / pairs,
        "item_reward": dcg / weights.sum(),
    }
    wide = parts["relevance"] + parts["ranking"] + parts["diversity"] + 1.0 - parts["redundancy"]
    parts["page_reward"] = wide / 4.0
    return parts


def signal_counts(chances: Array) -> Array:
    """Return the distribution of a slate's signals, float64 [B, BEST * S + 1].

    Every item earns each of its BEST signals independently with its chance [B, S].
    """
    batch, slots = chances.shape
    found = np.zeros((batch, BEST * slots + 1))
    found[:, 0] = 1.0
    for place in range(slots):
        chance = chances[:, place, None]
        for _ in range(BEST):
            found[:, 1:] = found[:, 1:] * (1.0 - chance) + found[:, :-1] * chance
            found[:, 0] *= 1.0 - chance[:, 0]
    return found


def comes_back(response: Array, loyalty: Array, pull: float, base: float) -> Array:
    """Return the chance to come back on the next day: clip(bias + response + base) of KuaiSim.

    ``loyalty`` is the user's bias; the response is scaled by ``pull`` (ours).
    """
    return np.clip(loyalty + pull * response + base, LOWEST, HIGHEST)


def days_away(draw: Array, chance: Array) -> Array:
    """Return the geometric number of days until the return, from 1, as float64.

    Args:
        draw: uniform in [0, 1).
        chance: of every day.
    """
    return 1.0 + np.floor(np.log1p(-draw) / np.log1p(-chance))


def mean_retention(chance: Array, days: int) -> Array:
    """Return the expectation of -min(D - 1, days) / days for geometric D.

    By E[min(D - 1, m)] = (1 - P) (1 - (1 - P)^m) / P.

    >>> round(float(mean_retention(np.array(0.5), 10)), 6)
    -0.099902
    """
    stays = 1.0 - chance
    found: Array = -stays * (1.0 - stays**days) / (chance * days)
    return found
