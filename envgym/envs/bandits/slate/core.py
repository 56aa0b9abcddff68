"""envgym/SlateRetention-v0 over arrays: slates for users who come back, or do not."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces

from envgym.envs.bandits.slate import rules
from envgym.runtime.numeric.arrays import Arrays
from envgym.runtime.numeric.core import Core, Facts, Scalar, State, choice, real, whole
from envgym.runtime.numeric.noise import Noise
from envgym.types import ConfigError
from envgym.types.bandit import Outcome, Problem

PAGE = ("item_reward", "page_reward", "relevance", "ranking", "diversity", "redundancy")
"""Evidence that judges the slate itself."""


@dataclass(frozen=True, kw_only=True)
class SlateRetentionCore(Core):
    """One user per episode, who is served a slate in every round."""

    stream: ClassVar[str] = "slate_retention"
    torch_ok: ClassVar[bool] = False

    horizon: int = 100
    """Requests per episode at most, 1 to 10,000,000."""
    candidates: int = 20
    """Items to choose from in a request, 2 to 200."""
    slots: int = 5
    """Items in a slate, 2 to 20, at most ``candidates``."""
    categories: int = 5
    """Categories of items, 1 to 50."""
    sessions: int = 30
    """Sessions after which the episode ends, 1 to 10,000 [KuaiSim, seen]."""
    requests: int = 100
    """Requests per session at most, 1 to 10,000 [KuaiSim, seen]."""
    days: int = 10
    """Days after which a user who has not come back is lost, 1 to 365 [KuaiSim, seen]."""
    temper: str = "response"
    """"response": temper falls by 2 - mean signals per item; "clock": by 1 per request."""
    pull: float = 0.5
    """What full response adds to the chance of coming back next day, 0 to 1."""
    base: float = 0.1
    """Chance of coming back next day without any response, 0 to 1."""
    weight: float = 1.0
    """Weight of retention in the utility, 0 to 100."""
    boredom: float = 0.5
    """Share of an item's relevance that full boredom with its category takes, 0 to 0.95."""
    linger: float = 0.8
    """Share of boredom that is left after one request, 0 to 1."""
    repeat_loss: float = 0.3
    """Share of its appeal that an item loses per earlier item of its category, 0 to 1."""
    attention: float = 0.95
    """Attention to a place in proportion to the place above it, 0 to 1."""
    profile: bool = True
    """Whether the observation shows the user's interest in each category."""
    catalogue: str = "fresh"
    """"fresh": other candidates in every request; "fixed": the same ones all the time."""

    def check(self) -> None:
        """Refuse bad parameters."""
        for name, most in (
            ("candidates", 200),
            ("categories", 50),
            ("sessions", 10_000),
            ("requests", 10_000),
            ("days", 365),
        ):
            whole(self, name, 1, most)
        whole(self, "slots", 2, 20)
        for name in ("pull", "base", "linger", "repeat_loss", "attention"):
            real(self, name, 0.0, 1.0)
        real(self, "weight", 0.0, 100.0)
        real(self, "boredom", 0.0, 0.95)
        choice(self, "temper", ("response", "clock"))
        choice(self, "catalogue", ("fresh", "fixed"))
        choice(self, "profile", (True, False))
        if self.slots > self.candidates:
            raise ConfigError(
                f"{self.where}: slots must be at most candidates ({self.candidates}), got "
                f"{self.slots}: a slate repeats no item."
            )

    @cached_property
    def patience(self) -> int:
        """Lost signals per item and slot that a session survives, in units of 1 / slots."""
        return int(rules.TEMPER - rules.LEAVES) * self.slots

    @cached_property
    def observation_space(self) -> gymnasium.Space[Any]:
        """A Dict; see ``SlateRetentionEnv``."""
        wide = {
            "user": ([rules.TEMPER, self.sessions, self.requests, self.days], 4),
            "shown": (float(self.horizon * self.slots), self.categories),
            "liked": (1.0, self.categories),
            "category": (float(max(self.categories - 1, 1)), self.candidates),
            "quality": (1.0, self.candidates),
        }
        if self.profile:
            wide["interest"] = (1.0, self.categories)
        return spaces.Dict(
            {
                key: spaces.Box(
                    np.zeros(size), np.broadcast_to(np.asarray(high, float), size), dtype=np.float64
                )
                for key, (high, size) in wide.items()
            }
        )

    @cached_property
    def action_space(self) -> gymnasium.Space[Any]:
        """``MultiDiscrete``: a candidate per slot, from the top."""
        return spaces.MultiDiscrete([self.candidates] * self.slots)

    @cached_property
    def problem(self) -> Problem:
        """Candidates per slot; ``more`` names categories and slots for planners, and the second
        channel of an outcome, retention.
        """
        more = {
            "categories": self.categories,
            "slots": self.slots,
            "repeats": False,
            "channels": ("retention_residual",),
            "retention_weight": self.weight,
        }
        return Problem(
            actions=self.candidates,
            horizon=self.horizon,
            low=-self.weight,
            high=1.0,
            scale=(1.0 + self.weight) / 2,
            more=more,
        )

    def scalar(self) -> Scalar:
        """Return a new episode on plain numbers."""
        from envgym.envs.bandits.slate.scalar import SlateRetentionScalar

        return SlateRetentionScalar(self)

    def valid(self, state: State, action: Any, ar: Arrays) -> Any:
        """Return which slates hold existing candidates, none of them twice, bool [B]."""
        slate = np.sort(np.asarray(action), axis=1)
        inside = (slate[:, 0] >= 0) & (slate[:, -1] < self.candidates)
        return inside & (slate[:, 1:] != slate[:, :-1]).all(axis=1)

    def start(self, batch: int, noise: Noise, ar: Arrays) -> State:
        """Draw users and their first candidates."""
        counts = (batch, self.categories)
        interest = noise.uniform(counts)
        loyalty = 0.2 * noise.uniform((batch,)) - 0.1
        zero = np.zeros(batch, np.int64)
        return {
            "interest": interest,
            "loyalty": loyalty,
            **self._candidates(batch, noise),
            "bored": np.zeros(counts),
            "lost": zero,  # signals per item that cost temper so far, in units of 1 / slots
            "session": zero.copy(),
            "request": zero.copy(),
            "signals": zero.copy(),
            "away": zero.copy(),
            "shown": np.zeros(counts, np.int64),
            "liked": np.zeros(counts, np.int64),
        }

    def _candidates(self, batch: int, noise: Noise) -> State:
        shape = (batch, self.candidates)
        return {
            "category": noise.integers(self.categories, shape),
            "quality": noise.uniform(shape),
        }

    def observe(self, state: State, ar: Arrays) -> Any:
        """Return the observation; see ``SlateRetentionEnv``."""
        temper = np.maximum(rules.TEMPER - state["lost"] / self.slots, 0.0)
        user = np.stack([temper, state["session"], state["request"], state["away"]], axis=1)
        seen = {
            "user": user,
            "shown": state["shown"].astype(np.float64),
            "liked": state["liked"] / np.maximum(rules.BEST * state["shown"], 1),
            "category": state["category"].astype(np.float64),
            "quality": state["quality"].copy(),
        }
        if self.profile:
            seen["interest"] = state["interest"].copy()
        return seen

    def alone(self, state: State) -> Any:
        """Return the relevance of the candidates, float64 [B, N]."""
        return rules.relevance(
            state["interest"], state["quality"], state["category"], state["bored"], self.boredom
        )

    def expert(self, state: State, ar: Arrays) -> Any:
        """Return the slates of most expected signals in this request, int64 [B, slots].

        Exact for the request; the episode's optimum is known for small environments only
        (``oracle.plan``).
        """
        worth = rules.gains(self.alone(state), state["category"], self.repeat_loss)
        return rules.best_slates(worth, self.slots)

    def advance(self, state: State, action: Any, noise: Noise, ar: Arrays) -> tuple[State, Facts]:
        """Show a slate, count the signals, and let the user stay, return or leave."""
        action = np.asarray(action)
        batch, slots = action.shape
        rows = np.arange(batch)[:, None]
        alone = self.alone(state)
        category, chosen = state["category"][rows, action], alone[rows, action]
        appeal = chosen * (1.0 - self.repeat_loss) ** rules.repeats(category)
        chances = appeal * rules.attentions(slots, self.attention)
        draws = noise.uniform((batch, slots, rules.BEST))
        earned = (draws < chances[:, :, None]).sum(axis=2)
        request, signals = state["request"] + 1, state["signals"] + earned.sum(axis=1)
        lost = state["lost"] + self._losses(earned.sum(axis=1))
        ended = (lost > self.patience) | (request >= self.requests)
        chance = self._returns(signals, request, state["loyalty"])
        days = np.where(ended, rules.days_away(noise.uniform((batch,)), chance), 0.0)
        left = days > self.days
        retention = np.where(ended, -np.minimum(days - 1.0, self.days) / self.days, 0.0)
        immediate = earned.sum(axis=1) / (rules.BEST * slots)

        onehot = category[:, :, None] == np.arange(self.categories)
        counts = onehot.sum(axis=1)
        bored = self.linger * state["bored"] + (1.0 - self.linger) * (counts / slots)
        session = state["session"] + ended
        after = {
            **state,
            "bored": np.where(ended[:, None], 0.0, bored),
            "lost": np.where(ended & ~left, 0, lost),
            "session": session,
            "request": np.where(ended, 0, request),
            "signals": np.where(ended, 0, signals),
            "away": np.where(ended, np.minimum(days, self.days), state["away"]).astype(np.int64),
            "shown": state["shown"] + counts,
            "liked": state["liked"] + (onehot * earned[:, :, None]).sum(axis=1),
        }
        if self.catalogue == "fresh":
            after |= self._candidates(batch, noise)

        worth = -np.sort(-rules.gains(alone, state["category"], self.repeat_loss), axis=1)
        mean = chances.sum(axis=1) / slots
        kept = self._mean_retention(state, chances)
        best = worth[:, :slots] @ rules.attentions(slots, self.attention) / slots
        weights = rules.discounts(slots)
        facts = {
            "utility": immediate + self.weight * retention,
            "expected": mean + self.weight * kept,
            "violation": np.zeros(batch),
            "immediate": immediate,
            "retention": retention,
            "shortfall": np.maximum(best - mean, 0.0),
            "ndcg": np.minimum(appeal @ weights / (worth[:, :slots] @ weights), 1.0),
            **rules.page(alone, chosen, category, self.categories),
            "patience": self._patience(after["lost"]),
            "sessions": session,
            "days": np.minimum(days, self.days).astype(np.int64),
            "progress": (after["shown"] > 0).sum(axis=1) / self.categories,
            "over": left | (session >= self.sessions),
        }
        return after, facts

    def reveal(self, before: State, action: Any, facts: Facts, ar: Arrays) -> tuple[Outcome, ...]:
        """Return the round just played, with retention as a second channel [246]."""
        (shown,) = super().reveal(before, action, facts, ar)
        return (shown._replace(residuals=(-facts["retention"],)),)

    def _losses(self, earned: Any) -> Any:
        """Return temper lost for signals of a slate, in units of 1 / slots."""
        if self.temper == "clock":
            return np.full_like(earned, self.slots)
        return rules.BEST * self.slots - earned

    def _returns(self, signals: Any, request: Any, loyalty: Any) -> Any:
        response = signals / (rules.BEST * self.slots * request)
        return rules.comes_back(response, loyalty, self.pull, self.base)

    def _patience(self, lost: Any) -> Any:
        return np.maximum(self.patience - lost, 0) / self.patience

    def _mean_retention(self, state: State, chances: Any) -> Any:
        """Return the expected retention of the round, exact over all counts of signals, [B]."""
        found = np.zeros(len(chances))
        most = self.slots if self.temper == "clock" else rules.BEST * self.slots
        near = state["lost"] + most > self.patience
        rows = np.flatnonzero(near | (state["request"] + 1 >= self.requests))
        if not len(rows):
            return found
        counts = np.arange(rules.BEST * self.slots + 1)
        request = state["request"][rows, None] + 1
        ended = state["lost"][rows, None] + self._losses(counts) > self.patience
        ended = ended | (request >= self.requests)
        signals = state["signals"][rows, None] + counts
        chance = self._returns(signals, request, state["loyalty"][rows, None])
        paid = np.where(ended, rules.mean_retention(chance, self.days), 0.0)
        found[rows] = (rules.signal_counts(chances[rows]) * paid).sum(axis=1)
        return found

    def outcome(self, mean: float) -> float:
        """Return the mean utility per round cut to 0 to 1: who shows nothing gets 0."""
        return min(1.0, max(0.0, mean))

    @property
    def lost(self) -> Mapping[str, float]:
        """Return what a turn without a valid slate was like: nothing was shown."""
        return dict.fromkeys(("immediate", "retention", "shortfall", "ndcg", *PAGE), 0.0)

    def opening(self) -> Mapping[str, Any]:
        """Nothing was shown yet and the user is patient."""
        return {**self.lost, "patience": 1.0, "sessions": 0, "days": 0, "progress": 0.0}

    def picture(self, scalar: Any) -> str:
        """Return the user, the candidates and the latest slate's signals as text."""
        from envgym.envs.bandits.slate.picture import picture

        return picture(self, scalar)
