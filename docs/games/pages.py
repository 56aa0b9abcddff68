"""Write what the code knows into the pages of this folder.

python docs/games/pages.py        # needs the extras games and stats; a test compares

A page holds two comment lines, and what lies between them is written anew::

    <!-- facts: kuhn -->
    <!-- end of facts -->

``<!-- facts: games -->`` and ``<!-- facts: evidence -->`` in index.md hold tables for all games,
``<!-- facts: arena -->`` in the page on the arena what a tournament printed.
"""

import ast
import contextlib
import inspect
import io
import json
import re
import shlex
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import envgym
from envgym.agents.solvers.best_response import quality
from envgym.agents.solvers.reference import LIMIT, Reference, reference
from envgym.cli.app import run
from envgym.runtime.games.presets import GAME, REGRET
from envgym.runtime.games.registry import BUILTIN
from envgym.runtime.multi.evidence import TEAM
from envgym.types import Evidence

FOLDER = Path(__file__).parent
ARENA = "envgym arena --game leduc --players random,cfr:1000,oracle --format swiss"
SEED = 3
TURNS = 2
"""Messages of player_0 that an example shows."""

_BLOCK = re.compile(r"(<!-- facts: (\w+) -->\n).*?(<!-- end of facts -->)", re.DOTALL)


def pages() -> dict[Path, str]:
    """Return every page and the text that it should have."""
    found = {}
    for path in (*sorted(FOLDER.glob("*.md")), FOLDER.parent / "arena.md"):
        text = path.read_text(encoding="utf-8")
        found[path] = _BLOCK.sub(lambda m: f"{m[1]}\n{block(m[2])}\n\n{m[3]}", text)
    return found


def block(name: str) -> str:
    """Return what is written about a game, or the table of all of them."""
    if name == "games":
        return "\n".join(overview())
    if name == "evidence":
        return "\n".join(evidence_rows((*TEAM, *GAME, REGRET)))
    if name == "arena":
        return "\n".join(["```console", f"$ {ARENA}", *printed(ARENA), "```"])
    game = envgym.make_game(name)
    solved = reference(game)
    parts = [
        *table(("fact", "value"), facts(game, solved)),
        "",
        f'**Arguments** of `envgym.make_game("{name}", ...)`; defaults as JSON',
        "",
        *arguments(type(game)),
        "",
        *own_evidence(game),
        *own_presets(name, game),
        "**Rules**, as told to player 0",
        "",
        *quoted(game.rules(0)),
        "",
        f"**What player_0 is shown**, seed {SEED}; its answers are the oracle's",
        "",
        "```text",
        *example(name),
        "```",
        "",
        "**From the command line**",
        "",
        "```bash",
        *commands(name, game, solved),
        "```",
    ]
    return "\n".join(parts)


def overview() -> list[str]:
    """Return the table of all games."""
    rows = []
    cells = ("players", "actions", "moves", "positions", "information sets", "value")
    for name in sorted(BUILTIN):
        game = envgym.make_game(name)
        known = dict(facts(game, reference(game)))
        proof = known["proof"].partition(":")[0]
        rows.append([f"[{name}]({name}.md)", *(known.get(cell, "") for cell in cells), proof])
    return table(("game", *cells, "proof"), rows)


def facts(game: Any, solved: Reference | None) -> Iterator[tuple[str, str]]:
    """Yield what the table of facts says, for the default arguments."""
    low, high = game.utility
    yield "players", str(game.players)
    yield "actions", str(game.num_actions)
    yield "decisions at most", str(game.max_decisions)
    yield "returns", f"{low:g} to {high:g}{', zero-sum' if game.zero_sum else ''}"
    yield "moves", "simultaneous" if game.simultaneous else "one after the other"
    yield "numbers in an observation", str(game.observation_size)
    if solved is None:
        yield "positions", f"more than {LIMIT:,}"
        yield "oracle", f"the game's expert: {expert(type(game))}"
        yield "proof", "`reference`: the oracle beats random play, doing nothing does not"
        return
    values = quality(solved.tree, solved.profile).values
    yield "positions", f"{len(solved.tree):,}"
    yield "information sets", f"{len(solved.tree.infoset_key):,}"
    told = ", ".join(f"{value:+.4f}".replace("-0.0000", "+0.0000") for value in values)
    yield "value", told
    conv = solved.nash_conv
    close = "below 1e-8" if conv < 1e-8 else f"{conv:.1e}"
    yield "oracle", f"the solved profile, `{solved.name}`, NashConv {close}"
    yield "proof", "`equilibrium`: nobody gains by leaving the oracle's profile"


def expert(game: type) -> str:
    """Return what the expert does, from the first line of its docstring."""
    doc = inspect.getdoc(game.expert) or ""  # type: ignore[attr-defined]
    return doc.splitlines()[0].removeprefix("Return ").removesuffix(".")


def arguments(game: type) -> list[str]:
    """Return the table of a game's arguments; the meanings are the strings below its fields."""
    body = ast.parse(textwrap.dedent(inspect.getsource(game))).body[0]
    assert isinstance(body, ast.ClassDef)
    told: dict[str, str] = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr):
            told[ast.unparse(field.target)] = " ".join(str(ast.literal_eval(below.value)).split())
    rows = [
        (f"`{field.name}`", f"`{json.dumps(field.default)}`", told[field.name].replace("``", "`"))
        for field in fields(game)
    ]
    return table(("argument", "default", "meaning"), rows) if rows else ["None: there is one size."]


def own_evidence(game: Any) -> list[str]:
    """Return the table of what a game reports beyond the evidence of all games; [] if nothing."""
    rows = evidence_rows(getattr(game, "declares", ()))
    if not rows:
        return []
    return ["**Evidence** of its own, beside that of [all games](index.md)", "", *rows, ""]


def own_presets(name: str, game: Any) -> list[str]:
    """Return the table of a game's reward presets beyond those of all games; [] if none."""
    if not hasattr(game, "presets"):
        return []
    env = envgym.make_text(name)
    known = {"outcome", "dense", "gated", "process", "delta", "regret"}
    rows = [(f"`{key}`", f"`{p}`") for key, p in env.presets().items() if key not in known]
    env.close()
    head = "**Reward presets** of its own, beside those of [all games](index.md#rewards)"
    return [head, "", *table(("preset", "program"), rows), ""]


def evidence_rows(items: Sequence[Evidence]) -> list[str]:
    """Return a table of evidence, [] where there is none."""
    rows = [
        (f"`{e.key}`", e.type, "the end" if e.scope == "episode" else "", e.help) for e in items
    ]
    return table(("key", "type", "when", "meaning"), rows) if rows else []


def example(name: str) -> Iterator[str]:
    """Yield what player_0 sees and says in its first turns, and the end if the game is over."""
    env = envgym.make_text(name)
    env.reset(seed=SEED)
    seat, turns = env.possible_agents[0], 0
    while turns < TURNS and not env.terminations[seat]:
        agent = env.agent_selection
        said = env.oracle(agent)
        if agent == seat:
            yield from [*env.observe(seat).splitlines(), f"> {said}", ""]
            turns += 1
        env.step(said)
    yield from env.observe(seat).splitlines() if env.terminations[seat] else ["..."]
    env.close()


def commands(name: str, game: Any, solved: Reference | None) -> Iterator[str]:
    """Yield commands that work in an empty folder."""
    agents = " ".join(["--agent oracle", *["--agent random"] * (game.players - 1)])
    yield f"envgym run {name} {agents} --seed {SEED} --episodes 4 --out runs/{name}"
    yield f"envgym replay runs/{name}"
    if solved is not None:
        yield f"envgym solve {name} --alg cfr+ --iterations 100"


def printed(command: str) -> list[str]:
    """Return what a command of envgym prints."""
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        run(shlex.split(command)[1:])
    return [line.rstrip() for line in shown.getvalue().splitlines()]


def quoted(text: str) -> list[str]:
    """Return a text as a block quote that keeps its lines."""
    *lines, last = text.splitlines()
    return [*(f"> {line}\\" for line in lines), f"> {last}"]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a markdown table."""
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]


if __name__ == "__main__":
    for page, text in pages().items():
        page.write_text(text, encoding="utf-8")
