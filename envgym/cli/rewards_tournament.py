"""``envgym rewards tournament``: rank recorded rollouts of one task against each other."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console

from envgym.cli import screen
from envgym.cli.report.data import gather
from envgym.cli.report.page import check_installed, render
from envgym.cli.rewards_report import save
from envgym.rewards import GroupScore, Node, Program, Source, resolve
from envgym.rewards.group.tournament import Tournament
from envgym.rewards.named import NAMED
from envgym.rewards.tournament.fake import FakeComparator
from envgym.rewards.tournament.ledger import Logged, MatchLog
from envgym.runtime import registry
from envgym.runtime.episodes import Episodes, read_episodes
from envgym.types import Comparator, ConfigError, EpisodeFileError, InfraError

JUDGE = "judge"
"""What the program calls the comparator it is given."""

Format = Literal["anchor", "round_robin", "swiss", "single", "seeded", "double", "sparse_bt"]


def tournament(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="An episode file, or the folder that holds it.")
    ],
    by: Annotated[
        str,
        typer.Option(
            metavar="KEY|PRESET|FILE",
            help="Compare this: episode evidence such as utility_ratio, or the total of a preset"
            " or program.",
        ),
    ] = "outcome",
    form: Annotated[
        Format,
        typer.Option(
            "--format",
            metavar="NAME",
            help="Play anchor, round_robin, swiss, single, seeded, double or sparse_bt.",
        ),
    ] = "seeded",
    margin: Annotated[
        float,
        typer.Option(metavar="X", help="Call a difference of at most X a tie.", min=0.0),
    ] = 0.0,
    degree: Annotated[
        int, typer.Option(metavar="N", help="Give each rollout N matches in sparse_bt.", min=2)
    ] = 4,
    noise: Annotated[
        float | None,
        typer.Option(
            metavar="X",
            help="Judge with logistic noise of scale X on top of --by, in both orders. [default:"
            " exact]",
            min=0.0,
        ),
    ] = None,
    slope: Annotated[
        float,
        typer.Option(metavar="X", help="Logits of the noisy judge per unit of --by."),
    ] = 2.0,
    bias: Annotated[
        float,
        typer.Option(metavar="X", help="Logits with which the noisy judge favours the first."),
    ] = 0.0,
    judge: Annotated[
        str | None,
        typer.Option(
            metavar="JUDGE",
            help="Ask a judge instead: hf:PATH, openai:MODEL@URL, cassette:FILE or fake:...",
        ),
    ] = None,
    budget: Annotated[
        int,
        typer.Option(metavar="N", help="Pay for at most N judge calls; 0: no limit.", min=0),
    ] = 0,
    seed: Annotated[
        int, typer.Option(metavar="N", help="Drive the draws and the noise.", min=0)
    ] = 0,
    log: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep every comparison here; a rerun asks none twice."),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write a report page; never overwrites."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a JSON object: group to its tournament.")
    ] = False,
) -> None:
    """Rank the recorded rollouts of each task by a tournament.

    Rollouts belong together if they were recorded as a group, else if they share their task.
    Exit code 1 if no group has two rollouts that can be compared.
    """
    if html is not None and html.exists():
        raise EpisodeFileError(f"{html} exists already; tournament never overwrites.")
    if html is not None:
        check_installed()
    if judge is not None and noise is not None:
        raise ConfigError("give --judge or --noise, not both.")
    if log is not None and judge is None and noise is None:
        raise ConfigError("--log keeps what a judge said: give --judge or --noise too.")
    episodes = read_episodes(file)
    if not len(episodes):
        for problem in episodes.problems:
            screen.errors().print(f"envgym: {problem}", soft_wrap=True)
        screen.errors().print(f"envgym: {file} holds no episode", soft_wrap=True)
        if as_json:
            screen.print_json({})
        raise typer.Exit(1)
    node = compared(by, episodes)
    comparator = _comparator(node, judge, noise, slope, bias, seed)
    if comparator is not None and log is not None:
        comparator = Logged(comparator, _opened(log), group=file.resolve().name)
    cup = Tournament(
        node,
        format=form,
        margin=margin,
        degree=degree,
        budget=budget,
        comparator="" if comparator is None else JUDGE,
    )
    program = Program("tournament", cup)
    title = f"Tournament of {file.resolve().name}"
    asked = None if comparator is None else {JUDGE: comparator}
    summary = gather(episodes, program, title=title, comparators=asked, seed=seed)
    for problem in summary.problems:
        screen.errors().print(f"envgym: {problem}", soft_wrap=True)
    if as_json:
        episodes_of = {row.score.member: row.name for row in summary.rows}
        screen.print_json(
            {name: _json(cup, found, episodes_of) for name, found in summary.groups.items()}
        )
    else:
        page = screen.console()
        for name, found in summary.groups.items():
            _show(page, name, cup, found)
    if html is not None:
        how = str(program) if comparator is None else f"{program}, asking {comparator.name}"
        save(render(summary, reward=how, tree=program.tree()), html)
        screen.errors().print(f"written to {html}")
    if all(len(found) - len(found.dropped) < 2 for found in summary.groups.values()):
        screen.errors().print("envgym: no group has two rollouts that can be compared")
        raise typer.Exit(1)


def compared(by: str, episodes: Episodes) -> Node:
    """Return the node that ``--by`` means: evidence of the last record, or a program's root.

    Raises:
        ConfigError: neither the episodes' evidence nor the first one's presets have that name.
    """
    try:
        presets = dict(registry.text_class(episodes[0].head.env).presets())
    except ConfigError:  # not installed here: evidence and files need no environment
        presets = {}
    # The first episode may have been cut, which holds no evidence of its end.
    held = {key for each in episodes if each.records for key in each.records[-1]}
    if by in presets or by.endswith(".json"):
        program = resolve(by, presets, "--by")
        if program.phase == "group":
            raise ConfigError(f"--by {by} compares rollouts itself; give what is compared.")
        return program.root
    if by in held:
        return Source(by, "episode")
    known = sorted({*presets, *held} - NAMED)
    raise ConfigError(
        f"--by {by}: neither evidence of these episodes nor a preset; there are {', '.join(known)}."
    )


def _comparator(
    node: Node, judge: str | None, noise: float | None, slope: float, bias: float, seed: int
) -> Comparator | None:
    if judge is not None:
        from envgym.agents.judges import JudgeComparator, resolve_judge

        return JudgeComparator(resolve_judge(judge))
    if noise is None:
        return None
    return FakeComparator(quality=node, slope=slope, noise=noise, bias=bias, seed=seed)


def _opened(log: Path) -> MatchLog:
    try:
        return MatchLog(log)
    except OSError as error:
        raise InfraError("disk", f"cannot open {log}: {error.strerror}") from error


def _json(cup: Tournament, found: GroupScore, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        **found.report.get(cup.key, {}),
        "dropped": dict(found.dropped),
        "episodes": {one.id: names[one.id] for one in found},
    }


def _show(page: Console, name: str, cup: Tournament, found: GroupScore) -> None:
    report = found.report.get(cup.key, {})
    ranks, advantages = report.get("ranks", {}), report.get("advantages", {})
    rows = []
    for id in sorted(ranks, key=lambda id: (ranks[id] is None, ranks[id], id)):
        met = [m for m in report["matches"] if id in (m["first"], m["second"])]
        won = sum(m["result"] == ("first" if m["first"] == id else "second") for m in met)
        drew = sum(m["result"] == "tie" for m in met)
        # Equals share their mean rank, which need not be whole.
        rank = "-" if ranks[id] is None else f"{1 + ranks[id]:g}"
        rows.append([rank, id, report["q"][id], advantages[id], len(met), won, drew])
    columns = ("rank", "rollout", "q", "advantage", "matches", "won", "tied")
    page.print(screen.table(columns, rows, title=name))
    facts = [f"{report.get('comparisons', 0)} comparisons", f"{report.get('calls', 0)} judge calls"]
    if report.get("confidence") is not None:
        facts.append(f"confidence {report['confidence']:.2f}")
    if report.get("disagreement") is not None:
        facts.append(f"orders disagreed in {report['disagreement']:.0%}")
    if report.get("triads"):
        facts.append(f"{report['triads']} cycles of three")
    if report.get("exhausted"):
        facts.append("the budget was spent")
    page.print(", ".join(facts), soft_wrap=True)
    for id, why in found.dropped.items():
        page.print(f"took no part: {id} ({why})", soft_wrap=True)
    page.print()
