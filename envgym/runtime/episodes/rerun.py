"""Running recorded actions again and naming the first difference."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from os import PathLike
from typing import Any

import gymnasium

from envgym.runtime import registry
from envgym.runtime.episodes.compare import Difference, first_difference, mask
from envgym.runtime.episodes.encode import encode
from envgym.runtime.episodes.episode import Episode, Turn
from envgym.runtime.episodes.reader import read_episodes
from envgym.runtime.episodes.redact import redacted
from envgym.runtime.episodes.rerun_blocks import RowReport, batch_reports
from envgym.runtime.episodes.rerun_team import team_differences
from envgym.runtime.episodes.schema import AGENT
from envgym.runtime.episodes.stage import MakeError, Stage, recorded_task
from envgym.runtime.episodes.writer import library_versions
from envgym.types.errors import EnvgymError, EpisodeFileError, InfraError


@dataclass(frozen=True, slots=True)
class Report:
    """What ``verify`` found."""

    episodes: int
    """Episodes that were run again, the differing one included."""
    events: int
    """Events that were compared, resets not counted."""
    difference: Difference | None
    """The first difference; None: everything agrees."""
    notes: tuple[str, ...] = ()
    """Versions that changed, episodes that could not be run again, lines that could not be read."""

    @property
    def ok(self) -> bool:
        """Return True if at least one episode was run again and nothing differs."""
        return self.difference is None and self.episodes > 0

    def __str__(self) -> str:
        if self.difference is not None:
            return str(self.difference)
        if not self.episodes:
            return "nothing could be verified"
        count = f"{self.episodes} episode{'' if self.episodes == 1 else 's'}"
        return f"verified: {count}, {self.events} events, no difference"


def verify(
    path: str | PathLike[str],
    *,
    only: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Run recorded episodes again and compare ``obs``, ``ev``, ``pay`` and ``ended``.

    The environment is made from each head, gets the whole task from it and the recorded
    messages; wall-clock budgets run out where they did. Rows of a numeric vector are run again as
    the vector they were, from one reset of all rows to the next. Stops at the first difference.

    Args:
        path: an episode file or folder.
        only: name or number of one episode; default all.
        progress: called with the number of episodes done after each.

    Raises:
        EpisodeFileError: nothing can be read there, or a head's configuration is refused now.
        ConfigError: nobody registered the environment.
    """
    episodes = read_episodes(path)
    notes: dict[str, None] = {}
    count = events = 0
    rows: dict[str, RowReport] = {}
    with Stage() as stage:
        for episode in [episodes.named(only)] if only is not None else episodes:
            try:
                if episode.head.batch is not None:
                    if episode.name not in rows:
                        rows.update(batch_reports(stage, episodes.batch(episode)))
                        family = registry.env_class(episode.head.env)
                        notes.update(dict.fromkeys(_changes(episode, family)))
                    row = rows[episode.name]
                    events += row.events
                    if row.difference is not None:
                        return Report(
                            count + 1, events, row.difference, (*notes, *episodes.problems)
                        )
                    if row.note is not None:
                        raise EpisodeFileError(row.note)
                    count += 1
                    if progress is not None:
                        progress(count)
                    continue
                whole = episodes.history(episode)
                if not episode.records:
                    raise EpisodeFileError(f"{episode.name}: the reset line is missing.")
                if episode.several:
                    if only is None and episode.agent != episode.head.agents[0]:
                        continue  # compared together with the first agent's view
                    team = episodes.team(episode)
                    env = stage.team_env(team)
                    found_ones = team_differences(env, team, [*map(episodes.history, team)])
                else:
                    env = stage.env(episode.head)
                    found_ones = _differences(env, episode, whole)
                notes.update(dict.fromkeys(_changes(episode, env)))
                for turn, found in found_ones:
                    events += turn
                    if found is not None:
                        return Report(count + 1, events, found, (*notes, *episodes.problems))
            except InfraError as error:
                notes[f"{episode.name}: not verified: {error}"] = None
                continue
            except MakeError:
                raise
            except EpisodeFileError as error:
                notes[f"not verified: {error}"] = None
                continue
            count += 1
            if progress is not None:
                progress(count)
    return Report(count, events, None, (*notes, *episodes.problems))


def _changes(episode: Episode, env: Any) -> Iterator[str]:
    """Yield a sentence for each version that differs from the recorded one."""
    head = episode.head
    now = library_versions()
    for name, version in head.libs.items():
        if name in now and now[name] != version:
            yield f"recorded with {name} {version}, now {now[name]}"
    if (current := str(env.metadata.get("version", "0"))) != head.version:
        yield f"recorded with version {head.version} of {head.env}, now {current}"
    if redacted(head.config):
        yield f"{head.env}: the recorded configuration had secrets, which are redacted"


def _differences(
    env: Any, episode: Episode, whole: Episode
) -> Iterator[tuple[int, Difference | None]]:
    """Yield (1 per event, 0 for the reset; the difference or None) along ``episode``.

    ``whole`` is the episode with its parents' turns, which are run but not compared.
    """
    head, before = episode.head, len(whole.turns) - len(episode.turns)
    env.replay_cuts(whole.cuts)
    numeric = registry.is_numeric(head.env)
    options = None if numeric else {"task": recorded_task(head)}
    shown: Callable[[Any], Any] = env.as_recorded if numeric else _same
    try:
        obs, info = env.reset(seed=head.seed, options=options)
        evidence = info["evidence"]
        for turn in whole.turns[:before]:
            obs, _, _, _, info = env.step(_action(episode, turn))
            evidence = info["evidence"]
    except (EnvgymError, gymnasium.error.Error) as error:
        if isinstance(error, InfraError):
            raise
        yield (
            0,
            Difference(
                episode=episode.name, event=-1, field="", recorded="a reset", now=f'"{error}"'
            ),
        )
        return
    yield 0, _compare(episode, -1, {"obs": episode.obs}, {"obs": shown(obs)}, evidence)
    turns = episode.turns[:-1] if episode.broken else episode.turns
    for turn in turns:
        obs, pay, terminated, truncated, info = env.step(_action(episode, turn))
        ended = "terminated" if terminated else "truncated" if truncated else None
        yield (
            1,
            _compare(
                episode,
                turn.e,
                {"obs": turn.obs, "pay": turn.pay, "ended": turn.ended},
                {"obs": shown(obs), "pay": pay, "ended": ended},
                info["evidence"],
            ),
        )


def _same(value: Any) -> Any:
    return value


def _action(episode: Episode, turn: Turn) -> Any:
    if isinstance(turn.action, dict) and "ref" in turn.action:
        return episode.array(turn.action)
    return turn.action


def _compare(
    episode: Episode,
    event: int,
    recorded: Mapping[str, Any],
    now: Mapping[str, Any],
    evidence: Mapping[str, Any],
) -> Difference | None:
    """Return the difference of one line, after masking; late evidence is not the environment's."""
    at = event - episode.first + 1 if event >= 0 else 0
    late = {key for item in episode.late if item.e == episode.first + at - 1 for key in item.ev}
    sides = []
    for fields, facts in ((recorded, episode.records[at]), (now, evidence)):
        line = {
            "obs": {AGENT: fields["obs"]},
            "ev": {AGENT: {k: v for k, v in facts.items() if k not in late}},
        }
        if event >= 0:
            line["pay"] = {AGENT: fields["pay"]}
            line["ended"] = {AGENT: fields["ended"]}
        sides.append(mask(json.loads(encode(line)), episode.head.volatile, episode.head.masks))
    found = first_difference(*sides)
    if found is None:
        return None
    field, before, after = found
    return Difference(episode=episode.name, event=event, field=field, recorded=before, now=after)


__all__ = ["Difference", "Report", "recorded_task", "verify"]
