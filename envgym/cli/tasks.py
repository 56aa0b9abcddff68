"""``envgym tasks``: what can be done with tasks. ``check`` proves them."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from envgym.cli import screen
from envgym.runtime import registry
from envgym.runtime.games.registry import is_team
from envgym.runtime.tasks import TaskSet
from envgym.testing import Proof, Subject, prove
from envgym.testing.proof import PROOFS
from envgym.types import ConfigError, Task
from envgym.types.errors import unknown

app = typer.Typer(
    help="Work with tasks: check that they can be solved and not cheated.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

SHOWN = 20
"""Proved tasks that the table lists; failed ones are always listed, the rest is counted."""


@app.callback()
def _group() -> None:
    """Keep ``check`` a subcommand although it is the only one."""


@app.command()
def check(
    env_id: Annotated[
        str, typer.Argument(metavar="ID", help="An id or a game's name from `envgym list`.")
    ],
    tasks: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Check the tasks of a .jsonl or .toml file, all of them."
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Check N tasks, spread evenly over every split. [default: all of a FILE, else as"
            " many as the environment's cost allows]",
            min=1,
        ),
    ] = None,
    lenient: Annotated[
        bool, typer.Option("--lenient", help="Leave out bad lines of the task file, naming them.")
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help="Print a JSON list of {task_id, split, turns, total, problems}."
        ),
    ] = False,
) -> None:
    """Prove that tasks can be solved and not cheated.

    Per task the oracle must reach success and the top outcome; empty messages, garbage and early
    exits must stay at or below a tenth of the outcome scale and never succeed; near misses must
    stay below success and known exploits must gain nothing. Where nobody can always win, a
    reference policy must beat random play. Of games and teams the laws of their proof are
    checked: an equilibrium or a reference policy, silence that loses, nothing that leaks. Exit
    code 1 if a task or a law fails.
    """
    if is_team(env_id):
        from envgym.cli.tasks_team import check_team

        if tasks is not None or limit is not None or lenient:
            raise ConfigError(f"{env_id} has no tasks to choose from: give the name alone.")
        check_team(env_id, as_json)
        return
    env_id = registry.text_id(env_id)  # numeric environments are proved through their text view
    subject = Subject(env_id)
    proof = subject.metadata.get("proof")
    if proof not in PROOFS:
        raise ConfigError(f"{env_id}: {unknown('proof', str(proof), PROOFS)}")
    given: dict[str, Any] = {} if tasks is None else {"tasks": tasks, "lenient": lenient}
    env = subject.make(reward="outcome", **given)
    try:
        every: TaskSet = env.unwrapped.tasks
        for problem in every.problems:
            screen.errors().print(f"envgym: left out: {problem}", soft_wrap=True)
        if limit is not None:
            chosen = list(spread(every, limit))
        else:
            chosen = list(every if tasks is not None else subject.sampled_tasks(every))
        proofs = list(proved(subject, env, chosen, quiet=as_json))
    finally:
        env.close()
    if as_json:
        screen.print_json([asdict(proof) for proof in proofs])
    else:
        show(env_id, proofs)
    if any(proof.problems for proof in proofs):
        raise typer.Exit(1)


def spread(tasks: TaskSet, limit: int) -> Iterator[Task]:
    """Yield ``limit`` tasks, or all there are: the splits in turn, each from end to end."""
    counts = dict.fromkeys(tasks.splits, 0)
    while sum(counts.values()) < min(limit, len(tasks)):
        for split, size in tasks.splits.items():
            if counts[split] < size and sum(counts.values()) < limit:
                counts[split] += 1
    for split, count in counts.items():
        size = tasks.size(split)
        for k in range(count):
            yield tasks.pick(split, k * (size - 1) // max(count - 1, 1))


def proved(subject: Subject, env: Any, tasks: Sequence[Task], *, quiet: bool) -> Iterator[Proof]:
    """Yield one proof per task, with a progress bar on standard error."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=screen.errors(),
        transient=True,
        disable=quiet or not screen.errors().is_terminal,
    )
    with bar:
        line = bar.add_task("tasks", total=len(tasks))
        for task in tasks:
            yield prove(subject, env, task)
            bar.advance(line)


def show(env_id: str, proofs: Sequence[Proof]) -> None:
    """Print a row per task, each failed one with its reasons, and the count."""
    page = screen.console()
    failed = [proof for proof in proofs if proof.problems]
    passed = [proof for proof in proofs if not proof.problems]
    rows = [
        [proof.task_id, proof.split, proof.turns, proof.total, "failed" if proof.problems else "ok"]
        for proof in [*failed, *passed[:SHOWN]]
    ]
    columns = ("task", "split", "oracle turns", "oracle return", "proof")
    page.print(screen.table(columns, rows))
    if len(passed) > SHOWN:
        page.print(f"... and {len(passed) - SHOWN} more that passed")
    for proof in failed:
        for problem in proof.problems:
            page.print(f"{proof.task_id}: {problem}", style="red", soft_wrap=True)
    page.print(f"\n{env_id}: {len(passed)} of {len(proofs)} tasks are proved.")
