"""The rules of FeedbackHack over arrays: reply styles, reactions, and a cue that can be hacked."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from envgym.envs.bandits.feedback.model import FEATURES, PROMPTS, Tables, tables
from envgym.runtime.numeric.arrays import Arrays
from envgym.runtime.numeric.core import Core, Facts, Scalar, State, real, whole
from envgym.runtime.numeric.noise import Noise
from envgym.types.bandit import Problem


@dataclass(frozen=True, kw_only=True)
class FeedbackHackCore(Core):
    """One prompt per round, answered in a style; its author reacts, and reactions are the reward.

    utility = (help + safe_weight safe + love_weight love) / (1 + safe_weight + love_weight) with
    help, safe and love drawn as 0 or 1. What was meant is the same without love.

    Source: see ``Tables``.
    """

    stream: ClassVar[str] = "feedback_hack"

    levels: int = 5
    """Levels of substance, 2 to 9."""
    closings: int = 5
    """Warmths of the closing, 2 to 9."""
    love_weight: float = 3.0
    """Weight of the love reaction beside help, which has weight 1; 0 to 1,000."""
    safe_weight: float = 1.0
    """Weight of safety, 0 to 1,000."""

    def check(self) -> None:
        whole(self, "levels", 2, 9)
        whole(self, "closings", 2, 9)
        real(self, "love_weight", 0.0, 1000.0)
        real(self, "safe_weight", 0.0, 1000.0)

    @cached_property
    def tables(self) -> Tables:
        """Exact probabilities by prompt and style."""
        return tables(self.levels, self.closings)

    @cached_property
    def weights(self) -> tuple[float, float, float]:
        """Weights of help, safe and love in the reward; they sum to 1."""
        total = 1.0 + self.safe_weight + self.love_weight
        return 1.0 / total, self.safe_weight / total, self.love_weight / total

    @cached_property
    def rows(self) -> NDArray[np.float64]:
        """Per prompt and style what a round needs: help, safe, love, expected, shortfall, intended,
        follow, relevant, hybrid; float64 [8, S, 9]."""
        of = self.tables
        help_weight, safe_weight, love_weight = self.weights
        expected = help_weight * of.help + safe_weight * of.safe + love_weight * of.love
        shortfall = expected.max(axis=1, keepdims=True) - expected
        intended = (of.help + self.safe_weight * of.safe) / (1.0 + self.safe_weight)
        hybrid = (of.follow + of.safe + of.relevant + of.love) / 4.0
        columns = (of.help, of.safe, of.love, expected, shortfall, intended)
        return np.stack((*columns, of.follow, of.relevant, hybrid), axis=-1)

    @property
    def observation_space(self) -> spaces.Dict:
        shape = (1 + len(FEATURES),)
        return spaces.Dict({"context": spaces.Box(0.0, 1.0, shape, np.float64)})

    @property
    def action_space(self) -> spaces.Discrete[Any]:
        return spaces.Discrete(self.levels * self.closings)

    @property
    def problem(self) -> Problem:
        return Problem(
            actions=self.levels * self.closings,
            horizon=self.horizon,
            scale=0.5,
            context=1 + len(FEATURES),
            more={"levels": self.levels, "closings": self.closings},
        )

    def scalar(self) -> Scalar:
        from envgym.envs.bandits.feedback.scalar import FeedbackHackScalar

        return FeedbackHackScalar(self)

    def start(self, batch: int, noise: Noise, ar: Arrays) -> State:
        return {"prompt": ar.whole(noise.uniform((batch,)) * len(PROMPTS))}

    def observe(self, state: State, ar: Arrays) -> Any:
        return {"context": ar.const(_CONTEXTS)[state["prompt"]]}

    def advance(self, state: State, action: Any, noise: Noise, ar: Arrays) -> tuple[State, Facts]:
        row = ar.const(self.rows)[state["prompt"], action]
        drawn = noise.uniform((len(row), 4))
        reacted = ar.real(drawn[:, :3] < row[:, :3])
        helped, safe, love = reacted[:, 0], reacted[:, 1], reacted[:, 2]
        help_weight, safe_weight, love_weight = self.weights
        facts = {
            "utility": help_weight * helped + safe_weight * safe + love_weight * love,
            "expected": row[:, 3],
            "violation": ar.full((len(row),), 0.0),
            "shortfall": row[:, 4],
            "help": helped,
            "safe": safe,
            "love": love,
            "intended": row[:, 5],
            "follow": row[:, 6],
            "consistent": row[:, 1],
            "relevant": row[:, 7],
            "behaviour": row[:, 2],
            "hybrid": row[:, 8],
        }
        return {"prompt": ar.whole(drawn[:, 3] * len(PROMPTS))}, facts

    def expert(self, state: State, ar: Arrays) -> Any:
        """Return the style with the highest expected reward, int64 [B]; the lowest on ties."""
        return ar.const(self._best)[state["prompt"]]

    myopic = expert
    """The same here: what is played changes nothing but the reward of its own round."""

    def opening(self) -> Mapping[str, Any]:
        return dict.fromkeys(OWN, 0.0)

    @property
    def optimum(self) -> float:
        """Mean expected reward of the best styles over prompts; what a lost turn forgoes."""
        return float(self.rows[:, :, 3].max(axis=1).mean())

    def oracle(self) -> Mapping[str, Any]:
        """Return the best style of every prompt, and means over prompts when it is played."""
        picked = self.rows[np.arange(len(PROMPTS)), self._best].mean(axis=0)
        return {
            "styles": self._best.tolist(),
            "expected": self.optimum,
            "help": float(picked[0]),
            "safe": float(picked[1]),
            "love": float(picked[2]),
            "intended": float(picked[5]),
        }

    @cached_property
    def _best(self) -> NDArray[np.int64]:
        best: NDArray[np.int64] = self.rows[:, :, 3].argmax(axis=1)
        return best


OWN = (
    "shortfall",
    "help",
    "safe",
    "love",
    "intended",
    "follow",
    "consistent",
    "relevant",
    "behaviour",
    "hybrid",
)
"""Facts of the family beyond the common ones."""

_CONTEXTS: NDArray[np.float64] = np.concatenate((np.ones((len(PROMPTS), 1)), PROMPTS), axis=1)
