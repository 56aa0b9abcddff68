"""Text views: observations in their space, infos by the contract, evidence as declared."""

import math
import pickle
from collections.abc import Mapping
from typing import Any

from envgym.testing.games.subject import GameSubject
from envgym.testing.games.trace import STYLES, TeamTrace, begin, play
from envgym.testing.spaces import END_KEYS, RESET_KEYS, STEP_KEYS, check_evidence, check_value
from envgym.types import Entry, Record
from envgym.types.game import OVER

_NEAR = 1e-9


def spaces_and_infos(subject: GameSubject) -> None:
    """Observations lie in their space, infos follow the contract, evidence its declaration."""
    for seed, style in enumerate(STYLES):
        env = subject.make(render_mode="ansi")
        try:
            begin(env, seed)
            subject.require(isinstance(env.render(), str), "render() of mode 'ansi' gives no text")
            for agent in env.possible_agents:
                subject.require(
                    env.observation_space(agent) is env.observation_space(agent)
                    and env.action_space(agent) is env.action_space(agent),
                    f"the spaces of {agent} are made anew each time",
                )
            trace = play(env, seed, style)
            subject.require(trace.over, f"{style}, seed {seed}: the episode does not end")
            for number in range(len(trace.lines)):
                _event(subject, env, trace, number)
            _reports(subject, env, trace)
        finally:
            env.close()


def outcomes_add_up(subject: GameSubject) -> None:
    """Outcomes are the returns as shares of the largest; they sum to 0 where the game does.

    At most one agent wins, and exactly the one strictly above all others.
    """
    game = subject.game
    env = subject.make()
    try:
        scale = max(map(abs, game.utility)) or 1.0
        for seed in range(subject.effort.seeds * 3):
            trace = play(env, seed, "random")
            last = {a: info["evidence"] for a, info in trace.infos[-1].items()}
            returns = env.position.returns()
            subject.require(
                env.position.current_player == OVER, f"seed {seed}: ended before its game"
            )
            outcomes = [last[agent]["outcome"] for agent in env.possible_agents]
            subject.require(
                all(abs(x * scale - r) <= _NEAR for x, r in zip(outcomes, returns, strict=True)),
                f"seed {seed}: outcomes {outcomes} of returns {returns}",
            )
            subject.require(
                not game.zero_sum or abs(math.fsum(outcomes)) <= _NEAR,
                f"seed {seed}: zero sum, yet outcomes {outcomes}",
            )
            best = max(returns)
            alone = list(returns).count(best) == 1
            won = [last[agent]["won"] for agent in env.possible_agents]
            subject.require(
                won == [alone and r == best for r in returns],
                f"seed {seed}: won {won} of returns {returns}",
            )
            success = [trace.reports[agent]["success"] for agent in env.possible_agents]
            subject.require(
                success == ["yes" if w else "no" for w in won], f"seed {seed}: success {success}"
            )
    finally:
        env.close()


def _event(subject: GameSubject, env: Any, trace: TeamTrace, number: int) -> None:
    line, infos = trace.lines[number], trace.infos[number]
    where = "reset" if number == 0 else f"event {number - 1}"
    ended = trace.over and number == len(trace.lines) - 1
    keys = RESET_KEYS if number == 0 else END_KEYS if ended else STEP_KEYS
    for agent, text in line["obs"].items():
        subject.require(
            env.observation_space(agent).contains(text),
            f"{where}: what {agent} sees, {text[:60]!r}, is outside its space",
        )
    for agent, info in infos.items():
        place = f"{where}, {agent}"
        subject.require(
            set(info) == keys, f"{place}: info keys differ by {sorted(set(info) ^ keys)}"
        )
        for key, value in info.items():
            check_value(subject, f"{place}: info['{key}']", value)
        subject.require(
            pickle.loads(pickle.dumps(info)) == info, f"{place}: info changes when pickled"
        )
        subject.require(isinstance(info["evidence"], Record), f"{place}: evidence is no Record")
        check_evidence(subject, place, env.declared, info["evidence"], ended=ended)
        if number == 0:
            _at_reset(subject, place, info)
        else:
            _at_step(subject, trace, place, number, agent, info)


def _at_reset(subject: GameSubject, where: str, info: Mapping[str, Any]) -> None:
    subject.require(type(info["seed"]) is int and 0 <= info["seed"] < 1 << 63, f"{where}: the seed")
    subject.require(
        bool(info["system"]) and isinstance(info["system"], str), f"{where}: no system prompt"
    )
    names = [tool["function"]["name"] for tool in info["tools"]]
    subject.require(len(names) == len(set(names)), f"{where}: two tools have one name")


def _at_step(
    subject: GameSubject,
    trace: TeamTrace,
    where: str,
    number: int,
    agent: str,
    info: Mapping[str, Any],
) -> None:
    event = number - 1
    acted = len([e for e in trace.decisions(agent) if e <= event])
    subject.require(info["turn"] == acted, f"{where}: turn {info['turn']} after {acted} messages")
    evidence = info["evidence"]
    subject.require(evidence["turn"] == acted, f"{where}: evidence turn {evidence['turn']}")
    subject.require(
        evidence["acted"] == (trace.actors[event] == agent),
        f"{where}: acted is {evidence['acted']}",
    )
    subject.require(
        evidence["errors"] == evidence["format_errors"] + evidence["invalid"],
        f"{where}: errors are no sum of their kinds",
    )
    subject.require(
        info["error"] is None or isinstance(info["error"], str), f"{where}: error is no sentence"
    )
    subject.require(isinstance(info["reward_parts"], Record), f"{where}: reward_parts")
    if agent in trace.rewards[event]:
        paid = trace.rewards[event][agent]
        subject.require(
            type(paid) is float and math.isfinite(paid), f"{where}: it is paid {paid!r}"
        )


def _reports(subject: GameSubject, env: Any, trace: TeamTrace) -> None:
    for agent, report in trace.reports.items():
        end = report["end"]
        subject.require(end in ("task", "budget", "invalid"), f"{agent}: end is {end!r}")
        subject.require(
            report["valid"] == (end != "invalid") == (report["invalid_reason"] is None),
            f"{agent}: valid, end and invalid_reason disagree",
        )
        subject.require(
            report["success"] in ("yes", "no", None), f"{agent}: success is {report['success']!r}"
        )
        subject.require(
            all(isinstance(e, Entry) and e.agent == agent for e in report["ledger"]),
            f"{agent}: its ledger holds other things than its entries",
        )
    ends = {report["end"] for report in trace.reports.values()}
    subject.require(len(ends) == 1, f"the agents' episodes end as {sorted(ends)}")
