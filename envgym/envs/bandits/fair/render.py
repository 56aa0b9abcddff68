"""Pictures of fair thresholds: as text while an episode runs, and as a figure."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from envgym.types import MissingExtraError

if TYPE_CHECKING:
    from envgym.envs.bandits.fair.core import FairThresholdCore
    from envgym.envs.bandits.fair.scalar import FairThresholdScalar

Path = Sequence[tuple[int, float]]
"""(rounds played, share of group 1), in order."""
_ROWS, _POINTS, _LABEL = 7, 61, 20
_SHADES = " .:-=+*#%@"


def picture(core: "FairThresholdCore", scalar: "FairThresholdScalar") -> str:
    """Return steady rewards over thresholds, the feasible set, what was played, and the path.

    Shows what the oracle knows: for people, not for agents.
    """
    swept, k = core.swept, core.thresholds
    lines = [
        f"FairThreshold {core.regime}, round {scalar.t} of {core.horizon}",
        f"rules: gap at most {core.limit:g}, served at least {core.least:g}",
        "",
        *_bars(swept.rewards.tolist(), "steady reward"),
        _row("feasible", "".join("=" if ok else " " for ok in swept.feasible)),
        _row("played", _shades([scalar.plays.get(i, 0) for i in range(k)])),
        _row("oracle", _mark(k, {swept.free: "f", swept.best: "o"})),
        f"{'':>{_LABEL}}  threshold 0 to 1; o: best allowed {swept.thresholds[swept.best]:.3f},"
        f" f: best free {swept.thresholds[swept.free]:.3f}",
        "",
        *_walk(scalar.path, core.rest),
    ]
    return "\n".join(line.rstrip() for line in lines)


def _row(name: str, cells: str) -> str:
    return f"{name:>{_LABEL}} |{cells}|"


def _mark(k: int, marks: Mapping[int, str]) -> str:
    return "".join(marks.get(i, " ") for i in range(k))


def _shades(counts: Sequence[int]) -> str:
    """Return one character per threshold, darker for more rounds."""
    top = max([1, *counts])
    last = len(_SHADES) - 1
    return "".join(_SHADES[-(-count * last // top)] for count in counts)


def _bars(values: Sequence[float], name: str) -> list[str]:
    """Return a dot plot, one column per value."""
    low, high = min(values), max(values)
    step = (high - low) / (_ROWS - 1) or 1.0
    heights = [round((value - low) / step) for value in values]
    lines = []
    for row in range(_ROWS - 1, -1, -1):
        title = name if row == _ROWS - 1 else ""
        dots = "".join("*" if height == row else " " for height in heights)
        lines.append(_row(f"{title} {low + row * step:+.2f}", dots))
    return lines


def _walk(path: Path, rest: float) -> list[str]:
    """Return the share of group B over rounds, and where it rests under the best threshold."""
    some = [path[round(i * (len(path) - 1) / (_POINTS - 1))] for i in range(_POINTS)]
    if len(path) < _POINTS:
        some = list(path)
    values = [share for _, share in some]
    low, high = min([*values, rest]), max([*values, rest])
    step = (high - low) / (_ROWS - 1) or 1.0
    lines = []
    for row in range(_ROWS - 1, -1, -1):
        title = "share of B" if row == _ROWS - 1 else ""
        base = "-" if round((rest - low) / step) == row else " "
        dots = "".join("*" if round((value - low) / step) == row else base for value in values)
        lines.append(_row(f"{title} {low + row * step:.3f}", dots))
    lines.append(
        f"{'':>{_LABEL}}  rounds 0 to {path[-1][0]}; ---: rests at {rest:.3f} under the oracle"
    )
    return lines


def figure(
    core: "FairThresholdCore",
    paths: Mapping[str, Path],
    plays: Mapping[str, Sequence[int]] | None = None,
) -> Any:
    """Return a matplotlib Figure of two panels: thresholds, and the population's paths.

    Left: steady reward over thresholds, the feasible set shaded, the best allowed and the best free
    threshold marked, and for each of ``plays`` the share of rounds per threshold. Right: the share
    of group B over rounds for each of ``paths``, dashed where it rests under each best threshold.

    Args:
        core: the environment's parameters.
        paths: by label; ``FairThresholdScalar.path`` is one.
        plays: by label, rounds per threshold, length K.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError("the figure of FairThreshold", "report") from None
    swept = core.swept
    made = Figure(figsize=(10, 4), layout="constrained")
    left, right = made.subplots(1, 2)
    half = 0.5 / (core.thresholds - 1)
    for place in swept.feasible.nonzero()[0].tolist():
        at = float(swept.thresholds[place])
        label = "feasible" if place == int(swept.feasible.argmax()) else None
        left.axvspan(at - half, at + half, color="#cfe8cf", linewidth=0, zorder=0, label=label)
    left.plot(swept.thresholds, swept.rewards, color="#333333", label="steady reward")
    for place, marker, color, label in (
        (swept.best, "o", "#1a7f37", "best allowed"),
        (swept.free, "D", "#b35900", "best free"),
    ):
        left.plot(
            swept.thresholds[place],
            swept.rewards[place],
            marker,
            color=color,
            label=f"{label} {swept.thresholds[place]:.3f}",
        )
        right.axhline(swept.shares[place], color=color, linestyle="--", linewidth=1)
    left.set(xlabel="threshold", ylabel="reward per applicant", title=core.regime)
    if plays:
        twin = left.twinx()
        for label, counts in plays.items():
            total = max(sum(counts), 1)
            twin.step(
                swept.thresholds,
                [count / total for count in counts],
                where="mid",
                alpha=0.7,
                label=label,
            )
        twin.set(ylabel="share of rounds", ylim=(0, 1))
        twin.legend(loc="upper right", fontsize="small")
    handles, labels = left.get_legend_handles_labels()
    made.legend(handles, labels, loc="outside lower center", ncols=4, fontsize="small")
    for label, path in paths.items():
        right.plot([t for t, _ in path], [share for _, share in path], label=label)
    right.set(xlabel="round", ylabel="share of group B", title="population (dashed: fixed points)")
    if paths:
        right.legend(fontsize="small")
    return made
