"""Whatever an agent writes: no exception, no invalid episode, and never a move that it is not."""

import pickle
from collections.abc import Sequence
from typing import Any, TypeVar

from envgym.testing.games.hostile import HOSTILE_MOVES
from envgym.testing.games.subject import GameSubject
from envgym.testing.games.trace import begin, out, play
from envgym.testing.hostile import BULKY, HOSTILE

_Item = TypeVar("_Item")


def hostile_messages(subject: GameSubject) -> None:
    """The corpus, at the start of an episode and in the middle of one, harms nothing."""
    cases = _sampled(subject, HOSTILE_MOVES)
    env = subject.make()
    try:
        begin(env, 0)
        words = _two_words(env)
    finally:
        env.close()
    _feed(subject, [*_sampled(subject, HOSTILE), *(case.message(*words) for case in cases)])


def bulky_messages(subject: GameSubject) -> None:
    """Messages of megabytes pass, cut where the action space ends."""
    names = ("one long word", "square brackets", "boxes", "text argument")
    _feed(subject, [BULKY[name]() for name in names])


def moves_are_read(subject: GameSubject) -> None:
    """Every message of the corpus of hostile moves is read as it says, or refused."""
    env = subject.make(illegal="retry:1,forfeit")
    try:
        for case in _sampled(subject, HOSTILE_MOVES):
            begin(env, 1)
            before = env.position
            first, second = (before.action_text(a) for a in before.legal()[:2])
            message = case.message(first, second)
            shown = repr(message) if len(message) < 120 else f"{message[:80]!r}..."
            env.step(message)
            done = len(before.history)
            played = env.position.history[done : done + 1]
            due = {"A": before.legal()[:1], "B": before.legal()[1:2], None: ()}[case.reads]
            subject.require(played == due, f"the message {shown} plays {played}, it means {due}")
    finally:
        env.close()


def _two_words(env: Any) -> tuple[str, str]:
    """Return two messages' moves: legal words in a game, anything elsewhere."""
    position = getattr(env, "position", None)
    if position is None:
        return ("left", "right")
    legal = position.legal()
    return position.action_text(legal[0]), position.action_text(legal[-1])


def _sampled(subject: GameSubject, items: Sequence[_Item]) -> list[_Item]:
    """Return all items, or as many as the effort allows, evenly spaced."""
    step = max(1.0, len(items) / subject.effort.hostile)
    return [items[int(i * step)] for i in range(int(len(items) / step))]


def _feed(subject: GameSubject, messages: Sequence[str]) -> None:
    env = subject.make(illegal="retry:100,forfeit")
    try:
        seed = -1
        for number, message in enumerate(messages):
            if seed < 0 or not env.agents or out(env, env.agent_selection):
                seed += 1
                # Some messages meet a fresh episode, some one in progress.
                if play(env, seed, "random", turns=number % 3).over:
                    begin(env, seed)
            _one(subject, env, message)
    finally:
        env.close()


def _one(subject: GameSubject, env: Any, message: str) -> None:
    shown = repr(message) if len(message) < 120 else f"{message[:80]!r}... ({len(message)})"
    agent = env.agent_selection
    try:
        env.step(message)
        pickle.dumps(env.infos)
        seen = {each: env.observe(each) for each in env.agents}
    except Exception as error:
        subject.require(False, f"the message {shown} raises {error!r}")
        raise
    for each, text in seen.items():
        subject.require(
            env.observation_space(each).contains(text),
            f"after {shown} {each} sees what is outside its space: {text[:80]!r}",
        )
    for each, reward in env.rewards.items():
        subject.require(
            type(reward) is float and reward - reward == 0.0, f"{shown} pays {each} {reward!r}"
        )
    info = env.infos.get(agent)
    if info is not None:
        subject.require(bool(info["valid"]), f"{shown} makes the episode invalid")
