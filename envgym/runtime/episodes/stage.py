"""Environments made again from the heads of recorded episodes, one per configuration."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import gymnasium

from envgym.runtime import registry
from envgym.runtime.episodes.decode import whole_numbers
from envgym.runtime.episodes.episode import Episode
from envgym.runtime.episodes.schema import Head
from envgym.runtime.games.registry import make_text
from envgym.types.errors import EnvgymError, EpisodeFileError, InfraError

_DROPPED = ("tasks", "split", "lenient", "record", "append", "reward", "render_mode")
"""Arguments that the head replaces (task, program) or that a re-run must not repeat."""


class MakeError(EpisodeFileError):
    """The head's configuration is refused by today's environment."""


class Stage(ExitStack):
    """Keeps one environment per configuration, so that a file of episodes loads its world once."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[str, Any] = {}

    def team_env(self, team: Sequence[Episode]) -> Any:
        """Return the environment of several agents whose views are given."""
        head = team[0].head
        settings = {key: value for key, value in head.config.items() if key not in _DROPPED}
        settings["reward"] = {each.agent: each.head.program for each in team}

        def make() -> Any:
            return make_text(head.env, **settings)

        return self._kept(head, settings, make)

    def env(self, head: Head, **more: Any) -> Any:
        """Return the environment of ``head``, ready for its reset; ``more`` overrides arguments."""
        settings = {**_settings(head), **more}
        registry.find(head.env)

        def make() -> Any:
            # The first task only serves to make it: families without tasks of their own need one.
            given: dict[str, Any] = {}
            if not registry.is_numeric(head.env):
                given["tasks"] = [recorded_task(head)]
            return gymnasium.make(
                head.env.rpartition(":")[2], disable_env_checker=True, **given, **settings
            ).unwrapped

        return self._kept(head, settings, make)

    def vector(self, head: Head) -> Any:
        """Return the numeric vector that ``head`` stood in, ready for its reset."""
        registry.find(head.env)
        assert head.batch is not None
        settings = {**_settings(head), **head.batch["vector"], "num_envs": head.batch["size"]}

        def make() -> Any:
            from envgym.runtime.numeric.vector import make_numeric_vector

            return make_numeric_vector(head.env, **settings)

        return self._kept(head, settings, make)

    def _kept(self, head: Head, settings: Mapping[str, Any], make: Callable[[], Any]) -> Any:
        key = json.dumps([head.env, settings], sort_keys=True)
        if key not in self._made:
            try:
                made = make()
            except InfraError:
                raise
            except (EnvgymError, TypeError) as error:
                raise MakeError(
                    f"{head.ep}: {head.env} cannot be made from the recorded configuration: {error}"
                ) from error
            self.callback(made.close)
            self._made[key] = made
        return self._made[key]


def _settings(head: Head) -> dict[str, Any]:
    settings = {key: value for key, value in head.config.items() if key not in _DROPPED}
    # The program itself, not the name of a preset whose meaning may have moved on.
    settings["reward"] = head.program or head.config.get("reward", "outcome")
    return settings


def recorded_task(head: Head) -> dict[str, Any]:
    """Return the task of ``head``; parameters declared as integers are integers again."""
    task = dict(head.task)
    params = task.get("params")
    if isinstance(params, Mapping):
        model = registry.env_class(head.env).params_model()
        task["params"] = whole_numbers(dict(params), model)
    return task
