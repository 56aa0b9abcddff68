"""``envgym demo``: a small model learns a quest, then a trip is planned and scored four ways."""

from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envgym.agents import OraclePolicy
from envgym.cli import screen
from envgym.cli.episode_view import show_episode
from envgym.cli.train import prepare
from envgym.runtime import registry
from envgym.runtime.episodes import read_episodes
from envgym.runtime.episodes.scoring import rescore
from envgym.runtime.rollout import Job, rollout
from envgym.types import EpisodeFileError

if TYPE_CHECKING:
    from rich.console import Console

    from envgym.agents.train.config import TrainConfig
    from envgym.agents.train.display import Display
    from envgym.agents.train.interrupt import Interrupt

CONFIG = Path(__file__).with_name("demo.toml")
TRAVEL = "envgym/TravelPlan-v0"
PRESETS = ("outcome", "dense", "gated", "process")
WIDTH = 132
"""Columns that a line of training metrics needs."""
SHOWN_CHARS = 1000
"""Longest text of the trip that is shown; the file holds it whole."""


def demo(
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Write everything to this new folder. [default: runs/demo, -2, ...]"
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE.toml", help="Train by this config instead of the demo's own."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(metavar="N", help="Use another seed than the config's. [0 or more]"),
    ] = None,
) -> None:
    """Train a small model on Quest, show it improve, replay it; then plan a trip.

    Takes a few minutes on two cores and no GPU. Every episode shown is recorded under DIR, so
    `envgym replay` and `envgym rescore` go on from there.
    """
    from envgym.agents.train import toml

    settings = toml.load(config or CONFIG)
    folder = fresh(out, Path(settings.run.out))
    changed: dict[str, Any] = {"out": str(folder)} | ({} if seed is None else {"seed": seed})
    settings = toml.parse(
        settings.to_dict() | {"run": asdict(settings.run) | changed}, where="demo"
    )
    prepare("envgym demo")
    from envgym.agents.train.display import Display
    from envgym.agents.train.interrupt import Interrupt, Stopped

    page = screen.console()
    if not page.is_terminal:
        page.width = WIDTH
    with Interrupt() as interrupt:
        try:
            with Display(console=page) as display:
                learn(settings, folder, display, interrupt)
        except Stopped:
            raise KeyboardInterrupt from None
    compare(page, folder)
    travel(page, folder / "travel", settings.run.seed)
    page.print(f"\nEverything is in {folder}. Look around with: envgym replay {folder}/exams/after")


def fresh(out: Path | None, default: Path) -> Path:
    """Return a folder that does not exist yet: ``out`` itself, or the first free default."""
    if out is not None:
        if out.exists():
            raise EpisodeFileError(f"{out} exists already; name a new folder with --out.")
        return out
    names = (default if k == 1 else default.with_name(f"{default.name}-{k}") for k in count(1))
    return next(name for name in names if not name.exists())


def learn(
    settings: "TrainConfig", folder: Path, display: "Display", interrupt: "Interrupt"
) -> None:
    """Imitate, examine, reinforce, examine."""
    from envgym.agents.train.trainer import Trainer

    worlds, rl = settings.eval.worlds, settings.rl
    display.say("1. A random model imitates an expert who errs in most turns.")
    trainer = Trainer(settings, out=folder, display=display, interrupt=interrupt)
    try:
        display.say(f"   {trainer.learner.describe()}; {len(trainer.demos)} demonstrations")
        trainer.warm_start()
        trainer.begin_reinforcement()
        display.say(f"2. Exam on {worlds} worlds that training never meets:")
        before = trainer.examine("before")
        display.say(f"   {before}")
        display.say(f"3. Reinforcement: {rl.steps} updates of {rl.groups} x {rl.members} episodes.")
        trainer.probe()
        while trainer.progress.step < rl.steps:
            trainer.reinforce()
        trainer.save()
        display.say("4. The same exam again:")
        after = trainer.examine("after")
        display.say(f"   before {before}")
        display.say(f"   after  {after}")
    finally:
        trainer.close()


def compare(page: "Console", folder: Path) -> None:
    """Show one world twice: lost before, won after."""
    before = {e.head.task["id"]: e for e in read_episodes(folder / "exams" / "before")}
    after = {e.head.task["id"]: e for e in read_episodes(folder / "exams" / "after")}
    learned = [
        task
        for task, e in before.items()
        if not e.success and task in after and after[task].success
    ]
    if not learned:
        page.print("\nNo world was lost before and won after; there is nothing to compare.")
        return

    def detour(task: str) -> int:
        last = after[task].records[-1]
        return int(last["turn"] - last["optimal"])

    # The longest win by the shortest way shows most of what was learned.
    task = min(learned, key=lambda name: (detour(name), -len(after[name].turns)))
    for when, episodes in (("5. The world {}, before", before), ("   The world {}, after", after)):
        page.print(f"\n{when.format(task)} reinforcement:\n", style="bold")
        show_episode(page, episodes[task])


def travel(page: "Console", folder: Path, seed: int) -> None:
    """Plan one trip well and once badly, record both, score the recordings under every preset."""
    env = registry.make(TRAVEL, disable_env_checker=True, record=folder, record_evidence="all")
    try:
        page.print(
            f"\n6. A trip through real geography: {TRAVEL}, played by its oracle.\n", style="bold"
        )
        job = Job(seed=seed)
        ((_, done),) = rollout(lambda: env, OraclePolicy(), [job], envs=[env])
        first, last = done.turns[0], done.turns[-1]
        page.print(short(first.messages[-1].content), soft_wrap=True)
        page.print(f"\n... {len(done.turns) - 1} calls later ...\n", style="dim")
        page.print(short(f"> {last.reply.text}"), style="cyan", soft_wrap=True)
        page.print(short(done.observation), soft_wrap=True)
        env.reset(seed=seed)
        inner: Any = env.unwrapped
        flaw, script = next(iter(inner.near_misses().items()))
        for message in script:
            if any(env.step(message)[2:4]):
                break
    finally:
        env.close()
    page.print(
        f"\n7. Two recordings, this trip and one with a flaw ({flaw}), under four reward programs;"
        " nothing is run again:\n",
        style="bold",
    )
    rows = [(preset, *(scored.total for scored in rescore(folder, preset))) for preset in PRESETS]
    page.print(screen.table(("program", "return", "with the flaw"), rows))


def short(text: str) -> str:
    """Return the beginning of a long text, saying how much is left out."""
    left = len(text) - SHOWN_CHARS
    return text if left <= 0 else f"{text[:SHOWN_CHARS]} ... ({left} more characters)"
