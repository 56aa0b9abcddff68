"""Matching pennies after a biased coin that only the first player sees: small, yet all there is.

Nature shows player 0 heads (0.75) or tails; both choose at once, 0 or 1; player 0 wins the stake if
the choices are equal. The stake is 1 after heads and 3 after tails. One more turn: player 1 may
pay 0.5 to player 0 (action 2) or keep quiet (action 0), so that legal actions differ and returns
change on the way.
"""

from dataclasses import dataclass, replace

from envgym.types.game import CHANCE, OVER


@dataclass(frozen=True)
class Position:
    history: tuple[int, ...] = ()

    @property
    def current_player(self):
        return (CHANCE, 0, 1, 1, OVER)[len(self.history)]

    def movers(self):
        return ((), (0, 1), (1,), (1,), ())[len(self.history)]

    def legal(self):
        return ((), (0, 1), (0, 1), (0, 2), ())[len(self.history)]

    def chance_outcomes(self):
        return ((0, 0.75), (1, 0.25)) if not self.history else ()

    def apply(self, action):
        allowed = (0, 1) if not self.history else self.legal()
        if action not in allowed:
            raise ValueError(f"{action} is not possible here")
        return replace(self, history=(*self.history, action))

    def returns(self):
        won = 0.0
        if len(self.history) >= 3:
            coin, first, second = self.history[:3]
            won = (1.0, 3.0)[coin] * (1 if first == second else -1)
        if len(self.history) == 4 and self.history[3] == 2:
            won += 0.5
        return (won, -won)

    def infostate(self, player):
        return repr(self._seen(player))

    def observation(self, player):
        seen = self._seen(player)
        return (1.0, *(float(s) for s in seen), *([-1.0] * (4 - len(seen))))

    def text(self, player):
        return f"player {player} has seen {self._seen(player)}"

    def log(self, player):
        return tuple(f"saw {s}" for s in self._seen(player))

    def action_text(self, action):
        return str(action)

    def _seen(self, player):
        if len(self.history) >= 3:
            return self.history if player == 0 else self.history[1:]
        return self.history if player == 0 else ()


@dataclass(frozen=True)
class CoinGame:
    name = "coin"
    players = 2
    num_actions = 3
    max_decisions = 3
    utility = (-3.5, 3.5)
    zero_sum = True
    simultaneous = True
    observation_size = 5
    params = {}

    def initial(self):
        return Position()

    def rules(self, player):
        return "match the pennies"

    def aliases(self):
        return {}

    def expert(self, state):
        return None

    def advantage(self, state, player):
        return None
