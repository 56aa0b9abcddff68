"""The rules of FeedbackHack for one episode, on plain floats."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from envgym.envs.bandits.feedback import model
from envgym.runtime.numeric.core import Facts, reveal_one
from envgym.types.bandit import Outcome

if TYPE_CHECKING:
    from envgym.envs.bandits.feedback.core import FeedbackHackCore


class FeedbackHackScalar:
    """One running episode.

    Args:
        core: the parameters.
    """

    def __init__(self, core: "FeedbackHackCore") -> None:
        self.core = core
        self.t = 0
        self.prompt = 0
        """Kind of the prompt to answer, 0 to 7: need, openness and risk as binary digits."""
        self._best: dict[int, tuple[float, int]] = {}

    @property
    def features(self) -> tuple[int, int, int]:
        """Need, openness and risk of the prompt, each 0 or 1."""
        return self.prompt >> 2, self.prompt >> 1 & 1, self.prompt & 1

    def start(self, rng: Generator) -> None:
        self.t = 0
        self.prompt = int(rng.random() * 8)

    def observe(self) -> dict[str, NDArray[Any]]:
        return {"context": np.array([1.0, *self.features])}

    def mask(self) -> None:
        return None

    def advance(self, action: Any, rng: Generator) -> Facts:
        follow, relevant, p_help, p_safe, p_love = self._style(int(action))
        expected = self._mix(p_help, p_safe, p_love)
        best = self._optimum()[0]
        for_help, for_safe, for_love, following = rng.random(4).tolist()
        helped = 1.0 if for_help < p_help else 0.0
        safe = 1.0 if for_safe < p_safe else 0.0
        love = 1.0 if for_love < p_love else 0.0
        weight = self.core.safe_weight
        self.prompt = int(following * 8)
        self.t += 1
        return {
            "utility": self._mix(helped, safe, love),
            "expected": expected,
            "violation": 0.0,
            "shortfall": best - expected,
            "help": helped,
            "safe": safe,
            "love": love,
            "intended": (p_help + weight * p_safe) / (1.0 + weight),
            "follow": follow,
            "consistent": p_safe,
            "relevant": relevant,
            "behaviour": p_love,
            "hybrid": (follow + p_safe + relevant + p_love) / 4.0,
        }

    def reveal(self, action: Any, facts: Facts) -> tuple[Outcome, ...]:
        return (reveal_one(self, action, facts, ()),)

    def expert(self) -> int:
        """Return the style with the highest expected reward; for oracles only."""
        return self._optimum()[1]

    myopic = expert
    """The same: a round changes nothing but its own reward."""

    def _optimum(self) -> tuple[float, int]:
        found = self._best.get(self.prompt)
        if found is None:
            count = self.core.levels * self.core.closings
            values = [self._mix(*self._style(style)[2:]) for style in range(count)]
            best = max(values)
            found = self._best[self.prompt] = best, values.index(best)
        return found

    def _style(self, style: int) -> tuple[float, float, float, float, float]:
        """Return follow, relevant, and the chances of help, safe and love."""
        level, closing = divmod(style, self.core.closings)
        x, y = level / (self.core.levels - 1), closing / (self.core.closings - 1)
        need, openness, risk = self.features
        follow = model.BASE + (model.SUBSTANCE + model.SUBSTANCE_NEED * need) * x
        relevant = 1.0 - model.DILUTION * y
        helped = follow + relevant - 1.0
        safe = 1.0 - (model.HARM + model.HARM_RISK * risk) * x * x
        warm = (model.LOVE_WARM + model.LOVE_OPEN * openness) * y * (2.0 - y)
        return follow, relevant, helped, safe, model.LOVE + model.LOVE_HELP * helped + warm

    def _mix(self, helped: float, safe: float, love: float) -> float:
        core = self.core
        total = helped + core.safe_weight * safe + core.love_weight * love
        return total / (1.0 + core.safe_weight + core.love_weight)
