"""``envgym info`` for games and teams: rules, arguments, evidence, presets."""

import inspect
from typing import Any

from envgym.cli import screen
from envgym.cli.info import evidence_row, section, tool_row, value_rows
from envgym.runtime.games.registry import is_game, make_text, text_options


def info_team(name: str, as_json: bool) -> None:
    """Print everything that an environment of several agents says about itself."""
    found = describe_team(name)
    if as_json:
        screen.print_json(found)
        return
    out = screen.console()
    out.print(found["id"], style="bold", soft_wrap=True)
    told = ", ".join(f"{key} {screen.cell(value)}" for key, value in found["facts"].items())
    out.print(f"{found['class']}; {told}\n", style="dim", soft_wrap=True)
    out.print(found["doc"], soft_wrap=True)
    out.print(f"\nAs told to {found['agents'][0]}", style="bold")
    out.print(found["role"], soft_wrap=True)
    section(out, "Tools", ("name", "arguments", "help"), [tool_row(t) for t in found["tools"]])
    section(out, "Arguments", ("name", "default"), list(found["arguments"].items()))
    out.print(f"and those of every text view: {', '.join(found['shared_arguments'])}")
    shown = ("key", "type", "unit", "scope", "cost", "help")
    rows = value_rows([{k: e[k] for k in shown} for e in found["evidence"]])
    section(out, "Evidence of each agent", shown, rows)
    programs = [(key, p["phase"], p["text"]) for key, p in found["presets"].items()]
    section(out, "Reward presets", ("name", "phase", "program"), programs)


def describe_team(name: str) -> dict[str, Any]:
    """Return the facts of one environment of several agents as JSON values."""
    env = make_text(name)
    try:
        env.reset(seed=0)
        first = env.possible_agents[0]
        cls = type(env)
        facts: dict[str, Any] = {k: env.metadata[k] for k in ("version", "proof", "cost")}
        doc, arguments, home = inspect.getdoc(cls) or "", {}, cls
        if is_game(name):
            game = env.game
            home = type(game)
            doc = inspect.getdoc(inspect.getmodule(home)) or ""
            arguments = dict(game.params)
            facts |= {
                "players": game.players,
                "actions": game.num_actions,
                "decisions": game.max_decisions,
                "lowest": game.utility[0],
                "highest": game.utility[1],
                "zero_sum": game.zero_sum,
                "simultaneous": game.simultaneous,
            }
        else:
            arguments = {
                p.name: p.default
                for p in inspect.signature(cls).parameters.values()
                if p.kind is p.KEYWORD_ONLY
            }
        return {
            "id": name,
            "class": f"{home.__module__}:{home.__qualname__}",
            "doc": doc,
            "facts": facts,
            "agents": list(env.possible_agents),
            "role": env.role(first),
            "tools": [tool.schema for tool in env.tools_of(first).values()],
            "arguments": arguments,
            "shared_arguments": sorted(text_options()),
            "evidence": [evidence_row(item) for item in env.declared.values()],
            "presets": {
                key: {"text": str(p), "phase": str(p.phase), "spec": p.spec()}
                for key, p in env.presets().items()
            },
        }
    finally:
        env.close()
