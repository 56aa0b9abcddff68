"""Many text environments behind Gymnasium's vector API, in this process."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from functools import partial
from operator import index
from typing import Any, SupportsIndex

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from envgym.types import ConfigError
from envgym.types.errors import unknown

_Step = tuple[str, float, bool, bool, dict[str, Any]]
_End = tuple[str, dict[str, Any]]


class TextVectorEnv(VectorEnv[tuple[str, ...], Sequence[str], NDArray[Any]]):
    """Step n text environments together; infos are also kept per environment.

    ``infos`` follows Gymnasium (one array per key with its ``_key`` mask) and holds
    ``per_env``, an object array of the n plain info dicts; so does ``final_info``. Observations
    and actions are sequences of n strings; rewards are float64 [n], terminations and truncations
    bool [n].

    Args:
        env_fns: n functions that make one environment each.
        threads: 0 steps them one by one; k > 0 uses k threads (containers, browsers). Results
            do not depend on it.
        autoreset_mode: NEXT_STEP (default), SAME_STEP (``final_obs`` and ``final_info`` keep
            the end) or DISABLED (``reset(options={"reset_mask": bool[n]})`` restarts some).
    """

    def __init__(
        self,
        env_fns: Sequence[Callable[[], gymnasium.Env[str, str]]],
        *,
        threads: int = 0,
        autoreset_mode: str | AutoresetMode = AutoresetMode.NEXT_STEP,
    ) -> None:
        if not env_fns:
            raise ConfigError("TextVectorEnv needs at least one environment, got none.")
        if threads < 0:
            raise ConfigError(f"threads must be 0 or more, got {threads}.")
        self.autoreset_mode = read_mode(autoreset_mode)
        self.envs = [make() for make in env_fns]
        self.num_envs = len(self.envs)
        first = self.envs[0]
        self.render_mode = first.render_mode
        self.spec = first.spec
        self.metadata = {**first.metadata, "autoreset_mode": self.autoreset_mode}
        self.single_observation_space = first.observation_space
        self.single_action_space = first.action_space
        self.observation_space = batch_space(first.observation_space, self.num_envs)
        self.action_space = batch_space(first.action_space, self.num_envs)
        self._pool = ThreadPoolExecutor(threads) if threads else None
        self._over = np.zeros(self.num_envs, dtype=bool)
        self._shown: list[str] = [""] * self.num_envs

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[tuple[str, ...], dict[str, Any]]:
        """Reset all environments; an int seed gives environment i the seed ``seed + i``.

        ``options`` go to every environment, except ``reset_mask`` (bool [n]: which to reset).
        """
        options = dict(options or {})
        mask = np.asarray(options.pop("reset_mask", np.ones(self.num_envs)), dtype=bool)
        if mask.shape != (self.num_envs,):
            raise ConfigError(f"reset_mask must have shape ({self.num_envs},), got {mask.shape}.")
        seeds = self._seeds(seed)
        chosen = [i for i in range(self.num_envs) if mask[i]]
        results = self._each(
            lambda i: self.envs[i].reset(seed=seeds[i], options=options or None), chosen
        )
        infos: dict[str, Any] = {}
        for i, (observation, info) in zip(chosen, results, strict=True):
            self._shown[i], self._over[i] = observation, False
            infos = self._add(infos, info, i)
        return tuple(self._shown), infos

    def step(
        self, actions: Sequence[str]
    ) -> tuple[tuple[str, ...], NDArray[Any], NDArray[Any], NDArray[Any], dict[str, Any]]:
        """Step every environment with its action.

        Raises:
            gymnasium.error.ResetNeeded: autoreset is disabled and an episode is over.
        """
        if len(actions) != self.num_envs:
            raise ConfigError(f"step needs {self.num_envs} actions, got {len(actions)}.")
        waiting = self._over.copy()
        results = self._each(
            lambda i: self._one(i, actions[i], bool(waiting[i])), range(self.num_envs)
        )
        rewards = np.zeros(self.num_envs, dtype=np.float64)
        ends = np.zeros((2, self.num_envs), dtype=bool)
        infos: dict[str, Any] = {}
        for i, ((observation, reward, terminated, truncated, info), end) in enumerate(results):
            rewards[i], ends[0, i], ends[1, i] = reward, terminated, truncated
            self._over[i] = (terminated or truncated) and end is None
            if end is not None:
                infos = self._add_final(infos, end, i)
            self._shown[i] = observation
            infos = self._add(infos, info, i)
        return tuple(self._shown), rewards, ends[0], ends[1], infos

    def _one(self, i: int, action: str, over: bool) -> tuple[_Step, _End | None]:
        """Return environment i's step and, if it began anew in it, how the old episode ended."""
        if over and self.autoreset_mode is AutoresetMode.NEXT_STEP:
            observation, info = self.envs[i].reset()
            return (observation, 0.0, False, False, info), None
        observation, reward, terminated, truncated, info = self.envs[i].step(action)
        end = None
        if (terminated or truncated) and self.autoreset_mode is AutoresetMode.SAME_STEP:
            end = (observation, info)
            observation, info = self.envs[i].reset()
        return (observation, float(reward), terminated, truncated, info), end

    def _each(self, work: Callable[[int], Any], which: Sequence[int]) -> list[Any]:
        if self._pool is None:
            return [work(i) for i in which]
        # All of them end before any exception is raised: none is left running behind its back.
        tasks = [self._pool.submit(work, i) for i in which]
        wait(tasks)
        return [task.result() for task in tasks]

    def _seeds(self, seed: Any) -> list[int | None]:
        if seed is None:
            return [None] * self.num_envs
        if isinstance(seed, SupportsIndex) and not isinstance(seed, np.ndarray):
            return [index(seed) + i for i in range(self.num_envs)]
        try:
            seeds = list(seed)
        except TypeError:
            raise ConfigError(f"seed must be an integer, a list or None, got {seed!r}.") from None
        if len(seeds) != self.num_envs:
            raise ConfigError(f"seed must hold {self.num_envs} entries, got {len(seeds)}.")
        return seeds

    def _add(self, infos: dict[str, Any], info: dict[str, Any], i: int) -> dict[str, Any]:
        infos = self._add_info(infos, info, i)
        self._put(infos, "per_env", info, i)
        return infos

    def _add_final(self, infos: dict[str, Any], end: _End, i: int) -> dict[str, Any]:
        infos = self._add_info(infos, {"final_obs": end[0], "final_info": end[1]}, i)
        self._put(infos["final_info"], "per_env", end[1], i)
        return infos

    def _put(self, infos: dict[str, Any], key: str, value: Any, i: int) -> None:
        if key not in infos:
            infos[key] = np.full(self.num_envs, None, dtype=object)
            infos[f"_{key}"] = np.zeros(self.num_envs, dtype=bool)
        infos[key][i], infos[f"_{key}"][i] = value, True

    def render(self) -> tuple[Any, ...] | None:
        """Return every environment's rendering."""
        return tuple(env.render() for env in self.envs)

    def close_extras(self, **kwargs: Any) -> None:
        """Close every environment and the threads."""
        with ExitStack() as stack:  # one that fails to close does not keep the others open
            for env in self.envs:
                stack.callback(env.close)
        if self._pool is not None:
            self._pool.shutdown()


def read_mode(mode: str | AutoresetMode) -> AutoresetMode:
    """Return the autoreset mode that a name such as "NextStep" or "NEXT_STEP" means."""
    if isinstance(mode, AutoresetMode):
        return mode
    names = {m.value: m for m in AutoresetMode} | {m.name: m for m in AutoresetMode}
    if mode not in names:
        raise ConfigError(unknown("autoreset_mode", mode, [m.name for m in AutoresetMode]))
    return names[mode]


def make_text_vector(
    env_id: str,
    num_envs: int = 1,
    *,
    threads: int = 0,
    autoreset_mode: str | AutoresetMode = AutoresetMode.NEXT_STEP,
    **kwargs: Any,
) -> TextVectorEnv:
    """Return ``num_envs`` copies of a registered text environment as one vector."""
    make = partial(gymnasium.make, env_id, disable_env_checker=True, **kwargs)
    return TextVectorEnv([make] * num_envs, threads=threads, autoreset_mode=autoreset_mode)


def __getattr__(name: str) -> Any:
    """Resolve ``"envgym.runtime.vector:ID"``, the vector entry point of every text id.

    Gymnasium does not tell a vector entry point which id it makes, and a spec that holds a
    function instead of a string cannot be written as JSON.
    """
    if "/" in name:
        return partial(make_text_vector, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
