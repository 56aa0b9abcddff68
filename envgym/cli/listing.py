"""``envgym list``: every id, with the facts that its class declares."""

import inspect
from typing import Annotated, Any

import typer

from envgym.cli import screen
from envgym.runtime import registry
from envgym.runtime.games.registry import (
    MARKETS,
    TEAMS,
    game_class,
    game_names,
    make_game,
    market,
    team_class,
)


def listing(
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="Print a JSON list of {id, summary, version, proof, cost, tools, agents}.",
        ),
    ] = False,
) -> None:
    """List every environment that can be made here, those of installed packages included.

    Proof says how its tasks are shown to be solvable: win, equilibrium or reference. Cost is
    what a step takes: cheap (under a millisecond), moderate (under 0.1 s), or costly (a sandbox
    or a browser).
    """
    rows, problems = [], list(registry.load_plugins())
    for env_id in sorted([*registry.ids(), *registry.numeric_ids()]):
        try:
            rows.append(facts(env_id))
        except (ImportError, AttributeError) as error:
            # Somebody's class is not where its id says; the other ids are still worth listing.
            problems.append(f"{env_id} cannot be imported: {error}")
    for name in (*game_names(), *TEAMS, *MARKETS):
        try:
            rows.append(team_facts(name))
        except (ImportError, AttributeError) as error:
            problems.append(f"{name} cannot be imported: {error}")
    for problem in problems:
        screen.errors().print(f"envgym: {problem}", soft_wrap=True)
    if as_json:
        screen.print_json(rows)
        return
    columns = ("id", "agents", "summary", "proof", "cost")
    screen.console().print(screen.table(columns, [[row[c] for c in columns] for row in rows]))


def facts(env_id: str) -> dict[str, Any]:
    """Return what ``list`` shows of one id, without making the environment."""
    from envgym.runtime.tools import collect

    family = registry.env_class(env_id)
    metadata = family.metadata
    return {
        "id": env_id,
        "summary": (inspect.getdoc(family) or "").partition("\n")[0],
        "version": str(metadata.get("version", "0")),
        "proof": metadata.get("proof"),
        "cost": metadata.get("cost"),
        "tools": list(collect(family)),
        "agents": 1,
    }


def team_facts(name: str) -> dict[str, Any]:
    """Return what ``list`` shows of an environment of several agents; a game is made to count its players.

    ``agents`` is None where arguments decide it, or a game cannot be made without any.
    """
    from envgym.runtime.tools import collect

    if name in TEAMS:
        family = team_class(name)
        metadata = family.metadata
        return {
            "id": name,
            "summary": (inspect.getdoc(family) or "").partition("\n")[0],
            "version": str(metadata.get("version", "0")),
            "proof": metadata.get("proof"),
            "cost": metadata.get("cost"),
            "tools": list(collect(family)),
            "agents": None,
        }
    if name in MARKETS:
        module = market(name)
        return {
            "id": name,
            "summary": (inspect.getdoc(module) or "").partition("\n")[0],
            "version": "0",
            "proof": "reference",
            "cost": "cheap",
            "tools": ["play"],
            "agents": None,
        }
    family = game_class(name)
    return {
        "id": name,
        "summary": (inspect.getdoc(inspect.getmodule(family)) or "").partition("\n")[0],
        "version": str(getattr(family, "version", "0")),
        "proof": getattr(family, "proof", "equilibrium"),
        "cost": "cheap",
        "tools": ["play"],
        "agents": None if _asks_for_more(family) else make_game(name).players,
    }


def _asks_for_more(family: Any) -> bool:
    """Return whether a game's class has arguments without a default."""
    given = inspect.signature(family).parameters.values()
    return any(
        p.default is p.empty and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL) for p in given
    )
