"""Logged rounds as arrays: from recorded episodes, or from arrays that are there already."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from envgym.runtime.episodes import Episode, read_episodes
from envgym.types import ConfigError, EpisodeFileError


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """N rounds that some policy played, in order, episode after episode."""

    actions: NDArray[Any]
    """int64 [N] or [N, slots]; float64 [N, d] where actions are points."""
    rewards: NDArray[Any]
    """float64 [N]: realised reward of each round."""
    propensities: NDArray[Any] | None
    """float64 [N]: probability with which the action was drawn; None: was not asked for."""
    contexts: NDArray[Any]
    """float64 [N, d]: what was observed before acting; d is 0 where that is text."""
    episodes: NDArray[Any]
    """int64 [N]: number of the episode, for ``groups`` of the estimators."""
    channels: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """float64 [N] per further evidence that was asked for."""
    names: tuple[str, ...] = ()
    """Names of the episodes, by number."""
    lost: int = 0
    """Turns left out because no round was played in them: unreadable or invalid actions."""

    def __len__(self) -> int:
        return len(self.rewards)


def logged(
    *,
    actions: ArrayLike,
    rewards: ArrayLike,
    propensities: ArrayLike | None = None,
    contexts: ArrayLike | None = None,
    episodes: ArrayLike | None = None,
    channels: Mapping[str, ArrayLike] | None = None,
) -> Logged:
    """Return arrays as logged rounds.

    Args:
        actions: [N], or [N, slots].
        rewards: [N].
        propensities: [N], each in (0, 1]; None: unknown.
        contexts: [N, d]; None: there are none.
        episodes: [N] integers, rounds of one episode side by side; None: one episode.
        channels: [N] each, for instance ``immediate`` and ``retention``.

    Raises:
        ConfigError: lengths differ, or numbers are not finite or outside their range.
    """
    acts = np.asarray(actions)
    if acts.ndim not in (1, 2) or acts.dtype.kind not in "iuf":
        raise ConfigError(
            f"actions must be numbers of shape [N] or [N, slots], got shape {acts.shape} of "
            f"{acts.dtype}."
        )
    if acts.dtype.kind == "f" and not np.isfinite(acts).all():
        raise ConfigError("actions must be finite numbers.")
    n = len(acts)
    numbered = _column("episodes", np.zeros(n) if episodes is None else episodes, n)
    starts = np.flatnonzero(np.diff(numbered, prepend=np.nan) != 0)
    if len(np.unique(numbered)) != len(starts):
        raise ConfigError("episodes: rounds of one episode must stand side by side.")
    ids = np.zeros(n, np.int64)
    ids[starts[1:]] = 1
    x = np.zeros((n, 0)) if contexts is None else np.asarray(contexts, np.float64)
    if x.ndim != 2 or len(x) != n or not np.isfinite(x).all():
        raise ConfigError(f"contexts must be {n} rows of finite numbers, got shape {x.shape}.")
    chances = None if propensities is None else _column("propensities", propensities, n)
    if chances is not None and not (good := (chances > 0) & (chances <= 1 + 1e-9)).all():
        at = int(good.argmin())
        raise ConfigError(
            f"propensities must be above 0 and at most 1, got {chances[at]:g} at position {at}."
        )
    return Logged(
        actions=acts.astype(np.float64 if acts.dtype.kind == "f" else np.int64),
        rewards=_column("rewards", rewards, n),
        propensities=chances,
        contexts=x,
        episodes=np.cumsum(ids),
        channels={name: _column(name, values, n) for name, values in (channels or {}).items()},
        names=tuple(f"{number:g}" for number in numbered[starts]),
    )


def read_logged(
    source: str | PathLike[str] | Iterable[Episode],
    *,
    reward: str = "utility",
    propensity: str | None = "propensity",
    channels: Sequence[str] = (),
    context: Callable[[Any], ArrayLike] | None = None,
    tool: str = "choose",
) -> Logged:
    """Return the played rounds of recorded episodes.

    A turn counts as a round if the evidence ``rounds`` grew in it; without that evidence, if the
    agent made no mistake in it.

    Args:
        source: An episode file, a folder of them, or episodes.
        reward: Evidence that holds a round's realised reward.
        propensity: Evidence, usually late (``env.note({"propensity": p}, "learner")`` after the
            step), that holds the probability of the action; None: it is not needed.
        channels: Further evidence to return, such as ``("immediate", "retention")``.
        context: From the observation before the action to numbers [d]; None: ``features``.
        tool: The call that plays a round, where actions are text.

    Raises:
        ConfigError: numbers are not finite or outside their range.
        EpisodeFileError: a round lacks evidence or a readable action: names episode and event.
    """
    found = read_episodes(source) if isinstance(source, str | PathLike) else source
    wanted = (reward, *channels, *(() if propensity is None else (propensity,)))
    rows: list[tuple[Any, NDArray[Any], int, list[float]]] = []
    names: list[str] = []
    lacking: list[str] = []
    lost = 0
    for episode in found:
        begun = len(rows)
        # Where our side failed, the last record holds counters only.
        for at, turn in enumerate(episode.turns[: -1 if episode.broken else None]):
            if turn.action is None:
                continue  # another agent's
            before, record = episode.records[at], episode.records[at + 1]
            grew = record.get("rounds", 0) > before.get("rounds", 0)
            if not (grew if "rounds" in record else turn.err is None):
                lost += 1
                continue
            missing = [key for key in wanted if not _is_number(record.get(key))]
            if missing:
                lacking.append(f"{episode.name} has no '{missing[0]}' at event {turn.e}")
                break
            seen = episode.obs if at == 0 else episode.turns[at - 1].obs
            numbers = _numbers(episode, seen, context)
            action = _action(episode.name, turn, tool)
            rows.append((action, numbers, len(names), [float(record[key]) for key in wanted]))
        if len(rows) > begun:
            names.append(episode.name)
    if lacking:
        raise EpisodeFileError(
            f"{lacking[0]} ({len(lacking)} episode(s) lack evidence); a propensity is recorded by "
            'env.note({"propensity": p}, "learner") after each step.'
        )
    if not rows:
        raise EpisodeFileError("the recorded episodes hold no round that was played.")
    actions, contexts, members, values = zip(*rows, strict=True)
    for what, items in (("actions", actions), ("observations", contexts)):
        if len({np.shape(item) for item in items}) > 1:
            raise EpisodeFileError(f"{what} differ in shape between rounds; read them apart.")
    table = np.array(values)
    made = logged(
        actions=np.array(actions),
        rewards=table[:, 0],
        propensities=None if propensity is None else table[:, -1],
        contexts=np.array(contexts).reshape(len(rows), -1),
        episodes=members,
        channels={name: table[:, 1 + i] for i, name in enumerate(channels)},
    )
    return replace(made, names=tuple(names), lost=lost)


def features(obs: Any, *, batch: int | None = None) -> NDArray[Any]:
    """Return an observation as numbers, float64 [d], or [B, d] of a batch of B.

    Arrays and lists are flattened; of a dict the parts follow each other in order of their names;
    text has no numbers (d is 0).

    >>> features({"clock": 2.0, "arms": [[1, 2], [3, 4]]}).tolist()
    [1.0, 2.0, 3.0, 4.0, 2.0]
    """
    shape = (-1,) if batch is None else (batch, -1)
    if isinstance(obs, Mapping):
        parts = [features(obs[key], batch=batch) for key in sorted(obs)]
        return np.concatenate(parts, axis=-1)
    if obs is None or isinstance(obs, str) or np.asarray(obs).dtype.kind in "USO":
        return np.zeros((0,) if batch is None else (batch, 0))
    values = np.asarray(obs, dtype=np.float64)
    if batch is not None and values.size == 0:
        return np.zeros((batch, 0))
    return values.reshape(shape)


def _numbers(
    episode: Episode, obs: Any, context: Callable[[Any], ArrayLike] | None
) -> NDArray[Any]:
    obs = _loaded(episode, obs)
    return features(obs) if context is None else np.asarray(context(obs), np.float64).reshape(-1)


def _loaded(episode: Episode, value: Any) -> Any:
    """Return an observation with its large arrays, which lie beside the file."""
    if not isinstance(value, Mapping):
        return value
    if "ref" in value:
        return episode.array(value)
    return {key: _loaded(episode, part) for key, part in value.items()}


def _action(name: str, turn: Any, tool: str) -> Any:
    """Return what was played, a number or a list of numbers."""
    played = turn.action
    if isinstance(played, str):
        calls = [call["args"] for call in turn.calls if call["name"] == tool]
        if len(calls) != 1 or len(calls[0]) != 1:
            raise EpisodeFileError(
                f"{name}: event {turn.e} played a round without one call '{tool}' with one "
                f"argument."
            )
        (played,) = calls[0].values()
    values = [_number(value) for value in (played if isinstance(played, list) else [played])]
    if not values or None in values:
        raise EpisodeFileError(
            f"{name}: the action of event {turn.e} must be a number or a list of numbers, got "
            f"{played!r:.60}."
        )
    return values if isinstance(played, list) else values[0]


def _number(value: Any) -> float | int | None:
    """Return a number, also one that a call gave as text, as tools accept it; None: it is none."""
    if _is_number(value):
        return int(value) if float(value).is_integer() else float(value)
    try:
        return _number(float(value)) if isinstance(value, str) and len(value) < 40 else None
    except ValueError:
        return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _column(name: str, values: ArrayLike, n: int) -> NDArray[Any]:
    try:
        column = np.asarray(values, np.float64)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{name} must be {n} numbers: {error}.") from None
    if column.shape != (n,) or not np.isfinite(column).all():
        raise ConfigError(f"{name} must be {n} finite numbers, got shape {column.shape}.")
    return column
