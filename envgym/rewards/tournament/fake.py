"""FakeComparator: a judge whose skill, noise, position bias and cycles are known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from json import dumps
from math import isfinite, log

from envgym.rewards.node import Node
from envgym.rewards.spec import to_spec
from envgym.rewards.tournament.orders import Scores, match_of
from envgym.types.compare import Candidate, Match, Pair
from envgym.types.errors import ConfigError
from envgym.types.stream import Stream


@dataclass(frozen=True, kw_only=True)
class FakeComparator:
    """Judges pairs by known qualities, in both orders; for tests and simulations.

    Formula: z = slope (quality_first - quality_second) + bias + noise L, L standard logistic;
             the candidate shown first wins its order if z > 0, so that with noise 1
             P = sigmoid(slope gap + bias); its score is z / 2, the other's -z / 2
    Source:  games 4.5 (logistic judge with a position bias; ours)
    Laws:    deterministic in the seed and the two ids, whatever else is asked and in which
             order; noise 0, bias 0: exact. Two calls per match.

    >>> judge = FakeComparator(quality={"a": 0.9, "b": 0.1}, noise=0.0, bias=0.0)
    >>> a, b = Candidate(id="a", records=()), Candidate(id="b", records=())
    >>> match = judge.compare([(b, a)])[0]
    >>> match.p, match.calls, match.agreed
    (0.0, 2, True)
    """

    quality: Mapping[str, float] | Node
    """By id; or a node whose value over the episode is the quality."""
    slope: float = 2.0
    """Logits per unit of quality."""
    noise: float = 1.0
    """Scale of the logistic noise of each call; 0: none."""
    bias: float = 0.5
    """Logits for the candidate shown first; above 0 it is favoured."""
    votes: bool = False
    """Whether each order gives its winner one point, instead of scores."""
    strict: bool = False
    """Whether a winner has to win in both orders."""
    cycle: tuple[str, ...] = ()
    """Ids in a circle in which each beats the next ones, whatever their qualities: the gap
    between two of them is 1 for the one that comes (N - 1) // 2 places or fewer before the
    other, else -1 (exactly opposite: 0)."""
    failures: float = 0.0
    """Share of calls without an answer, 0 to 1; their matches are unanswered."""
    seed: int = 0
    name: str = field(default="", init=False)

    def __post_init__(self) -> None:
        for which in ("slope", "noise", "bias"):
            value = getattr(self, which)
            if not isfinite(value) or (which == "noise" and value < 0):
                raise ConfigError(
                    f"FakeComparator.{which} must be finite"
                    f"{' and 0 or more' if which == 'noise' else ''}, got {value!r}."
                )
        if not 0 <= self.failures <= 1:
            raise ConfigError(
                f"FakeComparator.failures must be between 0 and 1, got {self.failures!r}."
            )
        if len(set(self.cycle)) < len(self.cycle):
            raise ConfigError(f"FakeComparator.cycle names an id twice: {self.cycle!r}.")
        object.__setattr__(self, "name", f"fake:{self._digest()}")

    def compare(self, pairs: Sequence[Pair]) -> list[Match]:
        """Return one match per pair."""
        known: dict[int, float | None] = {}
        for candidate in {id(c): c for pair in pairs for c in pair}.values():
            known[id(candidate)] = self._quality(candidate)
        found: list[Match] = []
        for a, b in pairs:
            mine, other = known[id(a)], known[id(b)]
            if mine is None or other is None:
                found.append(Match(p=None))
                continue
            gap = self._gap(a.id, b.id, mine - other)
            first, second = self._shown(a.id, b.id, gap), self._shown(b.id, a.id, -gap)
            found.append(match_of(first, second, self.strict))
        return found

    def _shown(self, first: str, second: str, gap: float) -> Scores | None:
        """Return the scores by position of one call."""
        draws = Stream(self.seed, "fake judge", first, second)
        if draws.uniform() < self.failures:
            return None
        u = draws.uniform() or 2.0**-54
        z = self.slope * gap + self.bias + self.noise * log(u / (1.0 - u))
        if self.votes:
            return (1.0, 0.0) if z > 0 else (0.0, 1.0) if z < 0 else (0.5, 0.5)
        return z / 2.0, -z / 2.0

    def _gap(self, a: str, b: str, gap: float) -> float:
        if a not in self.cycle or b not in self.cycle:
            return gap
        size = len(self.cycle)
        ahead = (self.cycle.index(b) - self.cycle.index(a)) % size
        return 0.0 if 2 * ahead == size else 1.0 if 2 * ahead < size else -1.0

    def _quality(self, candidate: Candidate) -> float | None:
        if isinstance(self.quality, Node):
            return self.quality.settle(candidate.records)[0]
        if candidate.id not in self.quality:
            raise ConfigError(
                f"FakeComparator.quality has no value for the rollout '{candidate.id}'."
            )
        return float(self.quality[candidate.id])

    def _digest(self) -> str:
        quality = self.quality
        known = to_spec(quality) if isinstance(quality, Node) else sorted(quality.items())
        rest = [self.slope, self.noise, self.bias, self.votes, self.strict, self.cycle]
        text = dumps([known, *rest, self.failures, self.seed])
        return blake2b(text.encode(), digest_size=6).hexdigest()
