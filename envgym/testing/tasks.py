"""Tasks are data: found by id, written as JSON, and played from a file as from the set."""

import json

from envgym.testing.subject import Subject
from envgym.testing.trace import play


def tasks_are_data(subject: Subject) -> None:
    """A task taken by id, as JSON, or as a task set of its own gives the same episode."""
    env = subject.make()
    try:
        tasks = env.unwrapped.tasks
        seen: set[str] = set()
        for task in subject.sampled_tasks(tasks):
            subject.require(task.id not in seen, f"two tasks are called {task.id}")
            seen.add(task.id)
            subject.require(tasks.by_id(task.id) == task, f"by_id({task.id!r}) is another task")
            written = json.loads(json.dumps(task.to_json(), allow_nan=False))
            by_id = play(env, 4, "random", options={"task": task.id}, turns=5)
            as_json = play(env, 4, by_id.messages, options={"task": written}, turns=5)
            subject.require(by_id.text == as_json.text, f"{task.id} plays otherwise from JSON")
            own = subject.make(tasks=[written])
            try:
                alone = play(own, 4, by_id.messages, turns=len(by_id.messages))
                subject.require(
                    alone.text == by_id.text, f"{task.id} plays otherwise from a set of its own"
                )
            finally:
                own.close()
    finally:
        env.close()


def splits_are_apart(subject: Subject) -> None:
    """Sampled tasks of different splits start differently or hold different parameters.

    (A set whose splits share worlds would test on what it trained on.)
    """
    env = subject.make()
    try:
        homes: dict[str, str] = {}
        for task in subject.sampled_tasks(env.unwrapped.tasks):
            key = json.dumps([task.instruction, task.params], sort_keys=True, default=list)
            # Small worlds recur by chance; the whole of a split recurring is no chance.
            homes.setdefault(key, task.split)
        splits = env.unwrapped.tasks.splits
        lost = [split for split in splits if split not in homes.values()]
        subject.require(not lost, f"every sampled task of {lost} occurs in another split too")
    finally:
        env.close()
