"""H2 for reward programs: the distance of two programs on a process that can be enumerated."""

from typing import NamedTuple

import numpy as np

from envgym.rewards.node import Node
from envgym.rewards.probe.arrays import Floats
from envgym.rewards.probe.report import Report
from envgym.rewards.probe.starc import StarcDistance, TabularMDP
from envgym.rewards.program import Program
from envgym.rewards.shaping.mdp import FiniteMDP
from envgym.rewards.shaping.payer import payer
from envgym.rewards.shaping.product import enumerate_product

MOST = 2_000
"""Decisions that are enumerated at most: arrays of that length squared are made."""


class Tables(NamedTuple):
    """A process and two programs as arrays; the last state is the end of the episode."""

    mdp: TabularMDP
    before: Floats
    """What the first program pays; shape [S, A]."""
    after: Floats
    """What the second one pays."""


def tables(mdp: FiniteMDP, before: Program | Node, after: Program | Node) -> Tables:
    """Return the process with what both programs remember as part of its state.

    A latch or a difference makes a program no function of the environment's state; of the
    enumerated decisions it is one.

    Raises:
        ConfigError: as ``verify_shaping``; or the discount is 1, or there are too many decisions.
    """
    first, second = _program(before, "before"), _program(after, "after")
    payers = tuple(payer(each, mdp.gamma, mdp.horizon) for each in (first, second))
    product = enumerate_product(mdp, (payers[0], payers[1]), MOST)
    size = len(product.states)
    place = np.arange(len(product.actions)) - product.starts[product.owner]
    width = int(place.max()) + 1
    moves = np.zeros((size + 1, width, size + 1))
    # Actions that a state lacks, and all of the end, lead to the end and pay nothing.
    moves[:, :, size] = 1.0
    moves[product.owner, place, size] = 0.0
    allowed = np.zeros((size + 1, width), dtype=bool)
    allowed[product.owner, place] = True
    allowed[size, 0] = True
    edge = product.owner[product.row], place[product.row]
    np.add.at(moves, (*edge, product.next), product.probability)
    rewards = []
    for pay in product.pay:
        found = np.zeros((size + 1, width))
        np.add.at(found, edge, product.probability * pay)
        rewards.append(found)
    return Tables(TabularMDP(moves, mdp.gamma, allowed=allowed), rewards[0], rewards[1])


def starc_programs(
    mdp: FiniteMDP, before: Program | Node, after: Program | Node, *, limit: float = 1e-6
) -> Report:
    """Return the STARC distance of two programs: passes a change that keeps the order of policies.

    Where ``verify_shaping`` asks for the best policy only, this asks for all: 0 means that every
    two policies are ordered alike.

    Source: cookbook H2, arXiv 2309.15257~ (recalled); the policy that canonicalises takes all
            actions alike (ours)

    >>> from envgym.rewards import Potential, Source
    >>> from envgym.rewards.shaping.chain import five_state_chain
    >>> won, phi = Source("won", "episode", lo=0, hi=1), Source("phi", lo=0, hi=5)
    >>> starc_programs(five_state_chain(), won, won + Potential(phi, gamma=0.9)).passed
    True
    >>> starc_programs(five_state_chain(), won, won + Potential(phi)).passed
    False
    """
    return StarcDistance(limit).run(*tables(mdp, before, after))


def _program(given: Program | Node, name: str) -> Program:
    return given if isinstance(given, Program) else Program(name, given)
