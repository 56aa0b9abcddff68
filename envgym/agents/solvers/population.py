"""Populations of strategies and the exact payoffs between them."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from envgym.agents.solvers.level_form import Form
from envgym.agents.solvers.mixtures import mix, uniform_plans
from envgym.agents.solvers.sequences import Floats


class Population:
    """Each player's strategies as plans, and the payoff tensors of every joint choice.

    Begins with the uniform strategy alone.
    """

    def __init__(self, form: Form) -> None:
        self.form = form
        self.plans: list[list[Floats]] = [[plan] for plan in uniform_plans(form.game)]
        """Per player, its strategies, oldest first."""
        self.payoffs: list[Floats] = [np.zeros((0,) * len(self.plans)) for _ in self.plans]
        """Per player the tensor [n_0, ..., n_{P-1}], in the game's own unit."""
        self._fill()

    def add(self, plans: Sequence[Floats]) -> None:
        """Add one strategy per player and compute what is new in the tensors.

        Costs, for each player, one contraction per combination of the others' strategies that
        has a new member: linear in the population for two players.
        """
        for own, plan in zip(self.plans, plans, strict=True):
            own.append(plan)
        self._fill()

    def mixture(self, weights: Sequence[Floats]) -> list[Floats]:
        """Return each player's plan when it draws a strategy with its weights."""
        return [mix(w, own) for w, own in zip(weights, self.plans, strict=True)]

    def _fill(self) -> None:
        sizes = tuple(len(own) for own in self.plans)
        known = self.payoffs[0].shape
        for player, own in enumerate(self.plans):
            tensor = np.zeros(sizes)
            tensor[tuple(slice(size) for size in known)] = self.payoffs[player]
            stacked = np.stack(own)
            others = [range(n) if q != player else range(1) for q, n in enumerate(sizes)]
            for choice in product(*others):
                fresh = any(
                    pick >= old
                    for q, (pick, old) in enumerate(zip(choice, known, strict=True))
                    if q != player
                )
                # Against strategies that were there before, only the own new ones are missing.
                start = 0 if fresh else known[player]
                plans = [self.plans[q][pick] for q, pick in enumerate(choice)]
                place: tuple[int | slice, ...] = (
                    *choice[:player],
                    slice(start, None),
                    *choice[player + 1 :],
                )
                utility = self.form.utilities(player, plans)
                tensor[place] = stacked[start:] @ utility
            self.payoffs[player] = tensor
