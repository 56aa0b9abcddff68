"""One game of the arena on the text view, with policies kept for the next one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from envgym.agents.resolve import resolve_agent
from envgym.runtime.games.registry import is_game, make_text
from envgym.runtime.multi.play import matches
from envgym.runtime.rollout import Job
from envgym.types import ConfigError, Policy


@dataclass(frozen=True, slots=True)
class Played:
    """What a game came to, by seat."""

    returns: tuple[float, ...]
    """In the game's own unit; empty where it is not valid."""
    forfeit_by: int | None
    """The seat that had no legal move within its tries."""
    valid: bool
    """False: our side failed."""
    reason: str | None = None
    """Why it is not valid."""


_KEPT = 64
"""Policies kept per process: a solved table costs seconds, a model gigabytes."""


@lru_cache(maxsize=_KEPT)
def _policy(spec: str) -> Policy:
    return resolve_agent(spec)


def play_one(
    game: str,
    params: Mapping[str, Any],
    seats: Sequence[str],
    seed: int,
    *,
    timeout: float | None = None,
    **options: Any,
) -> Played:
    """Return one finished game; equal arguments give an equal game for deterministic policies.

    A player that raises, or gives no answer in time, forfeits the game.

    Args:
        game: a game's name.
        params: its arguments.
        seats: an agent string per seat, as ``resolve_agent`` reads them; made once per process.
        seed: of the deal and of every policy's sampling.
        timeout: seconds for an answer; None: no limit.
        options: of ``GameText``, such as ``illegal="retry:1,random"``.

    Raises:
        ConfigError: an unknown game, argument or agent, or a number of agents that does not fit.
    """
    if not is_game(game):
        raise ConfigError(f"the arena plays games, and '{game}' is none; see `envgym list`.")
    # Rewards are the game's own: measuring costly evidence would only slow the arena down.
    env = make_text(game, **{**params, "reward": "outcome", **options})
    agents = list(env.possible_agents)
    if len(seats) != len(agents):
        env.close()
        raise ConfigError(f"{game} has {len(agents)} seats, got {len(seats)} agents.")
    people = {agent: _policy(spec) for agent, spec in zip(agents, seats, strict=True)}
    ((_, match),) = matches(
        lambda: env, people, [Job(seed=seed)], faults="forfeit", timeout=timeout
    )
    return Played(
        returns=match.final or (),
        forfeit_by=None if match.forfeit is None else agents.index(match.forfeit),
        valid=match.valid,
        reason=match.reason,
    )


__all__ = ["Played", "play_one"]
