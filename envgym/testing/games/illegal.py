"""What happens to messages that are no move: asked again, then what the policy says."""

from collections.abc import Mapping
from typing import Any

from envgym.testing.games.books import presets
from envgym.testing.games.subject import GameSubject
from envgym.testing.games.trace import TeamTrace, advance, begin
from envgym.types import ConfigError, Stream

BAD = ("", "[[no such move]]")
"""A message without a move, and one whose move nobody knows."""
_NEAR = 1e-9


def retries_change_nothing(subject: GameSubject) -> None:
    """A message that is no move is told why, pays 0, moves nothing and is only counted."""
    env = subject.make(illegal="retry:2,forfeit", reward="dense")
    try:
        for seed, offender in _cases(subject, env):
            trace = _until_asked(env, seed, offender)
            if trace.over:
                continue
            before, others = _world(env), _seen_by_others(env, offender)
            for number, message in enumerate(BAD, 1):
                advance(env, trace, message)
                where = f"seed {seed}, {offender}'s try {number}"
                subject.require(
                    not trace.over and env.agent_selection == offender,
                    f"{where}: the next to be asked is another",
                )
                subject.require(_world(env) == before, f"{where}: the world has moved")
                subject.require(
                    _seen_by_others(env, offender) == others, f"{where}: others see something new"
                )
                subject.require(
                    all(amount == 0.0 for amount in trace.rewards[-1].values()),
                    f"{where}: it is paid {trace.rewards[-1]}",
                )
                info = env.infos[offender]
                evidence = info["evidence"]
                counted = _counted(subject, evidence)
                expected = (*_due(subject, number), number)
                subject.require(
                    counted == expected,
                    f"{where}: mistakes and retries are counted as {counted}, not {expected}",
                )
                subject.require(bool(info["error"]), f"{where}: no reason in info['error']")
                left = "2 tries" if number == 1 else "one try"
                shown = env.observe(offender)
                subject.require(
                    info["error"] in shown and left in shown,
                    f"{where}: it is not told why, or that {left} are left",
                )
            advance(env, trace, env.random_action(offender, Stream(seed, "conformance", "late")))
            subject.require(
                trace.over or _world(env) != before, f"seed {seed}: a late legal move does nothing"
            )
            subject.require(
                trace.infos[-1][offender]["error"] is None, f"seed {seed}: a legal move is refused"
            )
    finally:
        env.close()


def forfeits_pay_nobody(subject: GameSubject) -> None:
    """Whoever has no move loses: never paid above 0 under any preset, winners flagged."""
    for preset in presets(subject):
        env = subject.make(illegal="retry:1,forfeit", reward=preset)
        try:
            for seed, offender in _cases(subject, env):
                trace = _until_asked(env, seed, offender)
                if trace.over:
                    continue
                held = {
                    a: trace.infos[-1][a]["evidence"].get("payoff", 0.0)
                    for a in env.possible_agents
                }
                for message in BAD:
                    advance(env, trace, message)
                where = f"reward={preset}, seed {seed}: {offender} forfeits"
                subject.require(trace.over, f"{where}, and the episode goes on")
                _forfeited(subject, where, env, trace, offender, held)
        finally:
            env.close()


def random_moves_help_out(subject: GameSubject) -> None:
    """With "random" one legal move is made for the agent, the same one every time."""
    env = subject.make(illegal="retry:1,random")
    try:
        for seed, offender in _cases(subject, env):
            ends = []
            for _ in range(2):
                trace = _until_asked(env, seed, offender)
                if trace.over:
                    break
                before = _world(env)
                for message in BAD:
                    advance(env, trace, message)
                where = f"seed {seed}, {offender}"
                evidence = trace.infos[-1][offender]["evidence"]
                subject.require(_world(env) != before, f"{where}: no move was made")
                counted, expected = _counted(subject, evidence), (*_due(subject, 2), 1)
                subject.require(
                    counted == expected,
                    f"{where}: mistakes and retries are counted as {counted}, not {expected}",
                )
                subject.require(
                    not evidence.get("forfeited"), f"{where}: a random move counts as a forfeit"
                )
                ends.append((_world(env), trace.text))
            subject.require(len(set(ends)) <= 1, f"seed {seed}: {offender}'s random moves differ")
    finally:
        env.close()


def noop_only_where_there_is_one(subject: GameSubject) -> None:
    """ "noop" is refused where no move does nothing; else the turn passes and nobody forfeits."""
    try:
        env = subject.make(illegal="noop")
    except ConfigError as refused:
        subject.require("noop" in str(refused), f"noop is refused without its name: {refused}")
        plain = subject.make()
        plain.close()
        subject.require(not plain.has_noop(), "there is a noop, and it is refused")
        return
    try:
        subject.require(env.has_noop(), "there is no noop, and it is accepted")
        for seed, offender in _cases(subject, env):
            trace = _until_asked(env, seed, offender)
            if trace.over:
                continue
            advance(env, trace, BAD[1])
            subject.require(
                not trace.infos[-1][offender]["evidence"].get("forfeited"),
                f"seed {seed}: {offender}'s noop counts as a forfeit",
            )
    finally:
        env.close()


def _counted(subject: GameSubject, evidence: Mapping[str, Any]) -> tuple[int, ...]:
    """Return (format errors, invalid moves, retries); in a team mistakes of either kind as one."""
    format_errors, invalid = evidence["format_errors"], evidence["invalid"]
    kinds = (format_errors, invalid) if subject.is_game else (format_errors + invalid,)
    return (*kinds, evidence["retries"])


def _due(subject: GameSubject, messages: int) -> tuple[int, ...]:
    """Return what so many of ``BAD`` count as: the first has no move, the second a wrong one."""
    return (1, messages - 1) if subject.is_game else (messages,)


def _cases(subject: GameSubject, env: Any) -> list[tuple[int, str]]:
    return [(seed, agent) for seed in range(subject.effort.seeds) for agent in env.possible_agents]


def _until_asked(env: Any, seed: int, agent: str) -> TeamTrace:
    """Play random moves until the agent is asked, past its first turn with odd seeds."""
    stream = Stream(seed, "conformance", "until")
    trace = begin(env, seed)
    skip = seed % 2
    while not trace.over:
        asked = env.agent_selection
        if asked == agent:
            if not skip:
                break
            skip -= 1
        advance(env, trace, env.random_action(asked, stream))
    return trace


def _world(env: Any) -> Any:
    """Return what of the world a move changes."""
    position = getattr(env, "position", None)
    if position is not None:
        return position.history
    # Of a team environment: what everybody would see without notices.
    return repr(env.state)


def _seen_by_others(env: Any, agent: str) -> dict[str, str]:
    return {other: env.observe(other) for other in env.agents if other != agent}


def _forfeited(
    subject: GameSubject,
    where: str,
    env: Any,
    trace: TeamTrace,
    offender: str,
    held: dict[str, float],
) -> None:
    for agent in env.possible_agents:
        report = trace.reports[agent]
        evidence = env.latest_evidence(agent)
        mine = agent == offender
        subject.require(report["end"] == "task", f"{where}, ended by {report['end']}")
        subject.require(
            (evidence["forfeited"], evidence["by_forfeit"]) == (mine, not mine),
            f"{where}, yet {agent} has forfeited={evidence['forfeited']},"
            f" by_forfeit={evidence['by_forfeit']}",
        )
        subject.require(
            report["success"] != "yes", f"{where}, and {agent} counts as a success by it"
        )
        if mine:
            total = env.total[agent]
            subject.require(total is not None and total <= _NEAR, f"{where} and returns {total}")
        if subject.is_game:
            paid = evidence["outcome"]
            if mine:
                lo = min(subject.game.utility[0], 0.0)
                scale = max(map(abs, subject.game.utility)) or 1.0
                due = min(lo / scale, held[agent])
            else:
                due = held[agent]
            subject.require(
                abs(paid - due) <= _NEAR, f"{where}, and {agent}'s outcome is {paid}, not {due}"
            )
            subject.require(not evidence["won"], f"{where}, and {agent} has won")
    subject.require(env.forfeited == offender, f"{where}, and env.forfeited is {env.forfeited}")
