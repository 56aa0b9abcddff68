"""Negotiation as its players see it: rules, position, log and numbers, each from the infostate."""

from typing import TYPE_CHECKING

from envgym.envs.games.base import one_hot, who
from envgym.envs.games.negotiation_rules import (
    ACCEPT,
    ITEMS,
    PROPOSE,
    REJECT,
    Profile,
    Split,
    share_text,
    worth,
)
from envgym.types.game import OVER

if TYPE_CHECKING:
    from envgym.envs.games.negotiation import Negotiation, NegotiationState


def rules(game: "Negotiation", player: int) -> str:
    """Return the rules as told to one player."""
    n = game.players
    example = game.splits[len(game.splits) // 2]
    follower = "the other player" if n == 2 else "the next player in seat order"
    lines = [
        f"You are player {player} of {n} (players 0 to {n - 1}). You divide a pile: "
        f"{share_text(game.counts)}.",
        f"Each player alone knows what a piece of each kind is worth to it; the whole pile is "
        f"worth {game.total} to everybody.",
    ]
    if game.bonus:
        lines.append(
            f"Each player also has a private side goal, one kind of item: getting every piece of "
            f"it adds {game.bonus}."
        )
    if game.secrets:
        lines.append("Each player has a secret word. It pays nothing; do not give it away.")
    lines += [
        f"There are at most {game.deadline} offers, made by the players in turn, player 0 first. "
        f"The proposer proposes a split of the whole pile or leaves; "
        + (
            "the other player accepts, rejects or leaves."
            if n == 2
            else "the others answer in seat order: each accepts, rejects or leaves."
        ),
        ("An accepted offer is the deal. " if n == 2 else "An offer that all accept is the deal. ")
        + "After a rejection the next player makes the next offer. When somebody leaves, or the "
        "last offer is rejected, there is no deal and everybody gets 0.",
        f"A deal pays the worth of your share times {game.discount:g} for each earlier offer that "
        "failed. Only your own payoff counts for you.",
        f'A proposal names your own share, as in "propose {share_text(example[0])}"; '
        + (
            f"{follower} gets the rest."
            if n == 2
            else f"then after a slash the share of {follower}; the last player gets the rest."
        ),
    ]
    return "\n".join(lines)


def _profile(state: "NegotiationState", player: int) -> Profile | None:
    if player >= len(state.profiles):
        return None
    return state.game.profiles[player][state.profiles[player]]


def _private(game: "Negotiation", profile: Profile) -> str:
    values = ", ".join(f"{ITEMS[k][0]} {value}" for k, value in enumerate(profile.values))
    line = f"One piece is worth to you: {values}."
    if profile.goal >= 0:
        line += f" Side goal: every {ITEMS[profile.goal][0]} adds {game.bonus}."
    if profile.secret:
        line += f' Secret word: "{profile.secret}".'
    return line


def _shares(split: Split, proposer: int, player: int) -> str:
    """Return who gets what, the reader first."""
    n = len(split)
    order = [player, *(p for p in range(n) if p != player)]
    return "; ".join(
        f"{'you' if p == player else f'player {p}'} {share_text(split[(p - proposer) % n])}"
        for p in order
    )


def text(state: "NegotiationState", player: int) -> str:
    """Return the position in words."""
    game, profile = state.game, _profile(state, player)
    lines = [f"Pile: {share_text(game.counts)}."]
    lines.append(_private(game, profile) if profile else "Your private values are not drawn yet.")
    if state.current_player != OVER and len(state.profiles) == game.players:
        factor = 100 * game.discount**state.round
        lines.append(
            f"Offer {state.round + 1} of {game.deadline}; a deal on it pays {factor:.4g} % of its "
            "worth."
        )
    if state.offer >= 0 and profile:
        split = game.splits[state.offer]
        own = split[(player - state.proposer) % game.players]
        lines.append(
            f"On the table, from {who(state.proposer, player).lower()}: "
            f"{_shares(split, state.proposer, player)}. Worth to you: "
            f"{worth(profile, own, game.counts, game.bonus)}."
        )
        if game.players > 2 and state.accepted and state.current_player != OVER:
            accepter = who((state.proposer + 1) % game.players, player)
            lines.append(f"{accepter} accepted it.")
    if state.left >= 0:
        lines.append(f"{who(state.left, player)} left: no deal.")
    elif state.deal >= 0:
        lines.append("Everybody accepted: this is the deal.")
    elif state.current_player == OVER:
        lines.append("The last offer failed: no deal.")
    elif state.current_player == player:
        lines.append("Your move: " + ("answer." if state.offer >= 0 else "propose or leave."))
    elif state.current_player >= 0:
        lines.append(f"Player {state.current_player} moves.")
    if state.current_player == OVER:
        lines.append(_result(state, player))
    return "\n".join(lines)


def _result(state: "NegotiationState", player: int) -> str:
    return f"Your result: {state.returns()[player]:.6g}."


def log(state: "NegotiationState", player: int) -> tuple[str, ...]:
    """Return what a player has seen happen, a line each."""
    game, profile = state.game, _profile(state, player)
    lines = [_private(game, profile)] if profile else []
    mover, proposer = 0, 0
    for action in state.moves:
        name = who(mover, player)
        verb = "" if mover == player else "s"
        if action >= PROPOSE:
            split = game.splits[action - PROPOSE]
            lines.append(f"{name} propose{verb}: {_shares(split, proposer, player)}.")
            mover = (mover + 1) % game.players
        elif action == ACCEPT:
            lines.append(f"{name} accept{verb}.")
            mover = (mover + 1) % game.players
        elif action == REJECT:
            lines.append(f"{name} reject{verb}.")
            proposer = mover = (proposer + 1) % game.players
        else:
            lines.append(f"{name} leave{verb}.")
    if state.current_player == OVER:
        ending = "There is a deal." if state.deal >= 0 else "There is no deal."
        lines += [ending, _result(state, player)]
    return tuple(lines)


def observation_size(game: "Negotiation") -> int:
    """Return the length of ``observation``."""
    kinds = len(game.counts)
    per_offer = 1 + game.players * kinds + game.players
    private = kinds + (kinds if game.bonus else 0) + game.secrets
    return private + game.deadline * per_offer + 2 * game.players + 1


def observation(state: "NegotiationState", player: int) -> tuple[float, ...]:
    """Return what a player sees as numbers from -1 to 1; zeros for what is not there yet.

    Layout, K kinds, P players, players counted from the reader: what all pieces of a kind are
    worth as a share of the total [K]; with side goals the own one, one-hot [K]; with secrets the
    own one, one-hot [secrets]; per offer 1 if it was made, each player's share as a part of the
    pieces there are [P * K], each player's answer [P] (1 accepts, -1 rejects or leaves); who moves,
    one-hot [P]; who left, one-hot [P]; 1 if there is a deal.
    """
    game, profile = state.game, _profile(state, player)
    n, kinds = game.players, len(game.counts)
    numbers: list[float] = []
    values = profile.values if profile else (0,) * kinds
    numbers += [v * c / game.total for v, c in zip(values, game.counts, strict=True)]
    if game.bonus:
        numbers += one_hot(kinds, profile.goal if profile else -1)
    if game.secrets:
        numbers += one_hot(game.secrets, state.profiles[player] % game.secrets if profile else -1)
    width = 1 + n * kinds + n
    offers = [0.0] * (game.deadline * width)
    mover, turn = 0, 0
    for action in state.moves:
        base = turn * width
        if action >= PROPOSE:
            offers[base] = 1.0
            for p in range(n):
                share = game.splits[action - PROPOSE][(p - turn) % n]
                place = base + 1 + ((p - player) % n) * kinds
                offers[place : place + kinds] = [
                    s / c for s, c in zip(share, game.counts, strict=True)
                ]
        else:
            answer = 1.0 if action == ACCEPT else -1.0
            offers[base + 1 + n * kinds + (mover - player) % n] = answer
        if action == REJECT:
            turn += 1
            mover = turn % n
        else:
            mover = (mover + 1) % n
    numbers += offers
    for seat in (state.current_player, state.left):
        numbers += one_hot(n, (seat - player) % n if seat >= 0 else -1)
    numbers.append(float(state.deal >= 0))
    return tuple(numbers)
