"""The history of a loop: one JSON line per step, appended at once, read again to go on."""

import json
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from envgym.rewards.generated.value import GeneratedReward
from envgym.types import ConfigError, InfraError
from envgym.types.errors import unknown

_VERSION = 1


class History:
    """Steps of one loop, by name; in memory, or in a file that a later run continues.

    A line holds what was written, its diff to the version it was edited from, its checks and
    fitness, or why there is nothing. A file that was stopped in the middle of a line loses that
    line only.

    Args:
        path: a JSON Lines file, made if missing; None: keep the steps in memory.

    Raises:
        ConfigError: the file is damaged or of a newer version.
    """

    def __init__(self, path: str | PathLike[str] | None = None) -> None:
        self.path = None if path is None else Path(path)
        self.steps: dict[str, Mapping[str, Any]] = {}
        self._settings: Mapping[str, Any] | None = None
        if self.path is not None and self.path.exists():
            self._read(self.path)

    def begin(self, loop: str, settings: Mapping[str, Any]) -> None:
        """Write the head, or compare it with the one that is there.

        Raises:
            ConfigError: the history is of another loop or other settings; names the first.
        """
        head = json.loads(json.dumps({"loop": loop, **settings}))
        if self._settings is None:
            self._settings = head
            self._write({"v": _VERSION, **head})
            return
        for name in (*head, *self._settings):
            there, here = self._settings.get(name), head.get(name)
            if there != here:
                raise ConfigError(
                    f"{self.path or 'this history'} was made with {name}={there!r:.80}, not "
                    f"{here!r:.80}; a loop goes on under its own settings only."
                )

    def reward(self, step: str) -> GeneratedReward | None:
        """Return what ``step`` wrote; None if it wrote nothing usable."""
        data = self.steps[step].get("reward")
        return None if data is None else GeneratedReward.from_json(data)

    def add(
        self,
        step: str,
        reward: GeneratedReward | None = None,
        parent: GeneratedReward | None = None,
        **more: Any,
    ) -> None:
        """Append one step.

        Args:
            step: its name, new in this history.
            reward: what was written.
            parent: what it was edited from, for the diff.
            **more: JSON details: problem, reflection, accepted, prompt.
        """
        if step in self.steps:
            raise ConfigError(f"step '{step}' is in the history already.")
        line: dict[str, Any] = {"step": step, **more}
        if reward is not None:
            line |= {"reward": reward.to_json(), "diff": reward.diff(parent)}
        line = json.loads(json.dumps(line))
        self._write(line)
        self.steps[step] = line

    def diffs(self) -> list[str]:
        """Return every edit as a unified diff, in order."""
        return [line["diff"] for line in self.steps.values() if "diff" in line]

    def _write(self, line: Mapping[str, Any]) -> None:
        if self.path is None:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        except OSError as error:
            raise InfraError("disk", f"{self.path} cannot be written: {error.strerror}") from error

    def _read(self, path: Path) -> None:
        try:
            data = path.read_bytes()
            *lines, rest = data.split(b"\n")
            if rest:  # stopped in the middle of a line: what is whole counts
                with path.open("r+b") as file:
                    file.truncate(len(data) - len(rest))
        except OSError as error:
            raise ConfigError(f"history {path} cannot be read: {error.strerror}.") from None
        for number, text in enumerate(lines, 1):
            try:
                line = json.loads(text)
                if number == 1:
                    self._head(line, path)
                else:
                    self.steps[line["step"]] = line
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                if isinstance(error, ConfigError):
                    raise
                raise ConfigError(f"{path.name}:{number}: no step of a history: {error!r}") from (
                    error
                )

    def _head(self, line: dict[str, Any], path: Path) -> None:
        version = line.pop("v")
        if version != _VERSION:
            known = unknown("version of a history", str(version), [str(_VERSION)])
            raise ConfigError(f"{path.name}:1: {known}")
        self._settings = line
