"""How the platform turns its scores into lists: five re-rankers of ours, vectorised over users.

Names of the published ones they are modelled on are in ``RERANKERS``; only the ideas are shared.
``strength`` 0 makes each of them "top".
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RERANKERS: Mapping[str, str] = {
    "top": "the highest scores",
    "mmr": "(1 - strength) * score - strength * [a higher place holds the topic] (maximal marginal "
    "relevance)",
    "dpp": "greedy MAP of a determinantal point process with kernel score_i * S_ij * score_j, S "
    "being strength within a topic",
    "boost": "score + strength * how far the creator's exposures lie below the mean (in the manner "
    "of FairCo)",
    "fair": "top, then places are passed on until every creator has strength * an even share of "
    "the round's exposures (in the manner of FairRec)",
}
"""Policies of the platform and what they do."""


def lists(
    policy: str,
    score: Floats,
    topic: Ints,
    creator: Ints,
    exposure: Floats,
    slots: int,
    strength: float,
) -> Ints:
    """Return the lists of the active users, int64 [A, min(slots, I)], places from the top.

    Args:
        policy: one of ``RERANKERS``.
        score: of every user and live item, more than 0, [A, I].
        topic: of the items [I].
        creator: of the items [I].
        exposure: of every creator so far in the episode [C].
        slots: places of a list.
        strength: 0 to 1.
    """
    if policy == "boost":
        mean = exposure.mean()
        below = (mean - exposure) / mean if mean > 0 else np.zeros_like(exposure)
        score = score + strength * np.clip(below, -1.0, 1.0)[creator]
    kind = policy if policy in ("mmr", "dpp") else "top"
    chosen = greedy(kind, score, topic, slots, strength)
    if policy == "fair" and chosen.size:
        even = chosen.size / len(exposure)
        chosen = raise_floor(chosen, score, creator, len(exposure), int(strength * even))
    return chosen


def greedy(kind: str, score: Floats, topic: Ints, slots: int, strength: float) -> Ints:
    """Return lists filled from the top with the item of highest marginal value, [A, places].

    For "dpp" that value is the conditional variance score ** 2 * (1 - k s^2 / (1 + (k - 1) s)) after
    k items of its topic, exact for a kernel that is s within and 0 between topics.
    """
    users, items = score.shape
    places = min(slots, items)
    found = np.empty((users, places), np.int64)
    held = np.zeros((users, int(topic.max(initial=-1)) + 1), np.int64)
    rows = np.arange(users)
    taken = np.zeros(score.shape, bool)
    for place in range(places):
        value = score
        if kind != "top":
            same = held[:, topic]
            if kind == "mmr":
                value = (1.0 - strength) * score - strength * (same > 0)
            else:
                share = same * strength**2 / (1.0 + np.maximum(same - 1, 0) * strength)
                value = score**2 * (1.0 - share)
        best = np.where(taken, -np.inf, value).argmax(axis=1)
        found[:, place] = best
        held[rows, topic[best]] += 1
        taken[rows, best] = True
    return found


def raise_floor(chosen: Ints, score: Floats, creator: Ints, creators: int, floor: int) -> Ints:
    """Return lists in which creators below ``floor`` exposures got places of those above it.

    The creator that lacks most comes first; it gets the places where its best item costs the user
    least score. A place is passed on only while its owner stays at the floor, so nobody falls
    below it. Creators without a live item cannot be shown.
    """
    chosen = chosen.copy()
    users = np.arange(len(chosen))
    count = np.bincount(creator[chosen].ravel(), minlength=creators)
    shown = [number for number in np.unique(creator).tolist() if count[number] < floor]
    for needy in sorted(shown, key=lambda number: (count[number], number)):
        mine = np.flatnonzero(creator == needy)
        own = mine[score[:, mine].argmax(axis=1)]
        free = ~(chosen == own[:, None]).any(axis=1)
        owner = creator[chosen]
        value = np.take_along_axis(score, chosen, 1)
        spare = np.where((count[owner] > floor) & (owner != needy), value, np.inf)
        place = spare.argmin(axis=1)
        cost = np.where(free, spare[users, place] - score[users, own], np.inf)
        for user in np.argsort(cost, kind="stable").tolist():
            if count[needy] >= floor or not np.isfinite(cost[user]):
                break
            giver = owner[user, place[user]]
            if count[giver] > floor:
                chosen[user, place[user]] = own[user]
                count[giver] -= 1
                count[needy] += 1
    return chosen
