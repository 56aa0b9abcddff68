"""The single numeric environment: one episode on the scalar path, with evidence and books."""

import inspect
import math
import weakref
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any, ClassVar, TypedDict

from gymnasium.error import ResetNeeded
from numpy.typing import NDArray

from envgym.rewards import Program, resolve
from envgym.runtime import settings
from envgym.runtime.episodes import EpisodeWriter
from envgym.runtime.numeric.actions import random_valid, read_action
from envgym.runtime.numeric.core import Core, Facts, Scalar
from envgym.runtime.numeric.evidence import (
    OPENING,
    lost_facts,
    numeric_declared,
    with_common,
)
from envgym.runtime.numeric.keeping import NOT_RUNNING, NumericKept
from envgym.runtime.numeric.measures import Measures
from envgym.runtime.numeric.noise import generator
from envgym.runtime.numeric.parameters import core_parameters, split_arguments
from envgym.runtime.numeric.presets import numeric_presets
from envgym.runtime.options import asked
from envgym.runtime.recording import Recorder
from envgym.types import ConfigError, Evidence, InfraError, Stream
from envgym.types.bandit import Outcome, Problem
from envgym.types.record import adopt


class NumericArgs(TypedDict, total=False):
    """Keyword arguments of every numeric environment, beside its core's."""

    reward: Any
    """A preset's name, a program, its JSON, or a file holding it. Default "utility"."""
    record: Any
    """Folder that gets the episode file; must be empty. Default: none."""
    append: bool
    """Allow ``record`` to name a folder that holds episodes already. Default False."""
    record_evidence: str | Sequence[str]
    """"all" measures costly evidence too; a list names keys; default "needed"."""
    render_mode: str | None
    """"ansi": ``render()`` returns a picture in text. Default None."""
    expose_oracle: bool
    """Put what the oracle knows into ``info["oracle"]``. Default False."""


class NumericEnv(NumericKept):
    """A Gymnasium environment with natural spaces over one family's core.

    Every step reports evidence, pays the reward program and says in ``info["revealed"]`` which
    rounds' outcomes a learner has just seen (``envgym.types.bandit.Outcome``). An invalid action
    costs a turn: the world does not move, reward 0, ``info["error"]`` says why; nothing raises.
    """

    metadata: dict[str, Any] = {
        "render_modes": ["ansi"],
        "render_fps": 1,
        "stream": "",
        "version": "0",
        "proof": "reference",
        "cost": "cheap",
        "snapshot": True,
        "text": "",
        "info": ("revealed", "mask", "oracle"),
    }
    """``text`` is the id of the text view, ``info`` names what infos hold beside the contract's
    keys; the rest as for text environments."""
    core_class: ClassVar[type[Core]]
    """The family's rules."""
    declares: ClassVar[tuple[Evidence, ...]] = with_common(())
    """Every key but the kernel's turn, errors and end."""

    @classmethod
    def presets(cls) -> Mapping[str, Program]:
        """Return the programs that ``reward`` may name."""
        return numeric_presets()

    @classmethod
    def own_parameters(cls) -> dict[str, inspect.Parameter]:
        """Return the arguments that not every numeric environment has, for pages and checks."""
        return core_parameters(cls.core_class, {})

    @classmethod
    def params_model(cls) -> Any:
        """Return None: there are no tasks, worlds follow from seeds."""
        return None

    def __init__(self, **arguments: Any) -> None:
        where = type(self).__name__
        kernel, own = split_arguments(where, self.core_class, NumericArgs, arguments)
        self.core = self.core_class(**own)
        self.problem: Problem = self.core.problem
        self.render_mode = kernel.get("render_mode")
        settings.check_choice(where, "render_mode", self.render_mode, (None, "ansi"))
        self.declared: Mapping[str, Evidence] = numeric_declared(type(self))
        self.program: Program = resolve(kernel.get("reward", "utility"), self.presets(), where)
        self.program.check(self.declared, where)
        if self.program.phase in ("group", "trainer"):
            raise ConfigError(
                f"{where}: reward '{self.program.name}' compares the rollouts of a group or needs"
                " the trainer; step() cannot pay it. Score finished episodes with"
                " envgym.rewards.score."
            )
        wanted = settings.check_evidence(type(self), kernel.get("record_evidence", "needed"))
        read = self.program.needs | wanted
        self._costly = tuple(e.key for e in self.declares if e.cost == "costly" and e.key in read)
        self._measured = [key for key in ("progress", "novelty") if key in self._costly]
        self._expose = bool(kernel.get("expose_oracle", False))
        self.observation_space = self.core.observation_space
        self.action_space = self.core.action_space
        self._valid: Any = None
        self._opening = {**OPENING, **self.core.opening()}
        self._lost = lost_facts(self.declares, self.core)
        self.resources = ExitStack()
        self._recorder: Recorder | None = None
        if kernel.get("record") is not None:
            writer = EpisodeWriter.shared(kernel["record"], append=kernel.get("append", False))
            self._recorder = Recorder(writer)
            self.resources.callback(writer.close)
            self.resources.callback(self._recorder.abandon)
        self._finalizer = weakref.finalize(self, self.resources.close)
        self._live = False

    # -- The step API ---------------------------------------------------------------------

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin an episode: the seed draws the world and drives all noise.

        Args:
            seed: 0 to 2**63 - 1; None draws one from ``np_random``.
            options: ``group`` ({"id": str, "index": int}), noted in the episode file.
        """
        seed, task, group = asked(seed, options)
        if task is not None:
            raise ConfigError(f"{type(self).__name__}: there are no tasks here; give a seed.")
        super().reset(seed=seed)
        self._abandon()
        if seed is None:
            seed = int(self.np_random.integers(1 << 63))
        self.seed, self.turn, self._errors, self._total = seed, 0, 0, 0.0
        self.scalar: Scalar = self.core.scalar()
        self.scalar.start(generator(seed, self.core.stream, "world"))
        self._rng = generator(seed, self.core.stream, "rounds")
        self._valid = getattr(self.scalar, "valid", None)
        self._more = Measures(self.core.stream, self.problem, 1, self._measured, [seed])
        self._facts: Facts = dict(self._opening)
        evidence = {"turn": 0, "errors": 0, "end": None, **self._facts, **self._more.opening()}
        self._books = self.program.open(evidence)
        self._shown = self.scalar.observe()
        self._live = True
        if self._recorder is not None:
            self._recorder.begin(
                self._head(group, None), self._books, self.as_recorded(self._shown), evidence
            )
        info = {
            "task_id": f"seed/{seed}",
            "tools": (),
            "system": "",
            "seed": seed,
            "env_version": str(self.metadata["version"]),
            "evidence": adopt(evidence),
        }
        return self._shown, self._with_mask(info)

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Play one round; return observation, float, terminated, False, and the books.

        Raises:
            ResetNeeded: no episode is running.
        """
        if not self._live:
            raise ResetNeeded(NOT_RUNNING)
        number, scalar = self.turn, self.scalar
        self.turn = number + 1
        chosen, error = read_action(action, self.action_space, scalar.mask(), self._valid)
        revealed: tuple[Outcome, ...] = ()
        over = False
        if error is None:
            facts = scalar.advance(chosen, self._rng)
            over = bool(facts.pop("over", False))
            revealed = scalar.reveal(chosen, facts)
            self._total += self.core.worth_one(facts)
            facts["visits"] = self._more.visit_one(chosen)
        else:
            self._errors += 1
            facts = {**self._facts, **self._lost}
        facts["rounds"] = scalar.t
        self._facts = facts
        end = "task" if over or self.turn >= self.core.horizon else None
        evidence = {"turn": self.turn, "errors": self._errors, "end": end, **facts}
        if self._measured:
            evidence.update(self._more.measure_one(chosen, revealed))
        if end is not None:
            evidence["outcome"] = self.core.outcome(self._total / self.core.horizon)
        amount, parts = self._books.step(evidence)
        self._shown = scalar.observe()
        info: dict[str, Any] = {
            "calls": (),
            "error": error,
            "evidence": adopt(evidence),
            "reward_parts": adopt(parts),
            "revealed": revealed,
            "turn": self.turn,
            "valid": self._books.reason is None,
        }
        if self._recorder is not None or end is not None:
            return self._written(number, action, error, evidence, amount, end, info)
        return self._shown, amount, False, False, self._with_mask(info)

    def _written(
        self,
        number: int,
        action: Any,
        error: str | None,
        evidence: dict[str, Any],
        amount: float,
        end: str | None,
        info: dict[str, Any],
    ) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Record the event, and close the books of the last one."""
        books, recorder = self._books, self._recorder
        shown = self._shown
        failure: InfraError | None = None
        if recorder is not None:
            try:
                recorder.event(
                    number,
                    self.as_recorded(action),
                    (),
                    error,
                    self.as_recorded(shown),
                    evidence,
                    amount,
                    "terminated" if end is not None else None,
                )
                if end is not None:
                    cause = end if books.valid else "invalid"
                    recorder.end(cause, None, books.valid, books.reason)
            except InfraError as caught:
                failure = caught
                books.void()
        if end is None and failure is None:
            return shown, amount, False, False, self._with_mask(info)
        self._live = False
        valid = books.valid and failure is None
        info["valid"] = valid
        info["end"] = "task" if valid else "invalid"
        info["invalid_reason"] = failure.reason if failure is not None else books.reason
        info["success"] = None
        info["step_rewards"] = books.settled
        info["ledger"] = books.ledger
        return shown, amount, valid, not valid, self._with_mask(info)

    def _with_mask(self, info: dict[str, Any]) -> dict[str, Any]:
        mask = self.scalar.mask()
        if mask is not None:
            info["mask"] = tuple(mask.tolist())
        if self._expose:
            info["oracle"] = adopt(dict(self.core.oracle()))
        return info

    # -- Policies -------------------------------------------------------------------------

    def oracle(self) -> Any:
        """Return the expert's action in the current state; None where there is none. Privileged."""
        found = getattr(self.scalar, "expert", None)
        return None if found is None or not self._live else found()

    def random_action(self, stream: Stream) -> Any:
        """Return a valid action: uniform where actions are numbers, tried out where they are not."""
        return random_valid(stream, self.action_space, self.scalar.mask(), self._valid)

    def near_misses(self) -> dict[str, list[Any]]:
        """Return none."""
        return {}

    def exploits(self) -> dict[str, list[Any]]:
        """Return actions outside the space, which must gain nothing."""
        return {"acts outside the space": [-1, 1 << 40, math.nan, math.inf] * 4}

    # -- For learners ---------------------------------------------------------------------

    def action_mask(self) -> NDArray[Any] | None:
        """Return which actions are valid now, bool [A]; None: all."""
        return self.scalar.mask()

    def expert_actions(self) -> Any:
        """Return the oracle's action in the current state. Privileged: not for agents.

        Raises:
            ConfigError: this family has no oracle.
        """
        return _advice(self, "expert")

    def myopic_actions(self) -> Any:
        """Return the action of highest expected reward in the coming round. Privileged.

        Raises:
            ConfigError: this family does not say.
        """
        return _advice(self, "myopic")

    # -- The rest of Gymnasium's API --------------------------------------------------------

    def render(self) -> Any:
        """Return a picture of the running episode as text (render_mode="ansi")."""
        if self.render_mode is None:
            return None
        if not hasattr(self, "scalar"):
            raise ResetNeeded("nothing to render yet; call reset() before render().")
        picture = getattr(self.core, "picture", None)
        if picture is not None:
            return picture(self.scalar)
        lines = [f"{key}: {value}" for key, value in self._facts.items()]
        return "\n".join([f"turn {self.turn} of {self.core.horizon}", *lines])

    def close(self) -> None:
        """End a running episode as ``external`` and free everything; idempotent."""
        self._abandon()
        self._finalizer()


def _advice(env: NumericEnv, kind: str) -> Any:
    found = getattr(env.scalar, kind, None)
    if found is None:
        raise ConfigError(f"{env.env_id} names no {kind} action.")
    return found()
