"""Policies as tables: a distribution for every information set, in memory and in a file."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envgym.runtime.games.tree import GameTree
from envgym.types.errors import ConfigError, InfraError, near_file
from envgym.types.game import Game, State

FORMAT = 1
"""Version of the file; a reader refuses any other."""

Rows = Mapping[tuple[int, str], Mapping[int, float]]
"""(player, infostate) to {action: probability}; each row sums to 1."""


@dataclass(frozen=True)
class PolicyTable:
    """What to do in the information sets of one game; all of them (complete) or some.

    A row may leave actions out: they have probability 0. Where there is no row at all,
    ``distribution`` is None and ``policy`` plays every legal action alike.
    """

    game: str
    """Name of the game, such as "leduc"."""
    params: Mapping[str, Any]
    """``Game.params``: the arguments that make the same game again."""
    rows: Rows = field(repr=False)
    """(player, infostate) to {action: probability}."""
    name: str = "table"
    """Where it comes from, such as "cfr:1000"."""

    def distribution(self, state: State) -> tuple[float, ...] | None:
        """Return the probabilities of ``state.legal()`` for the mover; None without a row.

        Raises:
            ConfigError: the row has an action that is not legal.
        """
        mover = state.current_player
        key = (mover, state.infostate(mover))
        row = self.rows.get(key)
        if row is None:
            return None
        legal = state.legal()
        self._check_row(key, row, legal)
        return tuple(row.get(action, 0.0) for action in legal)

    def policy(self, state: State) -> tuple[float, ...]:
        """Return the probabilities of ``state.legal()``; uniform where there is no row."""
        found = self.distribution(state)
        if found is not None:
            return found
        legal = state.legal()
        return (1.0 / len(legal),) * len(legal)

    def complete(self, tree: GameTree) -> bool:
        """Return whether every information set of the game has a row."""
        return all(key in self.rows for key in tree.infoset_index)

    def profile(self, tree: GameTree) -> NDArray[np.float64]:
        """Return the table as a profile of ``tree``, uniform where there is no row.

        Raises:
            ConfigError: the tree is another game's, or a row has an action that is not legal there.
        """
        self.check(tree.game)
        found = uniform_profile(tree)
        for i, key in enumerate(tree.infoset_index):
            row = self.rows.get(key)
            if row is not None:
                actions = tree.infoset_actions[i]
                self._check_row(key, row, actions)
                found[tree.offset[i] : tree.offset[i + 1]] = [row.get(a, 0.0) for a in actions]
        return found

    def _check_row(
        self, key: tuple[int, str], row: Mapping[int, float], legal: Sequence[int]
    ) -> None:
        for action in row:
            if action not in legal:
                raise ConfigError(
                    f"table '{self.name}' has the action {action} in a row of player {key[0]} at "
                    f"{key[1]!r}, where {', '.join(map(str, legal))} are legal."
                )

    def check(self, game: Game) -> None:
        """Refuse another game.

        Raises:
            ConfigError: ``game`` has another name or other parameters.
        """
        if game.name != self.game or _canonical(game.params) != _canonical(self.params):
            raise ConfigError(
                f"table '{self.name}' is for {_shown(self.game, self.params)}, not for "
                f"{_shown(game.name, game.params)}."
            )

    def save(self, path: Path) -> None:
        """Write the table as JSON to a file that must not exist yet.

        Raises:
            ConfigError: the file exists.
            InfraError: it cannot be written.
        """
        text = json.dumps(self.to_json(), ensure_ascii=False, indent=0) + "\n"
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            raise ConfigError(f"{path} exists already; a table is never overwritten.") from None
        except OSError as error:
            raise InfraError("disk", f"cannot write {path}: {error.strerror}") from error

    def to_json(self) -> dict[str, Any]:
        """Return the file's content; floats keep every bit."""
        rows = [
            [player, key, [[action, float(p)] for action, p in row.items()]]
            for (player, key), row in self.rows.items()
        ]
        body = {
            "envgym_table": FORMAT,
            "name": self.name,
            "game": self.game,
            "params": dict(self.params),
            "rows": rows,
        }
        return {**body, "checksum": _checksum(body)}


def load_table(path: Path) -> PolicyTable:
    """Return the table in a file that ``save`` wrote.

    Raises:
        ConfigError: there is no such file, it is not a table, it was changed, or a row is no
            distribution.
        InfraError: it cannot be read.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"there is no table at {path}.{near_file(path)}") from None
    except OSError as error:
        raise InfraError("disk", f"cannot read {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:  # not JSON, not UTF-8, nested without end
        raise ConfigError(f"{path} is not a policy table: {error}.") from None
    if not isinstance(data, dict) or "envgym_table" not in data:
        raise ConfigError(f"{path} is not a policy table: it lacks the field 'envgym_table'.")
    if data["envgym_table"] != FORMAT:
        raise ConfigError(
            f"{path}: envgym_table is {data['envgym_table']!r}; this release reads {FORMAT}."
        )
    body = {key: value for key, value in data.items() if key != "checksum"}
    if data.get("checksum") != _checksum(body):
        raise ConfigError(f"{path} was changed or cut short: its checksum does not fit.")
    try:
        rows = {
            (int(player), str(key)): {int(action): float(p) for action, p in row}
            for player, key, row in data["rows"]
        }
        made = PolicyTable(str(data["game"]), dict(data["params"]), rows, str(data["name"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{path} is not a policy table: {error!r}.") from None
    for (player, key), row in made.rows.items():
        total = sum(row.values())
        if not all(p >= 0.0 for p in row.values()) or not math.isclose(total, 1.0, abs_tol=1e-6):
            raise ConfigError(
                f"{path}: the row of player {player} at {key!r} must hold probabilities that sum "
                f"to 1, got {list(row.values())}."
            )
    return made


def from_profile(tree: GameTree, profile: NDArray[np.float64], name: str = "table") -> PolicyTable:
    """Return a profile of ``tree`` (float64, laid out by ``tree.offset``) as a complete table."""
    values, offset = profile.tolist(), tree.offset.tolist()
    rows = {
        key: dict(zip(tree.infoset_actions[i], values[offset[i] : offset[i + 1]], strict=True))
        for i, key in enumerate(tree.infoset_index)
    }
    return PolicyTable(tree.game.name, dict(tree.game.params), rows, name)


def uniform(tree: GameTree) -> PolicyTable:
    """Return the table that plays every legal action alike."""
    return from_profile(tree, uniform_profile(tree), "uniform")


def uniform_profile(tree: GameTree) -> NDArray[np.float64]:
    """Return the profile of ``tree`` in which all actions of an information set are alike."""
    counts = np.diff(tree.offset)
    return np.repeat(1.0 / np.maximum(counts, 1), counts)


def _canonical(data: Mapping[str, Any]) -> str:
    return json.dumps(dict(data), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _checksum(body: Mapping[str, Any]) -> str:
    # What UTF-8 cannot carry is in no file that ``save`` wrote, and gives some other checksum.
    text = _canonical(body).encode("utf-8", "backslashreplace")
    return blake2b(text, digest_size=16).hexdigest()


def _shown(name: str, params: Mapping[str, Any]) -> str:
    return f"{name}({', '.join(f'{key}={value}' for key, value in params.items())})"
