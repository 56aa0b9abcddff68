"""What is recorded can be read, run again, and scored under any preset."""

import math
from pathlib import Path
from tempfile import TemporaryDirectory

from envgym.runtime.episodes import read_episodes, rescore, verify
from envgym.testing.subject import Subject
from envgym.testing.trace import Trace, play

_STYLES = ("oracle", "mixed", "random", "null", "garbage")


def record_verify(subject: Subject) -> None:
    """Recorded episodes read back whole, and a second run agrees with every line."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "episodes"
        traces = _record(subject, path)
        episodes = read_episodes(path)
        read = list(episodes)
        subject.require(not episodes.problems, f"reading: {episodes.problems[:1]}")
        subject.require(len(read) == len(traces), f"{len(read)} of {len(traces)} episodes read")
        for episode, trace in zip(read, traces, strict=True):
            where = f"episode {episode.name}"
            subject.require(
                episode.obs == trace.lines[0]["obs"]
                and [t.obs for t in episode.turns] == [line["obs"] for line in trace.lines[1:]],
                f"{where}: the recorded observations differ",
            )
            subject.require(
                [turn.pay for turn in episode.turns] == trace.floats,
                f"{where}: the recorded rewards differ",
            )
            cause = trace.infos[-1]["end"] if trace.over else "external"
            subject.require(episode.cause == cause, f"{where}: ended by {episode.cause}")
        report = verify(path)
        subject.require(report.ok, f"verify: {report}")
        subject.require(
            report.episodes == len(traces), f"verify ran {report.episodes} of {len(traces)}"
        )


def record_rescore(subject: Subject) -> None:
    """One recording gives, under every preset, what a run under that preset gives."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "episodes"
        traces = _record(subject, path)
        for preset in subject.cls.presets():
            env = subject.make(reward=preset)
            try:
                scores = rescore(path, preset)
                for seed, (score, trace) in enumerate(zip(scores, traces, strict=True)):
                    where = f"episode {score.episode} under {preset}"
                    live = play(env, seed, trace.messages, turns=len(trace.messages))
                    _same_score(subject, where, live, score.total, score.step_rewards)
            finally:
                env.close()


def _same_score(
    subject: Subject,
    where: str,
    live: Trace,
    total: float | None,
    step_rewards: tuple[float, ...],
) -> None:
    if not live.over:
        subject.require(total is None, f"{where}: cut from outside, yet rescored to {total}")
        return
    settled = live.infos[-1]["step_rewards"]
    subject.require(
        total == math.fsum(settled) or math.isclose(total or 0.0, math.fsum(settled)),
        f"{where}: rescored to {total}, a run returns {math.fsum(settled)}",
    )
    subject.require(
        tuple(step_rewards) == tuple(settled), f"{where}: the settled rewards per turn differ"
    )


def _record(subject: Subject, path: Path) -> list[Trace]:
    """Record one episode per style, and one that is left unfinished."""
    env = subject.make(record=path, record_evidence="all")
    try:
        traces = [play(env, seed, style) for seed, style in enumerate(_STYLES)]
        traces.append(play(env, len(_STYLES), "null", turns=2))
    finally:
        env.close()
    return traces
