"""``envgym study NAME --curves``: learning curves of recorded agents on equal seeds."""

from pathlib import Path
from typing import Any

import numpy as np

from envgym.agents.study.intervals import interval
from envgym.agents.study.learning import LearningCurves, learning_curves
from envgym.cli import screen
from envgym.cli.study import canvas
from envgym.runtime import registry

FILE = "learning-curves.svg"
"""Name of the figure in --out."""


def draw_curves(env_id: str, folders: list[Path], out: Path | None, *, as_json: bool) -> None:
    """Compare recorded agents, print their means and draw their curves into ``out``.

    Raises:
        MissingExtraError: a figure is wanted and matplotlib is not installed.
        what ``learning_curves`` raises.
    """
    if out is not None:
        canvas.check_matplotlib()
    found = learning_curves(registry.text_id(env_id), folders)
    files = []
    if out is not None:
        with canvas.style():
            files.append(out / FILE)
            canvas.save(figure(found), files[-1])
    rows = curve_rows(found)
    if as_json:
        screen.print_json(
            {"env": registry.text_id(env_id), "rows": rows, "files": [str(file) for file in files]}
        )
        return
    page = screen.console()
    columns = ("agent", "reward", "95 % interval", "violation", "lost turns")
    table = [
        [
            row["agent"],
            f"{row['reward']:.4f}",
            None if row["reward_interval"] is None else _words(row["reward_interval"]),
            f"{row['violation']:.4g}",
            row["lost"],
        ]
        for row in rows
    ]
    title = f"{registry.text_id(env_id)}: {len(found.keys)} equal seeds"
    page.print(screen.table(columns, table, title=title), soft_wrap=True)
    for file in files:
        page.print(f"drawn in {file}", soft_wrap=True)


def curve_rows(found: LearningCurves) -> list[dict[str, Any]]:
    """Return mean expected reward per turn and summed violation per agent."""
    rows = []
    for i, agent in enumerate(found.agents):
        reward, cost = found.expected[i].mean(axis=1), found.violation[i].sum(axis=1)
        ends = interval(reward)
        rows.append(
            {
                "agent": agent,
                "episodes": len(found.keys),
                "reward": float(reward.mean()),
                "reward_interval": None if ends is None else list(ends),
                "violation": float(cost.mean()),
                "lost": found.lost[i],
            }
        )
    return rows


def figure(found: LearningCurves) -> Any:
    """Return mean reward so far and violation so far by turn, one line per agent."""
    made, (left, right) = canvas.panels(2, width=10.0, height=4.4)
    turns = np.arange(1, found.expected.shape[2] + 1)
    for i, agent in enumerate(found.agents):
        so_far = found.expected[i].cumsum(axis=1) / turns
        for ax, table in ((left, so_far), (right, found.violation[i].cumsum(axis=1))):
            mean = table.mean(axis=0)
            ax.plot(turns, mean, color=f"C{i % 10}", label=agent)
            if len(table) > 1:
                error = table.std(axis=0, ddof=1) / np.sqrt(len(table))
                ax.fill_between(
                    turns, mean - error, mean + error, color=f"C{i % 10}", alpha=0.2, linewidth=0
                )
    left.set(xlabel="turn", ylabel="mean expected reward so far")
    left.set_title(f"{len(found.keys)} equal seeds; bands: one standard error")
    right.set(xlabel="turn", ylabel="violation so far")
    canvas.below(made, left, len(found.agents))
    return made


def _words(ends: list[float]) -> str:
    return " to ".join(f"{end:.4f}" for end in ends)
