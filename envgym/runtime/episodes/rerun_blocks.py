"""Running a recorded batch of a numeric vector again, and naming the first row that differs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from envgym.runtime.episodes import arrays
from envgym.runtime.episodes.compare import Difference
from envgym.runtime.episodes.episode import Episode, Part
from envgym.runtime.episodes.stage import MakeError, Stage
from envgym.types.errors import EnvgymError, EpisodeFileError

if TYPE_CHECKING:
    from envgym.runtime.numeric.tape import Cut


@dataclass(frozen=True, slots=True, kw_only=True)
class RowReport:
    """What became of one episode of the batch."""

    events: int = 0
    """Events that were run again."""
    difference: Difference | None = None
    note: str | None = None
    """Why it, or its last events, could not be run again."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """A part of an episode in the arrays of one cut."""

    episode: Episode
    part: Part


def batch_reports(stage: Stage, members: Sequence[Episode]) -> dict[str, RowReport]:
    """Run a batch again as the vector it was, and return a report per episode's name.

    Args:
        stage: makes the vector.
        members: all episodes of the batch in order of beginning.

    Raises:
        EpisodeFileError: the head's configuration is refused today.
    """
    batch = members[0].head.batch
    assert batch is not None
    size = batch["size"]
    opening = [each.row for each in members[:size]]
    if opening != list(range(size)) or any(_start(each) for each in members[:size]):
        return _all(members, f"the heads of its batch of {size} rows are not all there")
    if broken := next((each for each in members if each.gap is not None), None):
        return _all(members, f"in its batch {broken.name} is damaged: {broken.gap}")
    try:
        vector = stage.vector(members[0].head)
    except MakeError as error:
        if batch["vector"].get("backend") != "torch":
            raise
        return _all(members, str(error))  # PyTorch, or the device, is not here
    run = _Run(vector, members)
    vector.blocks = run
    try:
        return run.reports()
    finally:
        vector.blocks = None


def _all(members: Sequence[Episode], note: str) -> dict[str, RowReport]:
    return {each.name: RowReport(note=f"{each.name}: {note}") for each in members}


def _start(episode: Episode) -> int:
    return 0 if episode.head.batch is None else int(episode.head.batch["start"])


class _Run:
    """Feeds recorded actions to a vector and listens to it as its recorder did."""

    def __init__(self, vector: Any, members: Sequence[Episode]) -> None:
        from envgym.runtime.numeric.blocks import add_step, leaves, starts_late
        from envgym.runtime.numeric.tape import Tape

        self._tape: Tape = Tape(vector.num_envs)
        self._leaves, self._starts_late, self._add = leaves, starts_late, add_step
        self._vector, self._members = vector, members
        self._begun = 0
        self._over = False
        self._stored = bool(members[0].head.batch and members[0].head.batch["evidence"])
        self._found: dict[str, Difference] = {}
        self._events = dict.fromkeys((each.name for each in members), 0)
        self._notes: dict[str, str] = {}
        self._asked: dict[int, dict[int, list[Episode]]] = {}
        for each in members:
            if each.head.batch and (call := each.head.batch["asked"]):
                self._asked.setdefault(_start(each), {}).setdefault(call, []).append(each)

    # -- What the vector calls ------------------------------------------------------------

    def begin(
        self,
        rows: NDArray[Any],
        seeds: Sequence[int],
        obs: Any,
        evidence: Mapping[str, Any],
        asked: bool,
    ) -> None:
        """Follow the episodes that begin, and compare their seeds."""
        size, tape = self._vector.num_envs, self._tape
        self._over = self._over or (len(rows) == size and tape.count > 0)
        if self._over:
            return
        late = self._starts_late(str(self._vector.autoreset_mode.value), rows, size, asked)
        tape.begin(rows, self._leaves(obs, self._vector.ar), late)
        for row, seed in zip(rows.tolist(), seeds, strict=True):
            number, self._begun = self._begun, self._begun + 1
            if number >= len(self._members):
                continue  # its writer was stopped before it began
            expected = self._members[number]
            if (expected.row, expected.head.seed) != (row, seed):
                recorded = f"row {expected.row}, seed {expected.head.seed}"
                self._differ(expected, -1, "/seed", recorded, f"row {row}, seed {seed}")

    def step(
        self,
        actions: Any,
        obs: Any,
        rewards: Any,
        done: Any,
        waiting: Any,
        evidence: Mapping[str, Any],
    ) -> None:
        """Follow one step."""
        if self._over:
            return
        kept = evidence if self._stored else None
        self._add(self._tape, self._vector.ar, actions, obs, rewards, done, waiting, kept)

    # -- Running --------------------------------------------------------------------------

    def reports(self) -> dict[str, RowReport]:
        """Run cut after cut until the recording ends, or one of them differs."""
        self._vector.reset(seed=[each.head.seed for each in self._members[: self._tape.size]])
        for first, placed in self._cuts():
            refs = {each.part.ref for each in placed}
            ref, folder = min(refs), placed[0].episode.path.parent
            try:
                held = arrays.get_several(folder, ref)
                if len(refs) > 1 or first != self._tape.steps:
                    raise EpisodeFileError(
                        f"its batch lacks steps {self._tape.steps} to {first - 1}"
                        if len(refs) == 1
                        else "its batch holds two blocks of arrays for the same steps"
                    )
                for each in placed:  # every row of every array that is compared
                    part = each.part
                    for name in ("actions", "marks"):
                        arrays.column(folder, ref, name, part.t0, part.n, each.episode.row)
            except EpisodeFileError as error:
                self._stop(first, str(error))
                break
            self._play(first, held["actions"])
            self._compare(placed, held, self._tape.cut())
            if not self._found and arrays.digest(held) != ref:
                one = placed[0]
                self._differ(one.episode, one.part.e0, "/ref", ref, arrays.digest(held))
            if self._found:
                break
        self._keep_the_first()
        return {
            each.name: RowReport(
                events=self._events[each.name],
                difference=self._found.get(each.name),
                note=self._notes.get(each.name),
            )
            for each in self._members
        }

    def _cuts(self) -> Iterator[tuple[int, list[_Placed]]]:
        """Yield (step of the batch, the parts in the arrays that begin with it) in order."""
        found: dict[int, list[_Placed]] = {}
        for episode in self._members:
            for part in episode.blocks:
                begins = _start(episode) + part.e0 - part.t0
                found.setdefault(begins, []).append(_Placed(episode, part))
        yield from sorted(found.items())

    def _play(self, first: int, actions: NDArray[Any]) -> None:
        """Play the actions of one cut; stop where the vector cannot go on as recorded."""
        space = self._vector.single_action_space
        integers = np.issubdtype(space.dtype, np.integer)
        for at, chosen in enumerate(actions):
            self._ask_resets(first + at)
            try:
                self._vector.step(chosen.astype(np.int64) if integers else chosen)
            except (EnvgymError, gymnasium.error.Error):
                return  # the missing steps are named by the comparison

    def _ask_resets(self, step: int) -> None:
        """Begin the episodes that ``reset_mask`` began before a step."""
        size = self._vector.num_envs
        for _, episodes in sorted(self._asked.get(step, {}).items()):
            mask, seeds = np.zeros(size, bool), [0] * size
            for episode in episodes:
                mask[episode.row], seeds[episode.row] = True, episode.head.seed
            self._vector.reset(seed=seeds, options={"reset_mask": mask})

    def _stop(self, step: int, why: str) -> None:
        for each in self._members:
            if _start(each) + each.events > step:
                self._notes[each.name] = f"{each.name}: {why}"

    def _keep_the_first(self) -> None:
        """Keep the first difference alone: with common streams others follow from it."""
        if not self._found:
            return
        members = {each.name: each for each in self._members}

        def when(found: Difference) -> tuple[int, int]:
            one = members[found.episode]
            return _start(one) + found.event, one.row

        first = min(self._found.values(), key=when)
        self._stop(
            when(first)[0], f"its batch differs from {first.episode}, event {first.event} on"
        )
        self._notes.pop(first.episode, None)
        self._found = {first.episode: first}

    # -- Comparing ------------------------------------------------------------------------

    def _compare(
        self, placed: Sequence[_Placed], held: Mapping[str, NDArray[Any]], now: "Cut"
    ) -> None:
        from envgym.runtime.numeric.tape import seal

        current = {**now.more, "marks": now.marks}
        names = [name for name in held if name != "actions" and (self._stored or name == "marks")]
        names.sort(key=lambda name: name == "marks")  # values say more than marks
        for each in placed:
            part, row = each.part, each.episode.row
            there = slice(part.t0, part.t0 + part.n)
            self._events[each.episode.name] += part.n
            places = [
                (at, i)
                for i, name in enumerate(names)
                if (at := _first(held[name][there, row], current, name, there, row)) is not None
            ]
            if places:
                at, i = min(places)
                self._tell(each, at, names[i], held[names[i]], current)
        if self._found:
            return
        seals: dict[tuple[str, int, int], list[_Placed]] = {}
        segments = {(each.row, each.t0): each for each in now.segments if each.n}
        for each in placed:
            key = (each.part.hash, each.part.t0, each.part.n)
            seals.setdefault(key, []).append(each)
        for (recorded, t0, _), group in seals.items():
            found = seal([segments[each.episode.row, t0] for each in group])
            if found != recorded:
                self._differ(group[0].episode, group[0].part.e0, "/hash", recorded, found)

    def _tell(
        self,
        each: _Placed,
        at: int,
        name: str,
        held: NDArray[Any],
        current: Mapping[str, NDArray[Any]],
    ) -> None:
        """Note a difference in the words of the episode format."""
        place, row = each.part.t0 + at, each.episode.row
        event = each.part.e0 + at
        top, _, key = name.partition("/")
        pointer = "/marks" if name == "marks" else f"/{top}/agent" + (f"/{key}" if key else "")
        recorded = held[place, row]
        if name not in current:
            self._differ(each.episode, event, pointer, _shown(recorded), "nothing")
        elif place >= len(current[name]):
            self._differ(each.episode, event, "/acts", "an event", "the batch is over before it")
        elif name == "marks":
            now = f"{int(current[name][place, row]):04x}"
            self._differ(each.episode, event, pointer, f"{int(recorded):04x}", now)
        else:
            now = _shown(current[name][place, row])
            self._differ(each.episode, event, pointer, _shown(recorded), now)

    def _differ(self, episode: Episode, event: int, field: str, recorded: str, now: str) -> None:
        self._found.setdefault(
            episode.name,
            Difference(episode=episode.name, event=event, field=field, recorded=recorded, now=now),
        )


def _first(
    one: NDArray[Any], current: Mapping[str, NDArray[Any]], name: str, there: slice, row: int
) -> int | None:
    """Return the first index at which ``one``, [n, ...], is not what there is now."""
    if name not in current:
        return 0
    other = current[name][there, row]
    length = len(other)
    if other.shape[1:] != one.shape[1:]:
        return 0
    same = (one[:length] == other) | ((one[:length] != one[:length]) & (other != other))
    rows = same.reshape(length, -1).all(axis=1)
    if not rows.all():
        return int(np.argmin(rows))
    return length if length < len(one) else None


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else str(np.asarray(value).tolist())
    return text if len(text) <= 60 else text[:57] + "..."
