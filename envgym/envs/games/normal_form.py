"""Games of simultaneous choices, once or several rounds: positions, and payoff tables as arguments."""

from functools import cached_property
from typing import Any, ClassVar

from envgym.envs.games.base import Position, Rules, one_hot, signed
from envgym.envs.games.payoffs import Table, table
from envgym.types.game import OVER


class Simultaneous(Rules):
    """A game of ``stages`` rounds in which all players choose at the same time."""

    simultaneous: ClassVar[bool] = True

    @property
    def players(self) -> int:
        """Number of players."""
        raise NotImplementedError

    @property
    def words(self) -> tuple[tuple[str, ...], ...]:
        """Every player's words for its actions."""
        raise NotImplementedError

    def pay(self, joint: tuple[int, ...]) -> tuple[float, ...]:
        """Return every player's payoff of a round."""
        raise NotImplementedError

    @property
    def stages(self) -> int:
        """Number of rounds."""
        return 1

    @cached_property
    def choices(self) -> tuple[tuple[int, ...], ...]:
        """Every player's actions."""
        return tuple(tuple(range(len(words))) for words in self.words)

    @cached_property
    def num_actions(self) -> int:
        """Number of actions of the player who has most."""
        return max(map(len, self.words))

    @property
    def max_decisions(self) -> int:
        """Decisions of an episode: one of every player per round."""
        return self.stages * self.players

    @property
    def observation_size(self) -> int:
        """Length of an observation."""
        return self.players + self.stages * self.players * self.num_actions

    def initial(self) -> "SimultaneousState":
        """Return the position before the first choice."""
        return SimultaneousState(self, (), 0, (0.0,) * self.players)

    def prompt(self, player: int) -> str:
        """Return what is to be chosen, such as "choose heads or tails"."""
        return f"choose {' or '.join(self.words[player])}"


class TableRules(Simultaneous):
    """A simultaneous game whose payoffs are a table."""

    preset: str
    payoffs: Any
    actions: Any

    @cached_property
    def table(self) -> Table:
        """The stage game."""
        return table(self.name, self.preset, self.payoffs, self.actions)

    @property
    def words(self) -> tuple[tuple[str, ...], ...]:
        """Every player's words for its actions."""
        return self.table.actions

    def pay(self, joint: tuple[int, ...]) -> tuple[float, ...]:
        """Return every player's payoff of a round."""
        return self.table.pay(joint)

    @property
    def players(self) -> int:
        """Number of players: the number of payoff arrays."""
        return self.table.players

    @property
    def utility(self) -> tuple[float, float]:
        """The lowest and the highest payoff, in every round."""
        low, high = self.table.range
        return (low * self.stages, high * self.stages)

    @property
    def unit(self) -> float:
        """The smallest positive payoff, 1.0 without one.

        Sums of several rounds with payoffs of both signs may lie closer to 0.
        """
        return min((x for cell in self.table.cells for x in cell if x > 0.0), default=1.0)

    @property
    def zero_sum(self) -> bool:
        """Whether the payoffs of every joint action sum to 0."""
        return self.table.zero_sum

    def aliases(self) -> dict[str, int]:
        """Return first letters ("c" for cooperate) where a letter means one action everywhere."""
        found: dict[str, set[int]] = {}
        for words in self.table.actions:
            for action, word in enumerate(words):
                found.setdefault(word[0], set()).add(action)
        full = {word for words in self.table.actions for word in words}
        return {w: a.pop() for w, a in found.items() if len(a) == 1 and w not in full}

    def rules(self, player: int) -> str:
        """Return the rules as told to ``player``."""
        t, n = self.table, self.players
        own = ", ".join(t.actions[player])
        again = (
            f" The game is played {self.stages} rounds; after each round all see what everyone "
            "chose. Your result is the sum of your payoffs."
            if self.stages > 1
            else " Your result is your payoff."
        )
        return (
            f"{t.title}. You are player {player} of {n} (players 0 to {n - 1}).\n"
            f"All players choose at the same time, without seeing the others' choices.{again}\n"
            f"Your actions: {own}.\nPayoffs:\n" + "\n".join(t.lines(player))
        )


class SimultaneousState(Position):
    """A position; ``history`` is the choices, player by player and round by round."""

    __slots__ = ("_won",)

    game: Simultaneous

    def __init__(
        self, game: Simultaneous, history: tuple[int, ...], player: int, won: tuple[float, ...]
    ) -> None:
        self.game, self.history, self.current_player, self._won = game, history, player, won

    def movers(self) -> tuple[int, ...]:
        """Return the players who have not chosen yet in this round."""
        here = self.current_player
        return () if here == OVER else tuple(range(here, self.game.players))

    def legal(self) -> tuple[int, ...]:
        """Return all actions of the player who is asked."""
        return () if self.current_player == OVER else self.game.choices[self.current_player]

    def apply(self, action: int) -> "SimultaneousState":
        """Return the position after the player who is asked has chosen."""
        game, player, won = self.game, self.current_player, self._won
        if player == OVER or not 0 <= action < len(game.choices[player]):
            raise self.impossible(action)
        after = (*self.history, action)
        player += 1
        if player == game.players:
            player = 0 if len(after) < game.stages * game.players else OVER
            pays = game.pay(after[-game.players :])
            won = tuple(a + b for a, b in zip(won, pays, strict=True))
        return SimultaneousState(game, after, player, won)

    def returns(self) -> tuple[float, ...]:
        """Return the sums of the payoffs of the rounds that are complete."""
        return self._won

    def _seen(self, player: int) -> tuple[list[tuple[int, ...]], int]:
        """Return the complete rounds and the player's own open choice, -1 before it."""
        n = self.game.players
        done = len(self.history) // n
        rounds = [self.history[i * n : (i + 1) * n] for i in range(done)]
        pending = self.history[done * n :]
        return rounds, pending[player] if len(pending) > player else -1

    def infostate(self, player: int) -> str:
        """Return the joint actions of past rounds and the player's own open choice."""
        rounds, own = self._seen(player)
        past = "/".join(",".join(map(str, joint)) for joint in rounds)
        return past + (f"/{own}?" if own >= 0 else "")

    def observation(self, player: int) -> tuple[float, ...]:
        """Return seat (players), then per round and player its action (num_actions), one-hot.

        Zeros where a choice is not made or not seen.
        """
        n, wide = self.game.players, self.game.num_actions
        rounds, own = self._seen(player)
        seen = one_hot(n, player)
        for joint in rounds:
            for action in joint:
                seen += one_hot(wide, action)
        if own >= 0:
            for p in range(n):
                seen += one_hot(wide, own if p == player else -1)
        return tuple(seen + [0.0] * (self.game.observation_size - len(seen)))

    def _round_line(self, joint: tuple[int, ...], player: int) -> str:
        """Return what everybody chose and won in a round."""
        words, pays = self.game.words, self.game.pay(joint)
        return ", ".join(
            f"{'you' if p == player else f'player {p}'} {words[p][a]} ({signed(pays[p])})"
            for p, a in enumerate(joint)
        )

    def text(self, player: int) -> str:
        """Return the last round, the sums so far and what is to be done."""
        rounds, own = self._seen(player)
        words, total = self.game.words[player], self.game.stages
        lines = []
        if rounds:
            lines.append(f"{self._label(len(rounds))}{self._round_line(rounds[-1], player)}.")
            sums = ", ".join(
                f"{'you' if p == player else f'player {p}'} {signed(x)}"
                for p, x in enumerate(self._won)
            )
            lines.append(f"Sum so far: {sums}." if len(rounds) < total else f"Result: {sums}.")
        if len(rounds) < total:
            what = (
                f"you chose {words[own]}; the others choose."
                if own >= 0
                else f"{self.game.prompt(player)}; the others choose at the same time."
            )
            lines.append(self._label(len(rounds) + 1) + what)
        return "\n".join(lines)

    def _label(self, number: int) -> str:
        """Return "Round 2 of 3: ", or "" where there is one round only."""
        total = self.game.stages
        return f"Round {number} of {total}: " if total > 1 else ""

    def log(self, player: int) -> tuple[str, ...]:
        """Return the own choices and, round by round, everybody's."""
        rounds, own = self._seen(player)
        words = self.game.words[player]
        lines = []
        for number, joint in enumerate(rounds, 1):
            label = self._label(number)
            lines.append(f"{label}you chose {words[joint[player]]}.")
            lines.append(f"{label}{self._round_line(joint, player)}.")
        if own >= 0:
            lines.append(f"{self._label(len(rounds) + 1)}you chose {words[own]}.")
        return tuple(lines)

    def action_text(self, action: int) -> str:
        """Return the word of an action of the player who is asked."""
        return self.game.words[self.current_player][action]
