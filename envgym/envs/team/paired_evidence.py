"""Results, regret and evidence of PAIRED."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import fsum
from typing import Any

from envgym.envs.team.paired_design import BOUNDS
from envgym.types import Evidence, Value

DESIGNER, ANTAGONIST, PROTAGONIST = AGENTS = ("designer", "antagonist", "protagonist")


@dataclass(slots=True)
class Score:
    """The plays of one player."""

    plays: int
    """How many it has."""
    outcomes: list[float] = field(default_factory=list)
    """Quest's outcome of each finished play."""
    progress: list[float] = field(default_factory=list)
    """Quest's progress of each play begun."""
    left: int = 0
    """Commands that the best solution of the running or latest play still needs."""

    @property
    def finished(self) -> bool:
        """Whether all plays are over."""
        return len(self.outcomes) == self.plays

    def open(self, evidence: Mapping[str, Any]) -> None:
        """Note that a play begins, with Quest's evidence."""
        self.progress.append(0.0)
        self.follow(evidence)

    def follow(self, evidence: Mapping[str, Any]) -> None:
        """Note how the running play stands."""
        self.progress[-1] = float(evidence["progress"])
        self.left = int(evidence["steps_left"])

    def close(self, evidence: Mapping[str, Any]) -> None:
        """Note how the running play ended."""
        self.outcomes.append(float(evidence["outcome"]))

    def result(self, player: str) -> float:
        """Return the best outcome of an antagonist, the mean of a protagonist; unplayed is 0."""
        return self._over_plays(player, self.outcomes)

    def advance(self, player: str) -> float:
        """Return the same of progress."""
        return self._over_plays(player, self.progress)

    def _over_plays(self, player: str, values: list[float]) -> float:
        if player == ANTAGONIST:
            return max(values, default=0.0)
        return fsum(values) / self.plays


def regret(scores: Mapping[str, Score], forfeited: str | None) -> float:
    """Return how much better the antagonist could do than the protagonist does, -1 to 1.

    Formula: max over antagonist plays of the outcome - mean over protagonist plays of it; 0 unless
             both have played to the end
    Source:  PAIRED (seen: best antagonist return - mean protagonist return; 0 where unsolvable)
    """
    if forfeited is not None or not all(score.finished for score in scores.values()):
        return 0.0
    return scores[ANTAGONIST].result(ANTAGONIST) - scores[PROTAGONIST].result(PROTAGONIST)


def _number(key: str, lo: float, hi: float, help: str, scope: Any = "episode") -> Evidence:
    return Evidence(key=key, type="float", scope=scope, lo=lo, hi=hi, help=help)


DECLARED: tuple[Evidence, ...] = (
    _number(
        "progress",
        0.0,
        1.0,
        "players: Quest's, the antagonist's best play, the protagonist's mean; designer: the"
        " antagonist's minus the protagonist's, at least 0",
        "step",
    ),
    Evidence(
        key="steps_left",
        type="int",
        unit="commands",
        lo=0,
        help="length of the shortest solution from where the player stands; designer: 0",
    ),
    Evidence(key="plays", type="int", unit="plays", lo=0, help="finished so far; designer: all"),
    _number("outcome", -1.0, 1.0, "designer: the regret; players: Quest's outcome over the plays"),
    _number("regret", -1.0, 1.0, "antagonist's best outcome - protagonist's mean outcome"),
    _number("stake", -1.0, 1.0, "the regret; protagonist: its opposite; whoever forfeits: -1"),
    _number("antagonist_outcome", 0.0, 1.0, "best of its plays"),
    _number("protagonist_outcome", 0.0, 1.0, "mean of its plays"),
    Evidence(
        key="optimal",
        type="int",
        unit="commands",
        scope="episode",
        lo=0,
        help="commands of the world's best solution; 0 without a world",
    ),
    *(
        Evidence(
            key=f"design.{name}",
            type="int",
            scope="episode",
            lo=low,
            hi=high,
            help=f"the designer's choice of {name}; None if it made none",
        )
        for name, (low, high) in BOUNDS.items()
    ),
    Evidence(
        key="design.goal", type="str", scope="episode", help="the goal chosen; None if none was"
    ),
)
"""Reported for every agent."""


def facts(agent: str, scores: Mapping[str, Score], forfeited: str | None) -> dict[str, Value]:
    """Return the step evidence of one agent; whoever forfeits has made no progress."""
    advance = {player: score.advance(player) for player, score in scores.items()}
    progress = advance.get(agent, max(0.0, advance[ANTAGONIST] - advance[PROTAGONIST]))
    lost = forfeited is not None and agent in (forfeited, DESIGNER)
    mine = [scores[agent]] if agent in scores else list(scores.values())
    return {
        "progress": 0.0 if lost else progress,
        "steps_left": scores[agent].left if agent in scores else 0,
        "plays": sum(len(score.outcomes) for score in mine),
    }


def final_facts(
    agent: str,
    scores: Mapping[str, Score],
    forfeited: str | None,
    design: Mapping[str, Any] | None,
    optimal: int,
) -> dict[str, Value]:
    """Return the episode evidence of one agent.

    Whoever forfeits gets the lowest outcome of its role and the stake -1; nobody gains by it, for
    the regret is then 0.
    """
    gap = regret(scores, forfeited)
    results = {
        player: 0.0 if player == forfeited else score.result(player)
        for player, score in scores.items()
    }
    if agent == DESIGNER:
        outcome = -1.0 if forfeited == agent else gap
    else:
        outcome = results[agent]
    stake = -gap if agent == PROTAGONIST else gap
    chosen = {f"design.{name}": (design or {}).get(name) for name in (*BOUNDS, "goal")}
    return {
        "outcome": outcome,
        "regret": gap,
        "stake": -1.0 if forfeited == agent else stake + 0.0,
        "antagonist_outcome": results[ANTAGONIST],
        "protagonist_outcome": results[PROTAGONIST],
        "optimal": optimal,
        **chosen,
    }
