"""Read a user's own German Credit and COMPAS tables: checked, only the columns that are needed.

Nothing here prints or logs a row, and messages name counts and checksums only.
"""

import csv
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from envgym.types import ConfigError
from envgym.types.errors import near_file

GERMAN_FILE = "german.data"
GERMAN_SHA256 = "b21f3d81db8071257d5ff1deaeba1fd4303b62712e6fcc9715c7a86202cb5871"
"""Of the file with Unix line ends and single spaces; other separators are normalised first."""
COMPAS_FILE = "compas_cells.csv"
COMPAS_SHA256 = "6b185568588ff822b72fdc3c29c6d0c8ce6aa21ed327f09dfd1f1e519a37811f"

GERMAN_ROWS, GERMAN_COLUMNS = 1000, 21
STATUS, AGE, CLASS = 8, 12, 20
"""Columns of German Credit: personal status and sex, age in years, class (1 good, 2 bad)."""
NUMBERS = frozenset({1, 4, 7, 10, 12, 15, 17})
"""Numeric columns of German Credit; the others are categories."""
FEMALE = frozenset({"A92", "A95"})
YOUNG = 25
"""German-age: group 1 is this old or younger."""
CELL_FEATURES = ("sex", "age_cat", "priors", "charge_degree")
RACES = ("Caucasian", "African-American")


class Table(NamedTuple):
    """One row per person, in memory only."""

    features: NDArray[Any]
    """float64 [rows, features]."""
    good: NDArray[Any]
    """int64 [rows]: 1 good, 0 bad."""
    group: NDArray[Any]
    """int64 [rows]: 0 or 1."""


def german(folder: Path, name: str) -> Table:
    """Return German Credit with the groups of ``german-sex`` or ``german-age``.

    Features are all attributes but personal status and sex, and, where age makes the groups, age:
    the group is never a feature. Numbers are standardised over the even rows; categories become
    one column each, but for the first in alphabetical order.

    Raises:
        ConfigError: the file is missing or altered; names the expected checksum.
    """
    text = _read(folder, GERMAN_FILE, GERMAN_SHA256)
    rows = [line.replace(",", " ").split() for line in text.splitlines() if line.strip()]
    shape = (len(rows), min(map(len, rows), default=0), max(map(len, rows), default=0))
    _must("rows, fewest and most columns", shape, (1000, 21, 21), GERMAN_FILE, GERMAN_SHA256)
    good = np.array([row[CLASS] == "1" for row in rows], dtype=np.int64)
    female = np.array([row[STATUS] in FEMALE for row in rows], dtype=np.int64)
    young = np.array([_natural(row[AGE]) <= YOUNG for row in rows], dtype=np.int64)
    found = (
        int(good.sum()),
        *(int(x) for group in (female, young) for x in (group.sum(), good[group == 1].sum())),
    )
    names = "good, women, good women, young, good young"
    _must(names, found, (700, 310, 201, 190, 110), GERMAN_FILE, GERMAN_SHA256)
    normal = "".join(" ".join(row) + "\n" for row in rows)
    _same(normal, GERMAN_FILE, GERMAN_SHA256)
    left_out = {STATUS, CLASS} if name == "german-sex" else {STATUS, AGE, CLASS}
    columns: list[NDArray[Any]] = []
    for place in range(GERMAN_COLUMNS):
        if place in left_out:
            continue
        values = [row[place] for row in rows]
        if place in NUMBERS:
            numbers = np.array([float(value) for value in values])
            columns.append((numbers - numbers[::2].mean()) / numbers[::2].std())
        else:
            columns += _dummies(values)
    return Table(np.stack(columns, 1), good, female if name == "german-sex" else young)


def compas(folder: Path) -> Table:
    """Return COMPAS from its table of counts, every cell expanded to as many equal rows.

    Cells come in the order of the file, so that even and odd rows split each cell in halves.
    Features are sex, age class, class of priors and degree of the charge, never race; good means
    no new offence within two years. Group 1 is African-American.

    Raises:
        ConfigError: the file is missing or altered; names the expected checksum.
    """
    text = _read(folder, COMPAS_FILE, COMPAS_SHA256)
    cells = list(csv.DictReader(StringIO(text)))
    needed = {"race", *CELL_FEATURES, "two_year_recid", "count"}
    have = set(cells[0]) if cells else set()
    _must("missing columns", sorted(needed - have), [], COMPAS_FILE, COMPAS_SHA256)
    counts = np.array([_natural(cell["count"]) for cell in cells])
    group = np.array([cell["race"] == RACES[1] for cell in cells], dtype=np.int64)
    other = np.array([cell["race"] == RACES[0] for cell in cells], dtype=np.int64)
    good = np.array([cell["two_year_recid"] == "0" for cell in cells], dtype=np.int64)
    found = tuple(
        int((counts * weight).sum()) for weight in (group, group * good, other, other * good)
    )
    names = f"{RACES[1]}, good of them, {RACES[0]}, good of them"
    _must(names, found, (3175, 1514, 2103, 1281), COMPAS_FILE, COMPAS_SHA256)
    _same(text.replace("\r\n", "\n"), COMPAS_FILE, COMPAS_SHA256)
    columns = [
        column for name in CELL_FEATURES for column in _dummies([cell[name] for cell in cells])
    ]
    rows = np.repeat(np.arange(len(cells)), counts)
    return Table(np.stack(columns, 1)[rows], good[rows], group[rows])


def _dummies(values: list[str]) -> list[NDArray[Any]]:
    """Return one 0/1 column per category but the first in alphabetical order."""
    return [
        np.array([value == level for value in values], dtype=np.float64)
        for level in sorted(set(values))[1:]
    ]


def _natural(text: str | None) -> int:
    """Return a number of at most 8 digits; 0 where there is none, which the checks then refuse."""
    if text is None:
        return 0
    return int(text) if text.isdecimal() and len(text) < 9 else 0


def _read(folder: Path, name: str, digest: str) -> str:
    path = folder / name
    if not path.is_file():
        raise ConfigError(
            f"FairThreshold: data={str(folder)!r} has no file {name} (sha256 {digest})."
            f"{near_file(path)}"
        )
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise ConfigError(
            f"FairThreshold: {str(path)!r} cannot be read: {error.strerror} (expected sha256 {digest})."
        ) from error


def _must(what: str, found: Any, expected: Any, name: str, digest: str) -> None:
    if found != expected:
        raise ConfigError(
            f"FairThreshold: {name} is altered: {what} must be {expected}, got {found}"
            f" (expected sha256 {digest})."
        )


def _same(text: str, name: str, digest: str) -> None:
    found = sha256(text.encode()).hexdigest()
    if found != digest:
        raise ConfigError(
            f"FairThreshold: {name} is altered: sha256 must be {digest}, got {found}."
        )
