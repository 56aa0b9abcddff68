"""Which tasks training draws, and the promise that it never meets the exam."""

from collections.abc import Callable, Collection
from typing import Any

from envgym.runtime.tasks import task_digest
from envgym.types import ConfigError, Stream, Task


def exam_tasks(
    tasks: Any, split: str, count: int, name: Callable[[Task], str] = task_digest
) -> list[Task]:
    """Return the first ``count`` tasks of a split with distinct worlds.

    Args:
        tasks: the environment's TaskSet.
        split: its test split.
        count: how many.
        name: names a task's world.

    Raises:
        ConfigError: the split holds fewer distinct worlds.
    """
    chosen: dict[str, Task] = {}
    for task in tasks.split(split):
        chosen.setdefault(name(task), task)
        if len(chosen) == count:
            return list(chosen.values())
    raise ConfigError(
        f"[eval]: worlds={count}, but split '{split}' has only {len(chosen)} distinct tasks"
    )


class TaskSampler:
    """Draws training tasks with replacement; skips every world of the exam.

    The whole state is one number, so a checkpoint holds it.
    """

    def __init__(
        self,
        tasks: Any,
        split: str,
        seed: int,
        barred: Collection[str],
        name: Callable[[Task], str] = task_digest,
    ) -> None:
        self._pool = tasks.split(split)
        self._stream = Stream(seed, "train", "tasks")
        self._barred = frozenset(barred)
        self._name = name
        self.seen: set[str] = set()
        """Digests of the worlds drawn so far."""
        self.skipped = 0
        """Draws rejected because the exam holds the same world."""

    @property
    def drawn(self) -> int:
        """Words drawn from the stream."""
        return self._stream.drawn

    def draw(self) -> Task:
        """Return the next task.

        Raises:
            ConfigError: a thousand draws in a row hit worlds of the exam.
        """
        for _ in range(1000):
            task: Task = self._pool[self._stream.below(len(self._pool))]
            name = self._name(task)
            if name not in self._barred:
                self.seen.add(name)
                return task
            self.skipped += 1
        raise ConfigError("nearly every training task has the same world as an exam task")

    def state(self) -> dict[str, Any]:
        """Return the position for a checkpoint."""
        return {"drawn": self.drawn, "skipped": self.skipped, "seen": sorted(self.seen)}

    def load(self, state: dict[str, Any]) -> None:
        """Continue from a checkpoint's position."""
        self._stream = Stream.from_key(self._stream.key, state["drawn"])
        self.skipped, self.seen = state["skipped"], set(state["seen"])
