"""A task set that ``tasks="acme-evening"`` names."""

from envgym import ListTasks, Task


def tasks() -> ListTasks:
    """Return two tasks; the second starts with every lamp on."""
    return ListTasks(
        [
            Task(id="hall", params={"lamps": [True, False, True]}, split="evening"),
            Task(id="attic", params={"lamps": [True, True, True]}, split="evening"),
        ]
    )
