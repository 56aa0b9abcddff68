"""The rules of PaymentBandit over arrays: which intervention gets a payment authorised."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from envgym.envs.bandits.payment import oracle
from envgym.runtime.numeric.arrays import Arrays
from envgym.runtime.numeric.core import Core, Facts, Scalar, State, real, whole
from envgym.runtime.numeric.noise import Noise
from envgym.types.bandit import Outcome, Problem

OPEN = 255
"""Code of a pending slot that nothing was written to yet."""


@dataclass(frozen=True, kw_only=True)
class PaymentBanditCore(Core):
    """One payment request per round, authorised or refused; answers come in batches.

    Source: [50] arXiv 2412.00569 (seen: batch-logged feedback, action sets that vary per
    request, authorisation as reward). Constants inferred; with the defaults the uniform policy
    and the oracle earn .8367 and .9568 on average over worlds.
    """

    stream: ClassVar[str] = "payment_bandit"
    torch_ok: ClassVar[bool] = False

    actions: int = 8
    """Interventions, 2 to 127."""
    features: int = 5
    """Features d of a request, 1 to 64; a vector of Euclidean length sqrt(d), any direction."""
    available: float = 0.7
    """Probability that an intervention can be used for a request, 0.01 to 1; at least one can."""
    intercept: float = 2.0
    """Mean logit of authorisation, -10 to 10."""
    slope: float = 0.5
    """Standard deviation of a world's coefficients, 0 to 10; logits have slope * sqrt(d)."""
    batch: int = 3000
    """Requests until their answers are revealed together, 1 to 100,000."""

    def check(self) -> None:
        whole(self, "actions", 2, 127)
        whole(self, "features", 1, 64)
        real(self, "available", 0.01, 1.0)
        real(self, "intercept", -10.0, 10.0)
        real(self, "slope", 0.0, 10.0)
        whole(self, "batch", 1, 100_000)

    @property
    def slots(self) -> int:
        """Pending answers that a row has room for: a batch, or the horizon if it is shorter."""
        return min(self.batch, self.horizon)

    @property
    def observation_space(self) -> spaces.Dict:
        bound = float(np.sqrt(self.features)) * (1 + 1e-9)
        return spaces.Dict(
            {
                "context": spaces.Box(-bound, bound, (1 + self.features,), np.float64),
                "mask": spaces.Box(0, 1, (self.actions,), np.int8),
            }
        )

    @property
    def action_space(self) -> spaces.Discrete[Any]:
        return spaces.Discrete(self.actions)

    @property
    def problem(self) -> Problem:
        return Problem(
            actions=self.actions,
            horizon=self.horizon,
            scale=0.5,
            context=1 + self.features,
            more={"batch": self.batch, "available": self.available},
        )

    def scalar(self) -> Scalar:
        from envgym.envs.bandits.payment.scalar import PaymentBanditScalar

        return PaymentBanditScalar(self)

    def start(self, batch: int, noise: Noise, ar: Arrays) -> State:
        theta = self.slope * noise.normal((batch, self.actions, self.features))
        features, valid = self._request(
            noise.normal((batch, self.features)), noise.uniform((batch, self.actions))
        )
        return {
            "theta": theta,
            "features": features,
            "valid": valid,
            "chance": self._chance(theta, features),
            "pending": np.full((batch, self.slots), OPEN, dtype=np.uint8),
        }

    def observe(self, state: State, ar: Arrays) -> Any:
        ones = np.ones((len(state["t"]), 1))
        return {
            "context": np.concatenate((ones, state["features"]), axis=1),
            "mask": state["valid"].astype(np.int8),
        }

    def mask(self, state: State, ar: Arrays) -> Any:
        return state["valid"]

    def advance(self, state: State, action: Any, noise: Noise, ar: Arrays) -> tuple[State, Facts]:
        rows = np.arange(len(action))
        chance = state["chance"]
        expected = chance[rows, action]
        best = np.where(state["valid"], chance, 0.0).max(axis=1)
        drawn = noise.uniform((len(action), 1 + self.actions))
        authorised = drawn[:, 0] < expected
        # Answer and action share one byte: a batch of 3000 is copied in every round.
        pending = state["pending"].copy()
        pending[rows, state["t"] % self.batch] = 2 * action + authorised
        features, valid = self._request(noise.normal(state["features"].shape), drawn[:, 1:])
        after = {
            "theta": state["theta"],
            "features": features,
            "valid": valid,
            "chance": self._chance(state["theta"], features),
            "pending": pending,
        }
        return after, {
            "utility": authorised.astype(np.float64),
            "expected": expected,
            "violation": np.zeros(len(action)),
            "shortfall": best - expected,
        }

    def reveal(self, before: State, action: Any, facts: Facts, ar: Arrays) -> tuple[Outcome, ...]:
        """Return nothing until a batch is complete, then its outcomes, oldest first.

        Rows whose batch is not complete have round -1, action 0 and reward 0: a batch in which
        other rows are told something does not give their pending answers away.
        """
        t = np.asarray(before["t"])
        complete = (t + 1) % self.batch == 0
        if not complete.any():
            return ()
        first = t + 1 - self.batch
        codes = before["pending"].astype(np.int64)
        codes[:, self.batch - 1] = 2 * np.asarray(action) + (np.asarray(facts["utility"]) > 0.5)
        codes[~complete] = 0
        played, paid = codes // 2, (codes % 2).astype(np.float64)
        return tuple(
            Outcome(np.where(complete, first + j, -1), played[:, j], paid[:, j])
            for j in range(self.batch)
        )

    def expert(self, state: State, ar: Arrays) -> NDArray[Any]:
        """Return the available action with the highest chance, int64 [B]; the lowest on ties."""
        chosen: NDArray[Any] = np.where(state["valid"], state["chance"], -1.0).argmax(axis=1)
        return chosen

    myopic = expert
    """The same here: what is played changes nothing but the reward of its own round."""

    def opening(self) -> Mapping[str, Any]:
        return {"shortfall": 0.0}

    @property
    def optimum(self) -> float:
        """Mean success of the best available action over worlds; what a lost turn forgoes."""
        return oracle.best_rate(self)

    def oracle(self) -> Mapping[str, Any]:
        """Return the mean success rates over worlds, exactly: of the oracle and of uniform play."""
        return {
            "success": self.optimum,
            "uniform": oracle.uniform_rate(self),
        }

    def _request(self, raw: NDArray[Any], keys: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        length = np.sqrt((raw * raw).sum(axis=1, keepdims=True))
        # The smallest key is always let in, so that no request is without an action.
        valid = (keys < self.available) | (keys == keys.min(axis=1, keepdims=True))
        return raw * (np.sqrt(self.features) / length), valid

    def _chance(self, theta: NDArray[Any], features: NDArray[Any]) -> NDArray[Any]:
        logit = self.intercept + (theta @ features[:, :, None])[:, :, 0]
        chance: NDArray[Any] = 1.0 / (1.0 + np.exp(-np.clip(logit, -oracle.FLAT, oracle.FLAT)))
        return chance
