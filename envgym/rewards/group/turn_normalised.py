"""TurnNormalised: every turn's value against the turns of the other rollouts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from envgym.rewards.credit.ragged import pad
from envgym.rewards.group.batch import Floats
from envgym.rewards.group.groupmap import Group, GroupUnary, Share
from envgym.rewards.group.normalise import dr_grpo, grpo
from envgym.rewards.node import NO_PROMISE, Direction
from envgym.rewards.signal import Scope
from envgym.types.errors import ConfigError, unknown

Within = Literal["turn", "group"]


def turn_normalise(
    rewards: ArrayLike,
    mask: ArrayLike,
    *,
    within: Within = "turn",
    divide: bool = False,
    more_than: int = 4,
    floor: float = 1e-6,
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return advantages of the turns of one group, and which turns were compared: the kernel.

    Formula: within "turn": A[i,t] = (r[i,t] - mean_t) / (std_t + floor) over the rollouts that
             have turn t, if these are more than ``more_than``; else masked. within "group": mean
             and std over all turns of the group, if these are more than ``more_than``
    Source:  cookbook A5, CM2 (seen: namezhenzhang/CM2-RLCR-Tool-Agent) for "turn", with 4; B8
             (seen: paper note) for "group"
    Shapes:  r, mask, A: [G, T]
    Range:   sums to 0 over the compared turns of each set; 0 where masked
    Laws:    equivariant under permutation of rollouts (L4); masked turns change nothing (L9);
             equal rewards: zeros (L2)

    Args:
        rewards: float [G, T]; masked entries may hold anything, NaN included.
        mask: True where the rollout has that turn.
        within: what a turn is compared with.
        divide: False: centred only; True: divided by the population's std too.
        more_than: fewer turns, or as many, are too few to compare.
        floor: added to the std; more than 0.

    >>> full = np.ones((5, 1), bool)
    >>> turn_normalise([[1], [0], [0], [0], [0]], full)[0].ravel().round(3).tolist()
    [0.8, -0.2, -0.2, -0.2, -0.2]
    >>> turn_normalise([[1], [0], [0], [0]], full[:4])[1].any()
    np.False_
    """
    values = np.asarray(rewards, dtype=np.float64)
    held = np.asarray(mask, dtype=bool)
    if values.ndim != 2 or held.shape != values.shape:
        raise ConfigError(
            "turn_normalise needs rewards and mask of one shape [G, T], got "
            f"{values.shape} and {held.shape}."
        )
    if within not in get_args(Within):
        raise ConfigError(unknown("way to compare turns", within, get_args(Within)))
    if more_than < 0:
        raise ConfigError(f"turn_normalise.more_than must be at least 0, got {more_than!r}.")
    out, compared = np.zeros_like(values), np.zeros_like(held)
    sets = [held] if within == "group" else []
    if within == "turn":
        for turn in range(values.shape[1]):
            chosen = np.zeros_like(held)
            chosen[:, turn] = held[:, turn]
            sets.append(chosen)
    for chosen in sets:
        if chosen.sum() > more_than:
            turns = values[chosen]
            out[chosen] = grpo(turns, floor=floor) if divide else dr_grpo(turns)
            compared |= chosen
    return out, compared


@dataclass(frozen=True)
class TurnNormalised(GroupUnary):
    """Compare every turn with the turns of the task's other rollouts.

    Formula: that of ``turn_normalise``; turn t is event t
    Source:  cookbook A5, CM2 (seen: namezhenzhang/CM2-RLCR-Tool-Agent); B8 for within "group"
    Shapes:  a step value of each rollout to one share per event
    Range:   unbounded; sums to 0 over the compared turns; a turn that too few rollouts reached
             gets 0
    Laws:    those of ``turn_normalise``

    A trainer that wants to leave uncompared turns out of its loss instead of giving them 0 reads
    the mask that ``turn_normalise`` returns; a program's report counts them.

    >>> from envgym.rewards import Program, Source, score
    >>> program = Program("turns", TurnNormalised(Source("item"), more_than=1))
    >>> ends = [[{"item": 0, "end": None}, {"item": x, "end": "task"}] for x in (1.0, 0.0)]
    >>> [each.settled for each in score(ends, program)]
    [(0.5,), (-0.5,)]
    """

    kind: ClassVar[str] = "group.turn_normalised"

    within: Literal["turn", "group"] = "turn"
    """Compared with the same turn of the others, or with all turns of the group."""
    divide: bool = False
    """False: centred only; True: divided by the std too."""
    more_than: int = 4
    """So many turns, or fewer, are too few to compare and get 0."""

    def validate(self) -> None:
        """Refuse an episode value and a negative number."""
        if self.of.scope != "step":
            raise ConfigError(
                f"TurnNormalised.of must be a step value; '{self.of.label}' is one number per "
                "episode, so use GroupNormalised."
            )
        if self.more_than < 0:
            raise ConfigError(f"TurnNormalised.more_than must be at least 0, got {self.more_than}.")

    @property
    def scope(self) -> Scope:
        """Always "step"."""
        return "step"

    def directions(self) -> tuple[Direction, ...]:
        """Return no promise: raising one turn lowers the others."""
        return (NO_PROMISE,)

    def compare(self, group: Group) -> Sequence[Share]:
        """Return one share per event and member."""
        rows = [member.series[0] for member in group.members]
        values, mask = pad(rows)
        shares, compared = turn_normalise(
            values, mask, within=self.within, divide=self.divide, more_than=self.more_than
        )
        group.report[self.key] = {
            "turns": int(mask.sum()),
            "compared": int(compared.sum()),
        }
        return [tuple(a[: len(r)].tolist()) for a, r in zip(shares, rows, strict=True)]

    @property
    def formula(self) -> str:
        """For instance ``turn_normalised(items, turn, > 4)``."""
        how = f"{self.within}{', std' if self.divide else ''}, > {self.more_than}"
        return f"turn_normalised({self.of.formula}, {how})"
