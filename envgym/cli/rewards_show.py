"""``envgym rewards show``: an entry of the cookbook, or a program as a tree with live values."""

import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from envgym.cli import screen
from envgym.cli.reward_view import Glyphs, signed
from envgym.rewards import GroupScore, Program, resolve
from envgym.rewards.tracing import Said, trace
from envgym.runtime import registry
from envgym.runtime.episodes import Episodes, read_episodes
from envgym.runtime.episodes.episode import Episode
from envgym.runtime.episodes.scoring import rescored
from envgym.runtime.transcript import KEYS
from envgym.types import ConfigError, MissingExtraError


def show(
    what: Annotated[
        str,
        typer.Argument(
            metavar="ENTRY|PROGRAM",
            help="An entry of the cookbook such as C2, a preset's name, or a program's .json file.",
        ),
    ],
    env: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="The environment whose preset is meant. [default: that of --episodes]",
        ),
    ] = None,
    episodes: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Show its values in this recording: a file, or its folder."
        ),
    ] = None,
    episode: Annotated[
        str, typer.Option(metavar="NAME|N", help="Which episode of FILE: its name or number.")
    ] = "0",
    step: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Which event, from 0: 2 is turn 3. [default: the last]", min=0
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show an entry of the cookbook, or a program as a tree.

    With --episodes every node shows what it was worth at one recorded step, how much of the
    episode's value that step earned, and which gates were open. A program that compares rollouts
    is compared with the recorded group.
    """
    if re.fullmatch(r"[A-Ha-h]\d{1,2}", what):
        _entry(what, as_json)
        return
    chosen: Episode | None = None
    if episodes is not None:
        opened = read_episodes(episodes)
        chosen = opened.history(opened.named(episode))
        env = env or chosen.head.env
    program = _program(what, env)
    if chosen is None:
        if as_json:
            screen.print_json(program.spec())
        else:
            screen.console().print(program.tree(), soft_wrap=True)
        return
    if not chosen.turns or not chosen.records:
        raise ConfigError(f"episode {chosen.name} has no events to show.")
    event = len(chosen.turns) - 1 if step is None else step
    records = chosen.records if KEYS.isdisjoint(program.needs) else chosen.evidence
    if program.phase == "group":
        records = (*records[:-1], {**records[-1], **_shares(opened, chosen.name, program)})
    found = trace(program, records, event)
    if as_json:
        screen.print_json(
            {"episode": chosen.name, "step": event, "nodes": [_json(s) for s in found]}
        )
        return
    page = screen.console()
    page.print(
        f"{program.name}, step {event} (turn {chosen.turns[event].e + 1}) of {chosen.name}\n",
        soft_wrap=True,
    )
    print_tree(page, found)


def _shares(episodes: Episodes, name: str, program: Program) -> Mapping[str, Any]:
    """Return the late evidence of one episode once its group was compared."""
    groups: dict[str, GroupScore] = {}
    (own,) = [each for each in rescored(episodes, program, groups=groups) if each.episode == name]
    scores = [one for group in groups.values() for one in group if one.id == own.member]
    return scores[0].late if own.member else {}


def _program(what: str, env: str | None) -> Program:
    presets = {}
    if env is not None:
        presets = dict(registry.text_class(env).presets())
    elif not what.endswith(".json"):
        raise ConfigError(
            f"'{what}' is neither an entry such as C2 nor a .json file; a preset needs --env ID or "
            "--episodes FILE."
        )
    return resolve(what, presets, env or "rewards show")


def _entry(id: str, as_json: bool) -> None:
    from envgym.rewards.cookbook import find

    item = find(id)
    if as_json:
        screen.print_json({name: getattr(item, name) for name in item.__slots__})
        return
    page = screen.console()
    papers = ", ".join(f"[{seed}]" for seed in item.seeds)
    page.print(f"{item.id}  {item.title}")
    page.print(f"    formula  {item.formula}", soft_wrap=True)
    page.print(f"    source   {item.tag}; papers {papers or '-'}; arXiv {item.arxiv or '-'}")
    page.print(f"    runs     {item.runs}")
    page.print(f"    page     docs/rewards/{item.page}.md")
    for test in item.tests:
        page.print(f"    test     {test}", soft_wrap=True)
    for home in item.homes:
        page.print(f"\n{home}", style="bold", soft_wrap=True)
        try:
            page.print(inspect.getdoc(item.load(home)) or "", soft_wrap=True)
        except MissingExtraError as missing:
            page.print(str(missing), style="dim", soft_wrap=True)


def _json(said: Said) -> dict[str, Any]:
    data: dict[str, Any] = {name: getattr(said, name) for name in said.__slots__}
    data["bounds"] = [said.bounds.lo, said.bounds.hi]
    return data


def print_tree(page: Console, found: tuple[Said, ...]) -> None:
    """Print a traced program: one node per line, its value here and over the episode."""
    fancy = Glyphs.of(page).fancy
    # Long formulas repeat what the lines below say.
    room = max(24, page.width - 44)
    head = Text(f"{'node':{room}}{'this step':>12}{'episode':>12}  ", style="dim")
    page.print(head, no_wrap=True, crop=False)
    for said in found:
        lead = "  " * said.depth
        name = said.formula if len(lead + said.formula) <= room - 2 else said.label
        name = (lead + name)[: room - 2]
        line = Text(f"{name:{room}}", style="dim" if said.why == "not read" else "")
        line.append(_number(said.here))
        line.append(_number(said.whole), style="" if said.scope == "episode" else "dim")
        if said.gate is not None:
            sign = ("●" if said.gate else "○") if fancy else ("open" if said.gate else "closed")
            line.append(f"  {sign}{(' open' if said.gate else ' closed') if fancy else ''}")
        elif said.why:
            line.append(f"  {said.why}", style="dim")
        page.print(line, no_wrap=True, crop=False, soft_wrap=True)


def _number(value: float | None) -> str:
    return f"{'-' if value is None else signed(value):>12}"
