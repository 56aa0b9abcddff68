"""Figures that one other environment has: friction, generations, the frontier of a hackable cue."""

from typing import Any

import numpy as np

from envgym.agents.study.play import generation
from envgym.agents.study.summary import joined
from envgym.cli.study.canvas import below, panels
from envgym.cli.study.found import Found

_FRICTION = 40
_WEIGHTS = np.concatenate(([0.0], np.geomspace(0.1, 100.0, 31)))


def friction(one: Found) -> Any:
    """Return the optimum's value and engaged share by friction, exact: more friction costs value,
    and may yet raise engagement [245].
    """
    core = one.settings.core
    rates = np.linspace(0.05, 1.0, _FRICTION).round(4)
    optima = [type(core)(**{**core.params, "reengage": float(q)}).oracle() for q in rates]
    figure, (left, right) = panels(2, width=9.0, height=4.0)
    left.plot(rates, [found["value"] for found in optima], marker=".")
    left.set(ylabel="value of the best policy", title=one.name)
    right.plot(rates, [found["engaged"] for found in optima], marker=".", color="C1")
    right.set(ylabel="share of engaged rounds under it")
    for ax in (left, right):
        ax.axvline(core.params["reengage"], color="black", linestyle=":", linewidth=1)
        ax.set(xlabel="re-engagement q (1: no friction)")
        ax.invert_xaxis()
    return figure


def generations(one: Found) -> Any:
    """Return mean expected reward of each logged batch: the zig-zag of short memories [50].

    None for fewer than two batches.
    """
    period = generation(one.settings.core.problem)
    count = one.horizon // period if period else 0
    if count < 2:
        return None
    figure, (ax,) = panels(width=7.5, height=4.6)
    ends = period * np.arange(1, count + 1)
    for i, (agent, parts) in enumerate(one.totals.items()):
        curve = joined(parts, "curves")["expected"][np.searchsorted(parts[0].marks, ends)]
        means = np.diff(curve, axis=0, prepend=0.0) / period
        ax.plot(range(count), means.mean(axis=1), color=f"C{i % 10}", marker=".", label=agent)
    ax.set(xlabel=f"generation ({period:,} requests)", ylabel="expected reward", title=one.title)
    ax.locator_params(axis="x", integer=True)
    below(figure, ax, len(one.totals))
    return figure


def frontier(one: Found) -> Any:
    """Return love against help of the best styles as love weighs more, exact, and the agents [270].

    The dots are the study's agents under its own weight.
    """
    core = one.settings.core
    optima = [type(core)(**{**core.params, "love_weight": float(w)}).oracle() for w in _WEIGHTS]
    figure, (left, right) = panels(2, width=10.0, height=4.6)
    left.plot([o["love"] for o in optima], [o["help"] for o in optima], color="black", marker=".",
              label="best styles, by weight")  # fmt: skip
    for i, (agent, found) in enumerate(one.per_seed.items()):
        love, help_ = found.facts["love"].mean(), found.facts["help"].mean()
        left.plot([love], [help_], color=f"C{i % 10}", marker="o", linestyle="", label=agent)
    left.set(xlabel="love reactions per round", ylabel="helped per round", title=one.title)
    for key, label in (("love", "love"), ("help", "help"), ("safe", "safe")):
        right.plot(_WEIGHTS, [o[key] for o in optima], label=label)
    right.axvline(core.params["love_weight"], color="black", linestyle=":", linewidth=1)
    right.set_xscale("symlog", linthresh=0.1)
    right.set_xlim(left=0.0)
    right.set(xlabel="weight of love in the reward", ylabel="share of rounds")
    right.set_title("what the best styles earn")
    right.legend(fontsize=9)
    below(figure, left, len(one.per_seed) + 1)
    return figure
