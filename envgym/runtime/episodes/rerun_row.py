"""Playing one row of a numeric vector again, alone, for the evidence that its blocks left out."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from envgym.runtime.episodes.episode import Episode, Turn
from envgym.runtime.episodes.stage import Stage
from envgym.types.errors import EpisodeFileError


def played_again(stage: Stage, episode: Episode) -> Episode:
    """Return an episode in blocks with turns and records, from the single environment.

    They equal the vector's to the last few bits, since a row with streams of its own is what the
    single environment with its seed is. Late evidence is merged.

    Args:
        stage: makes the environment.
        episode: as read.

    Raises:
        EpisodeFileError: its rows shared their random streams, its arrays are missing, or the
            environment ends elsewhere today.
    """
    head = episode.head
    if head.batch is None or head.batch["vector"].get("streams") != "rows":
        raise EpisodeFileError(
            f"{episode.name} has no evidence, and only its whole batch could be run again; record"
            ' vectors with streams="rows" or record_evidence="all" to rescore them'
        )
    env = stage.env(head, record_evidence="all")
    obs, info = env.reset(seed=head.seed)
    records: list[dict[str, Any]] = [dict(info["evidence"])]
    turns: list[Turn] = []
    for number, action in enumerate(episode.actions().tolist()):
        if turns and turns[-1].ended is not None:
            raise _elsewhere(episode, number)
        shown, pay, terminated, truncated, info = env.step(action)
        records.append(dict(info["evidence"]))
        turns.append(_turn(env, number, action, shown, pay, terminated or truncated, info))
    if episode.over and not (turns and turns[-1].ended):
        raise _elsewhere(episode, len(turns))
    for item in episode.late:
        records[item.e + 1].update(item.ev)
    return replace(episode, obs=env.as_recorded(obs), records=tuple(records), turns=tuple(turns))


def _turn(
    env: Any,
    number: int,
    action: Any,
    shown: Any,
    pay: float,
    over: bool,
    info: Mapping[str, Any],
) -> Turn:
    return Turn(
        e=number,
        action=action,
        calls=(),
        err=info["error"],
        obs=env.as_recorded(shown),
        pay=pay,
        ended=("terminated" if info["valid"] else "truncated") if over else None,
    )


def _elsewhere(episode: Episode, number: int) -> EpisodeFileError:
    return EpisodeFileError(
        f"{episode.name} was recorded with {episode.events} events, but now it"
        f" {'ends' if number < episode.events else 'goes on'} after {number}; see"
        " `envgym replay --verify`"
    )


__all__ = ["played_again"]
