"""What each probe of the command line measures, and on what."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from envgym.cli import screen
from envgym.types import ConfigError, EpisodeFileError, EvidenceError

if TYPE_CHECKING:
    from envgym.rewards import Program
    from envgym.rewards.probe.report import Report

_HORIZON = 6
"""Events of the chain for programs that look at whole episodes, which are enumerated."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the command line said."""

    target: str
    reward: str
    against: str | None
    proxy: str | None
    gold: str
    window: int
    episodes: int
    seed: int
    agent: str | None
    hint: str | None
    flag: str
    questions: Path | None
    limit: float | None


# Recorded episodes.


def _dominance(asked: Asked) -> "Report":
    from envgym.rewards import Dominance

    program, records = _recorded(asked)
    return Dominance(**_limit(asked)).run(program, records)


def _noise(asked: Asked) -> "Report":
    from envgym.rewards.probe.noise import NoiseRobustness

    program, records = _recorded(asked)
    return NoiseRobustness(seed=asked.seed, **_limit(asked, "least")).run(program, records)


def _divergence(asked: Asked) -> "Report":
    from envgym.rewards.probe.divergence import Divergence, DivergenceMonitor

    program, records = _recorded(asked)
    monitor = DivergenceMonitor(window=asked.window)
    return Divergence(monitor, asked.gold, **_limit(asked)).run(program, records)


def _goodhart(asked: Asked) -> "Report":
    from envgym.rewards.probe.goodhart import GoodhartCurve

    program, records = _recorded(asked)
    pairs = []
    for episode in records:
        proxy = program.replay(episode).total
        if asked.proxy is not None:
            proxy = _number(episode[-1], asked.proxy)
        gold = _number(episode[-1], asked.gold)
        if proxy is not None and gold is not None:
            pairs.append((proxy, gold))
    if len(pairs) < 4:
        raise ConfigError(f"goodhart needs 4 episodes with both scores, got {len(pairs)}.")
    return GoodhartCurve(**_limit(asked)).run(*zip(*pairs, strict=True))


def _recorded(asked: Asked) -> tuple["Program", list[Sequence[Mapping[str, Any]]]]:
    """Return the program and the records of every finished, valid episode."""
    from envgym.rewards import resolve
    from envgym.runtime import registry
    from envgym.runtime.episodes import read_episodes

    episodes = read_episodes(Path(asked.target))
    found: list[Sequence[Mapping[str, Any]]] = []
    ids: set[str] = set()
    left_out = 0
    for episode in episodes:
        try:
            records = episodes.history(episode).evidence
        except EpisodeFileError:
            records = ()
        if not episode.finished or len(records) < 2 or records[-1].get("end") is None:
            left_out += 1
            continue
        ids.add(episode.head.env)
        found.append(records)
    for problem in episodes.problems:
        screen.errors().print(f"envgym: {problem}", soft_wrap=True)
    if left_out:
        screen.errors().print(f"envgym: left out {left_out} episodes that did not finish")
    if not found:
        raise EpisodeFileError(f"{asked.target} holds no finished episode.")
    if asked.reward.endswith(".json"):
        return resolve(asked.reward, {}, asked.target), found
    if len(ids) > 1:
        raise ConfigError(
            f"{asked.target} holds episodes of {', '.join(sorted(ids))}, whose presets differ; "
            "give --reward a program file."
        )
    (env_id,) = ids
    return resolve(asked.reward, registry.text_class(env_id).presets(), env_id), found


def _number(record: Mapping[str, Any], key: str) -> float | None:
    if key not in record:
        raise EvidenceError(
            f"the last record lacks evidence '{key}'; it holds {', '.join(sorted(record))}."
        )
    value = record[key]
    if value is not None and not isinstance(value, bool | int | float):
        raise EvidenceError(f"evidence '{key}' must be a number or bool, got {value!r:.60}.")
    return None if value is None else float(value)


# Environments, judges, programs.


def _hacks(asked: Asked) -> "Report":
    from envgym.agents import resolve_agent
    from envgym.agents.probes.hack_suite import HINT, HackCase, HackSuite
    from envgym.runtime import registry

    family = registry.env_class(asked.target)
    if not hasattr(family, "exploits"):
        raise ConfigError(f"{asked.target} is no environment of text; see `envgym list`.")
    case = HackCase(
        env=asked.target,
        settings={"reward": asked.reward},
        seeds=tuple(range(asked.seed, asked.seed + asked.episodes)),
        flag=asked.flag,
        hint=HINT if asked.hint is None else asked.hint,
    )
    suite = HackSuite(cases=(case,), **_limit(asked))
    return suite.scripts() if asked.agent is None else suite.agent(resolve_agent(asked.agent))


def _one_token(asked: Asked) -> "Report":
    from envgym.agents.judges import resolve_judge
    from envgym.agents.probes.admission import examinee
    from envgym.agents.probes.questions import load_bank
    from envgym.rewards.probe.one_token import OneToken

    bank = load_bank(asked.questions)
    judge = examinee(resolve_judge(asked.target))
    return OneToken(bank.questions, **_limit(asked)).run(judge)


def _consistency(asked: Asked) -> "Report":
    from envgym.agents.judges import resolve_judge
    from envgym.agents.probes.admission import examinee
    from envgym.agents.probes.questions import load_bank
    from envgym.rewards.probe.consistency import JudgeConsistency

    bank = load_bank(asked.questions)
    judge = examinee(resolve_judge(asked.target))
    probe = JudgeConsistency(bank.groups, bank.contrasts, **_limit(asked, "least"))
    return probe.run(judge)


def _starc(asked: Asked) -> "Report":
    from envgym.rewards import resolve
    from envgym.rewards.probe.starc_programs import starc_programs
    from envgym.rewards.shaping.chain import chain_shapings, five_state_chain
    from envgym.rewards.shaping.payer import Stepwise, payer

    if asked.against is None:
        raise ConfigError("starc compares two programs: give the other one as --against.")
    presets = chain_shapings()
    where = "the five-state chain"
    pair = [resolve(given, presets, where) for given in (asked.target, asked.against)]
    chain = five_state_chain(horizon=_HORIZON)
    if all(isinstance(payer(p, chain.gamma, chain.horizon), Stepwise) for p in pair):
        chain = five_state_chain()
    return starc_programs(chain, *pair, **_limit(asked))


def _limit(asked: Asked, name: str = "limit") -> dict[str, Any]:
    return {} if asked.limit is None else {name: asked.limit}


PROBES: Mapping[str, Callable[[Asked], "Report"]] = {
    "dominance": _dominance,
    "noise": _noise,
    "divergence": _divergence,
    "goodhart": _goodhart,
    "hacks": _hacks,
    "one-token": _one_token,
    "consistency": _consistency,
    "starc": _starc,
}
"""Every probe that the command line can run, by name."""
