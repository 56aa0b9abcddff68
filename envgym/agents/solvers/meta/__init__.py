"""Meta-solvers: from the payoffs between populations of strategies to how often each is played.

A meta-solver is a function of payoff tensors, one per player, and the PSRO step (from 1); it
returns one distribution per player. Names resolve when asked for, so that the linear program's
and alpha-rank's libraries load with their users only.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import TypeAlias

from numpy.typing import ArrayLike

from envgym.agents.solvers.meta.payoffs import Floats, Weights, meta_nash_conv
from envgym.types.errors import ConfigError, unknown

MetaSolver: TypeAlias = Callable[[Sequence[ArrayLike], int], Weights]

META_SOLVERS: Mapping[str, str] = {
    "alpha_rank": "envgym.agents.solvers.meta.alpha_rank:alpha_rank_marginals",
    "mean_rm+": "envgym.agents.solvers.meta.shor:mean_matching",
    "nash": "envgym.agents.solvers.meta.nash:nash",
    "prd": "envgym.agents.solvers.meta.replicator:projected_replicator",
    "rm": "envgym.agents.solvers.meta.regret_matching:regret_matching",
    "rm+": "envgym.agents.solvers.meta.regret_matching:regret_matching_plus",
    "shor": "envgym.agents.solvers.meta.shor:shor",
    "shor_eval": "envgym.agents.solvers.meta.shor:shor_eval",
    "uniform": "envgym.agents.solvers.meta.uniform:uniform",
}
"""Names and where the functions live."""

__all__ = ["META_SOLVERS", "Floats", "MetaSolver", "Weights", "meta_nash_conv", "meta_solver"]


def meta_solver(name: str) -> MetaSolver:
    """Return a meta-solver by name.

    Raises:
        ConfigError: no such name.

    >>> meta_solver("uniform")([[[1.0, 2.0]], [[0.0, 0.0]]], 1)[1].tolist()
    [0.5, 0.5]
    """
    if name not in META_SOLVERS:
        raise ConfigError(unknown("meta-solver", name, META_SOLVERS))
    module, _, function = META_SOLVERS[name].partition(":")
    found: MetaSolver = getattr(import_module(module), function)
    return found
