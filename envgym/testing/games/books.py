"""Every agent's books: floats, parts, ledger, settled rewards and turn view tell one story."""

import math
from typing import Any

from envgym.runtime.multi.turns import turn_view
from envgym.testing.games.subject import GameSubject
from envgym.testing.games.trace import TeamTrace, play

_NEAR = 1e-9
_STYLES = ("oracle", "mixed", "random", "null")


def books_balance(subject: GameSubject) -> None:
    """Under every preset and for every agent nothing is lost or counted twice.

    What the floats pay and the unpaid entries sum to the return, and so does what the agent's own
    decisions earned. An agent is owed at its next ``last()`` what was paid since its last act.
    """
    for preset in presets(subject):
        env = subject.make(reward=preset)
        try:
            for seed, style in enumerate(_STYLES):
                trace = play(env, seed, style)
                where = f"reward={preset}, {style} with seed {seed}"
                subject.require(trace.over, f"{where}: no end after {len(trace.messages)} events")
                for agent in env.possible_agents:
                    balanced(subject, f"{where}, {agent}", env, trace, agent)
        finally:
            env.close()


def rewards_per_agent(subject: GameSubject) -> None:
    """Each agent may have a program of its own and is paid by that one."""
    names = presets(subject)
    env = subject.make()
    agents = list(env.possible_agents)
    env.close()
    mixed = {agent: names[i % len(names)] for i, agent in enumerate(agents)}
    for seed in range(subject.effort.seeds):
        alone = {}
        for preset in sorted(set(mixed.values())):
            env = subject.make(reward=preset)
            alone[preset] = play(env, seed, "random")
            env.close()
        env = subject.make(reward=mixed)
        try:
            trace = play(env, seed, "random")
            for agent, preset in mixed.items():
                subject.require(
                    trace.reports[agent]["ledger"] == alone[preset].reports[agent]["ledger"],
                    f"seed {seed}: {agent} is paid otherwise under {preset} beside other programs",
                )
        finally:
            env.close()


def presets(subject: GameSubject) -> list[str]:
    """Return the names of the subject's programs."""
    env = subject.make()
    try:
        return list(env.presets())
    finally:
        env.close()


def balanced(subject: GameSubject, where: str, env: Any, trace: TeamTrace, agent: str) -> None:
    """Check one agent's books of a finished episode."""
    report = trace.reports[agent]
    ledger, view = report["ledger"], report["step_rewards"]
    decisions = trace.decisions(agent)
    near = _NEAR * max(1, len(trace.messages))
    total = math.fsum(entry.value for entry in ledger)
    subject.require(len(view) == len(decisions), f"{where}: {len(view)} amounts for its decisions")
    subject.require(view == turn_view(ledger, decisions), f"{where}: step_rewards differ")
    if decisions:
        gap = math.fsum(view) - total
        subject.require(abs(gap) <= near, f"{where}: decisions and ledger differ by {gap}")
    floats = [paid.get(agent, 0.0) for paid in trace.rewards]
    unpaid = math.fsum(entry.value for entry in ledger if entry.paid is None)
    gap = math.fsum(floats) + unpaid - total
    subject.require(abs(gap) <= near, f"{where}: floats and ledger differ by {gap}")
    if report["valid"]:
        gap = (env.total[agent] or 0.0) - total
        subject.require(abs(gap) <= near, f"{where}: return and ledger differ by {gap}")
    for event, amount in enumerate(floats):
        paid = math.fsum(entry.value for entry in ledger if entry.paid == event)
        subject.require(
            abs(paid - amount) <= _NEAR, f"{where}: event {event} paid {amount}, entries {paid}"
        )
    for entry in ledger:
        subject.require(
            0 <= entry.earned < len(trace.messages)
            and (entry.paid is None or entry.earned <= entry.paid < len(trace.messages)),
            f"{where}: an entry earned at {entry.earned} is paid at {entry.paid}",
        )
    _parts(subject, where, trace, agent, floats)


def _parts(
    subject: GameSubject, where: str, trace: TeamTrace, agent: str, floats: list[float]
) -> None:
    """Parts and ``last()`` hold what was paid since the agent's own last act, its event included."""
    owed = 0.0
    for event, (actor, infos) in enumerate(zip(trace.actors, trace.infos[1:], strict=True)):
        owed = floats[event] + (0.0 if actor == agent else owed)
        if agent in infos:
            parts = math.fsum(infos[agent]["reward_parts"].values())
            subject.require(
                abs(parts - owed) <= _NEAR * (event + 1),
                f"{where}: after event {event} its parts sum to {parts}, it is owed {owed}",
            )
            told = trace.lines[event + 1]["owed"][agent]
            subject.require(
                abs(told - owed) <= _NEAR * (event + 1),
                f"{where}: after event {event} last() tells {told}, it is owed {owed}",
            )
