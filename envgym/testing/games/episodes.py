"""What is recorded can be read, run again, and scored under any preset, agent by agent."""

import math
from pathlib import Path
from tempfile import TemporaryDirectory

from envgym.runtime.episodes import read_episodes, rescore, verify
from envgym.testing.games.books import presets
from envgym.testing.games.subject import GameSubject
from envgym.testing.games.trace import TeamTrace, play

_STYLES = ("oracle", "mixed", "random", "null", "garbage")


def record_verify(subject: GameSubject) -> None:
    """Recorded episodes read back whole for every agent, and a second run agrees with all."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "episodes"
        traces, agents = _record(subject, path)
        episodes = read_episodes(path)
        read = list(episodes)
        subject.require(not episodes.problems, f"reading: {episodes.problems[:1]}")
        count = len(traces) * len(agents)
        subject.require(len(read) == count, f"{len(read)} of {count} views read")
        for number, episode in enumerate(read):
            trace, agent = traces[number // len(agents)], agents[number % len(agents)]
            where = f"episode {episode.name}"
            subject.require(episode.name.endswith(f"@{agent}"), f"{where} is not {agent}'s")
            subject.require(
                [turn.action for turn in episode.turns]
                == [
                    m.encode("utf-8", "replace").decode() if a == agent else None
                    for m, a in zip(_as_kept(trace), trace.actors, strict=True)
                ],
                f"{where}: the recorded messages differ",
            )
            subject.require(
                [turn.pay for turn in episode.turns]
                == [paid.get(agent, 0.0) for paid in trace.rewards],
                f"{where}: the recorded rewards differ",
            )
            asked = [line["next"] == agent for line in trace.lines if "next" in line]
            for at, turn in enumerate(episode.turns):
                due = trace.lines[at + 1]["obs"].get(agent) if _shown(trace, at, asked) else None
                subject.require(turn.obs == due, f"{where}: event {at} shows something else")
            cause = trace.reports[agent]["end"] if trace.over else "external"
            subject.require(episode.cause == cause, f"{where}: ended by {episode.cause}")
            subject.require(
                episode.decisions == tuple(trace.decisions(agent)), f"{where}: its decisions"
            )
            if trace.over:
                subject.require(
                    episode.ledger == trace.reports[agent]["ledger"], f"{where}: its ledger"
                )
        report = verify(path)
        subject.require(report.ok, f"verify: {report}")
        subject.require(
            report.episodes == len(traces), f"verify ran {report.episodes} of {len(traces)}"
        )


def record_rescore(subject: GameSubject) -> None:
    """One recording gives, under every preset and agent, what a run under that preset gives."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "episodes"
        traces, agents = _record(subject, path)
        for preset in presets(subject):
            env = subject.make(reward=preset)
            try:
                scores = rescore(path, preset)
                subject.require(
                    len(scores) == len(traces) * len(agents), f"{len(scores)} views rescored"
                )
                for seed, trace in enumerate(traces):
                    live = play(env, seed, trace.messages, turns=len(trace.messages))
                    for place, agent in enumerate(agents):
                        score = scores[seed * len(agents) + place]
                        where = f"episode {score.episode} under {preset}"
                        if not live.over:
                            subject.require(
                                score.total is None, f"{where}: cut, yet rescored to {score.total}"
                            )
                            continue
                        total = env.total[agent]
                        subject.require(
                            score.total is not None
                            and math.isclose(score.total, total, abs_tol=1e-12),
                            f"{where}: rescored to {score.total}, a run returns {total}",
                        )
                        settled = [0.0] * len(live.messages)
                        for entry in live.reports[agent]["ledger"]:
                            settled[entry.earned] += entry.value
                        subject.require(
                            all(
                                math.isclose(a, b, abs_tol=1e-12)
                                for a, b in zip(score.step_rewards, settled, strict=True)
                            ),
                            f"{where}: the settled rewards differ",
                        )
            finally:
                env.close()


def _shown(trace: TeamTrace, event: int, asked: list[bool]) -> bool:
    """Return whether the agent is shown something after an event: it is next, or all is over."""
    last = trace.over and event == len(trace.messages) - 1
    return last or asked[event + 1]


def _as_kept(trace: TeamTrace) -> list[str]:
    """Return the messages as an environment takes them: lone surrogates replaced."""
    return [
        "".join("\ufffd" if 0xD800 <= ord(c) < 0xE000 else c for c in m) for m in trace.messages
    ]


def _record(subject: GameSubject, path: Path) -> tuple[list[TeamTrace], list[str]]:
    """Record one episode per style, and one that is left unfinished."""
    env = subject.make(record=path, record_evidence="all")
    try:
        traces = [play(env, seed, style) for seed, style in enumerate(_STYLES)]
        traces.append(play(env, len(_STYLES), "null", turns=1))
        return traces, list(env.possible_agents)
    finally:
        env.close()
