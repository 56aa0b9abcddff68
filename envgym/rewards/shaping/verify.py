"""verify_shaping: which optimal actions a shaping keeps."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from envgym.rewards.node import Node
from envgym.rewards.program import Program
from envgym.rewards.shaping.mdp import Action, FiniteMDP, State
from envgym.rewards.shaping.payer import payer
from envgym.rewards.shaping.product import Floats, Product, enumerate_product

Flags = NDArray[np.bool_]

_TIE = 1e-8
"""Actions whose values differ by less, relative to the largest value, count as equally good."""


class Change(NamedTuple):
    """A decision at which the shaped program prefers something that is not optimal."""

    state: State
    time: int | None
    """Events before it; None without a horizon."""
    optimal: tuple[Action, ...]
    """Best actions under the base program."""
    shaped: tuple[Action, ...]
    """Best actions under the shaped program."""
    loss: float
    """What the worst of the shaped actions gives up of the base return, 0 or more."""


@dataclass(frozen=True)
class ShapingReport:
    """What a shaping does to the optimal policy of one process."""

    base: str
    """Name of the program that counts."""
    shaped: str
    """Name of the program that is trained on."""
    decisions: int
    """Reachable decisions compared: states, times and what the programs remember."""
    changes: tuple[Change, ...]
    """Decisions at which some shaped-optimal action is not optimal, in order of reachability."""
    lost_ties: int
    """Decisions at which the shaping only drops some of several optimal actions."""
    best_return: float
    """Base return of an optimal policy from the start."""
    shaped_return: float
    """Base return, at worst, of a policy that is optimal for the shaped program."""

    @property
    def keeps(self) -> bool:
        """Whether every policy that is optimal for the shaped program is optimal."""
        return not self.changes

    @property
    def exact(self) -> bool:
        """Whether both have the same optimal actions everywhere."""
        return self.keeps and not self.lost_ties

    @property
    def regret(self) -> float:
        """What training on the shaped program to the end may cost in base return."""
        return max(0.0, self.best_return - self.shaped_return)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        verdict = "keeps" if self.keeps else "changes"
        yield (
            f"{self.shaped} {verdict} the optimal policy of {self.base}: base return "
            f"{self.shaped_return:.6g} of {self.best_return:.6g}, {self.decisions} decisions."
        )
        for change in self.changes[:10]:
            when = "" if change.time is None else f" at event {change.time}"
            yield (
                f"  state {change.state!r}{when}: best {_shown(change.optimal)}, shaped "
                f"{_shown(change.shaped)}, costs {change.loss:.6g}"
            )
        if len(self.changes) > 10:
            yield f"  and {len(self.changes) - 10} more"


def verify_shaping(
    mdp: FiniteMDP,
    base: Program | Node,
    shaped: Program | Node,
    *,
    max_states: int = 100_000,
) -> ShapingReport:
    """Return whether training on ``shaped`` ends at a policy that is optimal for ``base``.

    Both programs are run on every reachable transition, with what they remember as part of the
    state, and both optimal action sets are found by value iteration. Nothing is sampled.

    A program whose terminal parts read the last record alone runs on processes without a horizon;
    one that looks at whole episodes (a clipped sum, a gate over step rewards, a lookahead delta)
    needs a horizon, and its episodes are enumerated one by one.

    Args:
        mdp: the process; its evidence must hold the keys that both programs read.
        base: what counts.
        shaped: what is trained on, for instance ``base + Potential(...)``.
        max_states: most decisions to enumerate.

    Raises:
        ConfigError: for a group program, an invalid signal, too many decisions, or a missing
            horizon.
        EvidenceError: if the process does not report a key.

    >>> from envgym.rewards import Potential, Source
    >>> from envgym.rewards.shaping.chain import five_state_chain
    >>> won = Source("won", "episode", lo=0, hi=1)
    >>> kept = won + Potential(Source("phi", lo=0, hi=5), gamma=0.9)
    >>> verify_shaping(five_state_chain(), won, kept).keeps
    True
    """
    first, second = _program(base, "base"), _program(shaped, "shaped")
    payers = tuple(payer(p, mdp.gamma, mdp.horizon) for p in (first, second))
    product = enumerate_product(mdp, (payers[0], payers[1]), max_states)
    anything = np.ones(len(product.actions), dtype=bool)
    values = [product.values(which, anything) for which in (0, 1)]
    worth = [product.rows(which, values[which]) for which in (0, 1)]
    best = [_best(product, w, v) for w, v in zip(worth, values, strict=True)]
    followed = product.values(0, best[1], lowest=True)
    changes, lost = _compare(product, best[0], best[1], values[0], worth[0])
    return ShapingReport(
        base=first.name,
        shaped=second.name,
        decisions=len(product.states),
        changes=tuple(changes),
        lost_ties=lost,
        best_return=float(values[0][0]),
        shaped_return=float(followed[0]),
    )


def _best(product: Product, worth: Floats, values: Floats) -> Flags:
    slack = _TIE * max(1.0, float(np.max(np.abs(values))))
    return np.asarray(worth >= values[product.owner] - slack)


def _compare(
    product: Product,
    optimal: Flags,
    shaped: Flags,
    values: Floats,
    worth: Floats,
) -> tuple[list[Change], int]:
    changes: list[Change] = []
    lost = 0
    ends = np.append(product.starts[1:], len(product.actions))
    for here, (start, end) in enumerate(zip(product.starts, ends, strict=True)):
        rows = np.arange(start, end)
        wrong = rows[shaped[rows] & ~optimal[rows]]
        if not len(wrong):
            lost += bool(np.any(optimal[rows] & ~shaped[rows]))
            continue
        changes.append(
            Change(
                state=product.states[here],
                time=product.times[here],
                optimal=tuple(product.actions[r] for r in rows if optimal[r]),
                shaped=tuple(product.actions[r] for r in rows if shaped[r]),
                loss=float(np.max(values[here] - worth[wrong])),
            )
        )
    return changes, lost


def _program(given: Program | Node, name: str) -> Program:
    return given if isinstance(given, Program) else Program(name, given)


def _shown(actions: tuple[Action, ...]) -> str:
    return "/".join(str(action) for action in actions)
