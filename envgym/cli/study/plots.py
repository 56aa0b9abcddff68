"""Figures of every environment: reward against violation, curves, regret by horizon."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from envgym.agents.study.summary import joined
from envgym.cli.study.canvas import below, panels
from envgym.cli.study.found import Found


def plane(found: Sequence[Found]) -> Any:
    """Return reward against cumulative violation, one dot per seed, one colour per agent.

    None where nobody violated anything.
    """
    if not any(each.violation.any() for one in found for each in one.per_seed.values()):
        return None
    figure, axes = panels(len(found), width=1.5 + 4.5 * len(found), height=4.8)
    for ax, one in zip(axes, found, strict=True):
        for i, (agent, each) in enumerate(one.per_seed.items()):
            dots = {"color": f"C{i % 10}", "linestyle": ""}
            ax.plot(each.violation, each.reward, marker=".", alpha=0.45, **dots)
            mean = each.violation.mean(), each.reward.mean()
            ax.plot(*mean, marker="o", markeredgecolor="black", label=agent, zorder=3, **dots)
        # Linear up to 1, so that agents without any violation have a place.
        ax.set_xscale("symlog", linthresh=1.0)
        ax.set_xlim(left=-0.1)
        ax.set(xlabel="violation, summed over rounds", ylabel="reward per round", title=one.title)
        _leave_out(ax, one)
    below(figure, axes[0], len(found[0].per_seed))
    return figure


def _leave_out(ax: Any, one: Found) -> None:
    """Fit the y axis to the others where uniform play would squeeze them into a line."""
    means = {agent: float(each.reward.mean()) for agent, each in one.per_seed.items()}
    uniform = means.pop("random", None)
    if uniform is None or len(means) < 2:
        return
    low = min(float(one.per_seed[agent].reward.min()) for agent in means)
    high = max(float(one.per_seed[agent].reward.max()) for agent in means)
    if uniform < low - 2 * (high - low):
        room = 0.1 * (high - low)
        ax.set_ylim(low - 2 * room, high + room)
        ax.text(
            0.02, 0.02, f"random is below, at {uniform:.3g}", transform=ax.transAxes, fontsize=9
        )


def violation(one: Found) -> Any:
    """Return cumulative violation over rounds, both axes logarithmic; None where there is none."""
    if not any(each.violation.any() for each in one.per_seed.values()):
        return None
    return _curves([one], "violation", "violation so far", log=True)


def regret(found: Sequence[Found]) -> Any:
    """Return cumulative shortfall over rounds; None where a family knows none."""
    if not all("shortfall" in parts[0].curves for one in found for parts in one.totals.values()):
        return None
    longest = {one.regime: one for one in sorted(found, key=lambda each: each.horizon)}
    return _curves(list(longest.values()), "shortfall", "regret so far", log=False)


def _curves(found: Sequence[Found], key: str, label: str, *, log: bool) -> Any:
    figure, axes = panels(len(found), width=2.0 + 5.0 * len(found), height=4.8)
    for ax, one in zip(axes, found, strict=True):
        for i, (agent, parts) in enumerate(one.totals.items()):
            marks, curve = parts[0].marks, joined(parts, "curves")[key]
            mean = curve.mean(axis=1)
            if log and not mean.any():
                continue
            ax.plot(marks, mean, color=f"C{i % 10}", label=agent)
            if curve.shape[1] > 1:
                low, high = np.quantile(curve, (0.1, 0.9), axis=1)
                if log:
                    # A log axis has no place for 0: the band begins where the mean does.
                    low = np.where(low > 0, low, mean)
                ax.fill_between(marks, low, high, color=f"C{i % 10}", alpha=0.15, linewidth=0)
        ax.set_xscale("log")
        if log:
            ax.set_yscale("log")
        else:  # regret against a feasible oracle may be negative: who breaks rules earns more
            ax.set_yscale("symlog", linthresh=1.0)
        ax.set(xlabel="rounds", ylabel=label, title=one.title)
    below(figure, axes[0], len(found[0].per_seed))
    return figure


def rewards(one: Found) -> Any:
    """Return mean rewards with their 95 % intervals, one line per agent."""
    rows, _ = one.table
    figure, (ax,) = panels(height=1.4 + 0.4 * len(rows))
    places = range(len(rows))
    for i, row in enumerate(rows):
        ends = row["reward_interval"] or [row["reward"]] * 2
        ax.plot(ends, [i, i], color="C0", linewidth=2)
        ax.plot([row["reward"]], [i], color="C0", marker="o")
    ax.set_yticks(places, [row["agent"] for row in rows])
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set(xlabel="reward per round, 95 % interval over seeds", title=one.title)
    return figure


def root(found: Sequence[Found]) -> Any:
    """Return regret / sqrt(T) against T: flat where regret grows like sqrt(T).

    None for fewer than three horizons, or where a family knows no regret.
    """
    horizons = sorted({one.horizon for one in found})
    if len(horizons) < 3 or any(
        each.regret is None for one in found for each in one.per_seed.values()
    ):
        return None
    regimes = list(dict.fromkeys(one.regime for one in found))
    figure, axes = panels(len(regimes), width=2.0 + 5.0 * len(regimes), height=4.8)
    for ax, regime in zip(axes, regimes, strict=True):
        own = sorted((one for one in found if one.regime == regime), key=lambda one: one.horizon)
        for i, agent in enumerate(own[0].per_seed):
            # A column per horizon. Agents of linear regret would hide the others: log axis.
            table = [_scaled(one, agent) for one in own]
            ax.errorbar(
                horizons,
                [mean for mean, _ in table],
                yerr=[error for _, error in table],
                color=f"C{i % 10}",
                marker="o",
                label=agent,
            )
        ax.set(xscale="log", xlabel="rounds T", ylabel="regret / sqrt(T)")
        ax.set_xticks(horizons, [f"{each:,}" for each in horizons])
        ax.minorticks_off()
        if all(mean > 0 for one in own for mean, _ in (_scaled(one, a) for a in one.per_seed)):
            ax.set_yscale("log")
        ax.set_title(own[0].name if regime is None else f"{own[0].name}, {regime}")
    below(figure, axes[0], len(found[0].per_seed))
    return figure


def _scaled(one: Found, agent: str) -> tuple[float, float]:
    """Return mean and standard error of regret / sqrt(T)."""
    found = one.per_seed[agent].regret
    if found is None:
        return float("nan"), float("nan")
    scaled = found / np.sqrt(one.horizon)
    count = len(scaled)
    error = float(scaled.std(ddof=1) / np.sqrt(count)) if count > 1 else 0.0
    return float(scaled.mean()), error
