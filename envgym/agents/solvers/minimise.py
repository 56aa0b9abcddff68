"""The loop that every regret minimiser shares: who updates when, and what is averaged."""

from typing import Literal

import numpy as np

from envgym.agents.solvers.level_form import Form
from envgym.agents.solvers.rules.rule import Rule
from envgym.agents.solvers.sequences import Floats

Schedule = Literal["alternating", "simultaneous"]


class Minimiser:
    """Plays a game against itself, one regret minimiser per information set.

    In an iteration of the alternating schedule the players update one after the other, the later
    ones against the earlier ones' new strategies; in a simultaneous one all of them against the
    old ones. The average takes what a player played when its regrets were measured.
    """

    def __init__(self, form: Form, rule: Rule, schedule: Schedule = "alternating") -> None:
        self.form = form
        self.rule = rule
        self.schedule = schedule
        self.done = 0
        """Iterations so far."""
        self.behaviours = [seat.normalise(np.zeros(len(seat.pairs))) for seat in form.seats]
        self.plans = [seat.plan(self.behaviours[seat.player]) for seat in form.seats]

    def iterate(self) -> None:
        """Do one iteration: every player updates once."""
        plans, players = self.plans, range(len(self.plans))
        if self.schedule == "alternating":
            for player in players:
                self._update(player, plans)
        else:
            before = list(plans)
            for player in players:
                self._update(player, before)
        self.done += 1

    def average(self) -> Floats:
        """Return the average of what was played as a profile of the tree.

        Uniform where nothing was counted: during a warm-up and where a player never goes.
        """
        totals = self.rule.totals
        return self.form.game.profile([s.normalise(totals[s.player]) for s in self.form.seats])

    def current(self) -> Floats:
        """Return what the next iteration plays as a profile of the tree."""
        return self.form.game.profile(self.behaviours)

    def _update(self, player: int, plans: list[Floats]) -> None:
        seat, behaviour = self.form.seats[player], self.behaviours[player]
        utility = self.form.utilities(player, plans)
        values = seat.evaluate(behaviour, utility)
        regret = utility[1:] - values.take(seat.owner)
        self.rule.average(player, self.done, regret, self.plans[player][1:])
        new = self.rule.update(player, self.done, regret)
        self.behaviours[player] = new
        self.plans[player] = seat.plan(new)
