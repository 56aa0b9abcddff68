"""``envgym rewards check``: is this file a program, and what will it do?"""

from pathlib import Path
from typing import Annotated, Any

import typer

from envgym.cli import screen
from envgym.rewards import Program, resolve
from envgym.runtime import registry
from envgym.runtime.evidence import readable
from envgym.types import EnvgymError


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A reward program as JSON.")],
    env: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID",
            help="Check that this environment supplies the evidence; repeatable. [default: try"
            " every registered id]",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check a reward program: its JSON, its bounds and phases, and who supplies its evidence.

    Exit code 2 with one sentence if the file is no program or an environment named by --env
    lacks evidence.
    """
    program = resolve(file, {}, "check")
    fits: dict[str, str | None] = {}
    for env_id in env or registry.ids():
        try:
            program.check(readable(registry.text_class(env_id)), env_id)
            fits[env_id] = None
        except EnvgymError as error:
            if env:
                raise
            fits[env_id] = str(error)
    found = facts(program)
    if as_json:
        screen.print_json({"file": str(file), **found, "environments": fits})
        return
    page = screen.console()
    page.print(program.tree(), soft_wrap=True)
    page.print(f"\nreads      {', '.join(sorted(program.needs)) or 'nothing'}", soft_wrap=True)
    page.print(f"components {', '.join(program.components)}", soft_wrap=True)
    page.print(f"total      {program.bounds}")
    for warning in found["warnings"]:
        page.print(f"warning    {warning}", style="yellow", soft_wrap=True)
    for env_id, problem in fits.items():
        if problem is None:
            page.print(f"fits       {env_id}", soft_wrap=True)
        else:  # the first half says what is missing, the second what else there is
            why = problem.partition(";")[0].removeprefix(f'reward="{program.name}" ')
            page.print(f"not        {env_id}: {why}", soft_wrap=True)
    page.print(f"\n{file} is a valid {program.phase} program")


def facts(program: Program) -> dict[str, Any]:
    """Return what ``check`` says of a program, as JSON values."""
    return {
        "program": program.name,
        "phase": program.phase,
        "needs": sorted(program.needs),
        "components": list(program.components),
        "bounds": [program.bounds.lo, program.bounds.hi],
        "monotone": dict(sorted(program.monotone.items())),
        "warnings": warnings(program),
    }


def warnings(program: Program) -> list[str]:
    """Return what is allowed but seldom meant."""
    found = []
    if not program.bounds.finite and program.phase in ("online", "terminal"):
        found.append(
            f"the total has no bound {program.bounds}: give each Source its lo and hi; where a "
            "longer episode may collect more, clip the ReduceSum or take deltas of a bounded "
            "progress."
        )
    return found
