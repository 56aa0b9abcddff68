"""Learners by name."""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from envgym.agents.learners.parameters import read_parameters
from envgym.types import ConfigError
from envgym.types.bandit import Learner
from envgym.types.errors import unknown

_HERE = "envgym.agents.learners"

LEARNERS: Mapping[str, str] = MappingProxyType(
    {
        "diag-linucb": f"{_HERE}.diag_linucb:DiagLinUCB",
        "dp-optimal": f"{_HERE}.advised:DpOptimal",
        "epsilon-greedy": f"{_HERE}.epsilon_greedy:EpsilonGreedy",
        "fixed": f"{_HERE}.plain:Fixed",
        "gp-ucb": f"{_HERE}.gp_ucb:GpUcb",
        "linucb": f"{_HERE}.linucb:LinUCB",
        "mirror-descent": f"{_HERE}.mirror_descent:MirrorDescent",
        "myopic": f"{_HERE}.advised:Myopic",
        "ofs": f"{_HERE}.ofs:OFS",
        "oracle": f"{_HERE}.advised:Oracle",
        "penalised": f"{_HERE}.penalised:Penalised",
        "pessimistic": f"{_HERE}.ofs:Pessimistic",
        "primal-dual": f"{_HERE}.primal_dual:PrimalDual",
        "random": f"{_HERE}.plain:Random",
        "ranking": f"{_HERE}.matching:Ranking",
        "squarecb": f"{_HERE}.squarecb:SquareCB",
        "stochastic-balance": f"{_HERE}.matching:StochasticBalance",
        "thompson": f"{_HERE}.thompson:Thompson",
        "ucb": f"{_HERE}.ucb:UCB",
        "ucb1": f"{_HERE}.ucb:UCB1",
    }
)
"""Where each learner is, "module:Class"; imported when it is asked for."""


def learner_names() -> tuple[str, ...]:
    """Return the names of all learners, sorted."""
    return tuple(sorted(LEARNERS))


def make_learner(spec: str) -> Learner:
    """Return the learner that ``spec`` names.

    Args:
        spec: a name, with parameters after a colon: ``ofs``, ``ofs:c=0.5,delta=0.1``, ``fixed:12``
            (a lone value is that of the only parameter).

    Raises:
        ConfigError: an unknown name or parameter, or a value that is not allowed.

    >>> make_learner("ofs:c=0.5").name
    'ofs'
    """
    name, _, rest = spec.partition(":")
    if name not in LEARNERS:
        raise ConfigError(unknown("learner", name, LEARNERS))
    module, _, kind = LEARNERS[name].partition(":")
    found = getattr(import_module(module), kind)
    learner: Learner = found(**read_parameters(found, rest))
    return learner
