"""Mixing whole strategies: a mixture's plan is the average of the plans."""

from collections.abc import Sequence
from importlib.util import find_spec

import numpy as np

from envgym.agents.solvers.best_response import measure
from envgym.agents.solvers.level_form import Form, LevelForm
from envgym.agents.solvers.sequence_form import SequenceForm
from envgym.agents.solvers.sequences import Floats, Sequences

TIES = 1e-12
"""Actions whose values differ by less are equally good; in units of the largest return."""


def fastest_form(game: Sequences) -> Form:
    """Return the sequence form for two players where scipy is installed, else the level form."""
    if len(game.seats) == 2 and find_spec("scipy") is not None:
        return SequenceForm(game)
    return LevelForm(game)


def uniform_plans(game: Sequences) -> list[Floats]:
    """Return the plans [n + 1] of playing every legal action alike."""
    return [seat.plan(seat.normalise(np.zeros(len(seat.pairs)))) for seat in game.seats]


def mix(weights: Floats, plans: Sequence[Floats]) -> Floats:
    """Return the plan of playing one of ``plans``, drawn once per game with ``weights``."""
    return np.asarray(weights @ np.stack(plans))


def mixed_profile(game: Sequences, plans: Sequence[Floats]) -> Floats:
    """Return the behaviour that realises everybody's plans, as a profile of the tree.

    Where a player's own choices never lead, uniform.
    """
    return game.profile(
        [seat.normalise(plan[1:]) for seat, plan in zip(game.seats, plans, strict=True)]
    )


def respond(form: Form, player: int, plans: list[Floats]) -> tuple[float, Floats]:
    """Return what a best response to the others' plans earns, and its plan [n + 1].

    The response is uniform over ties, at information sets that nobody's play reaches too.
    """
    seat = form.seats[player]
    utility = form.utilities(player, plans)
    best = seat.maximise(utility)
    good = utility[1:] >= best.take(seat.owner) - TIES * form.game.scale
    return float(utility[0]), seat.plan(seat.normalise(good.astype(np.float64)))


def mixed_nash_conv(form: Form, plans: list[Floats]) -> float:
    """Return the sum over players of what each could gain by deviating alone, 0 or more."""
    return max(0.0, measure(form, plans).nash_conv)
