"""``envgym study``: learners over seeds in a closed-loop bandit."""

import json
import os
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from envgym.agents.study.names import default_agents, find_study, split_agents, study_name
from envgym.agents.study.run import run_study
from envgym.agents.study.settings import Settings, digest, make_settings
from envgym.cli import screen
from envgym.cli.keywords import keywords
from envgym.cli.study.found import Found
from envgym.cli.study.show import show
from envgym.types import ConfigError, InfraError, MissingExtraError


def study(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="An environment, such as fair-threshold; see `envgym list`."
        ),
    ],
    regime: Annotated[
        str | None,
        typer.Option(
            metavar="R[,R...]", help="Study these regimes, in environments that have some."
        ),
    ] = None,
    seeds: Annotated[int, typer.Option(metavar="N", help="Play N seeds.", min=1)] = 20,
    first_seed: Annotated[
        int, typer.Option(metavar="N", help="Begin with seed N; 1000 to tune.", min=0)
    ] = 0,
    horizon: Annotated[
        str | None,
        typer.Option(
            "--horizon",
            "--horizons",
            metavar="T[,T...]",
            help="Play T rounds. [default: the environment's]",
        ),
    ] = None,
    agents: Annotated[
        str | None,
        typer.Option(
            metavar="NAME,NAME,...",
            help="Let these learners play, such as ofs,ofs:c=0.5,ucb,random,oracle. [default:"
            " by environment]",
        ),
    ] = None,
    arg: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Set an argument of the environment; repeatable."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Keep results, figures and every shard here; the same command continues.",
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(metavar="N", help="Play in N processes. [default: one per CPU]", min=1),
    ] = None,
    figures: Annotated[
        bool, typer.Option("--figures/--no-figures", help="Draw figures into --out.")
    ] = True,
    curves: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="RUN",
            help="Play nothing; draw learning curves of episodes that `envgym run --out RUN`"
            " recorded on equal seeds; repeat it, once per agent.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help='Print {"rows", "pairs", ...} instead of tables.')
    ] = False,
) -> None:
    """Let learners play equal seeds and print means, intervals and paired differences.

    Reward: mean expected reward per round. Violation: expected, summed over rounds. Gap: what the
    oracle's steady state earns more per round, in the last fifth of the rounds.
    """
    env_id = find_study(name)
    name = study_name(env_id)
    if curves:
        from envgym.cli.study.learning import draw_curves

        draw_curves(env_id, curves, out, as_json=as_json)
        return
    studies = variants(
        env_id,
        regimes=None if regime is None else _words("--regime", regime),
        horizons=None if horizon is None else _rounds(horizon),
        agents=default_agents(env_id) if agents is None else split_agents(agents),
        arguments=keywords("--arg", arg),
        first_seed=first_seed,
        seeds=seeds,
    )
    if figures and out is not None:
        figures = _can_draw()
    found = play(name, studies, out, workers or os.cpu_count() or 1, quiet=as_json)
    files: list[Path] = []
    report = to_json(name, found)
    if out is not None:
        folder = out / f"{name}-{digest([each.digest for each in studies])}"
        files.append(_write(folder / "results.json", report))
        if figures:
            from envgym.cli.study.figures import draw

            files.extend(draw(found, folder))
    if as_json:
        screen.print_json({**report, "files": [str(file) for file in files]})
        return
    page = screen.console()
    for each in found:
        show(page, each)
        page.print()
    if files:
        page.print(f"{len(files)} files in {files[0].parent}", soft_wrap=True)


def variants(
    env_id: str,
    *,
    regimes: list[str] | None,
    horizons: list[int] | None,
    agents: tuple[str, ...],
    arguments: dict[str, Any],
    first_seed: int,
    seeds: int,
) -> list[Settings]:
    """Return one study per regime and horizon, checked.

    Raises:
        ConfigError: an argument that is no argument of the environment, or is given twice.
    """
    found = []
    for kind, values in (("regime", regimes), ("horizon", horizons)):
        if values is not None and kind in arguments:
            raise ConfigError(f"--arg {kind} and --{kind}: give one of them.")
    for regime in regimes or [None]:  # type: ignore[list-item]  # None: the environment's own
        for horizon in horizons or [None]:  # type: ignore[list-item]
            given = {"regime": regime, "horizon": horizon}
            chosen = {key: value for key, value in given.items() if value is not None}
            found.append(
                make_settings(
                    env_id, agents, {**arguments, **chosen}, first_seed=first_seed, seeds=seeds
                )
            )
    return found


def play(
    name: str, studies: list[Settings], out: Path | None, workers: int, *, quiet: bool
) -> list[Found]:
    """Return what was found, one after the other, with a bar on a terminal."""
    page = screen.errors()
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=page,
        transient=True,
    )
    found = []
    with bar if page.is_terminal and not quiet else nullcontext():
        for settings in studies:
            label = getattr(settings.core, "regime", name)
            task = bar.add_task(f"{label}, {settings.core.horizon:,} rounds", total=None)

            def progress(done: int, total: int, task: Any = task) -> None:
                bar.update(task, completed=done, total=total)

            totals = run_study(settings, out=out, workers=workers, progress=progress)
            found.append(Found(name, settings, totals))
    return found


def to_json(name: str, found: list[Found]) -> dict[str, Any]:
    """Return a study's results as JSON values."""
    tables = [each.table for each in found]
    return {
        "study": name,
        "settings": [each.settings.to_json() for each in found],
        "rows": [row for rows, _ in tables for row in rows],
        "pairs": [pair for _, pairs in tables for pair in pairs],
    }


def _words(flag: str, text: str) -> list[str]:
    words = [word.strip() for word in text.split(",")]
    if len(set(words)) < len(words) or "" in words:
        raise ConfigError(f"{flag} must be one name or several different ones, got '{text}'.")
    return words


def _rounds(text: str) -> list[int]:
    words = _words("--horizon", text)
    if not all(word.isdecimal() and word.isascii() for word in words):
        raise ConfigError(f"--horizon must be one number of rounds or several, got '{text}'.")
    return [int(word) for word in words]


def _can_draw() -> bool:
    """Return whether figures can be drawn; says so if not, for tables do without."""
    from envgym.cli.study.canvas import check_matplotlib

    try:
        check_matplotlib()
    except MissingExtraError as missing:
        screen.errors().print(f"envgym: no figures: {missing}", soft_wrap=True)
        return False
    return True


def _write(path: Path, report: dict[str, Any]) -> Path:
    text = json.dumps(screen.plain(report), ensure_ascii=False, indent=2) + "\n"
    beside = path.with_name(f".{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8", newline="\n")
        beside.replace(path)
    except OSError as error:
        raise InfraError("disk", f"cannot write {path}: {error.strerror}") from error
    return path
