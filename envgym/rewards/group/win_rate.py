"""WinRate: the share of the others that a rollout beats."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import exp, fsum
from typing import ClassVar

from envgym.rewards.group.groupmap import Group, GroupMap, Share
from envgym.rewards.node import Node
from envgym.rewards.signal import Bounds
from envgym.types.compare import Match
from envgym.types.errors import ConfigError


def chance(gap: float, scale: float) -> float:
    """Return sigmoid(gap / scale): the soft probability of winning by ``gap``.

    >>> chance(0.0, 1.0)
    0.5
    """
    x = gap / scale
    return 1.0 / (1.0 + exp(-x)) if x >= 0 else 1.0 - 1.0 / (1.0 + exp(max(x, -700.0)))


@dataclass(frozen=True)
class WinRate(GroupMap):
    """The mean probability of beating another rollout of the task.

    Formula: r_i = mean_{j != i} P(i beats j), N (N - 1) / 2 pairs
             hard: P in {0, 0.5, 1}; soft: the comparator's p, or sigmoid((x_i - x_j) / scale)
    Source:  cookbook D4, SPO, arXiv 2401.04056~, and Pref-GRPO, 2508.20751~ (recalled; the soft
             form over values and its scale are ours)
    Shapes:  [N] to [N]; each rollout's share is earned by its last step
    Range:   [0, 1]; the sum is N / 2 if every pair was answered and there are no past opponents
    Laws:    hard: unchanged by an increasing map of the values; equal rollouts: 0.5; cycles are
             allowed; one rollout alone: 0.5; equivariant under permutation (L4)

    Normalise it like a reward: ``GroupNormalised(WinRate(outcome))``.

    >>> from envgym.rewards import Program, Source, score
    >>> program = Program("wins", WinRate(Source("outcome", "episode")))
    >>> episodes = [[{}, {"outcome": x, "end": "task"}] for x in (0.9, 0.5, 0.5, 0.1)]
    >>> [each.total for each in score(episodes, program)]
    [1.0, 0.5, 0.5, 0.0]
    """

    kind: ClassVar[str] = "group.win_rate"

    of: Node
    """Value of an episode: what is compared without a comparator."""
    soft: bool = False
    """Whether a win counts with its probability."""
    scale: float = 1.0
    """Difference of values that makes the odds e to 1, where ``soft`` and no comparator."""
    margin: float = 0.0
    """Values or scores at most this far apart are a tie, where not ``soft``."""
    comparator: str = ""
    """Name of a comparator; "": the values of ``of``."""
    past: tuple[float, ...] = ()
    """Values of earlier policies' rollouts, which everyone meets too; see ``Opponents``."""

    def validate(self) -> None:
        """Refuse a scale or margin out of range, and past values beside a comparator."""
        if self.scale <= 0:
            raise ConfigError(f"WinRate.scale must be more than 0, got {self.scale}.")
        if self.margin < 0:
            raise ConfigError(f"WinRate.margin must be 0 or more, got {self.margin}.")
        if self.past and self.comparator:
            raise ConfigError(
                f"WinRate.past holds values, which the comparator '{self.comparator}' cannot "
                "judge; leave one of the two out."
            )

    def compare(self, group: Group) -> Sequence[Share]:
        """Return the win rate of every member; None if none of its pairs was answered."""
        from envgym.rewards.tournament.asking import comparison
        from envgym.rewards.tournament.exact import value_match

        ids = [member.id for member in group.members]
        pairs = list(combinations(ids, 2))
        ask = comparison(group, self.comparator, self.label)
        wins: dict[str, list[float]] = {id: [] for id in ids}
        matches = ask(pairs) if pairs else ()
        shown = []
        for (a, b), match in zip(pairs, matches, strict=True):
            shown.append({"first": a, "second": b, "p": match.p})
            p = self._chance(match)
            if p is not None:
                wins[a].append(p)
                wins[b].append(1.0 - p)
        for member in group.members if not self.comparator else ():
            for value in self.past:
                p = self._chance(value_match(member.values[0], value))
                if p is not None:
                    wins[member.id].append(p)
        shares = {id: self._share(each, len(ids)) for id, each in wins.items()}
        group.report[self.key] = {
            "node": self.kind,
            "label": self.label,
            "shares": shares,
            "matches": shown,
            "calls": sum(match.calls for match in matches),
            "past": len(self.past),
        }
        return [shares[id] for id in ids]

    def _chance(self, match: Match) -> float | None:
        """Return the probability that the first wins; None if it was not answered."""
        from envgym.rewards.tournament.outcome import scores_of, verdict_of

        scores, verdict = scores_of(match), verdict_of(match, self.margin)
        if scores is None or verdict is None:
            return None
        if not self.soft:
            return {"first": 1.0, "tie": 0.5, "second": 0.0}[verdict]
        return match.p if self.comparator else chance(scores[0] - scores[1], self.scale)

    def _share(self, wins: Sequence[float], size: int) -> Share:
        if wins:
            return fsum(wins) / len(wins)
        return 0.5 if size == 1 else None

    @property
    def formula(self) -> str:
        """For instance ``win_rate(outcome, soft)``."""
        options = [
            f", soft/{self.scale:g}" if self.soft else "",
            f", margin={self.margin:g}" if self.margin else "",
            f", comparator={self.comparator}" if self.comparator else "",
            f", past={','.join(map(repr, self.past))}" if self.past else "",
        ]
        return f"win_rate({self.of.formula}{''.join(options)})"

    @cached_property
    def bounds(self) -> Bounds:
        """[0, 1]."""
        return Bounds(0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Opponents:
    """Values of earlier rollouts, the newest last: the queue of past opponents.

    Source: cookbook D4 (recalled; size and first-in first-out order are ours). It is explicit
    state: keep it with the training run, one per task, and build each step's program from it.

    >>> queue = Opponents(size=3).updated([0.2, 0.4]).updated([0.6, 0.8])
    >>> queue.values
    (0.4, 0.6, 0.8)
    """

    size: int = 32
    """Values kept, at least 1."""
    values: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ConfigError(f"Opponents.size must be at least 1, got {self.size}.")
        if len(self.values) > self.size:
            raise ConfigError(
                f"Opponents.values holds {len(self.values)} values, more than size={self.size}."
            )

    def updated(self, values: Sequence[float]) -> "Opponents":
        """Return the queue after another group's values."""
        kept = (*self.values, *map(float, values))[-self.size :]
        return Opponents(self.size, kept)

    def win_rate(self, of: Node, *, soft: bool = False, scale: float = 1.0) -> WinRate:
        """Return the win rate of ``of`` against the group and these values."""
        return WinRate(of, soft=soft, scale=scale, past=self.values)
