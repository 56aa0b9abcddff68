"""SlateRetention's exact optimum where it is small: a dynamic programme over all that can happen.

Needs a fixed catalogue and boredom that depends on the last slate alone (``linger=0``) or on
nothing (``boredom=0``); then a session is known by its requests, its signals and the categories
of the last slate.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import permutations
from math import perm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envgym.envs.bandits.slate import rules
from envgym.envs.bandits.slate.core import SlateRetentionCore
from envgym.runtime.numeric.core import State
from envgym.types import ConfigError
from envgym.types.errors import unknown

MOST = 20_000_000
"""States times slates times rounds that are computed at most."""
AIMS = ("best", "myopic")


@dataclass(frozen=True, eq=False)
class Plan:
    """What to show in every situation of one world, and what that earns."""

    value: float
    """Expected utility of the whole episode."""
    slates: NDArray[Any]
    """All slates, int64 [A, slots]."""
    moods: Mapping[tuple[int, ...], int]
    """Number of every boredom, by the last slate's items per category; all 0: rested."""
    choices: NDArray[Any]
    """Index into ``slates``, int64 [horizon, sessions, moods, requests, signals]."""

    def act(self, state: State) -> NDArray[Any]:
        """Return the slates for a batch of states of this world, int64 [B, slots].

        Args:
            state: a state of the core with the kernel's "t".
        """
        slots = self.slates.shape[1]
        counts = np.rint(state["bored"] * slots).astype(int)
        mood = np.array([self.moods.get(tuple(row), 0) for row in counts.tolist()])
        held = self.choices.shape
        place = (
            np.minimum(state["t"], held[0] - 1),
            np.minimum(state["session"], held[1] - 1),
            mood,
            np.minimum(state["request"], held[3] - 1),
            np.minimum(state["signals"], held[4] - 1),
        )
        found: NDArray[Any] = self.slates[self.choices[place]]
        return found


def plan(core: SlateRetentionCore, world: State, aim: str = "best") -> Plan:
    """Return the optimal plan of a world, or the value of always showing the best next slate.

    Args:
        core: the environment; see above for what it must be.
        world: a state at the start, of one episode (B = 1).
        aim: "best": most expected utility of the episode; "myopic": most expected signals of each
            request.

    Raises:
        ConfigError: the environment is not of the exact kind, is too large, or ``aim`` is unknown.
    """
    if aim not in AIMS:
        raise ConfigError(unknown("aim", aim, AIMS))
    slates, moods, chances, after = _table(core, world)
    immediate = chances.sum(axis=2) / core.slots  # [moods, A]
    odds = np.stack([rules.signal_counts(row) for row in chances])  # [moods, A, counts]
    myopic = _firsts(immediate)

    longest = min(core.requests, core.horizon)
    most = rules.BEST * core.slots
    requests = np.arange(longest)[:, None, None]
    total = np.arange(most * longest + 1)[:, None] + np.arange(most + 1)  # signals after a slate
    lost = np.where(
        core.temper == "clock", core.slots * (requests + 1), most * (requests + 1) - total
    )
    ended = (lost > core.patience) | (requests + 1 >= core.requests)  # [n, signals, counts]
    response = np.minimum(total / (most * (requests + 1)), 1.0)
    chance = rules.comes_back(response, world["loyalty"][0], core.pull, core.base)
    paid = np.where(ended, core.weight * rules.mean_retention(chance, core.days), 0.0)
    back = (1.0 - (1.0 - chance) ** core.days) * ended

    sessions = min(core.sessions, core.horizon)
    value = np.zeros((sessions + 1, len(moods), longest + 1, most * longest + 1))
    choices = np.zeros((core.horizon, sessions, len(moods), longest, most * longest + 1), np.int32)
    reached = np.minimum(total, most * longest)
    for t in reversed(range(core.horizon)):
        fresh = value[1:, 0, 0, 0][:, None, None, None, None]
        going = value[:-1, :, 1:, :][:, :, :, reached]  # [sessions, moods, n, signals, counts]
        follow = paid + back * fresh + np.where(ended, 0.0, going)
        now = np.zeros_like(value)
        for mood in range(len(moods)):
            worth = np.stack(
                [
                    immediate[mood, a] + follow[:, after[a]] @ odds[mood, a]
                    for a in range(len(slates))
                ]
            )
            found = _firsts(worth) if aim == "best" else np.full(worth.shape[1:], myopic[mood])
            choices[t, :, mood] = found
            now[:-1, mood, :-1] = np.take_along_axis(worth, found[None], 0)[0]
        value = now
    return Plan(float(value[0, 0, 0, 0]), slates, moods, choices)


def _firsts(worth: NDArray[Any]) -> NDArray[Any]:
    """Return the first action within rounding of the best, over the last axis of two, else 0."""
    axis = 1 if worth.ndim == 2 else 0
    close = worth >= worth.max(axis=axis, keepdims=True) - 1e-12
    found: NDArray[Any] = close.argmax(axis=axis)
    return found


def _table(
    core: SlateRetentionCore, world: State
) -> tuple[NDArray[Any], dict[tuple[int, ...], int], NDArray[Any], list[int]]:
    """Return slates, moods, each slate's chances in each mood, and the mood it leaves behind."""
    if core.catalogue != "fixed" or (core.linger > 0 and core.boredom > 0):
        raise ConfigError(
            f"{core.where}: the exact optimum needs catalogue='fixed' and linger=0 or boredom=0, "
            f"got catalogue={core.catalogue!r}, linger={core.linger:g}, boredom={core.boredom:g}."
        )
    rested = (0,) * core.categories
    moods = {rested: 0}
    longest = min(core.requests, core.horizon)
    size = longest * (rules.BEST * core.slots * longest + 1) * min(core.sessions, core.horizon)
    count = perm(core.candidates, core.slots)
    if size * count * core.horizon > MOST:
        raise ConfigError(
            f"{core.where}: too large for the exact optimum ({size * count * core.horizon:,} "
            f"situations, at most {MOST:,}); fewer candidates, slots, requests or a shorter horizon."
        )
    slates = np.array(list(permutations(range(core.candidates), core.slots)))
    category = world["category"][0]
    after = []
    for slate in slates:
        shown = np.bincount(category[slate], minlength=core.categories).tolist()
        mood = rested if core.boredom == 0 else tuple(shown)
        after.append(moods.setdefault(mood, len(moods)))
    appeal = (1.0 - core.repeat_loss) ** rules.repeats(category[slates])
    weight = appeal * rules.attentions(core.slots, core.attention)
    chances = []
    for mood in moods:
        alone = core.alone({**world, "bored": np.array([mood]) / core.slots})[0]
        chances.append(alone[slates] * weight)
    return slates, moods, np.stack(chances), after
