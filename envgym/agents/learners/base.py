"""What every learner shares: seeds, masks, and reading what was revealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.random import PCG64, Generator
from numpy.typing import NDArray

from envgym.runtime.numeric.noise import BatchNoise, Noise, RowNoise
from envgym.types import ConfigError
from envgym.types.bandit import Outcome, Problem
from envgym.types.stream import derive


class Seen(NamedTuple):
    """What an outcome told n of the batch's rows."""

    rows: NDArray[Any]
    """int64 [n]."""
    rounds: NDArray[Any]
    """int64 [n]."""
    actions: NDArray[Any]
    """int64 [n], or [n, ...]: what was played."""
    values: tuple[NDArray[Any], ...]
    """Reward, then residuals: float64 [n] each, or [n, A] under full feedback."""

    @property
    def full(self) -> bool:
        """Whether every action's values are told."""
        return self.values[0].ndim == 2


def as_array(values: Any) -> NDArray[Any]:
    """Return an array, or a tensor on any device, as NumPy's."""
    if hasattr(values, "detach"):
        values = values.detach().cpu()
    return np.asarray(values)


@dataclass(kw_only=True, eq=False)
class BaseLearner:
    """Base of the learners: subclasses say what to play and what to keep.

    Parameters are the fields of the dataclass; ``check`` refuses bad ones. One ``begin``, then
    ``act`` and ``update`` in turn for one episode per row.
    """

    name: ClassVar[str] = ""
    """As in ``learner:NAME``."""

    def __post_init__(self) -> None:
        self._begun = False
        self.check()

    def check(self) -> None:
        """Refuse bad parameters."""

    def begin(self, problem: Problem, batch: int, seed: int | Sequence[int] = 0) -> None:
        """Forget everything and get ready.

        Args:
            problem: what may be known.
            batch: B, 1 or more.
            seed: one integer for the batch, or B of them: then a row's choices are the same in
                every batch.

        Raises:
            ConfigError: a problem that this learner cannot play, or a bad batch or seed.
        """
        if isinstance(batch, bool) or not isinstance(batch, int | np.integer) or batch < 1:
            raise self._error(f"the batch must be an integer of 1 or more, got {batch!r:.80}")
        if problem.horizon < 1:
            raise self._error(f"the horizon must be 1 or more rounds, got {problem.horizon!r}")
        self.problem, self.batch = problem, batch
        self._rows = np.arange(batch)
        self._propensity: NDArray[Any] | None = np.ones(batch)
        if isinstance(seed, int | np.integer):
            self._noise: Noise = BatchNoise(self._generator(int(seed)))
        else:
            numbers = list(seed) if isinstance(seed, Sequence | np.ndarray) else [seed]
            if not all(isinstance(each, int | np.integer) for each in numbers):
                raise self._error(f"seed must be one integer, or one per row, got {seed!r:.80}")
            if len(numbers) != batch:
                raise self._error(f"{batch} seeds are needed, got {len(numbers)}")
            self._noise = RowNoise([self._generator(int(each)) for each in numbers])
        self.ready()
        self._begun = True

    def ready(self) -> None:
        """Make the arrays of a new batch; refuse problems that cannot be played."""

    def act(self, obs: Any, mask: NDArray[Any] | None = None) -> NDArray[Any]:
        """Return one action per row; ``envgym.types.bandit.Learner``.

        Raises:
            ConfigError: before ``begin``, or observation or mask do not fit the problem.
        """
        if not self._begun:
            raise self._error("call begin() before act()")
        return self.choose(obs, self._valid(obs, mask))

    def choose(self, obs: Any, valid: NDArray[Any] | None) -> NDArray[Any]:
        """Return actions; ``valid`` is bool [B, A] with one or more per row, or None: all."""
        raise NotImplementedError

    def update(self, outcomes: Sequence[Outcome]) -> None:
        """Learn from what was revealed; plain numbers, of a single environment, are a batch of one.

        Raises:
            ConfigError: before ``begin``, a number that is not finite, the wrong residuals, or
                rows or actions that the problem does not have.
        """
        if not self._begun:
            raise self._error("call begin() before update()")
        for outcome in outcomes:
            seen = self._read(outcome)
            if len(seen.rows):
                self.learn(seen)

    def learn(self, seen: Seen) -> None:
        """Take one outcome of one or more rows. Nothing by default."""

    @property
    def propensity(self) -> NDArray[Any] | None:
        """float64 [B]: probability of the latest actions; None: unknown."""
        return self._propensity

    # -- Reading --------------------------------------------------------------------------

    def _generator(self, seed: int) -> Generator:
        return Generator(PCG64(derive(seed, "learner", self.name)))

    def _error(self, said: str) -> ConfigError:
        return ConfigError(f"learner '{self.name}': {said}.")

    def _needs_numbers(self) -> None:
        """Refuse problems whose actions are not one number from 0 to A - 1."""
        problem = self.problem
        if problem.actions < 1 or problem.more.get("slots", 1) != 1:
            kind = "slates" if problem.actions > 0 else "no numbered actions"
            raise self._error(f"needs one numbered action per round; this problem has {kind}")
        if len(problem.residual_scales) != len(problem.residuals):
            raise self._error(
                f"the problem names {len(problem.residuals)} residuals and"
                f" {len(problem.residual_scales)} residual_scales; one for each is needed"
            )

    def _part(self, obs: Any, key: str, shape: tuple[int | None, ...]) -> NDArray[Any]:
        """Return a part of a dict observation as float64 [B, *shape]; None: any length."""
        if not isinstance(obs, Mapping) or key not in obs:
            raise self._error(f"the observation must be a dict with '{key}'")
        found = as_array(obs[key]).astype(np.float64, copy=False)
        wanted = (self.batch, *shape)
        if found.ndim != len(wanted) or any(
            size is not None and size != got for size, got in zip(wanted, found.shape, strict=True)
        ):
            raise self._error(f"observation '{key}' must have shape {wanted}, got {found.shape}")
        if not np.isfinite(found).all():
            raise self._error(f"observation '{key}' holds NaN or infinity")
        return found

    def _valid(self, obs: Any, mask: Any) -> NDArray[Any] | None:
        if mask is None:
            if not isinstance(obs, Mapping) or "mask" not in obs:
                return None
            mask = obs["mask"]
        valid = as_array(mask).astype(bool, copy=False)
        if self.problem.actions and valid.shape != (self.batch, self.problem.actions):
            raise self._error(
                f"the mask must have shape {(self.batch, self.problem.actions)}, got {valid.shape}"
            )
        some = valid.any(1)
        if not some.all():
            raise self._error(f"row {int(some.argmin())} has no valid action in the mask")
        return valid

    def _read(self, outcome: Outcome) -> Seen:
        rounds = as_array(outcome.round)
        values = tuple(as_array(each) for each in (outcome.reward, *outcome.residuals))
        constraints = len(self.problem.residuals)
        if len(values) == 1 + constraints + len(self.problem.more.get("channels", ())):
            values = values[: 1 + constraints]  # parts of the reward are no constraints
        if len(values) != 1 + constraints:
            raise self._error(
                f"an outcome must have the residuals {self.problem.residuals}, got"
                f" {len(values) - 1} of them"
            )
        rows, actions = self._rows, as_array(outcome.action)
        if not rounds.ndim:
            rounds, actions, values = rounds[None], actions[None], tuple(e[None] for e in values)
        self._fits(rounds, actions, values)
        if rounds.min() < 0:
            rows = np.nonzero(rounds >= 0)[0]
            rounds, actions = rounds[rows], actions[rows]
            values = tuple(each[rows] for each in values)
        for each in values:
            if not np.isfinite(each).all():
                bad = int(rounds[~np.isfinite(each).reshape(len(rounds), -1).all(1)][0])
                raise self._error(f"the outcome of round {bad} holds NaN or infinity")
        self._numbered(rounds, actions)
        return Seen(rows, rounds, actions, values)

    def _fits(
        self, rounds: NDArray[Any], actions: NDArray[Any], values: tuple[NDArray[Any], ...]
    ) -> None:
        """Refuse outcomes of another batch, or tables of another number of actions."""
        row = (self.batch,)
        shapes = {each.shape for each in values}
        if rounds.shape != row or actions.shape[:1] != row or len(shapes) > 1:
            found = [rounds.shape, actions.shape, *(each.shape for each in values)]
            raise self._error(
                f"round, action, reward and residuals must have {self.batch} rows each, got {found}"
            )
        if shapes not in ({row}, {(self.batch, self.problem.actions)}):
            raise self._error(
                f"rewards must have shape {row}, or {(self.batch, self.problem.actions)} under full"
                f" feedback, got {values[0].shape}"
            )

    def _numbered(self, rounds: NDArray[Any], actions: NDArray[Any]) -> None:
        """Refuse an action that is none of the problem's numbers."""
        count = self.problem.actions
        if not count or actions.ndim != 1 or not len(actions):
            return
        if actions.dtype.kind not in "iu":
            raise self._error(f"actions must be integers, got {actions.dtype}")
        if actions.min() < 0 or actions.max() >= count:
            wrong = (actions < 0) | (actions >= count)
            raise self._error(
                f"the outcome of round {int(rounds[wrong][0])} is of action"
                f" {int(actions[wrong][0])}; actions are 0 to {count - 1}"
            )

    def _uniform_valid(self, drawn: NDArray[Any], valid: NDArray[Any] | None) -> NDArray[Any]:
        """Return valid actions that uniforms [B] in [0, 1) pick, each equally likely."""
        if valid is None:
            return (drawn * self.problem.actions).astype(np.int64)
        place = (drawn * valid.sum(1)).astype(np.int64)
        chosen: NDArray[Any] = (valid.cumsum(1) > place[:, None]).argmax(1)
        return chosen
