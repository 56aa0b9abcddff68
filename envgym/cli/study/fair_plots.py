"""Figures of fair-threshold: thresholds, population, radius of OFS, bias of the absolute gap."""

import re
from typing import Any

import numpy as np

from envgym.agents.study.summary import BELOW, joined
from envgym.cli.study.canvas import below, panels
from envgym.cli.study.found import Found
from envgym.runtime.numeric.arrays import NUMPY
from envgym.runtime.numeric.noise import BatchNoise, generator

_RADIUS = re.compile(r"ofs(?::c=([0-9.e+-]+))?")
_APPLICANTS = (20, 50, 100, 200, 500, 1000, 2000, 5000)
_DRAWS = 20_000
_SHOWN = 2
"""Seeds whose paths are drawn."""


def thresholds(one: Found) -> Any:
    """Return how often each agent played each threshold, over the feasible ones (shaded)."""
    oracle = one.settings.core.oracle()
    names = list(one.totals)
    columns = min(2, len(names))
    rows = -(-len(names) // columns)
    figure, axes = panels(columns, rows, width=4.6 * columns, height=0.8 + 1.75 * rows)
    for ax, agent in zip(axes, names, strict=False):
        pulls = np.concatenate([part.pulls for part in one.totals[agent]]).sum(axis=0)
        grid = np.linspace(0, 1, len(pulls))
        half = 0.5 / (len(pulls) - 1)
        for place in oracle["feasible"]:
            ax.axvspan(grid[place] - half, grid[place] + half, color="#cfe8cf", linewidth=0)
        ax.bar(grid, pulls / pulls.sum(), width=2 * half, color=f"C{names.index(agent) % 10}")
        ax.axvline(oracle["threshold"], color="black", linestyle="--", linewidth=1)
        ax.axvline(oracle["free_threshold"], color="black", linestyle=":", linewidth=1)
        # Shares span orders: the last exploring rounds beside the favourite.
        ax.set(yscale="log", ylim=(1e-5, 1.5), title=agent, xlim=(-half, 1 + half))
    for ax in axes[len(names) :]:
        ax.set_axis_off()
    figure.suptitle(f"{one.title}\nfeasible (shaded), best feasible (dashed), best free (dotted)",
                    fontsize=10, x=0.02, ha="left")  # fmt: skip
    figure.supxlabel("threshold", fontsize=10)
    figure.supylabel("share of rounds", fontsize=10)
    return figure


def population(one: Found) -> Any:
    """Return the share of group B over rounds: means (thick) and some seeds, and fixed points."""
    oracle = one.settings.core.oracle()
    figure, (ax,) = panels(width=7.5, height=4.8)
    for i, (agent, parts) in enumerate(one.totals.items()):
        paths, marks = joined(parts, "paths")["share"], parts[0].marks
        ax.plot(marks, paths[:, :_SHOWN], color=f"C{i % 10}", alpha=0.2, linewidth=0.7)
        ax.plot(marks, paths.mean(axis=1), color=f"C{i % 10}", label=agent)
    for key, line in (("share", "--"), ("free_share", ":")):
        ax.axhline(oracle[key], color="black", linestyle=line, linewidth=1)
    ax.set(
        xscale="log",
        xlabel="rounds",
        ylabel="share of group B",
        title=f"{one.title}\nfixed point of the best feasible (dashed), best free (dotted)",
    )
    below(figure, ax, len(one.totals))
    return figure


def radius(one: Found) -> Any:
    """Return steady gap and violation of OFS by its radius scale c; None for fewer than three."""
    scales = {}
    for agent in one.per_seed:
        match = _RADIUS.fullmatch(agent)
        if match is not None:
            scales[float(match[1] or 0.25)] = agent
    if len(scales) < 3:
        return None
    rows = {row["agent"]: row for row in one.table[0]}
    c = sorted(scales)
    figure, (left, right) = panels(2, width=9.0, height=4.0)
    for ax, metric in ((left, "gap"), (right, "violation")):
        found = [rows[scales[each]] for each in c]
        ends = np.array([row[f"{metric}_interval"] or [row[metric]] * 2 for row in found])
        ax.plot(c, [row[metric] for row in found], marker="o")
        ax.fill_between(c, ends[:, 0], ends[:, 1], alpha=0.2, linewidth=0)
        ax.set(xscale="log", xlabel="radius scale c")
        ax.set_xticks(c, [f"{each:g}" for each in c])
        ax.minorticks_off()
    left.axhline(BELOW, color="black", linestyle=":", linewidth=1)
    left.set(ylabel=f"steady gap ({BELOW} dotted)", title=one.title)
    right.set(yscale="log", ylabel="violation, summed over rounds")
    return figure


def gap_bias(one: Found) -> Any:
    """Return the means of the signed and of the absolute realised gap by applicants per round.

    At the best feasible threshold, and at the one whose gap is nearest to half the limit; 20,000
    draws each. The absolute gap is biased upwards where the true one is small against its noise:
    a feasible threshold then looks infeasible however often it is tried.
    """
    core: Any = one.settings.core
    oracle = core.oracle()
    gaps = np.abs(core.swept.gaps)
    feasible = np.array(oracle["feasible"])
    small = int(feasible[np.abs(gaps[feasible] - core.limit / 2).argmin()])
    figure, axes = panels(2, width=9.5, height=4.2)
    for ax, action in zip(axes, (oracle["action"], small), strict=True):
        found = [_mean_gaps(core, action, n) for n in _APPLICANTS]
        ax.plot(_APPLICANTS, [each[1] for each in found], marker="o", label="mean of |gap|")
        ax.plot(_APPLICANTS, [each[0] for each in found], marker="o", label="|mean of gap|")
        ax.axhline(gaps[action], color="black", linewidth=1, label="true |gap|")
        ax.axhline(core.limit, color="C3", linestyle="--", linewidth=1, label="limit")
        ax.set(xscale="log", xlabel="applicants per round n", ylabel="acceptance gap")
        ax.set_ylim(bottom=0)
        ax.set_title(f"threshold {core.swept.thresholds[action]:g}")
    axes[0].set_title(f"{one.regime}: threshold {oracle['threshold']:g}")
    below(figure, axes[0], 4)
    return figure


def _mean_gaps(core: Any, action: int, applicants: int) -> tuple[float, float]:
    """Return (|mean gap|, mean |gap|) of a threshold's realised gaps at share one half."""
    own = {"applicants": applicants, "feedback": "bandit", "delay": 0, "absolute": False}
    many = type(core)(**{**core.params, **own})
    noise = BatchNoise(generator(0, core.stream, "gap bias"))
    state = many.start(_DRAWS, noise, NUMPY)
    gaps = many.advance(state, np.full(_DRAWS, action), noise, NUMPY)[1]["dp_gap"]
    return abs(float(gaps.mean())), float(np.abs(gaps).mean())
