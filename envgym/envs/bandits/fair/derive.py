"""Rebuild the shipped score histograms: ``python -m envgym.envs.bandits.fair.derive FOLDER [OUT]``.

FOLDER holds ``german.data`` and ``compas_cells.csv``; OUT is where the histograms go (default:
beside this package's own, which they equal byte for byte).
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envgym.envs.bandits.fair.population import BINS, render, sigmoid
from envgym.envs.bandits.fair.tables import Table, compas, german

NAMES = ("german-sex", "german-age", "compas")


def logistic(
    features: NDArray[Any], good: NDArray[Any], penalty: float = 1.0, steps: int = 50
) -> NDArray[Any]:
    """Return the weights of an L2-penalised logistic regression, fitted by IRLS (Newton).

    Minimises the summed log loss plus ``penalty`` / 2 times the squared weights; the intercept,
    weight 0, is free.

    Args:
        features: float64 [rows, d].
        good: 0 or 1 [rows].
        penalty: 0 or more.
        steps: most Newton steps; stops when no weight moves by more than 1e-12.

    Returns:
        float64 [d + 1].
    """
    x = with_intercept(features)
    ridge = penalty * np.eye(x.shape[1])
    ridge[0, 0] = 0.0
    weights = np.zeros(x.shape[1])
    for _ in range(steps):
        chance = sigmoid(x @ weights)
        curve = x.T @ (x * (chance * (1 - chance))[:, None]) + ridge
        step = np.linalg.solve(curve, x.T @ (good - chance) - ridge @ weights)
        weights += step
        if np.abs(step).max() < 1e-12:
            break
    return weights


def with_intercept(features: NDArray[Any]) -> NDArray[Any]:
    """Return the features behind a column of ones."""
    return np.concatenate([np.ones((len(features), 1)), features], 1)


def scores(table: Table) -> NDArray[Any]:
    """Return P(good) of the odd rows under the model fitted on the even ones, float64 [rows // 2]."""
    weights = logistic(table.features[::2], table.good[::2])
    return sigmoid(with_intercept(table.features[1::2]) @ weights)


def counts(table: Table) -> NDArray[Any]:
    """Return the histogram of the odd rows' scores, int64 [2, BINS, 2]: group, bin, good."""
    place = np.minimum((scores(table) * BINS).astype(np.int64), BINS - 1)
    out = np.zeros((2, BINS, 2), dtype=np.int64)
    np.add.at(out, (table.group[1::2], place, table.good[1::2]), 1)
    return out


def histogram(name: str, folder: Path) -> NDArray[Any]:
    """Return the histogram of one regime from a user's own files.

    Raises:
        ConfigError: a file is missing or altered.
    """
    return counts(compas(folder) if name == "compas" else german(folder, name))


def main(argv: list[str]) -> int:
    """Write the three histograms; return the exit code."""
    if len(argv) not in (1, 2):
        sys.stderr.write("usage: python -m envgym.envs.bandits.fair.derive FOLDER [OUT]\n")
        return 2
    out = Path(argv[1]) if len(argv) == 2 else Path(__file__).parent / "data"
    for name in NAMES:
        path = out / f"{name}.csv"
        path.write_text(render(histogram(name, Path(argv[0]))), encoding="utf-8", newline="\n")
        sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
