"""``envgym rewards probe``: measure a program, a judge or an environment, and draw the result."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envgym.cli import screen
from envgym.types import ConfigError, EpisodeFileError, EvidenceError
from envgym.types.errors import unknown

if TYPE_CHECKING:
    from envgym.rewards import Program
    from envgym.rewards.probe.report import Report

_SHOWN = 30
"""Rows of a table; --json has all."""
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


def probe(
    name: Annotated[
        str,
        typer.Argument(
            metavar="PROBE",
            help="dominance, noise, divergence or goodhart (of recorded episodes), hacks (of an"
            " environment), one-token or consistency (of a judge), starc (of two programs).",
        ),
    ],
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            help="An episode file or its folder; an id; a judge such as fake, hf:PATH or"
            " openai:MODEL@URL; for starc a shaping of the five-state chain or a program file.",
        ),
    ],
    reward: Annotated[
        str,
        typer.Option(
            metavar="PRESET|FILE", help="Score by a preset's name or a program in a JSON file."
        ),
    ] = "outcome",
    against: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE", help="starc: the program to compare with."),
    ] = None,
    proxy: Annotated[
        str | None,
        typer.Option(
            metavar="KEY", help="goodhart: evidence that is selected by. [default: the return]"
        ),
    ] = None,
    gold: Annotated[
        str, typer.Option(metavar="KEY", help="goodhart, divergence: evidence that is the truth.")
    ] = "outcome",
    window: Annotated[
        int,
        typer.Option(
            metavar="N", help="divergence: look back on N episodes, an even number.", min=4
        ),
    ] = 20,
    episodes: Annotated[int, typer.Option(metavar="N", help="hacks: play N seeds.", min=1)] = 3,
    seed: Annotated[
        int, typer.Option(metavar="N", help="Seed of draws; hacks: of the first episode.", min=0)
    ] = 0,
    agent: Annotated[
        str | None,
        typer.Option(
            metavar="AGENT",
            help="hacks: who plays, plain and hinted. [default: the environment's own exploits]",
        ),
    ] = None,
    hint: Annotated[
        str | None, typer.Option(metavar="TEXT", help="hacks: what a hinted agent is told.")
    ] = None,
    flag: Annotated[
        str,
        typer.Option(metavar="KEY", help="hacks: evidence that is true where an exploit was used."),
    ] = "",
    questions: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="one-token, consistency: a .jsonl file. [default: bundled]"
        ),
    ] = None,
    limit: Annotated[
        float | None, typer.Option(metavar="X", help="The limit, instead of the probe's own.")
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option(metavar="FILE.svg", help="Also draw it to a new file; never overwrites."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Measure a program, a judge or an environment for ways to be fooled.

    A probe only reports and changes no reward. Exit code 1 if the limit is broken.
    """
    if name not in PROBES:
        raise ConfigError(unknown("probe", name, PROBES))
    if figure is not None:
        _drawable(figure)
    report = PROBES[name](
        Asked(
            target=target,
            reward=reward,
            against=against,
            proxy=proxy,
            gold=gold,
            window=window,
            episodes=episodes,
            seed=seed,
            agent=agent,
            hint=hint,
            flag=flag,
            questions=questions,
            limit=limit,
        )
    )
    if figure is not None:
        from envgym.rewards.probe.figure import draw

        draw(report, figure)
    if as_json:
        screen.print_json(report.to_json())
    else:
        show(report)
        if figure is not None:
            screen.console().print(f"drawn to {figure}")
    if not report.passed:
        raise typer.Exit(1)


def show(report: "Report") -> None:
    """Print the verdict, the parts of the metric, the table and the notes."""
    page = screen.console()
    verdict = "passed" if report.passed else "failed"
    page.print(f"{report.probe}: {report.metric:.4g}, limit {report.threshold:.4g}, {verdict}")
    if report.measures:
        page.print(f"metric: {report.measures}")
    if report.rows:
        rows = [[_visible(value) for value in row] for row in report.rows[:_SHOWN]]
        page.print()
        page.print(screen.table(report.columns, rows))
        if len(report.rows) > _SHOWN:
            page.print(f"and {len(report.rows) - _SHOWN} more rows; --json prints all")
    elif report.detail:
        page.print()
        page.print(screen.table(("part", "value"), [[k, v] for k, v in report.detail.items()]))
    if report.rows and len(report.detail) <= 12:
        parts = ", ".join(f"{k} {v:.4g}" for k, v in report.detail.items())
        page.print(f"\n{parts}" if parts else "", soft_wrap=True)
    for note in report.notes:
        page.print(f"note: {note}", soft_wrap=True)


def _visible(value: Any) -> Any:
    """Return a text of white space as it is written in code."""
    return repr(value) if isinstance(value, str) and value and not value.strip() else value


def _drawable(figure: Path) -> None:
    """Refuse a bad file before a long measurement, not after it."""
    from importlib.util import find_spec

    from envgym.types import MissingExtraError

    if figure.suffix != ".svg":
        raise ConfigError(f"--figure must end in .svg, got '{figure.name}'.")
    if figure.exists():
        raise EpisodeFileError(f"{figure} exists already; a figure never overwrites.")
    if find_spec("matplotlib") is None:
        raise MissingExtraError("--figure", "report")


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
