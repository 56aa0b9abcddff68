"""Playing episodes of several agents by rule, and writing down everything that came back.

``python -m envgym.testing.games.trace`` reads jobs as JSON from standard input and prints a digest
per job and seed; the determinism laws run it in a process with another hash seed.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from envgym.runtime.games.registry import register_game
from envgym.testing.games.hostile import HOSTILE_MOVES
from envgym.testing.games.subject import GameSubject
from envgym.testing.hostile import HOSTILE
from envgym.testing.trace import as_json
from envgym.types import ConfigError, Stream

STYLES = ("oracle", "random", "mixed", "null", "garbage")
"""How messages are chosen: the expert's; random moves; a mixture; empty; hostile."""


@dataclass(slots=True)
class TeamTrace:
    """One episode of several agents as it was seen."""

    messages: list[str] = field(default_factory=list)
    """What was sent, event by event."""
    actors: list[str] = field(default_factory=list)
    """Who sent it."""
    lines: list[dict[str, Any]] = field(default_factory=list)
    """Reset and events as JSON values: all that any agent is shown, and every reward."""
    infos: list[dict[str, Mapping[str, Any]]] = field(default_factory=list)
    """``infos`` as they were after the reset and after each event."""
    rewards: list[dict[str, float]] = field(default_factory=list)
    """Each event's floats; agents that are out are absent."""
    over: bool = False
    """True if the episode ended by itself."""
    reports: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """After the end: what ``report`` says of each agent."""

    @property
    def text(self) -> str:
        """The trace as JSON Lines; equal bytes mean equal episodes."""
        return "\n".join(
            json.dumps(line, sort_keys=True, ensure_ascii=False, allow_nan=False)
            for line in self.lines
        )

    @property
    def digest(self) -> str:
        """A short name of ``text``."""
        return blake2b(self.text.encode(), digest_size=16).hexdigest()

    def decisions(self, agent: str) -> list[int]:
        """Return the events at which the agent acted."""
        return [event for event, actor in enumerate(self.actors) if actor == agent]


def play(
    env: Any, seed: int, script: str | Iterable[str] = "mixed", *, turns: int = 10_000
) -> TeamTrace:
    """Play one episode and return its trace.

    Args:
        env: an environment of several agents in words.
        seed: goes to ``reset``.
        script: one of ``STYLES``, or the messages themselves (what is missing is "").
        turns: stop after so many messages.
    """
    trace = begin(env, seed)
    messages = chosen(env, seed, script)
    # Nobody is asked for a message past the end: there is no move to choose.
    while not trace.over and len(trace.messages) < turns:
        advance(env, trace, next(messages))
    return trace


def begin(env: Any, seed: int) -> TeamTrace:
    """Reset and return a trace of the reset alone."""
    env.reset(seed=seed)
    trace = TeamTrace()
    _note(env, trace, {"next": env.agent_selection})
    return trace


def advance(env: Any, trace: TeamTrace, message: str) -> None:
    """Step and write down what came back; agents that are out then leave."""
    actor = env.agent_selection
    env.step(message)
    trace.messages.append(message)
    trace.actors.append(actor)
    trace.rewards.append(dict(env.paid))
    ends = {agent: (env.terminations[agent], env.truncations[agent]) for agent in env.terminations}
    line = {
        "actor": actor,
        "act": as_json(message, ()),
        "paid": dict(env.paid),
        "rewards": dict(env.rewards),
        "owed": dict(env._cumulative_rewards),
        "ends": {agent: list(flags) for agent, flags in ends.items()},
    }
    _note(env, trace, line)
    while env.agents and out(env, env.agent_selection):
        if all(out(env, agent) for agent in env.agents):
            trace.over = True
            trace.reports = {agent: env.report(agent) for agent in env.possible_agents}
            return
        env.step(None)
    line["next"] = env.agent_selection


def out(env: Any, agent: str) -> bool:
    """Return whether the agent's part is over."""
    return bool(env.terminations[agent] or env.truncations[agent])


def chosen(env: Any, seed: int, script: str | Iterable[str]) -> Iterator[str]:
    """Yield messages for ever, each chosen when it is asked for."""
    if not isinstance(script, str):
        yield from script
        while True:
            yield ""
    stream = Stream(seed, "conformance", script)
    corpus = (*HOSTILE, *(case.text for case in HOSTILE_MOVES))
    while True:
        style = script
        if script == "mixed":
            style = stream.weighted(("oracle", "random", "garbage", "null"), (5, 9, 3, 1))
        agent = env.agent_selection
        if style == "oracle":
            expert = expert_of(env, agent)
            yield expert if expert is not None else env.random_action(agent, stream)
        elif style == "random":
            yield env.random_action(agent, stream)
        elif style == "garbage":
            yield stream.choice(corpus)
        else:
            yield ""


def expert_of(env: Any, agent: str) -> str | None:
    """Return the oracle's message; None where a game is neither solved nor has an expert."""
    try:
        found: str | None = env.oracle(agent)
    except ConfigError:
        return None
    return found


def _note(env: Any, trace: TeamTrace, line: dict[str, Any]) -> None:
    # An environment replaces its infos, so a shallow copy keeps them as they were.
    infos = {agent: copy(info) for agent, info in env.infos.items()}
    line["infos"] = {agent: as_json(info, hidden(env)) for agent, info in infos.items()}
    line["obs"] = {agent: env.observe(agent) for agent in env.agents}
    trace.infos.append(infos)
    trace.lines.append(line)


def hidden(env: Any) -> tuple[str, ...]:
    """Return the evidence that may differ between runs, as declared."""
    return tuple(item.key for item in env.declared.values() if item.volatile)


def digests(subject: GameSubject, seeds: Iterable[int], style: str, turns: int) -> list[str]:
    """Return one digest per seed, played one after the other in one environment."""
    env = subject.make()
    try:
        return [play(env, seed, style, turns=turns).digest for seed in seeds]
    finally:
        env.close()


def _main() -> None:
    found = []
    for job in json.load(sys.stdin):
        sys.path.append(job["folder"])
        if job["entry_point"] is not None:
            register_game(job["name"], job["entry_point"])
        subject = GameSubject(job["name"], job["params"])
        found.append(digests(subject, job["seeds"], job["style"], job["turns"]))
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    _main()
