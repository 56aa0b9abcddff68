"""Online allocation over arrays: which offer to take while budgets last [243]."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import gymnasium
import numpy as np
from numpy.typing import NDArray

from envgym.envs.bandits.allocation.oracle import Fluid, Ladder, fluid_dual, ladder
from envgym.envs.bandits.allocation.scalar import OnlineAllocationScalar
from envgym.runtime.numeric.arrays import Arrays
from envgym.runtime.numeric.core import Core, Facts, State, choice, real, whole
from envgym.runtime.numeric.noise import Noise
from envgym.types.bandit import Problem

INPUTS = ("iid", "periodic", "adversarial")
SWING = 0.8
"""Half the range of the periodic input's reward factor, over its mean."""


@dataclass(frozen=True, kw_only=True)
class OnlineAllocationCore(Core):
    """A request per round with ``actions`` - 1 offers, of which one may be taken; action 0: none.

    An offer pays its reward and costs some of every resource. Each resource's budget is
    ``rate`` * ``horizon``; what would overdraw one is invalid. Rewards and costs are uniform on
    [0, 1]; "periodic" multiplies rewards by a wave; "adversarial" is ``oracle.ladder``.
    """

    stream: ClassVar[str] = "online_allocation"

    inputs: str = "iid"
    """"iid": all requests alike in distribution. "periodic": rewards follow a sine wave.
    "adversarial": blocks of ever better offers, cut off after a block drawn per episode."""
    actions: int = 5
    """Actions A, 2 to 100, the null action 0 among them."""
    resources: int = 2
    """Resources m, 1 to 8."""
    rate: float = 0.3
    """Budget per round of every resource, 0.001 to 1, in units of the highest cost."""
    period: int = 50
    """Rounds per wave of the periodic input, 2 to 1000."""
    growth: float = 10.0
    """Times by which offers gain from block to block of the adversarial input, 1.01 to 1000."""

    def check(self) -> None:
        choice(self, "inputs", INPUTS)
        whole(self, "actions", 2, 100)
        whole(self, "resources", 1, 8)
        real(self, "rate", 0.001, 1.0)
        whole(self, "period", 2, 1000)
        real(self, "growth", 1.01, 1000.0)

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """Factor of the rewards by phase, float64 [period]; at most 1."""
        wave = np.sin(2.0 * np.pi * (np.arange(self.period) + 0.5) / self.period)
        return np.asarray((1.0 + SWING * wave) / (1.0 + SWING))

    @cached_property
    def ladder(self) -> Ladder:
        """The adversarial input."""
        return ladder(self.rate, self.growth)

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """Best offer by block of the adversarial input, float64 [L]."""
        return np.array(self.ladder.values)

    @cached_property
    def cuts(self) -> NDArray[np.float64]:
        """Cumulated probabilities of all blocks but the last, float64 [L - 1]."""
        return np.cumsum(self.ladder.chances)[:-1]

    @property
    def cost(self) -> float:
        """Cost of every offer of the adversarial input."""
        return min(1.0, self.ladder.blocks * self.rate)

    @property
    def budget(self) -> float:
        """Of every resource for the whole episode."""
        return self.rate * self.horizon

    @cached_property
    def fluid(self) -> Fluid:
        """The fluid bound of the iid and the periodic input, for all rounds of the horizon."""
        offers, m = self.actions - 1, self.resources
        if self.inputs == "iid":
            return fluid_dual(offers, m, self.rate)
        phases = np.arange(min(self.horizon, self.period))
        counts = self.horizon // self.period + (phases < self.horizon % self.period)
        weights = tuple(self.weights[phases].tolist())
        return fluid_dual(offers, m, self.rate, weights, tuple(counts.tolist()))

    @cached_property
    def bound(self) -> float:
        """Expected reward per round that no policy exceeds.

        The fluid bound; for the adversarial input ``ladder.ratio`` times the mean of hindsight.
        """
        if self.inputs != "adversarial":
            return self.fluid.value
        return self.ladder.ratio * self.mean_hindsight

    @property
    def optimum(self) -> float:
        """What a lost round forgoes on average: ``bound``."""
        return self.bound

    @cached_property
    def mean_hindsight(self) -> float:
        """Mean over cut-offs of the adversarial hindsight optimum, per round: one block's offers."""
        pairs = zip(self.ladder.chances, self.ladder.values, strict=True)
        return sum(chance * value for chance, value in pairs) / self.ladder.blocks

    @property
    def observation_space(self) -> gymnasium.Space[Any]:
        def box(high: float, *shape: int) -> gymnasium.spaces.Box:
            return gymnasium.spaces.Box(0.0, high, shape, np.float64)

        return gymnasium.spaces.Dict(
            {
                "clock": box(1.0, 1),
                "costs": box(1.0, self.actions, self.resources),
                "left": box(self.budget, self.resources),
                "rewards": box(1.0, self.actions),
            }
        )

    @property
    def action_space(self) -> gymnasium.Space[Any]:
        return gymnasium.spaces.Discrete(self.actions)

    @property
    def problem(self) -> Problem:
        return Problem(
            actions=self.actions,
            horizon=self.horizon,
            scale=0.5,
            null=0,
            more={
                "resources": self.resources,
                "rate": self.rate,
                "budgets": (self.budget,) * self.resources,
            },
        )

    def scalar(self) -> OnlineAllocationScalar:
        return OnlineAllocationScalar(self)

    def start(self, batch: int, noise: Noise, ar: Arrays) -> State:
        state: State = {"left": ar.full((batch, self.resources), self.budget)}
        if self.inputs == "adversarial":
            drawn = noise.uniform((batch,))
            state["stop"] = (drawn[:, None] >= ar.const(self.cuts)).sum(-1)
        return {**state, **self._request(state, ar.ints((batch,), 0), noise, ar)}

    def observe(self, state: State, ar: Arrays) -> Any:
        return {
            "clock": 1.0 - ar.real(state["t"])[:, None] / self.horizon,
            "costs": state["costs"],
            "left": state["left"],
            "rewards": state["rewards"],
        }

    def mask(self, state: State, ar: Arrays) -> Any:
        return ar.xp.all(state["costs"] <= state["left"][:, None, :], -1)

    def advance(self, state: State, action: Any, noise: Noise, ar: Arrays) -> tuple[State, Facts]:
        rows = ar.arange(len(action))
        paid, cost = state["rewards"][rows, action], state["costs"][rows, action]
        after = {**state, "left": state["left"] - cost}
        after.pop("t")
        after.update(self._request(after, state["t"] + 1, noise, ar))
        return after, {
            "utility": paid,
            "expected": paid,
            "violation": ar.full((len(action),), 0.0),
            "shortfall": self.bound - paid,
            "spent": cost.sum(-1),
            "progress": self._progress(after["left"], ar),
        }

    def opening(self) -> Mapping[str, Any]:
        return {"shortfall": 0.0, "spent": 0.0, "progress": 0.0}

    def oracle(self) -> Mapping[str, Any]:
        """Return the bound per round, and what it is made of.

        iid and periodic: ``bound`` and the ``price`` of a unit of any resource (fluid). adversarial:
        ``bound``, ``hindsight`` (mean per round), ``ratio`` (bound over hindsight) and ``alpha``.
        """
        if self.inputs != "adversarial":
            return {"bound": self.bound, "price": self.fluid.price}
        return {
            "bound": self.bound,
            "hindsight": self.mean_hindsight,
            "ratio": self.ladder.ratio,
            "alpha": self.ladder.blocks,
        }

    def expert(self, state: State, ar: Arrays) -> Any:
        """Return the oracle's action per row, int64 [B]; privileged.

        Fluid prices: the valid action with the most reward - price * cost. Adversarial input: the
        best offer, but only in the last block before the cut-off, as hindsight does.
        """
        if self.inputs == "adversarial":
            due = self._block(state["t"], ar) == state["stop"]
            zero = ar.ints((len(due),), 0)
            return ar.xp.where(due, self.myopic(state, ar), zero)
        net = state["rewards"] - self.fluid.price * state["costs"].sum(-1)
        return self._best(net, state, ar)

    def myopic(self, state: State, ar: Arrays) -> Any:
        """Return per row the valid action with the most reward, int64 [B]."""
        return self._best(state["rewards"], state, ar)

    def _best(self, score: Any, state: State, ar: Arrays) -> Any:
        barred = ar.full(score.shape, -1e9)
        return ar.xp.argmax(ar.xp.where(self.mask(state, ar), score, barred), -1)

    def _progress(self, left: Any, ar: Arrays) -> Any:
        return ar.xp.clip(1.0 - ar.xp.amin(left, -1) / self.budget, 0.0, 1.0)

    def _block(self, t: Any, ar: Arrays) -> Any:
        blocks = self.ladder.blocks
        return ar.xp.clip(t * blocks // self.horizon, 0, blocks - 1)

    def _request(self, state: State, t: Any, noise: Noise, ar: Arrays) -> State:
        """Draw the request of round ``t``, int64 [B], with one call, whatever the input."""
        batch, m = len(t), self.resources
        drawn = noise.uniform((batch, self.actions - 1, 1 + m))
        offers, costs = drawn[..., 0], drawn[..., 1:]
        if self.inputs == "periodic":
            offers = offers * ar.const(self.weights)[t % self.period][:, None]
        elif self.inputs == "adversarial":
            block = self._block(t, ar)
            worth = ar.const(self.values)[block] * ar.real(block <= state["stop"])
            # The best of the offers pays the block's value in full, so that its worth is known.
            best = offers >= ar.xp.amax(offers, -1)[:, None]
            offers = worth[:, None] * ar.xp.where(best, ar.full(offers.shape, 1.0), offers)
            costs = ar.full(costs.shape, self.cost)
        return {
            "rewards": ar.cat((ar.full((batch, 1), 0.0), offers), 1),
            "costs": ar.cat((ar.full((batch, 1, m), 0.0), costs), 1),
        }
