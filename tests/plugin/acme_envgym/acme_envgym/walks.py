"""Tasks for envgym/Quest-v0, found as ``tasks="acme-walks"``."""

import envgym


def load() -> envgym.TaskSet:
    """Return three short quests."""
    return envgym.ListTasks(
        envgym.Task(id=f"walk-{n}", params={"world": n, "max_steps": 6}) for n in range(3)
    )
