"""One-shot games in normal form: all players choose once, at the same time.

Players: as many as there are payoff arrays; the presets have 2. Actions: the rows of the table. No
chance. Default: rock, paper, scissors, 13 nodes and 2 information sets, utility -1 to 1, zero sum,
value 0 with each action played a third of the time. Presets and their numbers are those of
OpenSpiel's ``matrix_*`` games: rps, matching_pennies, prisoners_dilemma, stag_hunt, chicken,
battle_of_the_sexes, coordination.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from envgym.envs.games.base import check_choice, pettingzoo_forms
from envgym.envs.games.normal_form import TableRules
from envgym.envs.games.payoffs import PRESETS, table, tupled


@dataclass(frozen=True)
class Matrix(TableRules):
    """A one-shot normal-form game of any number of players."""

    name: ClassVar[str] = "matrix"

    preset: str = "rps"
    """A key of ``envgym.envs.games.payoffs.PRESETS``; unused where ``payoffs`` are given."""
    payoffs: Any = None
    """None, or one array per player, ``payoffs[p][a0][a1]...``."""
    actions: Any = None
    """None, or the words of every player's actions, lower case."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "payoffs", tupled("matrix", "payoffs", self.payoffs))
        object.__setattr__(self, "actions", tupled("matrix", "actions", self.actions))
        check_choice("matrix", "preset", self.preset, PRESETS)
        table("matrix", self.preset, self.payoffs, self.actions)


env, raw_env, parallel_env = pettingzoo_forms("matrix")
