"""Leduc poker in words: what a player sees now, and what it has seen happen."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from envgym.envs.games.base import result_line, who
from envgym.types.game import CHANCE, OVER

if TYPE_CHECKING:
    from envgym.envs.games.leduc import LeducState

_OTHERS = ("folds", "calls", "raises")
_OWN = ("fold", "call", "raise")
_RAISES = (2, 4)


def acts(state: "LeducState") -> Iterator[tuple[int, int, int]]:
    """Yield (round, player, action) of every decision so far; round 0 or 1."""
    n, past, at = state.game.players, state.history, state.public_at
    left = list(range(n))
    player = 0
    for place in range(n, len(past)):
        if place == at:
            player = left[0]
            continue
        action = past[place]
        yield (1 if at and place > at else 0), player, action
        after = next((p for p in left if p > player), left[0])
        if action == 0:
            left.remove(player)
        player = after


def view(state: "LeducState", player: int) -> str:
    """Return what ``player`` sees now."""
    game, past, at = state.game, state.history, state.public_at
    lines = [
        f"Your card: {game.card(past[player]) if len(past) > player else 'not dealt yet'}",
        f"Public card: {game.card(past[at]) if at else 'not turned up yet'}",
        f"Pot: {sum(state.paid)} chips ("
        + ", ".join(f"player {p} paid {chips}" for p, chips in enumerate(state.paid))
        + ")",
    ]
    for number, name in enumerate(("First", "Second")):
        done = [f"player {p} {_OTHERS[a]}" for r, p, a in acts(state) if r == number]
        if done:
            lines.append(f"{name} round: {', '.join(done)}")
    turn = state.current_player
    if turn == OVER:
        lines += [f"Player {p} shows {game.card(past[p])}" for p in state.shown()]
        lines.append(result_line(state.returns()))
    elif turn == CHANCE:
        lines.append("The cards are being dealt.")
    elif turn == player:
        missing = max(state.paid) - state.paid[player]
        options = [f"call ({f'pay {missing}' if missing else 'check, pay nothing'})"]
        if 2 in state.legal():
            options.append(f"raise (pay {missing + _RAISES[at > 0]})")
        if missing:
            options.append("fold")
        lines.append(f"Your turn: {', '.join(options)}.")
    else:
        lines.append(f"Player {turn} is to act.")
    return "\n".join(lines)


def log_lines(state: "LeducState", player: int) -> tuple[str, ...]:
    """Return what ``player`` has seen happen, a line each."""
    game, past, at = state.game, state.history, state.public_at
    lines = [f"You are dealt {game.card(past[player])}."] if len(past) > player else []
    turned = False
    for number, p, action in acts(state):
        if number and not turned:
            lines.append(f"The public card is {game.card(past[at])}.")
            turned = True
        lines.append(f"{who(p, player)} {(_OWN if p == player else _OTHERS)[action]}.")
    if at and not turned:
        lines.append(f"The public card is {game.card(past[at])}.")
    if state.current_player == OVER:
        for p in state.shown():
            verb = "show" if p == player else "shows"
            lines.append(f"{who(p, player)} {verb} {game.card(past[p])}.")
        lines.append(result_line(state.returns()))
    return tuple(lines)
