"""A normal-form game played several rounds; the players remember all joint actions.

Players, actions and payoffs are those of the stage game, a preset of ``envgym.envs.games.matrix``
or payoff arrays; all choose at the same time, round by round. Returns are sums over the rounds.
Default: five rounds of the prisoner's dilemma, 2,047 nodes and 682 information sets, utility 0 to
50; with a known last round both players defecting in every round is the only equilibrium outcome.
Same rules as OpenSpiel's repeated games in their turn-based form.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from envgym.envs.games.base import check_choice, check_whole, pettingzoo_forms
from envgym.envs.games.normal_form import TableRules
from envgym.envs.games.payoffs import PRESETS, table, tupled


@dataclass(frozen=True)
class RepeatedMatrix(TableRules):
    """A normal-form game played ``rounds`` times."""

    name: ClassVar[str] = "repeated_matrix"

    preset: str = "prisoners_dilemma"
    """A key of ``envgym.envs.games.payoffs.PRESETS``; unused where ``payoffs`` are given."""
    rounds: int = 5
    """Rounds, 1 to 1,000."""
    payoffs: Any = None
    """None, or one array per player, ``payoffs[p][a0][a1]...``."""
    actions: Any = None
    """None, or the words of every player's actions, lower case."""

    def __post_init__(self) -> None:
        check_whole("repeated_matrix", "rounds", self.rounds, 1, 1000)
        object.__setattr__(self, "payoffs", tupled("repeated_matrix", "payoffs", self.payoffs))
        object.__setattr__(self, "actions", tupled("repeated_matrix", "actions", self.actions))
        check_choice("repeated_matrix", "preset", self.preset, PRESETS)
        table("repeated_matrix", self.preset, self.payoffs, self.actions)

    @property
    def stages(self) -> int:
        """Number of rounds."""
        return self.rounds


env, raw_env, parallel_env = pettingzoo_forms("repeated_matrix")
