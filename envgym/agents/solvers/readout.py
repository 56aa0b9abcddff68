"""Reading a policy out: ask for its distribution at every information set, then judge exactly."""

from collections.abc import Callable, Collection, Sequence

from envgym.agents.solvers.best_response import Quality, table_quality
from envgym.agents.solvers.table import PolicyTable
from envgym.runtime.games.tree import flatten, walk
from envgym.types.errors import ConfigError
from envgym.types.game import Game, State

Ask = Callable[[State], Sequence[float]]
"""From a position to the probabilities of ``state.legal()`` for its mover."""

_SUM = 1e-6
"""How far from 1 the answers may sum; they are normalised."""


def read_policy(
    game: Game, ask: Ask, *, players: Collection[int] | None = None, name: str = "readout"
) -> PolicyTable:
    """Return a policy as a table, by asking once per information set.

    Args:
        game: a game small enough to flatten.
        ask: the policy. It sees one position of each information set, the first in breadth-first
            order, and must use only what the mover knows: ``state.infostate(mover)``.
        players: whose information sets to ask for; None: everybody's.
        name: of the table.

    Raises:
        ConfigError: the tree is too large, or an answer is not one probability per legal action.
    """
    tree = flatten(game)
    rows: dict[tuple[int, str], dict[int, float]] = {}
    for infoset, state in zip(tree.infoset.tolist(), walk(game), strict=True):
        if infoset < 0 or (players is not None and state.current_player not in players):
            continue
        key = (state.current_player, tree.infoset_key[infoset])
        if key not in rows:
            rows[key] = _row(ask(state), tree.infoset_actions[infoset], key)
    return PolicyTable(game.name, dict(game.params), rows, name)


def readout_quality(game: Game, ask: Ask) -> Quality:
    """Return the exact values and best responses of a policy that plays every seat.

    Its ``exploitability`` is NashConv divided by the number of players.

    Raises:
        ConfigError: as for ``read_policy``.
    """
    return table_quality(flatten(game), read_policy(game, ask))


def _row(
    answer: Sequence[float], actions: tuple[int, ...], key: tuple[int, str]
) -> dict[int, float]:
    shares = [float(p) for p in answer]
    total = sum(shares)
    if len(shares) != len(actions) or not all(p >= 0.0 for p in shares):
        raise ConfigError(
            f"the policy of player {key[0]} at {key[1]!r} must give {len(actions)} probabilities, "
            f"0 or more, for the actions {actions}, got {shares}."
        )
    if not abs(total - 1.0) <= _SUM:
        raise ConfigError(
            f"the policy of player {key[0]} at {key[1]!r} must sum to 1, got {total!r}."
        )
    return {action: p / total for action, p in zip(actions, shares, strict=True)}
