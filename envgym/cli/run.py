"""``envgym run``: play episodes with an agent, score them, record them."""

import json
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from envgym.cli import screen
from envgym.runtime import registry
from envgym.runtime.games.registry import is_team
from envgym.runtime.groups import check_comparators, close_groups, member_arguments
from envgym.runtime.rollout import Job, Rollout, rollout
from envgym.runtime.tasks import TaskSet
from envgym.types import ConfigError

SEEDS = 1 << 63

OPTIONS = {
    "reward": "--reward",
    "lenient": "--lenient",
    "tasks": "--tasks",
    "split": "--split",
    "record": "--out",
    "append": "--append",
}
"""Arguments of every environment that have an option of their own here."""


def run(
    env_id: Annotated[
        str, typer.Argument(metavar="ID", help="An id or a game's name from `envgym list`.")
    ],
    agents: Annotated[
        list[str] | None,
        typer.Option(
            "--agent",
            metavar="AGENT",
            help="Who plays: oracle, oracle:NOISE, random, human, hf:PATH, openai:MODEL@URL; in"
            " games also ALGORITHM:ITERATIONS (such as cfr:1000) and table:PATH; in closed-loop"
            " bandits learner:NAME. In games repeat it, once per seat. [default: oracle]",
        ),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Seed episode k with N + k.",
            min=0,
        ),
    ] = 0,
    episodes: Annotated[
        int,
        typer.Option(metavar="N", help="Play N episodes.", min=1),
    ] = 1,
    reward: Annotated[
        str,
        typer.Option(
            metavar="PRESET|FILE", help="Pay by a preset's name or a program in a JSON file."
        ),
    ] = "outcome",
    tasks: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Play the tasks of a .jsonl or .toml file in order, again from the top if there"
            " are fewer than episodes.",
        ),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Draw tasks from this split. [default: train]"),
    ] = None,
    lenient: Annotated[
        bool, typer.Option("--lenient", help="Leave out bad lines of the task file, naming them.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write DIR/episodes.jsonl; DIR must be new or empty."),
    ] = None,
    append: Annotated[
        bool, typer.Option("--append", help="Add to the episodes that DIR already holds.")
    ] = False,
    max_turns: Annotated[
        int | None,
        typer.Option(metavar="N", help="Truncate each episode after N turns.", min=1),
    ] = None,
    arg: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="Set an argument of the environment (see `envgym info ID`); VALUE is JSON or"
            " text. Repeatable.",
        ),
    ] = None,
    group: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Play each episode N times as a group, which shares seed and task; a reward that"
            " compares rollouts needs it.",
            min=1,
        ),
    ] = None,
    batch: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Play N episodes at once.",
            min=1,
            max=1024,
        ),
    ] = 8,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object; the transcript is left out.")
    ] = False,
) -> None:
    """Play episodes with an agent and score them.

    With one episode the transcript is shown. All evidence is recorded, so `envgym rescore` can
    score the file under any other program. Exit code 1 if no episode was valid.
    """
    from envgym.agents import resolve_agent

    settings: dict[str, Any] = dict(map(argument, arg or ()))
    if is_team(env_id):
        given = {"--tasks": tasks, "--split": split, "--lenient": lenient or None}
        for option, value in given.items():
            if value is not None:
                raise ConfigError(f"{option}: {env_id} has no tasks to choose from.")
        settings |= {"reward": reward, "record_evidence": "all"}
        if max_turns is not None:
            settings["max_turns"] = max_turns
        from envgym.cli.run_team import run_team

        run_team(
            env_id,
            agents or ["oracle"],
            list(plan(seed, episodes, None, None, group)),
            settings=settings,
            out=out,
            append=append,
            batch=batch,
            as_json=as_json,
        )
        return
    if agents is not None and len(agents) > 1:
        raise ConfigError(f"{env_id} has one agent: give --agent once, got {len(agents)}.")
    agent = agents[0] if agents else "oracle"
    env_id = registry.text_id(env_id)  # numeric environments are played through their text view
    settings |= {"reward": reward, "lenient": lenient, "record_evidence": "all"}
    settings |= {
        name: value
        for name, value in (("tasks", tasks), ("split", split), ("max_turns", max_turns))
        if value is not None
    }
    # Arguments are checked before a model is loaded and before a file is made.
    program, settings = member_arguments(env_id, settings)
    check_comparators(program, {})
    if program.phase == "group" and (group or 1) < 2:
        raise ConfigError(
            f"--reward {reward} compares the rollouts of one task: add --group N, 2 or more."
        )
    env = registry.make(env_id, disable_env_checker=True, **settings)
    try:
        chosen: TaskSet = env.unwrapped.tasks  # type: ignore[attr-defined]  # every one is a TaskEnv
        for problem in chosen.problems:
            screen.errors().print(f"envgym: left out: {problem}", soft_wrap=True)
        policy = resolve_agent(agent)
    finally:
        env.close()
    jobs = list(plan(seed, episodes, chosen if tasks is not None else None, split, group))
    batch = 1 if agent == "human" else min(batch, len(jobs))

    if out is not None:
        settings |= {"record": out, "append": append}

    def make() -> Any:
        return registry.make(env_id, disable_env_checker=True, **settings)

    finished: dict[int, Rollout] = {}
    interrupted = False
    quiet = as_json or agent == "human" or not screen.errors().is_terminal
    played = rollout(make, policy, jobs, batch=batch)
    with progress(quiet) as bar, closing(cast("Generator[Any]", played)):
        line = bar.add_task("episodes", total=len(jobs))
        try:
            for number, done in played:
                finished[number] = done
                if agent == "human":
                    screen.console().print(f"{done.observation}\n", soft_wrap=True)
                bar.advance(line)
        except KeyboardInterrupt:
            interrupted = True
    if program.phase == "group":
        # What an interrupted group earned alone is not its return: such rows are left out.
        missing = {jobs[k].group for k in range(len(jobs)) if k not in finished}
        whole = [k for k in sorted(finished) if jobs[k].group not in missing]
        closed, _ = close_groups([finished[k] for k in whole], program)
        finished = dict(zip(whole, closed, strict=True))
    rows = [row(number, finished[number]) for number in sorted(finished)]
    if as_json:
        screen.print_json(
            {
                "env": registry.find(env_id).id,
                "agent": agent,
                "reward": reward,
                "file": None if out is None else str(out / "episodes.jsonl"),
                "episodes": rows,
                "summary": summary(rows),
            }
        )
    else:
        show(rows, finished, out, transcript=len(jobs) == 1 and agent != "human")
    if interrupted:
        raise KeyboardInterrupt
    if not any(r["valid"] for r in rows):
        raise typer.Exit(1)


def argument(text: str) -> tuple[str, Any]:
    """Return name and value of ``NAME=VALUE``; a value that is no JSON is text."""
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise ConfigError(f"--arg {text}: expected NAME=VALUE, for instance max_turns=9.")
    if name in OPTIONS:
        raise ConfigError(f"--arg {text}: give it as {OPTIONS[name]}.")
    if name == "record_evidence":
        raise ConfigError(f"--arg {text}: run records all evidence, whatever the program needs.")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def plan(
    seed: int, episodes: int, tasks: TaskSet | None, split: str | None, group: int | None = None
) -> Iterator[Job]:
    """Yield the jobs: the tasks of a file in order, or whatever each seed draws.

    Each is played ``group`` times; None: once, alone.
    """
    listed = None if tasks is None else (tasks if split is None else tasks.split(split))
    for k in range(episodes):
        task = None if listed is None else listed[k % len(listed)]
        number = (seed + k) % SEEDS
        if group is None:
            yield Job(seed=number, task=task)
        for member in range(group or 0):
            yield Job(seed=number, task=task, group=f"seed-{number}", index=member)


def row(number: int, done: Rollout) -> dict[str, Any]:
    """Return one episode's result as JSON values."""
    return {
        "episode": number,
        "task": done.task_id,
        "seed": done.job.seed,
        "return": done.total,
        "step_rewards": list(done.step_rewards),
        "success": done.success,
        "end": done.end,
        "turns": len(done.turns),
        "valid": done.valid,
        "reason": done.reason,
    }


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return counts and means over the valid episodes; None where there is none."""
    valid = [r for r in rows if r["valid"]]
    judged = [r for r in valid if r["success"] is not None]

    def mean(values: list[float]) -> float | None:
        return sum(values) / len(values) if values else None

    return {
        "episodes": len(rows),
        "invalid": len(rows) - len(valid),
        "success_rate": mean([float(r["success"]) for r in judged]),
        "mean_return": mean([r["return"] for r in valid]),
        "mean_turns": mean([r["turns"] for r in valid]),
    }


def show(
    rows: list[dict[str, Any]], finished: dict[int, Rollout], out: Path | None, *, transcript: bool
) -> None:
    """Print the transcript of a single episode, the table of results and the summary."""
    page = screen.console()
    if transcript and finished:
        for turn in finished[0].turns:
            for message in turn.messages:
                if message.role != "system":
                    page.print(message.content, soft_wrap=True)
            page.print(f"> {turn.reply.text}", style="cyan", soft_wrap=True)
        page.print(f"{finished[0].observation}\n", soft_wrap=True)
    if not rows:
        return
    columns = ("episode", "task", "seed", "return", "success", "end", "turns", "reason")
    page.print(screen.table(columns, [[r[c] for c in columns] for r in rows]))
    total = summary(rows)
    count = total["episodes"]
    shown = [f"{count} episode{'' if count == 1 else 's'}", f"{total['invalid']} invalid"]
    for name, label in (("success_rate", "success rate"), ("mean_return", "mean return")):
        if total[name] is not None:
            shown.append(f"{label} {total[name]:.3f}")
    page.print(f"\n{', '.join(shown)}")
    if out is not None:
        page.print(f"recorded in {out / 'episodes.jsonl'}; see it with: envgym replay {out}")


def progress(quiet: bool) -> Progress:
    """Return a progress bar on standard error that vanishes when it is done."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=screen.errors(),
        transient=True,
        disable=quiet,
    )
