"""How often each candidate is met: latest, uniform, prioritised, or a meta-solver's mixture."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Literal, Protocol

from envgym.agents.league.member import Member
from envgym.agents.league.results import Results
from envgym.types import ConfigError
from envgym.types.errors import unknown


class Strategy(Protocol):
    """A rule that weighs candidates."""

    def weights(
        self, candidates: Sequence[Member], results: Results, learner: str
    ) -> tuple[float, ...]:
        """Return one probability per candidate; they sum to 1.

        Args:
            candidates: one or more, in the order of joining.
            results: what is known of everybody.
            learner: the id of whom an opponent is sought for.
        """
        ...


@dataclass(frozen=True)
class Latest:
    """Always the newest candidate: plain self-play with a lag."""

    def weights(
        self, candidates: Sequence[Member], results: Results, learner: str
    ) -> tuple[float, ...]:
        """Return 1 for the last."""
        return (0.0,) * (len(candidates) - 1) + (1.0,)


@dataclass(frozen=True)
class Uniform:
    """All candidates alike: fictitious self-play."""

    def weights(
        self, candidates: Sequence[Member], results: Results, learner: str
    ) -> tuple[float, ...]:
        """Return 1 / n each."""
        return (1.0 / len(candidates),) * len(candidates)


@dataclass(frozen=True)
class Pfsp:
    """Prioritised fictitious self-play: more often those who are of most use now.

    Formula: proportional to f(w), w the learner's win rate against the candidate;
             hard: f = (1 - w) ** power; variance: f = w * (1 - w)
    Source:  AlphaStar, Vinyals et al. 2019 (recalled)
    Laws:    hard falls as w rises; power 0 is uniform; variance is largest at w = 0.5

    >>> parse_strategy("pfsp:2")
    Pfsp(power=2.0, weighting='hard')
    """

    power: float = 2.0
    """0 or more; larger: the hardest opponents more often. Used by hard alone."""
    weighting: Literal["hard", "variance"] = "hard"
    """hard seeks those who beat the learner, variance those who are its equals."""

    def __post_init__(self) -> None:
        number = isinstance(self.power, int | float) and not isinstance(self.power, bool)
        if not number or not isfinite(self.power) or self.power < 0.0:
            raise ConfigError(f"league: pfsp's power must be 0 or more, got {self.power!r}.")
        if self.weighting not in ("hard", "variance"):
            names = ("hard", "variance")
            raise ConfigError(f"league: {unknown('weighting', str(self.weighting), names)}")

    def weights(
        self, candidates: Sequence[Member], results: Results, learner: str
    ) -> tuple[float, ...]:
        """Return f(w), scaled to sum to 1."""
        return pfsp([results.win_rate(learner, c.id) for c in candidates], self)


def pfsp(rates: Sequence[float], rule: Pfsp) -> tuple[float, ...]:
    """Return the probabilities for the learner's win rates, each 0 to 1; uniform if all f are 0.

    >>> pfsp([0.5, 0.9, 0.0], Pfsp(power=1.0))
    (0.3125, 0.0625, 0.625)
    """
    if rule.weighting == "variance":
        worth = [w * (1.0 - w) for w in rates]
    else:
        worth = [(1.0 - w) ** rule.power for w in rates]
    total = sum(worth)
    if not total > 0.0:
        return (1.0 / len(rates),) * len(rates)
    return tuple(round(each / total, 15) for each in worth)


@dataclass(frozen=True)
class MetaMix:
    """The mixture that a meta-solver of PSRO plays in the game between the candidates.

    Formula: meta(M, -M) of player 0, M[i, j] = 2 w(i, j) - 1 among the candidates
    Source:  PSRO, Lanctot et al. 2017, arXiv 1711.00832 (recalled)
    Laws:    a cycle of equals is met alike; pairs that never met count as even, so let past
             members play each other (``envgym arena``) before they are mixed
    """

    solver: str = "nash"
    """A name of ``envgym.agents.solvers.meta.META_SOLVERS``."""

    def __post_init__(self) -> None:
        from envgym.agents.solvers.meta import META_SOLVERS

        if self.solver not in META_SOLVERS:
            raise ConfigError(f"league: {unknown('meta-solver', str(self.solver), META_SOLVERS)}")

    def weights(
        self, candidates: Sequence[Member], results: Results, learner: str
    ) -> tuple[float, ...]:
        """Return the mixture; the learner's own results do not matter.

        Raises:
            MissingExtraError: the solver's library is not installed.
        """
        from envgym.agents.solvers.meta import meta_solver

        payoffs = results.payoffs([c.id for c in candidates])
        return tuple(meta_solver(self.solver)([payoffs, -payoffs], 1)[0].tolist())


@dataclass(frozen=True)
class Mixed:
    """Several strategies, each with its share of the episodes."""

    parts: tuple[tuple[float, Strategy], ...]
    """(share, strategy); shares are more than 0 and are scaled to sum to 1."""

    def __post_init__(self) -> None:
        if not self.parts or not all(isfinite(s) and s > 0.0 for s, _ in self.parts):
            raise ConfigError("league: a mixture needs parts with shares of more than 0.")

    def weights(
        self, candidates: Sequence[Member], results: Results, learner: str
    ) -> tuple[float, ...]:
        """Return the weighted mean of the parts' probabilities."""
        total = sum(share for share, _ in self.parts)
        each = [(share, part.weights(candidates, results, learner)) for share, part in self.parts]
        return tuple(
            sum(share * weights[i] for share, weights in each) / total
            for i in range(len(candidates))
        )


FORMS = ("latest", "uniform", "pfsp", "pfsp:POWER", "pfsp:variance", "meta:SOLVER")


def parse_strategy(given: str | Strategy) -> Strategy:
    """Return the strategy that a word means: one of ``FORMS``.

    Raises:
        ConfigError: it means none.
    """
    if not isinstance(given, str):
        if not callable(getattr(given, "weights", None)):
            raise ConfigError(f"league: a strategy is a word or has weights(), got {given!r:.80}.")
        return given
    name, colon, rest = given.partition(":")
    match name, bool(colon):
        case "latest", False:
            return Latest()
        case "uniform", False:
            return Uniform()
        case "pfsp", False:
            return Pfsp()
        case "pfsp", True:
            return Pfsp(weighting="variance") if rest == "variance" else Pfsp(_power(given, rest))
        case "meta", True:
            return MetaMix(rest)
    raise ConfigError(f"league: {unknown('strategy', given, FORMS)}")


def _power(given: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ConfigError(
            f"league: strategy '{given}': expected pfsp:POWER, a number from 0, or pfsp:variance."
        ) from None
