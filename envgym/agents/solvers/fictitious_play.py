"""Extensive-form fictitious play: respond to the average of all earlier responses."""

from envgym.agents.solvers.iterated import run_iterated
from envgym.agents.solvers.level_form import Form
from envgym.agents.solvers.mixtures import fastest_form, mixed_profile, respond, uniform_plans
from envgym.agents.solvers.sequences import Floats, sequences
from envgym.agents.solvers.solve import Solution
from envgym.runtime.games.tree import flatten
from envgym.types.game import Game


class FictitiousPlay:
    """Best responses to averages, all players at once, from the uniform strategy on.

    Formula: m <- m + (b - m) / (t + 1), b a best response to the others' m, uniform over ties;
             m and b realisation plans, so that each response counts by the player's own reach
    Source:  Brown 1951; Heinrich, Lanctot & Silver 2015 (XFP) (recalled)
    Laws:    after t iterations m is the uniform mixture of the uniform strategy and t responses:
             PSRO with the meta-solver 'uniform'. Two players and zero sums: nears equilibrium
             (Robinson 1951); slower than regret minimisation; otherwise it may cycle.
    """

    def __init__(self, form: Form) -> None:
        self.form = form
        self.plans = uniform_plans(form.game)
        self.latest = list(self.plans)
        self.done = 0
        """Iterations so far."""

    def iterate(self) -> None:
        """Let every player respond once."""
        before = list(self.plans)
        self.latest = [respond(self.form, player, before)[1] for player in range(len(before))]
        self.done += 1
        self.plans = [
            plan + (latest - plan) / (self.done + 1)
            for plan, latest in zip(before, self.latest, strict=True)
        ]

    def average(self) -> Floats:
        """Return the average as a profile of the tree."""
        return mixed_profile(self.form.game, self.plans)

    def current(self) -> Floats:
        """Return the latest responses as a profile of the tree."""
        return mixed_profile(self.form.game, self.latest)


def fictitious_play(game: Game, iterations: int, *, every: int | None = None) -> Solution:
    """Return the average of ``iterations`` responses and the uniform strategy.

    Raises:
        ConfigError: the game is too large.
    """
    tree = flatten(game)
    solver = FictitiousPlay(fastest_form(sequences(tree)))
    note = ""
    if game.players != 2 or not game.zero_sum:
        note = (
            f"'{game.name}' is not a two-player zero-sum game: fictitious play may cycle there; "
            "NashConv says how close it came."
        )
    return run_iterated(tree, "fp", solver, iterations, every=every, note=note)
