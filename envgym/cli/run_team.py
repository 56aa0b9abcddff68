"""``envgym run`` for games and teams: a policy in every seat."""

from collections import Counter
from collections.abc import Sequence
from math import fsum
from pathlib import Path
from typing import Any

import typer

from envgym.cli import screen
from envgym.runtime.games.registry import make_text
from envgym.runtime.multi.play import Match, matches
from envgym.runtime.rollout import Job
from envgym.types import ConfigError, Policy


def run_team(
    name: str,
    agents: Sequence[str],
    jobs: Sequence[Job],
    *,
    settings: dict[str, Any],
    out: Path | None,
    append: bool,
    batch: int,
    as_json: bool,
) -> None:
    """Play ``jobs`` and print what every agent earned.

    Args:
        name: a game's name or a team environment's.
        agents: agent strings in seat order; one alone plays every seat.
        jobs: the episodes.
        settings: arguments of the environment.
        out: folder of the episode file; None: not recorded.
        append: whether ``out`` may hold episodes.
        batch: episodes played at once.
        as_json: print one JSON object instead of tables.

    Raises:
        ConfigError: a number of agents that does not fit, or what ``make_text`` refuses.
    """
    trial = make_text(name, **settings)
    seats = list(trial.possible_agents)
    trial.close()
    specs = list(agents) * (len(seats) if len(agents) == 1 else 1)
    if len(specs) != len(seats):
        raise ConfigError(
            f"{name} has {len(seats)} seats ({', '.join(seats)}): give one --agent for all or one "
            f"for each, got {len(specs)}."
        )
    policies = seated(specs)
    played = dict(zip(seats, policies, strict=True))
    if out is not None:
        settings = {**settings, "record": out, "append": append}
    finished: dict[int, Match] = {}
    interrupted = False
    human = "human" in specs
    batch = 1 if human else min(batch, len(jobs))
    try:
        # Pair by pair, so that what was played before an interruption is kept.
        finished.update(matches(lambda: make_text(name, **settings), played, jobs, batch=batch))
    except KeyboardInterrupt:
        interrupted = True
    rows = [row(number, finished[number]) for number in sorted(finished)]
    people = dict(zip(seats, specs, strict=True))
    if as_json:
        screen.print_json(
            {
                "env": name,
                "agents": people,
                "reward": settings.get("reward", "outcome"),
                "file": None if out is None else str(out / "episodes.jsonl"),
                "episodes": rows,
                "summary": summary(rows, people),
            }
        )
    else:
        if len(finished) == 1 and not human:
            transcript(next(iter(finished.values())))
        show(rows, people, out)
    if interrupted:
        raise KeyboardInterrupt
    if not any(r["valid"] for r in rows):
        raise typer.Exit(1)


def seated(specs: Sequence[str]) -> list[Policy]:
    """Return a policy per seat; equal strings share one, so that a model is loaded once."""
    from envgym.agents import resolve_agent

    known: dict[str, Policy] = {}
    for spec in specs:
        if spec not in known:
            known[spec] = resolve_agent(spec)
    return [known[spec] for spec in specs]


def row(number: int, done: Match) -> dict[str, Any]:
    """Return one episode's result as JSON values."""
    one = next(iter(done.rollouts.values()))
    return {
        "episode": number,
        "seed": done.job.seed,
        "returns": dict(done.returns),
        "final": None if done.final is None else list(done.final),
        "step_rewards": {a: list(r.step_rewards) for a, r in done.rollouts.items()},
        "success": {a: r.success for a, r in done.rollouts.items()},
        "turns": sum(len(r.turns) for r in done.rollouts.values()),
        "mistakes": {
            a: sum(turn.error is not None for turn in r.turns) for a, r in done.rollouts.items()
        },
        "forfeit": done.forfeit,
        "end": one.end,
        "valid": done.valid,
        "reason": done.reason,
    }


def summary(rows: list[dict[str, Any]], people: dict[str, str]) -> dict[str, Any]:
    """Return per seat who played it, its mean return and how often it won; None where unknown."""
    valid = [r for r in rows if r["valid"]]
    forfeits = Counter(r["forfeit"] for r in valid)

    def mean(values: list[float]) -> float | None:
        return fsum(values) / len(values) if values else None

    return {
        "episodes": len(rows),
        "invalid": len(rows) - len(valid),
        "seats": {
            seat: {
                "agent": spec,
                "mean_return": mean([r["returns"][seat] for r in valid]),
                "success_rate": mean(
                    [float(r["success"][seat]) for r in valid if r["success"][seat] is not None]
                ),
                "forfeits": forfeits[seat],
                "mistakes": sum(r["mistakes"][seat] for r in rows),
            }
            for seat, spec in people.items()
        },
    }


def transcript(done: Match) -> None:
    """Print what each agent was shown and said, one agent after the other."""
    page = screen.console()
    for agent, one in done.rollouts.items():
        page.print(f"== {agent} ({done.players.get(agent, '')})", style="bold")
        for turn in one.turns:
            for message in turn.messages:
                if message.role != "system":
                    page.print(message.content, soft_wrap=True)
            page.print(f"> {turn.reply.text}", style="cyan", soft_wrap=True)
        page.print(f"{one.observation}\n", soft_wrap=True)


def show(rows: list[dict[str, Any]], people: dict[str, str], out: Path | None) -> None:
    """Print the table of episodes and the one of seats."""
    page = screen.console()
    if not rows:
        return
    cells = [
        [r["episode"], r["seed"], *r["returns"].values(), r["turns"], r["end"], r["reason"]]
        for r in rows
    ]
    page.print(
        screen.table(("episode", "seed", *people, "turns", "end", "reason"), cells, title="Returns")
    )
    total = summary(rows, people)
    page.print()
    shown = [
        [seat, s["agent"], s["mean_return"], s["success_rate"], s["mistakes"], s["forfeits"]]
        for seat, s in total["seats"].items()
    ]
    columns = ("seat", "agent", "mean return", "success rate", "mistakes", "forfeits")
    page.print(screen.table(columns, shown))
    count = total["episodes"]
    page.print(f"\n{count} episode{'' if count == 1 else 's'}, {total['invalid']} invalid")
    if out is not None:
        page.print(f"recorded in {out / 'episodes.jsonl'}; see it with: envgym replay {out}")
