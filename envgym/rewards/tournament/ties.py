"""Ties: members linked only by ties share their rank."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from envgym.rewards.tournament.outcome import Outcome, Tiers


def results_of(outcomes: Iterable[Outcome]) -> dict[int, dict[int, float]]:
    """Return everyone's points against everyone they met: 1, 0.5 or 0."""
    found: dict[int, dict[int, float]] = {}
    for outcome in outcomes:
        a, b = outcome.first, outcome.second
        found.setdefault(a, {})[b] = outcome.half(a)
        found.setdefault(b, {})[a] = outcome.half(b)
    return found


def shared(order: Tiers, results: Mapping[int, Mapping[int, float]], halves: bool) -> Tiers:
    """Return the tiers after ties have brought players together.

    Args:
        order: the tiers that the format found.
        results: who got which points against whom.
        halves: whether the format counts a tie as half a point, instead of deciding it by
            seed or lot.
    """
    if all(half == 0.5 for met in results.values() for half in met.values()):
        return [[player for tier in order for player in tier]] if order else []
    return level(order, results) if halves else pooled(order, results)


def pooled(order: Tiers, results: Mapping[int, Mapping[int, float]]) -> Tiers:
    """Return the tiers with tied players brought together, behind the best of them.

    A knock-out turns a tie into a loss, which this undoes: two players who tied share a tier
    unless a match between them or with a common opponent tells them apart. Ties of the best
    ranked are honoured first; pools merge while nothing tells any two of their members apart.
    """
    place = {player: number for number, tier in enumerate(order) for player in tier}
    edges = sorted(
        (sorted((place[a], place[b])), sorted((a, b)))
        for a, met in results.items()
        for b, half in met.items()
        if half == 0.5 and a < b
    )
    pool: dict[int, list[int]] = {player: [player] for player in place}
    for _, (a, b) in edges:
        one, other = pool[a], pool[b]
        if one is not other and not _apart(one, other, results):
            one.extend(other)
            for player in other:
                pool[player] = one
    best = {player: min(place[i] for i in members) for player, members in pool.items()}
    found: dict[int, list[int]] = {}
    for player in place:
        found.setdefault(best[player], []).append(player)
    return [found[number] for number in sorted(found)]


def level(order: Tiers, results: Mapping[int, Mapping[int, float]]) -> Tiers:
    """Return the tiers with those brought together whom no decided match touches at all.

    For formats that count a tie as half a point: nothing has to be undone, but byes and
    opponents' points must not separate rollouts that are all alike.
    """
    alike: dict[int, Mapping[int, float]] = {}
    for part in _parts(results):
        if all(half == 0.5 for player in part for half in results[player].values()):
            alike.update({player: results[player] for player in part})
    return pooled(order, alike)


def _parts(results: Mapping[int, Mapping[int, float]]) -> Iterator[set[int]]:
    """Yield the sets of players that matches connect."""
    seen: set[int] = set()
    for start in results:
        if start in seen:
            continue
        part, waiting = {start}, [start]
        while waiting:
            fresh = results[waiting.pop()].keys() - part
            part |= fresh
            waiting.extend(fresh)
        seen |= part
        yield part


def _apart(
    one: Sequence[int], other: Sequence[int], results: Mapping[int, Mapping[int, float]]
) -> bool:
    for a in one:
        for b in other:
            if results[a].get(b, 0.5) != 0.5:
                return True
            common = results[a].keys() & results[b].keys()
            if any(results[a][x] != results[b][x] for x in common):
                return True
    return False
