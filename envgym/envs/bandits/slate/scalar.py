"""envgym/SlateRetention-v0 for one user on plain numbers."""

from math import floor, log1p, log2
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.random import Generator

from envgym.runtime.numeric.core import Facts, reveal_one
from envgym.types.bandit import Outcome

if TYPE_CHECKING:
    from envgym.envs.bandits.slate.core import SlateRetentionCore


class SlateRetentionScalar:
    """One episode; the rules of ``SlateRetentionCore`` without arrays."""

    def __init__(self, core: "SlateRetentionCore") -> None:
        self.core = core
        self.t = 0
        slots = core.slots
        self.attentions = [core.attention**place for place in range(slots)]
        self.discounts = [1.0 / log2(place + 2) for place in range(slots)]
        self.fades = [(1.0 - core.repeat_loss) ** times for times in range(core.candidates + 1)]

    def start(self, rng: Generator) -> None:
        """Draw the user and the first candidates."""
        core = self.core
        self.t = 0
        self.interest: list[float] = rng.random(core.categories).tolist()
        self.loyalty = 0.2 * float(rng.random()) - 0.1
        self._draw(rng)
        self.bored = [0.0] * core.categories
        self.lost = self.session = self.request = self.signals = self.away = 0
        self.shown = [0] * core.categories
        self.liked = [0] * core.categories
        self.slate: list[int] = []
        self.earned: list[int] = []

    def _draw(self, rng: Generator) -> None:
        core = self.core
        self.category: list[int] = rng.integers(core.categories, size=core.candidates).tolist()
        self.quality: list[float] = rng.random(core.candidates).tolist()

    def observe(self) -> Any:
        """Return the observation, a dict of arrays."""
        temper = max(10.0 - self.lost / self.core.slots, 0.0)
        liked = [
            won / (2 * seen) if seen else 0.0
            for won, seen in zip(self.liked, self.shown, strict=True)
        ]
        seen = {
            "user": np.array([temper, self.session, self.request, self.away], np.float64),
            "shown": np.array(self.shown, np.float64),
            "liked": np.array(liked),
            "category": np.array(self.category, np.float64),
            "quality": np.array(self.quality),
        }
        if self.core.profile:
            seen["interest"] = np.array(self.interest)
        return seen

    def mask(self) -> None:
        """None: a mask cannot say that items must differ; ``valid`` does."""
        return

    def valid(self, action: Any) -> bool:
        """Return whether the slate holds existing candidates, none of them twice."""
        items = [int(item) for item in action]
        inside = all(0 <= item < self.core.candidates for item in items)
        return inside and len(items) == self.core.slots == len(set(items))

    def alone(self) -> list[float]:
        """Return the relevance of every candidate."""
        interest, bored, loss = self.interest, self.bored, self.core.boredom
        kept = [1.0 - loss * tired for tired in bored]
        return [
            (0.3 + 0.35 * (interest[c] + q)) * kept[c]
            for c, q in zip(self.category, self.quality, strict=True)
        ]

    def ranked(self, alone: list[float]) -> tuple[list[int], list[float]]:
        """Return the best slate of this request and the gains of its items."""
        met = [0] * self.core.categories
        worth = []
        for item in sorted(range(len(alone)), key=alone.__getitem__, reverse=True):
            category = self.category[item]
            worth.append((alone[item] * self.fades[met[category]], item))
            met[category] += 1
        worth.sort(key=lambda pair: -pair[0])
        top = worth[: self.core.slots]
        return [item for _, item in top], [gain for gain, _ in top]

    def expert(self) -> list[int]:
        """Return the slate of most expected signals in this request."""
        return self.ranked(self.alone())[0]

    def myopic(self) -> list[int]:
        """Return the same: the expert looks one request ahead."""
        return self.expert()

    def advance(self, action: Any, rng: Generator) -> Facts:
        """Show a slate and return what came of it."""
        core = self.core
        items, slots = [int(item) for item in action], core.slots
        alone = self.alone()
        chosen = [alone[item] for item in items]
        shown = [self.category[item] for item in items]
        counts = [0] * core.categories
        pairs = 0
        appeal = []
        for category, value in zip(shown, chosen, strict=True):
            appeal.append(value * self.fades[counts[category]])
            pairs += counts[category]
            counts[category] += 1
        chances = [a * b for a, b in zip(appeal, self.attentions, strict=True)]
        gains = self.ranked(alone)[1]
        facts: Facts = self._judged(alone, chosen, counts, pairs)
        best = sum(a * b for a, b in zip(gains, self.attentions, strict=True)) / slots
        mean = sum(chances) / slots
        kept = self._mean_retention(chances)
        discounts = self.discounts
        ideal = sum(a * b for a, b in zip(gains, discounts, strict=True))
        found = sum(a * b for a, b in zip(appeal, discounts, strict=True))
        facts["ndcg"] = min(found / ideal, 1.0)
        facts["shortfall"] = max(best - mean, 0.0)
        facts["expected"] = mean + core.weight * kept
        facts["violation"] = 0.0

        self.slate, self.earned = shown, []
        draws = rng.random((slots, 2)).tolist()
        for category, chance, (first, second) in zip(shown, chances, draws, strict=True):
            earned = (first < chance) + (second < chance)
            self.earned.append(earned)
            self.liked[category] += earned
            self.shown[category] += 1
        total = sum(self.earned)
        self.request += 1
        self.signals += total
        self.lost += slots if core.temper == "clock" else 2 * slots - total
        self.bored = [
            core.linger * tired + (1.0 - core.linger) * (count / slots)
            for tired, count in zip(self.bored, counts, strict=True)
        ]
        retention, days, left = self._ended(float(rng.random()))
        if core.catalogue == "fresh":
            self._draw(rng)
        immediate = total / (2 * slots)
        facts |= {
            "immediate": immediate,
            "retention": retention,
            "utility": immediate + core.weight * retention,
            "patience": max(core.patience - self.lost, 0) / core.patience,
            "sessions": self.session,
            "days": days,
            "progress": sum(map(bool, self.shown)) / core.categories,
            "over": left or self.session >= core.sessions,
        }
        self.t += 1
        return facts

    def _judged(
        self, alone: list[float], chosen: list[float], counts: list[int], pairs: int
    ) -> Facts:
        slots, discounts = len(chosen), self.discounts
        top = sum(sorted(alone, reverse=True)[:slots])
        dcg = sum(a * b for a, b in zip(chosen, discounts, strict=True))
        ordered = sorted(chosen, reverse=True)
        ideal = sum(a * b for a, b in zip(ordered, discounts, strict=True))
        relevance, ranking = min(sum(chosen) / top, 1.0), min(dcg / ideal, 1.0)
        diversity = sum(map(bool, counts)) / min(slots, len(counts))
        redundancy = pairs / max(slots * (slots - 1) // 2, 1)
        return {
            "relevance": relevance,
            "ranking": ranking,
            "diversity": diversity,
            "redundancy": redundancy,
            "item_reward": dcg / sum(discounts),
            "page_reward": (relevance + ranking + diversity + 1.0 - redundancy) / 4.0,
        }

    def _back(self, signals: int, request: int) -> float:
        core = self.core
        response = signals / (2 * core.slots * request)
        return min(max(self.loyalty + core.pull * response + core.base, 0.001), 0.999)

    def _ended(self, draw: float) -> tuple[float, int, bool]:
        """End the session if it is over; return retention, days away and whether the user left."""
        core = self.core
        if self.lost <= core.patience and self.request < core.requests:
            return 0.0, 0, False
        days = 1 + floor(log1p(-draw) / log1p(-self._back(self.signals, self.request)))
        left = days > core.days
        self.session += 1
        self.request = self.signals = 0
        self.bored = [0.0] * core.categories
        self.away = min(days, core.days)
        if left:
            return -1.0, core.days, True
        self.lost = 0
        return -(days - 1) / core.days, days, False

    def _mean_retention(self, chances: list[float]) -> float:
        """Return the expected retention of the round to be played, over all counts of signals."""
        core = self.core
        slots, request = core.slots, self.request + 1
        most = slots if core.temper == "clock" else 2 * slots
        capped = request >= core.requests
        if self.lost + most <= core.patience and not capped:
            return 0.0
        odds = [1.0]
        for chance in chances:
            miss = 1.0 - chance
            for _ in range(2):
                odds = [
                    a * miss + b * chance for a, b in zip([*odds, 0.0], [0.0, *odds], strict=True)
                ]
        found = 0.0
        for total, share in enumerate(odds):
            loss = slots if core.temper == "clock" else 2 * slots - total
            if capped or self.lost + loss > core.patience:
                back = self._back(self.signals + total, request)
                miss = 1.0 - back
                found -= share * miss * (1.0 - miss**core.days) / (back * core.days)
        return found

    def reveal(self, action: Any, facts: Facts) -> tuple[Outcome, ...]:
        """Return the round just played, with retention as a second channel."""
        shown = reveal_one(self, action, facts, ())
        return (shown._replace(residuals=(-facts["retention"],)),)
