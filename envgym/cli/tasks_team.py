"""``envgym tasks check`` for games and teams: the laws that make up their proof."""

from typing import Any

import typer

from envgym.cli import screen
from envgym.runtime.games.registry import MARKETS, is_game
from envgym.testing import LawError
from envgym.testing.games.kit import GAME_LAWS, TEAM_LAWS, game_conformance
from envgym.types import ConfigError

GAME_PROOF = (
    "proved",
    "inaction_loses",
    "forfeits_pay_nobody",
    "nothing_leaks",
    "thoughts_stay_private",
    "hostile_messages",
    "oracle_only_looks",
)
"""Laws of a game's proof: it can be played well, and neither broken nor looked into."""
TEAM_PROOF = tuple(law for law in GAME_PROOF if law in TEAM_LAWS)


def check_team(name: str, as_json: bool) -> None:
    """Check the laws and print a row for each; exit code 1 if one is broken."""
    if name in MARKETS:
        raise ConfigError(
            f"{name} has no oracle to check: its proof is the test tests/envs/bandits/creators/test_proof.py."
        )
    laws = GAME_PROOF if is_game(name) else TEAM_PROOF
    rows: list[dict[str, Any]] = []
    for law in laws:
        problem = None
        try:
            game_conformance(name, laws=[law], spent="usual")
        except LawError as broken:
            problem = str(broken)
        about = (GAME_LAWS[law].__doc__ or "").strip().partition("\n")[0]
        rows.append({"law": law, "about": about, "problem": problem})
    broken_laws = [row for row in rows if row["problem"] is not None]
    if as_json:
        screen.print_json(rows)
    else:
        page = screen.console()
        cells = [[r["law"], r["about"], "ok" if r["problem"] is None else "broken"] for r in rows]
        page.print(screen.table(("law", "what it says", ""), cells))
        for row in broken_laws:
            page.print(f"{row['law']}: {row['problem']}", style="red", soft_wrap=True)
        page.print(f"\n{name}: {len(rows) - len(broken_laws)} of {len(rows)} laws hold.")
    if broken_laws:
        raise typer.Exit(1)
