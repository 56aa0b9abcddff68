"""PSRO: grow populations by exact best responses to a meta-solver's mixture."""

from envgym.agents.solvers.iterated import run_iterated
from envgym.agents.solvers.level_form import Form
from envgym.agents.solvers.meta import MetaSolver, Weights, meta_solver
from envgym.agents.solvers.mixtures import fastest_form, mixed_profile, respond
from envgym.agents.solvers.population import Population
from envgym.agents.solvers.sequences import Floats, sequences
from envgym.agents.solvers.solve import Solution
from envgym.runtime.games.tree import flatten
from envgym.types.game import Game


class Psro:
    """Policy-space response oracles with exact payoffs and exact responses.

    Formula: step k (from 1): w = train(payoffs, k); every player adds a best response, uniform
             over ties, to the others' mixtures by w. Begins with the uniform strategy. What is
             reported is another meta-solver's mixture, evaluate(payoffs, k).
    Source:  Lanctot et al. 2017, arXiv 1711.00832 (recalled); separate meta-solvers for training
             and evaluation: arXiv 2602.16928 (seen, games 1)
    Laws:    two players and zero sums: with 'nash' for both no strategy is found twice before
             the mixture is an equilibrium of the whole game; with 'uniform' it is fictitious play

    Responses are added even where the population has them already, so that step k always has
    k + 1 strategies per player.

    Args:
        form: the game.
        train: meta-solver, by name or as a function, that says what to respond to.
        evaluate: the one whose mixture is reported.

    Raises:
        ConfigError: a meta-solver's name is not known.
    """

    def __init__(
        self, form: Form, train: str | MetaSolver = "rm", evaluate: str | MetaSolver = "nash"
    ) -> None:
        self.form = form
        self.population = Population(form)
        self._train = meta_solver(train) if isinstance(train, str) else train
        self._evaluate = meta_solver(evaluate) if isinstance(evaluate, str) else evaluate
        self.done = 0
        """Steps so far."""
        self._next: list[Floats] | None = None

    def iterate(self) -> None:
        """Add one strategy per player."""
        mixture = self._mixture()
        self.population.add([respond(self.form, p, mixture)[1] for p in range(len(mixture))])
        self.done, self._next = self.done + 1, None

    def weights(self) -> Weights:
        """Return the evaluation meta-solver's distribution over each population."""
        return self._evaluate(self.population.payoffs, max(1, self.done))

    def average(self) -> Floats:
        """Return the evaluation meta-solver's mixture as a profile of the tree."""
        return mixed_profile(self.form.game, self.population.mixture(self.weights()))

    def current(self) -> Floats:
        """Return what the next step would respond to, as a profile of the tree."""
        return mixed_profile(self.form.game, self._mixture())

    def _mixture(self) -> list[Floats]:
        if self._next is None:
            weights = self._train(self.population.payoffs, self.done + 1)
            self._next = self.population.mixture(weights)
        return self._next


def psro(
    game: Game,
    iterations: int,
    *,
    train: str | MetaSolver = "rm",
    evaluate: str | MetaSolver = "nash",
    every: int | None = None,
) -> Solution:
    """Return the evaluation meta-solver's mixture after ``iterations`` steps; see ``Psro``.

    Args:
        game: small enough to flatten.
        iterations: steps, each one best response per player.
        train: meta-solver that says what to respond to: a name of ``META_SOLVERS`` or a function.
        evaluate: the one whose mixture is the average policy; ``current`` is the training mixture.
        every: as for ``solve``. Evaluation meta-solvers run at measured steps only.

    Raises:
        ConfigError: a meta-solver's name is not known, or the game is too large.
        MissingExtraError: "nash" without SciPy.
    """
    tree = flatten(game)
    solver = Psro(fastest_form(sequences(tree)), train, evaluate)
    note = ""
    if game.players != 2 or not game.zero_sum:
        note = (
            f"'{game.name}' is not a two-player zero-sum game: PSRO's mixture need not be a Nash "
            "equilibrium there; NashConv says how close it came."
        )
    return run_iterated(tree, "psro", solver, iterations, every=every, note=note)
