"""A game in words: what a player is told, and which action its words mean."""

import re
from collections.abc import Sequence

from envgym.runtime.games.chance import after_chance
from envgym.types import Stream, ToolError
from envgym.types.errors import unknown
from envgym.types.game import Game, State

_SHOWN = 40
"""Legal actions listed at most; the rest is counted."""

_HIDDEN = re.compile(r"<think>.*?(?:</think>|\Z)|<tool_call>.*?(?:</tool_call>|\Z)", re.DOTALL)
"""Thoughts and calls in tags, which the parser reads before anything else: a bracket inside a thought
opens nothing outside it."""

_MOVES = re.compile(
    r"```.*?(?:```|\Z)|<action>.*?(?:</action>|\Z)|\[\[.*?(?:\]\]|\Z)"
    r"|\\boxed\{(?:[^{}]|\{[^{}]*\})*\}?",
    re.DOTALL,
)
"""What else of a message is no speech: moves."""

_CALL = re.compile(r"[^\W\d]\w*\(.*\)")
"""A last line in function syntax is a move too."""


def role_text(game: Game, player: int, talk_chars: int = 0) -> str:
    """Return the system prompt of a player: rules, and how a move is written."""
    # Always the same deal, so that a game has one prompt.
    example = after_chance(game.initial(), Stream(0, f"game:{game.name}", "example"))
    # Of those who move at once each may have words of its own.
    while example.current_player != player and player in example.movers():
        example = example.apply(example.legal()[0])
    words = [example.action_text(action) for action in example.legal()[:1]]
    instance = f", for instance [[{words[0]}]]" if words else ""
    talk = ""
    if talk_chars:
        talk = (
            "\nWhat you write around the move is said aloud: the other players read it, up to "
            f"{talk_chars} characters. Text inside <think></think> stays private."
        )
    return (
        f"{game.rules(player)}\n\nWhen it is your turn, end your message with your move in double "
        f"brackets{instance}. If there are several, the last one counts.{talk}"
    )


def position_text(
    state: State,
    player: int,
    since: int,
    *,
    said: Sequence[str] = (),
    legal: bool = True,
) -> str:
    """Return what ``player`` is shown: news, speech, the situation, its legal actions.

    Args:
        state: the position.
        player: whose view; nothing outside its information set is used.
        since: lines of its log that it has seen already.
        said: what others have said since, a line each.
        legal: whether to list the legal actions when it is to move.
    """
    parts = []
    news = [*state.log(player)[since:], *said]
    if news:
        parts.append("\n".join(news))
    parts.append(state.text(player))
    # Of several who move at once only the one that is asked: ``legal`` are that player's actions.
    if legal and player == state.current_player:
        parts.append(f"Legal actions: {_listed(state)}")
    return "\n\n".join(parts)


def _listed(state: State) -> str:
    words = [state.action_text(action) for action in state.legal()]
    more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return "; ".join(words[:_SHOWN]) + more


def read_move(game: Game, state: State, text: str) -> int:
    """Return the legal action that ``text`` means: a word exactly, or one of the game's aliases.

    Case, surrounding blanks, quotes and a final full stop do not matter; nothing is guessed from
    parts of a text.

    Raises:
        ToolError: it means none, or one that is not legal now; says which are.
    """
    word = _plain(text)
    legal = state.legal()
    for action in legal:
        if _plain(state.action_text(action)) == word:
            return action
    known = game.aliases().get(word)
    if known is not None and known in legal:
        return known
    shown = text.strip()[:60]
    if not word:
        raise ToolError(f"The move is empty. Legal actions: {_listed(state)}.")
    if known is not None:
        raise ToolError(f"'{shown}' is not possible now. Legal actions: {_listed(state)}.")
    words = [state.action_text(action) for action in legal]
    if len(words) <= _SHOWN:
        said = unknown("move", shown, words).partition("; allowed")
        hint = said[2].partition("Did you mean")
        near = f" Did you mean{hint[2]}" if hint[1] else ""
        raise ToolError(f"'{shown}' is no legal move. Legal actions: {_listed(state)}.{near}")
    raise ToolError(f"'{shown}' is no legal move. Legal actions: {_listed(state)}.")


def _plain(text: str) -> str:
    return " ".join(text.strip().strip("\"'`").removesuffix(".").lower().split())


def speech(message: str, limit: int) -> str:
    """Return what of a message is said aloud: no thoughts, no moves, on one line.

    >>> speech("<think>bluff</think>I am strong. [[bet]]", 80)
    'I am strong.'
    """
    end = message.find("</think>")
    # A thought whose opening tag the chat template wrote, as the parser reads it.
    if end >= 0 and not any(tag in message[:end] for tag in ("<think>", "<tool_call>")):
        message = message[end:].removeprefix("</think>")
    said = _MOVES.sub(" ", _HIDDEN.sub(" ", message)).rstrip()
    body, _, last = said.rpartition("\n")
    if _CALL.fullmatch(last.strip().strip("`").strip()):
        said = body
    text = " ".join(said.split())
    return text if len(text) <= limit else text[: max(limit - 3, 0)] + "..."
