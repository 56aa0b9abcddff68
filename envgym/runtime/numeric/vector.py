"""Many numeric environments as arrays: Gymnasium's VectorEnv over a family's core."""

import weakref
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

import gymnasium
import numpy as np
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from envgym.rewards import Program, resolve
from envgym.runtime import registry, settings
from envgym.runtime.numeric.arrays import Arrays, arrays
from envgym.runtime.numeric.core import Facts, State
from envgym.runtime.numeric.env import NumericArgs
from envgym.runtime.numeric.evidence import lost_keys, numeric_declared
from envgym.runtime.numeric.keeping import NOT_RUNNING
from envgym.runtime.numeric.measures import Measures
from envgym.runtime.numeric.noise import BatchNoise, Noise, RowNoise, generator
from envgym.runtime.numeric.parameters import split_arguments
from envgym.runtime.numeric.pay import ArrayPay
from envgym.runtime.numeric.rows import (
    copy_array,
    next_seeds,
    opening_facts,
    row_seeds,
    scatter,
    spread,
    widen,
)
from envgym.runtime.numeric.vector_actions import read_actions, wrong_actions
from envgym.runtime.vector import read_mode
from envgym.types import ConfigError, derive
from envgym.types.bandit import Problem
from envgym.types.errors import unknown

STREAMS = ("batch", "rows")
_OWN = ("backend", "device", "dtype", "streams", "autoreset_mode")
Rows = Any
"""int64 indices of some environments."""


class NumericVectorEnv(VectorEnv[Any, Any, Any]):
    """B environments of one family in step, on NumPy or PyTorch.

    Infos are arrays: ``evidence`` and ``reward_parts`` hold one per key, ``revealed`` is a tuple of
    ``Outcome``, ``turn`` counts turns, ``error`` marks rows whose action was invalid (their turn is
    spent, their world did not move), ``mask`` the valid actions, ``outcome`` the outcome of rows
    that ended (``_outcome`` says which). With ``autoreset_mode`` "SameStep" ``final_obs`` holds the
    batch's last observations before the reset.

    Args:
        family: a subclass of ``NumericEnv``.
        num_envs: B, 1 or more.
        backend: "numpy" or "torch"; torch takes and returns tensors.
        device: PyTorch's device, such as "cuda"; default the CPU.
        dtype: "float64" or "float32".
        streams: "batch": one generator for all, fast; "rows": one per row, so that a row is the same
            whatever the batch, and equal to the single environment with its seed. NumPy only.
        autoreset_mode: "NextStep" (default), "SameStep" or "Disabled".
        arguments: as for the single environment: its core's, ``reward`` and so on.

    Raises:
        ConfigError: for arguments that do not fit.
    """

    metadata: dict[str, Any] = {"render_modes": [], "autoreset_mode": AutoresetMode.NEXT_STEP}

    def __init__(
        self,
        family: Any,
        num_envs: int = 1,
        *,
        backend: str = "numpy",
        device: str | None = None,
        dtype: str = "float64",
        streams: str = "batch",
        autoreset_mode: str | AutoresetMode = AutoresetMode.NEXT_STEP,
        **arguments: Any,
    ) -> None:
        where = self._where = f"{family.__name__} vector"
        if isinstance(num_envs, bool) or not isinstance(num_envs, int) or num_envs < 1:
            raise ConfigError(f"{where}: num_envs must be 1 or more, got {num_envs!r}.")
        kernel, own = split_arguments(where, family.core_class, NumericArgs, arguments, _OWN)
        settings.check_choice(where, "streams", streams, STREAMS)
        self.family, self.num_envs = family, num_envs
        self.core = family.core_class(**own)
        self.problem: Problem = self.core.problem
        self.ar: Arrays = arrays(backend, dtype, device, where)
        if self.ar.torch and not getattr(self.core, "torch_ok", True):
            raise ConfigError(f"{where}: this family has no torch form; use backend='numpy'.")
        if self.ar.torch and streams == "rows":
            raise ConfigError(f"{where}: streams='rows' is for backend='numpy'.")
        self.streams = streams
        self.autoreset_mode = read_mode(autoreset_mode)
        self.metadata = {**self.metadata, "autoreset_mode": self.autoreset_mode}
        settings.check_choice(where, "render_mode", kernel.get("render_mode"), (None,))
        declared = numeric_declared(family)
        self.program: Program = resolve(kernel.get("reward", "utility"), family.presets(), where)
        self.program.check(declared, where)
        self._pay = ArrayPay(self.program, self.ar, where)
        wanted = settings.check_evidence(family, kernel.get("record_evidence", "needed"))
        read = self.program.needs | wanted
        costly = {e.key for e in family.declares if e.cost == "costly" and e.key in read}
        self._measured = [key for key in ("progress", "novelty") if key in costly]
        self._counts_visits = bool(self._measured) or "visits" in read
        if self.ar.torch and self._counts_visits:
            raise ConfigError(
                f"{where}: visits, progress and novelty are measured with backend='numpy' only;"
                f" reward '{self.program.name}' reads one of them."
            )
        self._expose = bool(kernel.get("expose_oracle", False))
        self.single_observation_space = self.core.observation_space
        self.single_action_space = self.core.action_space
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._discrete = isinstance(self.single_action_space, gymnasium.spaces.Discrete)
        self._lost = lost_keys(family.declares, self.core)
        self._optimum = getattr(self.core, "optimum", None) if "shortfall" in declared else None
        self._state: State | None = None
        self.resources = ExitStack()
        self.blocks: Any = None
        if kernel.get("record") is not None:
            from envgym.runtime.numeric.blocks import BlockRecorder

            self.blocks = BlockRecorder(self, kernel, own)
            self.resources.callback(self.blocks.close)
        self._finalizer = weakref.finalize(self, self.resources.close)

    # -- Beginning ------------------------------------------------------------------------

    def reset(
        self, *, seed: Any = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin B episodes, or with ``options={"reset_mask": bool [B]}`` those of some rows.

        Args:
            seed: an integer s (row i gets s + i), one per row, or None: drawn from ``np_random``.
            options: ``reset_mask``, bool [B] (autoreset disabled only).
        """
        partial_mask = self._reset_mask(options)
        if seed is None:
            drawn = self.np_random.integers(1 << 63, size=self.num_envs)
            seeds = [int(each) for each in drawn]
        else:
            seeds = row_seeds(seed, self.num_envs, self._where)
        if isinstance(seed, int | np.integer):
            super().reset(seed=int(seed))
        if partial_mask is not None and self._state is not None:
            rows = np.nonzero(partial_mask)[0]
            self._restart(rows, [seeds[i] for i in rows], asked=True)
        else:
            self._state = None
            self._restart(np.arange(self.num_envs), seeds)
        return self.core.observe(self._running, self.ar), self._infos(
            {"evidence": {**self._evidence}, "turn": copy_array(self.ar, self._turn)}
        )

    def _reset_mask(self, options: dict[str, Any] | None) -> NDArray[Any] | None:
        """Return the rows to begin anew, bool [B]; None: all."""
        for name in options or ():
            if name != "reset_mask":
                raise ConfigError(
                    f"{self._where}: {unknown('reset option', str(name), ('reset_mask',))}"
                )
        if not options or options["reset_mask"] is None:
            return None
        mask = np.asarray(options["reset_mask"])
        if mask.shape != (self.num_envs,) or mask.dtype != bool:
            raise ConfigError(
                f"{self._where}: reset_mask must be {self.num_envs} bools, got"
                f" {options['reset_mask']!r:.80}."
            )
        return mask

    def _restart(self, rows: Rows, seeds: Sequence[int], asked: bool = False) -> None:
        """Draw new worlds for some rows, or for all; ``asked``: not because they ended."""
        ar, core, stream = self.ar, self.core, self.core.stream
        whole = len(rows) == self.num_envs
        if whole:
            self.seeds = list(seeds)
        else:
            for row, seed in zip(rows, seeds, strict=True):
                self.seeds[row] = seed
        if self.streams == "rows":
            rngs = [generator(seed, stream, "world") for seed in seeds]
            worlds: Noise = RowNoise(rngs, ar.dtype)
            rounds = [generator(seed, stream, "rounds") for seed in seeds]
            if whole:
                self._noise: Noise = RowNoise(rounds, ar.dtype)
            else:
                held: Any = self._noise
                for row, rng in zip(rows, rounds, strict=True):
                    held.rngs[row] = rng
        elif whole or self._state is None:
            key = derive(seeds[0], stream, "batch", *seeds)
            worlds = self._batch_noise(key, "world")
            self._noise = self._batch_noise(key, "rounds")
            self._worlds = worlds
        else:  # the batch's own source goes on
            worlds = self._worlds
        fresh = core.start(len(rows), worlds, ar)
        fresh["t"] = ar.ints((len(rows),), 0)
        opening = opening_facts(core, len(rows), ar, self._measured, self._counts_visits)
        if whole:
            self._state = fresh
            self._evidence: Facts = opening
            self._turn = ar.ints((self.num_envs,), 0)
            self._errors = ar.ints((self.num_envs,), 0)
            self._total = ar.full((self.num_envs,), 0.0)
            self._done = ar.bools((self.num_envs,), False)
            self._any_done = False
            measured = self._measured if self._counts_visits else ()
            own = self.seeds if self.streams == "rows" else self.seeds[:1]
            self._measures = Measures(stream, self.problem, self.num_envs, measured, own)
            if self._counts_visits:
                self._visits = np.zeros((self.num_envs, max(self.problem.actions, 1)), np.int64)
            self._pay.open(opening)
        else:
            self._state = scatter(ar, self._running, rows, fresh)
            self._evidence = scatter(ar, self._evidence, rows, opening)
            # Infos hold the arrays of earlier steps: they stay as they are.
            held = [copy_array(ar, each) for each in (self._turn, self._errors, self._total)]
            for each in held:
                each[rows] = 0
            self._turn, self._errors, self._total = held
            self._done = copy_array(ar, self._done)
            self._done[rows] = False
            self._any_done = bool(self._done.any())
            self._measures.reset(rows, seeds)
            if self._counts_visits:
                self._visits[rows] = 0
            self._pay.reopen(rows, self._evidence)
        if self.blocks is not None:
            shown = core.observe(self._running, ar)
            self.blocks.begin(rows, seeds, shown, self._evidence, asked)

    def _batch_noise(self, key: int, purpose: str) -> Noise:
        if self.ar.torch:
            from envgym.runtime.numeric.torch_noise import TorchNoise

            return TorchNoise(derive(key, purpose), self.ar)
        return BatchNoise(generator(key, self.core.stream, purpose), self.ar.dtype)

    @property
    def _running(self) -> State:
        if self._state is None:
            raise ResetNeeded(NOT_RUNNING)
        return self._state

    # -- Stepping -------------------------------------------------------------------------

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """Play one round in every row; return observations, rewards, ends and infos.

        Args:
            actions: one per row; [B] integers, or [B, ...].

        Raises:
            ResetNeeded: no episode is running, or with autoreset disabled one row's is over.
            ConfigError: the actions' shape or type does not fit the batch.
        """
        state, ar = self._running, self.ar
        played = read_actions(
            actions, self.single_action_space, self.num_envs, ar, self._where
        )  # before anything moves: it may refuse them
        waiting = None
        if self._any_done:
            if self.autoreset_mode is AutoresetMode.DISABLED:
                raise ResetNeeded(NOT_RUNNING)
            waiting = self._done
            rows = np.nonzero(ar.numpy(waiting))[0]
            self._restart(rows, next_seeds(self.seeds, rows))
            if len(rows) == self.num_envs:
                return self._only_reset(waiting)
            state = self._running
        wrong = wrong_actions(self.core, state, played, self.single_action_space, ar)
        if wrong is not None and waiting is not None:
            wrong = wrong & ~waiting  # nobody reads the action of a row that is being reset
        idle = wrong if waiting is None else wrong | waiting if wrong is not None else waiting
        if idle is not None and not bool(idle.any()):
            idle = None
        if idle is None:
            after, facts = self.core.advance(state, played, self._noise, ar)
            widen(facts, self.num_envs, ar)
            after["t"] = state["t"] + 1
            revealed = self.core.reveal(state, played, facts, ar)
        else:
            after, facts, revealed = self._advance_some(state, played, idle, wrong)
        over = facts.pop("over", None)
        self._state = after
        if waiting is None:
            self._turn = self._turn + 1
        else:
            self._turn = self._turn + ar.whole(~waiting)
        if wrong is not None:
            self._errors = self._errors + ar.whole(wrong)
        self._total = self._total + self.core.worth(facts, ar)
        done = self._turn >= self.core.horizon
        if over is not None:
            done = done | over
        self._done = done
        self._any_done = bool(done.any())
        evidence: Facts = {"turn": self._turn, "errors": self._errors, **facts}
        evidence["rounds"] = after["t"]
        self._measure(evidence, played, idle, revealed)
        if self._any_done:
            evidence["outcome"] = self.core.outcomes(self._total / self.core.horizon, ar)
        elif "outcome" in self.program.needs:
            evidence["outcome"] = self._evidence["outcome"]
        rewards, parts = self._pay.step(evidence, done, waiting)
        self._evidence = {**self._evidence, **evidence}
        obs = self.core.observe(after, ar)
        infos: dict[str, Any] = {
            "evidence": evidence,
            "reward_parts": parts,
            "revealed": revealed,
            "turn": self._turn,
        }
        if wrong is not None:
            infos["error"] = wrong
        if self._any_done:
            infos["outcome"], infos["_outcome"] = evidence["outcome"], done
        if self.blocks is not None:
            self.blocks.step(played, obs, rewards, done, waiting, self._evidence)
        if self._any_done and self.autoreset_mode is AutoresetMode.SAME_STEP:
            infos["final_obs"], infos["_final_obs"] = obs, done
            rows = np.nonzero(ar.numpy(done))[0]
            self._restart(rows, next_seeds(self.seeds, rows))
            obs = self.core.observe(self._running, ar)
        return obs, rewards, done, ar.bools((self.num_envs,), False), self._infos(infos)

    def _only_reset(self, waiting: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        ar, count = self.ar, self.num_envs
        zeros = ar.full((count,), 0.0)
        infos = {
            "evidence": {**self._evidence},
            "reward_parts": dict.fromkeys(self.program.components, zeros),
            "revealed": (),
            "turn": self._turn,
        }
        obs = self.core.observe(self._running, ar)
        none = ar.bools((count,), False)
        return obs, zeros, none, ar.bools((count,), False), self._infos(infos)

    def _advance_some(
        self, state: State, actions: Any, idle: Any, wrong: Any
    ) -> tuple[State, Facts, Any]:
        """Advance the rows that play; the others' worlds do not move and reveal nothing."""
        ar = self.ar
        rows = np.nonzero(~ar.numpy(idle))[0]
        facts = dict(self._evidence)
        for key in ("turn", "errors", "rounds", "outcome", *self._measured):
            facts.pop(key, None)
        for key in self._lost:
            if key in facts:
                facts[key] = ar.xp.zeros_like(facts[key])
        if self._optimum is not None and wrong is not None:
            facts["shortfall"] = ar.xp.where(wrong, self._optimum, facts["shortfall"])
        if not len(rows):
            return dict(state), facts, ()
        index = ar.asarray(rows)
        some = {key: value[index] for key, value in state.items()}
        chosen = actions[index]
        after, found = self.core.advance(some, chosen, self._noise.pick(rows), ar)
        widen(found, len(rows), ar)
        after["t"] = some["t"] + 1
        outcomes = tuple(
            spread(outcome, index, self.num_envs, ar)
            for outcome in self.core.reveal(some, chosen, found, ar)
        )
        over = found.pop("over", None)
        merged = scatter(ar, facts, index, found)
        if over is not None:
            merged["over"] = ar.bools((self.num_envs,), False)
            merged["over"][index] = over
        return scatter(ar, state, index, after), merged, outcomes

    def _measure(self, evidence: Facts, actions: Any, idle: Any, revealed: Any) -> None:
        if not self._counts_visits:
            return
        rows = np.arange(self.num_envs) if idle is None else np.nonzero(~idle)[0]
        at = actions[rows] if self._discrete else np.zeros(len(rows), np.int64)
        self._visits[rows, at] += 1
        visits = self._evidence["visits"].copy()
        visits[rows] = self._visits[rows, at]
        evidence["visits"] = visits
        if self._measured:
            played = at if self._discrete and len(rows) else None
            evidence.update(self._measures.measure(rows, played, revealed))

    def _infos(self, infos: dict[str, Any]) -> dict[str, Any]:
        mask = self.core.mask(self._running, self.ar)
        if mask is not None:
            infos["mask"] = mask
        if self._expose:
            infos["oracle"] = dict(self.core.oracle())
        return infos

    # -- For learners ---------------------------------------------------------------------

    def action_masks(self) -> Any:
        """Return the valid actions, bool [B, A]; None: all."""
        return self.core.mask(self._running, self.ar)

    def expert_actions(self) -> Any:
        """Return the oracle's actions, [B, ...]. Privileged: not for agents.

        Raises:
            ConfigError: this family has no oracle.
        """
        return self._advice("expert")

    def myopic_actions(self) -> Any:
        """Return the actions of highest expected reward in the coming round. Privileged.

        Raises:
            ConfigError: this family does not say.
        """
        return self._advice("myopic")

    def _advice(self, kind: str) -> Any:
        found = getattr(self.core, kind, None)
        if found is None:
            raise ConfigError(f"{self.family.__name__} names no {kind} action.")
        return found(self._running, self.ar)

    def close_extras(self, **kwargs: Any) -> None:
        """Write what is left of a recording."""
        self._finalizer()


def make_numeric_vector(env_id: str, num_envs: int = 1, **kwargs: Any) -> NumericVectorEnv:
    """Return ``num_envs`` environments of a registered numeric id as one vector."""
    return NumericVectorEnv(registry.env_class(env_id), num_envs, **kwargs)


def __getattr__(name: str) -> Any:
    """Resolve ``"envgym.runtime.numeric.vector:ID"``, the vector entry point of a numeric id."""
    if "/" in name:
        return partial(make_numeric_vector, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
