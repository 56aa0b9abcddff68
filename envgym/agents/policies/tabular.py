"""A policy that plays a table: solved for its game at first use, or read from a file."""

from functools import lru_cache
from pathlib import Path

from envgym.agents.policies.attached import AttachedPolicy, Seat
from envgym.agents.solvers.solve import ALGORITHMS, solve
from envgym.agents.solvers.table import PolicyTable, load_table
from envgym.types import ConfigError, Request, Stream
from envgym.types.errors import unknown
from envgym.types.game import Game, State

ITERATIONS = 1000
"""Of a solver that is named without a number."""


class TabularPolicy(AttachedPolicy):
    """Samples its moves from a table; the reply is the move alone, as ``[[bet]]``.

    It reads the infostate of its own seat from the environment and nothing else. Where the table
    has no row it plays every legal action alike.

    Args:
        table: the table; None: what ``algorithm`` makes of the attached environment's game.
        algorithm: one of ``ALGORITHMS``.
        iterations: how many.
    """

    def __init__(
        self,
        table: PolicyTable | None = None,
        *,
        algorithm: str = "cfr+",
        iterations: int = ITERATIONS,
    ) -> None:
        super().__init__()
        self.table = table
        self.algorithm, self.iterations = algorithm, iterations
        self.name = f"{algorithm}:{iterations}" if table is None else table.name

    def say(self, request: Request, seat: Seat) -> str:
        """Return a sampled move in double brackets; "" where the seat has none."""
        game, state, player = _view(self.name, seat, request.agent)
        while state.current_player != player:
            if player not in state.movers():
                return ""
            # A simultaneous move: what the others choose does not show in this seat's infostate.
            state = state.apply(state.legal()[0])
        stream = Stream(request.seed, "policy", "table", self.name, request.agent, seat.turn)
        point, legal = stream.uniform(), state.legal()
        chosen = legal[-1]
        for action, probability in zip(legal, self.distribution(game, state), strict=True):
            point -= probability
            if point < 0.0:
                chosen = action
                break
        return f"[[{state.action_text(chosen)}]]"

    def distribution(self, game: Game, state: State) -> tuple[float, ...]:
        """Return the probabilities of ``state.legal()`` for the mover; it depends on its infostate.

        Raises:
            ConfigError: the table is another game's, or the game cannot be solved.
        """
        return self.table_for(game).policy(state)

    def table_for(self, game: Game) -> PolicyTable:
        """Return the table played in ``game``, solved at first use.

        Raises:
            ConfigError: the table is another game's, or the game cannot be solved.
        """
        if self.table is None:
            return _solved(game, self.algorithm, self.iterations)
        self.table.check(game)
        return self.table


def solver_policy(spec: str) -> TabularPolicy:
    """Return the policy "ALG" or "ALG:ITERATIONS", such as "cfr:1000"; nothing is solved yet.

    Raises:
        ConfigError: an unknown algorithm, or no whole number from 1.
    """
    algorithm, colon, count = spec.partition(":")
    if algorithm not in ALGORITHMS:
        raise ConfigError(unknown("algorithm", algorithm, ALGORITHMS))
    if colon and not (count.isdecimal() and count.isascii() and int(count) >= 1):
        raise ConfigError(
            f"agent '{spec}': expected {algorithm}:ITERATIONS, a whole number from 1, got {count!r}."
        )
    return TabularPolicy(algorithm=algorithm, iterations=int(count) if colon else ITERATIONS)


def table_policy(path: str | Path) -> TabularPolicy:
    """Return the policy of a table in a file that ``PolicyTable.save`` wrote.

    Raises:
        ConfigError: it is no such file.
    """
    return TabularPolicy(load_table(Path(path)))


@lru_cache(maxsize=32)
def _solved(game: Game, algorithm: str, iterations: int) -> PolicyTable:
    return solve(game, algorithm, iterations, every=iterations).average


def _view(name: str, seat: Seat, agent: str) -> tuple[Game, State, int]:
    """Return the game, its position and this seat's player number."""
    env = seat.env
    game, state = getattr(env, "game", None), getattr(env, "position", None)
    if game is None or state is None:
        raise ConfigError(
            f"policy '{name}' plays games: {type(env).__name__} lacks 'game' and 'position'."
        )
    agents = list(getattr(env, "possible_agents", ()))
    player = agents.index(agent) if agent in agents else getattr(env, "seat", None)
    if not isinstance(player, int):
        raise ConfigError(f"policy '{name}' cannot tell which player the agent '{agent}' is.")
    return game, state, player
