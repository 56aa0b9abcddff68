"""A decision transformer with two returns to go: what is earned at once, and retention [246].

Seen of DT4IER (arXiv 2404.03637): the transformer is conditioned on two returns to go with a
user-specific balance; 10 epochs, batches of 64, lr 3e-4, weight decay .1. Its public trainer steps
the target down by a constant 7 from 210; ours steps it down by what was received, which is what
the returns of the training data do. Its high-dimensional encoder and contrastive action embeddings
are left out. The balance is inferred; see ``decision_transformer_model``.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from envgym.agents.learners.logged import Logged, features
from envgym.types import ConfigError
from envgym.types.bandit import Outcome, Problem
from envgym.types.errors import unknown
from envgym.types.stream import derive

if TYPE_CHECKING:
    from envgym.agents.learners.decision_transformer_model import DecisionTransformer

Channels = Callable[[Outcome], tuple[NDArray[Any], NDArray[Any]]]
"""From an outcome to (immediate, retention), float64 [B] each."""

RETENTION = "retention_residual"
"""Name of the value that carries retention: floor - retention, at most 0 where the floor holds."""


def returns_to_go(immediate: ArrayLike, retention: ArrayLike) -> NDArray[Any]:
    """Return what is still to come of both channels before each round, float64 [..., T, 2].

    The sums run from the end, so that R[t] = R[t + 1] + r[t] holds exactly, and R[t + 1] =
    R[t] - r[t] up to rounding.

    Args:
        immediate: [..., T].
        retention: [..., T].

    Raises:
        ConfigError: shapes differ, or a number is not finite.

    >>> returns_to_go([1, 0, 2], [0.5, 0, 0]).tolist()
    [[3.0, 0.5], [2.0, 0.0], [2.0, 0.0]]
    """
    one, other = np.asarray(immediate, np.float64), np.asarray(retention, np.float64)
    if one.shape != other.shape or not one.ndim:
        raise ConfigError(f"immediate and retention differ in shape: {one.shape}, {other.shape}.")
    rewards = np.stack([one, other], axis=-1)
    if not np.isfinite(rewards).all():
        raise ConfigError("immediate and retention must be finite numbers.")
    return np.asarray(np.flip(np.flip(rewards, -2).cumsum(axis=-2), -2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectories:
    """E episodes of at most T rounds, filled up with zeros."""

    obs: NDArray[Any]
    """float64 [E, T, d]."""
    actions: NDArray[Any]
    """int64 [E, T, slots]."""
    returns: NDArray[Any]
    """float64 [E, T, 2]: immediate and retention returns to go."""
    lengths: NDArray[Any]
    """int64 [E]: rounds of each episode, at least 1."""
    count: int
    """A: actions per slot."""


def trajectories(
    log: Logged, count: int, *, immediate: str = "immediate", retention: str = "retention"
) -> Trajectories:
    """Return logged rounds as episodes with two returns to go.

    Args:
        log: Logged rounds with the channels (see ``read_logged``).
        count: A, the number of actions per slot.
        immediate: Channel; if it is not in the log, the reward less retention.
        retention: Channel.

    Raises:
        ConfigError: there is no such channel, an action is not one of 0 to A - 1, or no round.
    """
    if retention not in log.channels:
        raise ConfigError(unknown("channel", retention, log.channels))
    second = log.channels[retention]
    first = log.channels.get(immediate, log.rewards - second)
    acts = log.actions.reshape(len(log), -1)
    if not len(log):
        raise ConfigError("trajectories: the log holds no round.")
    if acts.dtype.kind != "i" or acts.min() < 0 or acts.max() >= count:
        raise ConfigError(f"trajectories: actions must be integers from 0 to {count - 1}.")
    lengths = np.bincount(log.episodes)
    starts = np.cumsum(lengths) - lengths
    step = np.arange(len(log)) - starts[log.episodes]

    def padded(rows: NDArray[Any]) -> NDArray[Any]:
        table = np.zeros((len(lengths), lengths.max(), *rows.shape[1:]), rows.dtype)
        table[log.episodes, step] = rows
        return table

    return Trajectories(
        obs=padded(log.contexts),
        actions=padded(acts),
        returns=returns_to_go(padded(first), padded(second)),
        lengths=lengths,
        count=count,
    )


def reward_only(outcome: Outcome) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the reward as the immediate channel, and no retention."""
    reward = _played(outcome, outcome.reward)
    return reward, np.zeros_like(reward)


@dataclass(frozen=True, slots=True)
class ResidualChannel:
    """Read retention from a residual, ``floor - retention``; the rest is immediate.

    immediate = reward - weight * retention, since a round's reward is the weighted sum of both.
    """

    index: int = 0
    """Place in ``Outcome.residuals``."""
    floor: float = 0.0
    """What the residual is measured from."""
    weight: float = 1.0
    """Weight of retention in the reward."""

    def __call__(self, outcome: Outcome) -> tuple[NDArray[Any], NDArray[Any]]:
        retention = self.floor - _played(outcome, outcome.residuals[self.index])
        return _played(outcome, outcome.reward) - self.weight * retention, retention


def _played(outcome: Outcome, values: ArrayLike) -> NDArray[Any]:
    """Return the played action's values [B], also where every action's were revealed."""
    array = np.asarray(values, np.float64)
    if array.ndim == 2:
        array = np.take_along_axis(array, np.maximum(outcome.action, 0)[:, None], 1)[:, 0]
    return array


class DecisionTransformerLearner:
    """Play what a trained transformer expects of an episode with the wanted returns to go.

    Args:
        model: Trained on logged trajectories.
        targets: (immediate, retention) to be reached in an episode, for all [2] or each [B, 2]
            environment; None: those of the best trajectory of the training data, by their sum.
        channels: How an outcome divides into the two; None: as ``channels_of`` says.
        temperature: 0 plays the likeliest action; above it, draws with logits / temperature.
    """

    name = "decision-transformer"

    def __init__(
        self,
        model: "DecisionTransformer",
        *,
        targets: ArrayLike | None = None,
        channels: Channels | None = None,
        temperature: float = 0.0,
    ) -> None:
        if not 0 <= temperature < float("inf"):
            raise ConfigError(f"temperature must be a number of 0 or more, got {temperature!r}.")
        wanted = np.asarray(model.best if targets is None else targets, np.float64)
        if wanted.ndim not in (1, 2) or wanted.shape[-1] != 2 or not np.isfinite(wanted).all():
            raise ConfigError(
                "targets must be two finite numbers, (immediate, retention), or two per "
                f"environment, got shape {wanted.shape}."
            )
        self.model, self.temperature = model, temperature
        self._targets, self._wanted, self._channels = wanted, wanted, channels
        self._propensity: NDArray[Any] | None = None

    def begin(self, problem: Problem, batch: int, seed: int | Sequence[int] = 0) -> None:
        """Forget everything and set the targets.

        Raises:
            ConfigError: the model was trained for another number of actions or slots, or there
                are targets for another number of environments.
        """
        slots = int(problem.more.get("slots", 1))
        if (problem.actions, slots) != (self.model.shape.actions, self.model.shape.slots):
            raise ConfigError(
                f"{self.name}: the model plays {self.model.shape.slots} slot(s) of "
                f"{self.model.shape.actions} actions, the problem has {slots} of {problem.actions}."
            )
        if self._targets.ndim == 2 and len(self._targets) != batch:
            raise ConfigError(f"targets: {batch} rows are needed, got {len(self._targets)}.")
        self._wanted = np.broadcast_to(self._targets, (batch, 2)).copy()
        self._reading = self._channels or channels_of(problem)
        self._horizon, self._t = problem.horizon, 0
        seeds = [seed] * batch if isinstance(seed, int | np.integer) else list(seed)
        if len(seeds) != batch:
            raise ConfigError(f"seed: {batch} seeds are needed, got {len(seeds)}.")
        alone = isinstance(seed, int | np.integer)
        self._rngs = [
            np.random.default_rng(derive(int(own), "learner", self.name, row if alone else 0))
            for row, own in enumerate(seeds)
        ]
        window = self.model.shape.window
        self._obs: deque[NDArray[Any]] = deque(maxlen=window)
        self._returns: deque[NDArray[Any]] = deque(maxlen=window)
        self._acts: deque[NDArray[Any]] = deque(maxlen=window - 1)  # the current one is open
        self._propensity = None

    @property
    def targets(self) -> NDArray[Any]:
        """float64 [B, 2]: what is still wanted of both channels."""
        return self._wanted.copy()

    @property
    def propensity(self) -> NDArray[Any] | None:
        """float64 [B]: probability of the latest actions; 1 at temperature 0."""
        return self._propensity

    def act(self, obs: Any, mask: NDArray[Any] | None = None) -> NDArray[Any]:
        """Return int64 [B], or [B, slots] without repeats; one forward pass for the batch."""
        batch, shape = len(self._wanted), self.model.shape
        self._obs.append(features(obs, batch=batch))
        self._returns.append(self._wanted.copy())
        logits = self.model.logits(
            np.stack(self._obs, 1),
            np.stack([*self._acts, np.zeros((batch, shape.slots), np.int64)], 1),
            np.stack(self._returns, 1),
            self._t,
            self._horizon,
        )
        allowed = np.ones((batch, shape.actions), bool) if mask is None else np.array(mask, bool)
        chosen = np.empty((batch, shape.slots), np.int64)
        chance = np.ones(batch)
        for slot in range(shape.slots):
            chosen[:, slot], p = self._pick(logits[:, slot], allowed)
            chance *= p
            if shape.slots > 1:
                allowed[np.arange(batch), chosen[:, slot]] = False
        self._acts.append(chosen)
        self._propensity = chance
        self._t += 1
        return chosen if shape.slots > 1 else chosen[:, 0]

    def update(self, outcomes: Sequence[Outcome]) -> None:
        """Step the targets down by what each revealed round brought."""
        for outcome in outcomes:
            received = np.stack(self._reading(outcome), axis=-1)
            known = np.asarray(outcome.round) >= 0
            self._wanted[known] -= received[known]

    def _pick(
        self, logits: NDArray[Any], allowed: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return an allowed action per row and its probability; any action where none is."""
        open_ = np.where(allowed.any(axis=1, keepdims=True), allowed, True)
        scores = np.where(open_, logits, -np.inf)
        if self.temperature == 0:
            return scores.argmax(axis=1), np.ones(len(scores))
        weights = np.exp((scores - scores.max(axis=1, keepdims=True)) / self.temperature)
        weights /= weights.sum(axis=1, keepdims=True)
        draws = np.array([rng.random() for rng in self._rngs])
        below = weights.cumsum(axis=1) <= draws[:, None] * weights.sum(axis=1, keepdims=True)
        # Rounding may leave the last sum short; the last action with weight is meant then.
        last = weights.shape[1] - 1 - (weights[:, ::-1] > 0).argmax(axis=1)
        chosen = np.minimum(below.sum(axis=1), last)
        return chosen, weights[np.arange(len(weights)), chosen]


def channels_of(problem: Problem) -> Channels:
    """Return how a problem's outcomes divide, by what it discloses.

    ``Outcome.residuals`` holds the constraints' residuals, and after them the values that
    ``more["channels"]`` names. Where ``retention_residual`` is among these names it is read with
    ``more["retention_floor"]`` (0 if absent) and ``more["retention_weight"]`` (1); else there is
    no retention.
    """
    more = problem.more
    names = (*problem.residuals, *more.get("channels", ()))
    if RETENTION not in names:
        return reward_only
    floor, weight = more.get("retention_floor", 0.0), more.get("retention_weight", 1.0)
    return ResidualChannel(names.index(RETENTION), float(floor), float(weight))
