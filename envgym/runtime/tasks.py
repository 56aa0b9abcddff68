"""Collections of tasks: procedural, from files, from Python, from installed packages."""

import json
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from difflib import get_close_matches
from hashlib import blake2b
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, overload

from envgym.types import ConfigError, Task, TaskError
from envgym.types.errors import near_file, unknown

DIFFICULTIES = ("easy", "medium", "hard")
FIELDS = tuple(field.name for field in fields(Task))
ENTRY_POINTS = "envgym.tasks"

CheckParams = Callable[[Mapping[str, Any]], Any]
"""Raises TaskError when a task's ``params`` do not fit the family."""


class TaskSet(Sequence[Task]):
    """An indexable collection of tasks with named splits. Subclasses give ``splits`` and ``pick``."""

    problems: tuple[str, ...] = ()
    """One sentence per line that a lenient load left out."""

    @property
    def splits(self) -> Mapping[str, int]:
        """Number of tasks per split, in order."""
        raise NotImplementedError

    def pick(self, split: str, index: int) -> Task:
        """Return task ``index`` (from 0) of ``split``; both are known to be valid."""
        raise NotImplementedError

    def by_id(self, task_id: str) -> Task:
        """Return the task with this id, or raise TaskError naming the nearest ones."""
        raise NotImplementedError

    def size(self, split: str) -> int:
        """Return how many tasks a split has; raise ConfigError for an unknown one."""
        if split not in self.splits:
            raise ConfigError(unknown("split", split, self.splits))
        return self.splits[split]

    def split(self, name: str) -> "Split":
        """Return a view of one split."""
        return Split(self, name)

    def __len__(self) -> int:
        return sum(self.splits.values())

    @overload
    def __getitem__(self, index: int) -> Task: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Task]: ...
    def __getitem__(self, index: int | slice) -> Task | Sequence[Task]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        place = index + len(self) if index < 0 else index
        for split, count in self.splits.items():
            if 0 <= place < count:
                return self.pick(split, place)
            place -= count
        raise IndexError(f"task index {index} is outside 0 to {len(self) - 1}")


class Split(Sequence[Task]):
    """The tasks of one split, by index."""

    def __init__(self, tasks: TaskSet, name: str) -> None:
        self.tasks, self.name, self._size = tasks, name, tasks.size(name)

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, index: int) -> Task: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Task]: ...
    def __getitem__(self, index: int | slice) -> Task | Sequence[Task]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self._size))]
        place = index + self._size if index < 0 else index
        if not 0 <= place < self._size:
            raise IndexError(f"split '{self.name}' has tasks 0 to {self._size - 1}, got {index}")
        return self.tasks.pick(self.name, place)


class ProceduralTasks(TaskSet):
    """Tasks made on demand: ``make(split, index)`` is a pure function.

    The id must be ``"split/index"``; the task's ``params`` hold everything that decides its world.
    """

    def __init__(self, splits: Mapping[str, int], make: Callable[[str, int], Task]) -> None:
        self._splits, self._make = dict(splits), make

    @property
    def splits(self) -> Mapping[str, int]:
        return self._splits

    def pick(self, split: str, index: int) -> Task:
        return self._make(split, index)

    def by_id(self, task_id: str) -> Task:
        split, _, index = task_id.rpartition("/")
        number = int(index) if index.isascii() and index.isdigit() else -1
        if 0 <= number < self._splits.get(split, 0):
            return self._make(split, number)
        ranges = ", ".join(f"{s}/0 to {s}/{n - 1}" for s, n in self._splits.items())
        raise TaskError(f"unknown task '{task_id}'; allowed: {ranges}.")


class ListTasks(TaskSet):
    """Tasks that are all there."""

    def __init__(self, tasks: Iterable[Task], problems: Sequence[str] = ()) -> None:
        self._by_split: dict[str, list[Task]] = {}
        self._by_id: dict[str, Task] = {}
        self.problems = tuple(problems)
        for task in tasks:
            if task.id in self._by_id:
                raise TaskError(f"two tasks have the id '{task.id}'; ids must be unique.")
            self._by_id[task.id] = task
            self._by_split.setdefault(task.split, []).append(task)
        if not self._by_id:
            raise TaskError("a task set needs at least one task, got none.")

    @property
    def splits(self) -> Mapping[str, int]:
        return {split: len(tasks) for split, tasks in self._by_split.items()}

    def pick(self, split: str, index: int) -> Task:
        return self._by_split[split][index]

    def by_id(self, task_id: str) -> Task:
        if task_id not in self._by_id:
            raise TaskError(unknown("task", task_id, self._by_id))
        return self._by_id[task_id]

    def __iter__(self) -> Iterator[Task]:
        return (task for tasks in self._by_split.values() for task in tasks)


def task_digest(task: Task) -> str:
    """Return 32 hex digits of everything about a task but its name: id, split and tags.

    Equal digests mean equal worlds; two ids with one world count as one.
    """
    data = task.to_json()
    kept = {key: data[key] for key in data if key not in ("id", "split", "tags")}
    text = json.dumps(kept, sort_keys=True, default=str)
    return blake2b(text.encode(), digest_size=16).hexdigest()


def parse_task(
    data: Any, where: str, check_params: CheckParams, checkers: Collection[str] = ()
) -> Task:
    """Return the Task in a JSON value; raise TaskError beginning with ``where`` otherwise."""

    def wrong(field: str, expected: str, got: Any, hint: str = "") -> TaskError:
        return TaskError(f"{where}: field '{field}': expected {expected}, got {got!r}.{hint}")

    if not isinstance(data, Mapping):
        raise TaskError(f"{where}: a task is an object with fields, got {type(data).__name__}.")
    for name in data:
        if name not in FIELDS:
            raise TaskError(f"{where}: {unknown('task field', str(name), FIELDS)}")
    task_id = data.get("id")
    if not isinstance(task_id, str) or not task_id:
        raise wrong("id", "a non-empty string", task_id)
    for name in ("instruction", "split"):
        if not isinstance(data.get(name, ""), str):
            raise wrong(name, "a string", data[name])
    difficulty = data.get("difficulty", "medium")
    if difficulty not in DIFFICULTIES:
        hint = unknown("value", str(difficulty), DIFFICULTIES).partition(".")[2]
        raise wrong("difficulty", "easy, medium or hard", difficulty, hint)
    checker = data.get("checker")
    if checker is not None and not isinstance(checker, str):
        raise wrong("checker", "the name of a checker or null", checker)
    if checker is not None and checker not in checkers:
        raise TaskError(f"{where}: field 'checker': {unknown('checker', checker, checkers)}")
    lists: dict[str, tuple[str, ...]] = {}
    for name in ("tags", "solution"):
        value = data.get(name)
        if value is None:
            continue
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
            raise wrong(name, "a list of strings", value)
        lists[name] = tuple(value)
    params = data.get("params", {})
    if not isinstance(params, Mapping):
        raise wrong("params", "an object", params)
    try:
        check_params(params)
        json.dumps(params, allow_nan=False)
    except TaskError as error:
        raise TaskError(f"{where}: {error}") from None
    except (TypeError, ValueError) as error:
        raise TaskError(f"{where}: field 'params': expected JSON values: {error}.") from None
    return Task(
        id=task_id,
        instruction=data.get("instruction", ""),
        params=dict(params),
        split=data.get("split", "train"),
        difficulty=difficulty,
        tags=lists.get("tags", ()),
        checker=checker,
        solution=lists.get("solution"),
    )


def _rows(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield (place, JSON value or TaskError) per task of a .jsonl or .toml file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise TaskError(f"task file {path}: there is no such file.{near_file(path)}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise TaskError(f"task file {path}: {error}.") from None
    if path.suffix == ".toml":
        try:
            tables = tomllib.loads(text).get("task", [])
        except tomllib.TOMLDecodeError as error:
            raise TaskError(f"{path}: not valid TOML: {error}.") from None
        if not isinstance(tables, list) or not tables:
            raise TaskError(f"{path}: expected [[task]] tables, found none.")
        yield from ((f"{path}: task {i}", table) for i, table in enumerate(tables, 1))
        return
    # Not splitlines(): JSON text may hold U+2028 and other line ends of Unicode.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield f"{path}:{number}", json.loads(line)
        except (ValueError, RecursionError) as error:
            yield f"{path}:{number}", TaskError(f"{path}:{number}: not valid JSON: {error}.")


def check_task(task: Task, check_params: CheckParams, checkers: Collection[str]) -> None:
    """Raise TaskError unless the family can play a task that came as a Task."""
    where = f"task '{task.id}'"
    if task.checker is not None and task.checker not in checkers:
        raise TaskError(f"{where}: field 'checker': {unknown('checker', task.checker, checkers)}")
    try:
        check_params(task.params)
    except TaskError as error:
        raise TaskError(f"{where}: {error}") from None


def load_tasks(
    path: Path,
    check_params: CheckParams,
    checkers: Collection[str] = (),
    *,
    lenient: bool = False,
) -> ListTasks:
    """Return the tasks of a ``.jsonl`` file (one per line) or a ``.toml`` file ([[task]] tables).

    Raises:
        TaskError: naming line and field of the first bad task. With ``lenient`` the good ones
            load and ``problems`` names the others; no good task at all still raises.
    """
    if path.suffix not in (".jsonl", ".toml"):
        raise TaskError(f"task file {path}: expected a name ending in .jsonl or .toml.")
    good: dict[str, Task] = {}
    problems: list[str] = []
    for where, data in _rows(path):
        try:
            if isinstance(data, TaskError):
                raise data
            task = parse_task(data, where, check_params, checkers)
            if task.id in good:
                raise TaskError(f"{where}: field 'id': '{task.id}' occurs twice in this file.")
            good[task.id] = task
        except TaskError as error:
            problems.append(str(error))
    if problems and (not lenient or not good):
        more = f" Wrong lines in all: {len(problems)}." if len(problems) > 1 else ""
        kept = f" Good tasks, which load with lenient: {len(good)}." if good else ""
        raise TaskError(problems[0] + more + kept)
    if not good:
        raise TaskError(f"task file {path} holds no tasks.")
    return ListTasks(good.values(), problems)


def _near(source: str, points: Collection[str]) -> str:
    near = get_close_matches(source, points, n=1, cutoff=0.5)
    return f" Did you mean '{near[0]}'?" if near else near_file(Path(source))


def _named(source: str) -> Any:
    """Return the object behind ``module:attribute`` or an ``envgym.tasks`` entry point."""
    points = {point.name: point for point in entry_points(group=ENTRY_POINTS)}
    if source in points:
        try:
            found = points[source].load()
        except Exception as error:  # any plugin's bug is told in one sentence
            raise ConfigError(
                f"tasks='{source}': the entry point '{points[source].value}' failed to load:"
                f" {error!r}."
            ) from error
    elif ":" in source:
        module, _, attribute = source.partition(":")
        try:
            found = getattr(import_module(module), attribute)
        except (ImportError, AttributeError) as error:
            raise ConfigError(f"tasks='{source}': {error}.") from None
    else:
        raise ConfigError(
            f"tasks='{source}' is neither a .jsonl or .toml file that exists, nor"
            f" 'module:attribute', nor a task set of an installed package"
            f" ({', '.join(sorted(points)) or 'none is installed'}).{_near(source, points)}"
        )
    return found() if callable(found) and not isinstance(found, Sequence) else found


def resolve_tasks(
    source: Any,
    check_params: CheckParams,
    checkers: Collection[str] = (),
    *,
    lenient: bool = False,
) -> TaskSet:
    """Return the TaskSet behind what a caller gave as ``tasks``.

    Args:
        source: a TaskSet; a list of Tasks or JSON objects; a path to a .jsonl or .toml file;
            ``"module:attribute"``; or the name of an ``envgym.tasks`` entry point. The last two
            may hold any of the first three, or a function that returns one.
        check_params: raises TaskError when a task's ``params`` do not fit the family.
        checkers: names that ``Task.checker`` may have.
    """
    if isinstance(source, str):
        path = Path(source)
        if path.suffix in (".jsonl", ".toml") or path.is_file():
            return load_tasks(path, check_params, checkers, lenient=lenient)
        source = _named(source)
        if isinstance(source, str):
            source = Path(source)
    if isinstance(source, Path):
        return load_tasks(source, check_params, checkers, lenient=lenient)
    if isinstance(source, ListTasks):
        for task in source:
            check_task(task, check_params, checkers)
    if isinstance(source, TaskSet):
        return source
    if isinstance(source, Iterable) and not isinstance(source, str | bytes | Mapping):
        made = []
        for i, item in enumerate(source):
            data = item.to_json() if isinstance(item, Task) else item
            made.append(parse_task(data, f"tasks[{i}]", check_params, checkers))
        return ListTasks(made)
    raise ConfigError(
        "tasks must be a path, a TaskSet, a list of tasks, 'module:attribute' or an entry"
        f" point's name, got {type(source).__name__}."
    )
