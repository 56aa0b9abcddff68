"""Round robin: everyone meets everyone once."""

from envgym.rewards.tournament.outcome import Pairing, Schedule
from envgym.rewards.tournament.seats import Seats
from envgym.rewards.tournament.tally import Tally, tiers


def round_robin(seats: Seats) -> Schedule:
    """Return the order by points: 1 for a win, 0.5 for a tie.

    Formula: points per answered match; N (N - 1) / 2 matches, all in one batch
    Source:  cookbook D3 (seen: Alibaba-NLP/qqr; equal points share the mean rank here)
    """
    tally = Tally(len(seats))
    tally.add((yield circle(seats.drawn("circle"))))
    return tiers(range(len(seats)), tally.share)


def circle(players: list[int]) -> list[Pairing]:
    """Return all pairs by the circle method, so that any beginning of the list is balanced."""
    ring: list[int | None] = [*players, None] if len(players) % 2 else [*players]
    size = len(ring)
    pairs: list[Pairing] = []
    for _ in range(size - 1):
        for a, b in zip(ring[: size // 2], reversed(ring), strict=False):
            if a is not None and b is not None:
                pairs.append((a, b))
        ring = [ring[0], ring[-1], *ring[1:-1]]
    return pairs
