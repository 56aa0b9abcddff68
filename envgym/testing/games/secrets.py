"""No private information leaks: what a player cannot tell apart looks the same to it, byte for byte.

A position is replaced by another of the same information set: one hidden choice of nature or of
another player is changed, the rest played as before. Both are then played through the text view,
nature's moves being forced, and everything that the player is shown on the way is compared.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from envgym.runtime.games.chance import after_chance
from envgym.runtime.games.text import GameText, Table
from envgym.testing.games.protocol import random_position
from envgym.testing.games.subject import GameSubject
from envgym.testing.games.trace import begin, out
from envgym.testing.trace import as_json
from envgym.types import Stream, Task
from envgym.types.game import CHANCE, Game, State

FORMS = (
    "[[{}]]",
    'play("{}")',
    "{}",
    "I move. \\boxed{{{}}}",
    "<think>{}!</think><action>{}</action>",
    'I think:\nplay(action="{}")',
    "It is {}.</think>[[{}]]",
    '<tool_call>{{"name": "play", "arguments": {{"action": "{}"}}}}</tool_call>',
    "```play\n{}\n```",
)
"""Ways to write a move, in turn; what is said around it tells nothing."""
_PATIENCE = 40
"""Positions in a row without a twin after which a game counts as one of perfect information."""
_CHANGES = 16
"""Hidden choices that are changed, drawn at random, per position."""


class DealtText(GameText):
    """A game in words in which nature moves as it did in a given history."""

    dealt: Sequence[float] = ()
    """Points in [0, 1), one per move of nature, that draw what history holds."""

    def begin(self, task: Task, stream: Stream) -> None:
        """Deal as given."""
        nature: Any = _Dealer(self.dealt)
        self.state = Table(after_chance(self.game.initial(), nature), nature)


class _Dealer:
    """Stands in for the stream of nature's moves."""

    def __init__(self, points: Sequence[float]) -> None:
        self._points = list(points)

    def uniform(self) -> float:
        """Return the next point; past the last one, where nobody looks any more, the middle."""
        return self._points.pop(0) if self._points else 0.5


def views_are_decided(subject: GameSubject) -> None:
    """Text, observation, log, words and legal actions depend on the information set alone."""
    game = subject.game
    for first, second, player in pairs(game, subject.effort.pairs):
        where = f"player {player} cannot tell {first.history} from {second.history}"
        for name, one, other in zip(
            ("text", "observation", "log", "legal actions", "value"),
            _view(game, first, player),
            _view(game, second, player),
            strict=True,
        ):
            subject.require(one == other, f"{where}, yet its {name} differs: {one!r} / {other!r}")
        before = [s for s in _prefixes(game, first.history) if player in s.movers()]
        after = [s for s in _prefixes(game, second.history) if player in s.movers()]
        subject.require(
            [s.infostate(player) for s in before] == [s.infostate(player) for s in after],
            f"{where}, though its past decisions differ (no perfect recall)",
        )


def nothing_leaks(subject: GameSubject) -> None:
    """Whatever the text view shows a player stays the same when only hidden things change.

    Observation, prompt, tools, evidence, errors, rewards and who is next; at the end all but the
    verdicts, which are passed with open cards.
    """
    game = subject.game
    # As it is by default, and with all that can be shown and measured.
    everything: dict[str, Any] = {
        "history": "full",
        "reward": "dense",
        "record_evidence": "all",
        "talk": 200,
    }
    for options, forms in (({}, FORMS[:1]), (everything, FORMS)):
        env = DealtText(game, **options)
        try:
            for first, second, player in pairs(game, subject.effort.pairs):
                agent = env.possible_agents[player]
                shown = [_shown(env, state.history, agent, forms) for state in (first, second)]
                _compare(subject, agent, first, second, *shown)
        finally:
            env.close()


def thoughts_stay_private(subject: GameSubject) -> None:
    """Thoughts, refused messages and calls of one agent reach no other agent's view."""
    mark = "xyzzy"
    talk = {"talk": 200} if subject.is_game else {}
    env = subject.make(illegal="retry:9,forfeit", **talk)
    try:
        for seed in range(subject.effort.seeds):
            begin(env, seed)
            stream = Stream(seed, "conformance", "thoughts")
            for _ in range(subject.effort.turns):
                if not env.agents or out(env, env.agent_selection):
                    break
                agent = env.agent_selection
                move = env.random_action(agent, stream)
                last = f"<think>{mark}</think>{move}" if seed % 2 else f"{mark}</think>{move}"
                for message in (f"[[{mark}]]", f"{mark} [[ ]]", last):
                    env.step(message)
                    for other in env.agents:
                        if other != agent:
                            seen = env.observe(other) + repr(env.infos[other])
                            subject.require(
                                mark not in seen,
                                f"seed {seed}: {other} is shown what {agent} kept to itself"
                                f" in {message!r}",
                            )
    finally:
        env.close()


@lru_cache(maxsize=8)
def pairs(game: Game, count: int) -> tuple[tuple[State, State, int], ...]:
    """Return up to ``count`` (position, another, player) that the player cannot tell apart.

    Games of perfect information have none.
    """
    stream = Stream(0, "conformance", "pairs", game.name)
    found: list[tuple[State, State, int]] = []
    patience = _PATIENCE
    while len(found) < count and patience:
        state = random_position(game, stream)
        player = stream.below(game.players)
        twins = alternatives(game, state, player, stream)
        patience -= 1
        if twins:
            found.append((state, stream.choice(twins), player))
            patience = _PATIENCE
    return tuple(found)


def alternatives(game: Game, state: State, player: int, stream: Stream) -> list[State]:
    """Return positions of the same information set in which a hidden choice was another."""
    path = list(_prefixes(game, state.history))
    changes = [
        (at, action)
        for at, before in enumerate(path[:-1])
        if before.current_player != player
        for action in _choices(before)
        if action != state.history[at]
    ]
    found: dict[tuple[int, ...], State] = {}
    known = state.infostate(player)
    for at, action in stream.sample(changes, min(_CHANGES, len(changes))):
        played, rest = state.history[at], state.history[at + 1 :]
        # Where a hand holds each card once, the two change places.
        swapped = tuple(played if other == action else other for other in rest)
        for tail in {rest: None, swapped: None}:
            twin = _played(path[at], (action, *tail))
            if twin is not None and twin.infostate(player) == known:
                found[twin.history] = twin
    return list(found.values())


def _choices(state: State) -> tuple[int, ...]:
    if state.current_player == CHANCE:
        return tuple(action for action, chance in state.chance_outcomes() if chance > 0.0)
    return state.legal()


def _played(state: State, actions: Sequence[int]) -> State | None:
    for action in actions:
        if action not in _choices(state):
            return None
        state = state.apply(action)
    return state


def _prefixes(game: Game, history: Sequence[int]) -> Iterator[State]:
    state = game.initial()
    yield state
    for action in history:
        state = state.apply(action)
        yield state


def _view(game: Game, state: State, player: int) -> tuple[Any, ...]:
    acts = player in state.movers()
    mine = acts and state.current_player == player
    return (
        state.text(player),
        state.observation(player),
        state.log(player),
        [(a, state.action_text(a)) for a in state.legal()] if mine else acts,
        game.advantage(state, player),
    )


def _shown(
    env: DealtText, history: Sequence[int], agent: str, forms: Sequence[str]
) -> list[Mapping[str, Any]]:
    """Play a history in words; return all that ``agent`` was shown, event by event."""
    points: list[float] = []
    moves: list[State] = []
    actions: list[int] = []
    state = env.game.initial()
    for action in history:
        if state.current_player == CHANCE:
            below = 0.0
            for outcome, chance in state.chance_outcomes():
                if outcome == action:
                    points.append(below + chance / 2)
                    break
                below += chance
        else:
            moves.append(state)
            actions.append(action)
        state = state.apply(action)
    env.dealt = points
    begin(env, 5)
    seen = [_now(env, agent)]
    for number, (before, action) in enumerate(zip(moves, actions, strict=True)):
        word = before.action_text(action)
        env.step(forms[(number + len(history)) % len(forms)].format(word, word))
        seen.append(_now(env, agent))
    return seen


def _now(env: DealtText, agent: str) -> Mapping[str, Any]:
    infos = as_json(env.infos[agent], ())
    if "end" in infos:
        # Verdicts are passed with open cards once nothing follows: who won, what was leaked.
        infos.pop("success")
        for item in env.declared.values():
            if item.scope == "episode":
                infos["evidence"].pop(item.key, None)
    return {
        "observation": env.observe(agent),
        "role": env.role(agent),
        "infos": infos,
        "reward": env.rewards[agent],
        "owed": env._cumulative_rewards[agent],
        "next": env.agent_selection,
    }


def _compare(
    subject: GameSubject,
    agent: str,
    first: State,
    second: State,
    one: Sequence[Mapping[str, Any]],
    other: Sequence[Mapping[str, Any]],
) -> None:
    where = f"{agent} cannot tell {first.history} from {second.history}"
    subject.require(len(one) == len(other), f"{where}, yet sees {len(one)} / {len(other)} events")
    for event, (left, right) in enumerate(zip(one, other, strict=True), -1):
        for key, value in left.items():
            a, b = (json.dumps(x, sort_keys=True) for x in (value, right[key]))
            at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), 0)
            window = slice(max(0, at - 60), at + 60)
            subject.require(
                a == b,
                f"{where}, yet at event {event} its {key} differs: {a[window]} / {b[window]}",
            )
