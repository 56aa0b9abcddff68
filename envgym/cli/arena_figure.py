"""The arena's picture: ratings with intervals beside a map of who wins against whom."""

from pathlib import Path

import numpy as np

from envgym.agents.arena.run import ArenaResult
from envgym.agents.ratings.table import pair_table
from envgym.types import ConfigError, InfraError, MissingExtraError


def check_figure(file: Path) -> None:
    """Refuse early what would fail after all games were played.

    Raises:
        ConfigError: a suffix other than .png, .svg or .pdf.
        MissingExtraError: matplotlib is not installed.
    """
    if file.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise ConfigError(f"--figure must end in .png, .svg or .pdf, got '{file}'.")
    try:
        import matplotlib.figure  # noqa: F401
    except ModuleNotFoundError as missing:
        raise MissingExtraError("--figure", "report") from missing


def draw(found: ArenaResult, file: Path) -> None:
    """Write the figure; an existing file is replaced.

    Raises:
        InfraError: the file cannot be written.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    rows = found.ratings.rows
    names = [row.player for row in rows]
    table = pair_table(found.compared, players=names)
    scores = table.scores
    size = len(names)
    picture = Figure(figsize=(6.0 + 0.75 * size, 1.6 + 0.45 * max(size, 4)), layout="constrained")
    left, right = picture.subplots(1, 2, width_ratios=(1.2, 1.0))
    places = np.arange(size)
    left.plot([row.rating for row in rows], places, "o", color="#1f4e79")
    for place, row in enumerate(rows):
        if row.low is not None and row.high is not None:
            left.plot([row.low, row.high], [place, place], "-", color="#1f4e79")
    left.set_yticks(places, names)
    left.invert_yaxis()
    left.set_xlabel(f"{found.ratings.method} rating, {found.ratings.confidence:.0%} interval")
    left.grid(axis="x", alpha=0.3)
    image = right.imshow(np.ma.masked_invalid(scores), cmap="RdBu", vmin=0.0, vmax=1.0)
    for i in range(size):
        for j in range(size):
            if np.isfinite(scores[i, j]):
                dark = abs(scores[i, j] - 0.5) > 0.3
                right.text(
                    j, i, f"{scores[i, j]:.2f}", ha="center", va="center",
                    color="white" if dark else "black", fontsize=8,
                )  # fmt: skip
    right.set_facecolor("#dddddd")  # never met; white is an even score
    right.set_xticks(places, names, rotation=45, ha="right")
    right.set_yticks(places, names)
    unit = "seeds" if found.settings.score == "duplicate" else "games"
    right.set_title(f"{unit} won by the row against the column", fontsize=10)
    picture.colorbar(image, ax=right, shrink=0.8)
    picture.suptitle(
        f"{found.settings.game}, {found.settings.format}: transitive share "
        f"{found.ratings.transitive:.2f}"
    )
    stable = {"Date": None} if file.suffix.lower() != ".png" else {"Software": None}
    if file.suffix.lower() == ".pdf":
        stable = {"CreationDate": None}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # A fixed salt: the same arena, the same bytes.
        with rc_context({"svg.hashsalt": "envgym"}):
            picture.savefig(file, metadata=stable)
    except OSError as error:
        raise InfraError("disk", f"cannot write {file}: {error.strerror}") from error
