"""The reward programs of games."""

from collections.abc import Mapping

from envgym.rewards import Program, ProgressDelta, ReduceSum, Source
from envgym.rewards.presets import standard_presets
from envgym.types import Evidence

GAME: tuple[Evidence, ...] = (
    Evidence(
        key="payoff",
        type="float",
        lo=-1.0,
        hi=1.0,
        help="return so far as a share of the game's largest",
    ),
    Evidence(
        key="value",
        type="float",
        cost="costly",
        lo=-1.0,
        hi=1.0,
        help="expected final payoff from what the agent knows, under the reference profile; where"
        " none is known the game's own estimate, else payoff",
    ),
    Evidence(
        key="outcome",
        type="float",
        scope="episode",
        lo=-1.0,
        hi=1.0,
        help="final return as a share of the game's largest",
    ),
    Evidence(
        key="won", type="bool", scope="episode", help="whether it ended strictly above all others"
    ),
)
"""What every game reports of every player."""

REGRET = Evidence(
    key="regret",
    type="float",
    cost="costly",
    lo=0.0,
    hi=2.0,
    help="what the own action of this event gave away against the best one, under the reference"
    " profile and from what the agent knew; 0 in others' events",
)
"""Reported where the game is small enough to be solved."""


_LEAST = 1e-9
"""Smallest gap: a discount can make a unit of nothing."""


def game_presets(scale: float, solved: bool, unit: float = 1.0) -> Mapping[str, Program]:
    """Return the programs of a game.

    outcome  the final payoff, paid at the end
    dense    outcome + changes of the expected payoff, as they happen
    gated    outcome, and dense's steps only behind a positive outcome
    process  outcome + potential-based shaping on the expected payoff
    delta    the payoff as it changes: sums to the outcome
    regret   outcome - the equilibrium regret of each own action; only for solved games

    Args:
        scale: largest absolute return of the game, in its own unit.
        solved: whether there is regret.
        unit: smallest positive return, in the same unit: the gap of the gate, so that no failure
            outranks a success.
    """
    outcome = Source("outcome", "episode", -1.0, 1.0)
    expected = Source("value", "step", -1.0, 1.0)
    gap = min(1.0, max(unit / scale, _LEAST))
    found = standard_presets(outcome=outcome, progress=expected, gap=gap)
    found["delta"] = Program("delta", ProgressDelta(Source("payoff", "step", -1.0, 1.0)))
    if solved:
        given_away = ReduceSum(Source("regret", "step", 0.0, 2.0))
        found["regret"] = Program("regret", outcome - given_away)
    return found
