"""``envgym train``: the reference trainer behind a config file."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envgym.types import ConfigError, MissingExtraError

if TYPE_CHECKING:
    from envgym.agents.train.exam import Exam

NEEDED = ("torch", "transformers", "peft", "safetensors", "tokenizers")
"""What the trainer imports: the extra `train`."""


def train(
    config: Annotated[
        Path,
        typer.Argument(
            metavar="CONFIG.toml", help="Tables env, model, sft, rl, optim, eval and run."
        ),
    ],
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the last checkpoint of the run's folder.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write the run here. [default: [run] out]"),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print the exams as one JSON object; metrics go to DIR only."),
    ] = False,
) -> None:
    """Train a model: imitate an expert, then reinforce on grouped rollouts.

    Writes DIR/metrics.jsonl, DIR/checkpoints and DIR/exams. Ctrl-C saves a checkpoint, from
    which --resume continues with the very next step; press it twice to leave at once.
    """
    from envgym.agents.train import toml

    settings = toml.load(config)
    folder = out if out is not None else Path(settings.run.out)
    if not resume and (folder / "metrics.jsonl").exists():
        # Killed before its first checkpoint, a run leaves metrics and nothing to go on from.
        begun = (folder / "checkpoints" / "latest.json").exists()
        way = "add --resume" if begun else "it has no checkpoint to resume from: delete it"
        raise ConfigError(f"{folder} holds a run already; {way}, or name another with --out.")
    prepare("envgym train")
    from rich.console import Console

    from envgym.agents.train.display import Display
    from envgym.agents.train.interrupt import Interrupt, Stopped
    from envgym.agents.train.trainer import Trainer

    console = Console(stderr=True) if as_json else None
    interrupt = Interrupt()
    with interrupt, Display(live=settings.run.live, console=console) as display:
        try:
            trainer = Trainer(
                settings, out=folder, resume=resume, display=display, interrupt=interrupt
            )
        except Stopped:
            raise KeyboardInterrupt from None
        try:
            after = trainer.run()
        except Stopped:
            trainer.save()
            display.say(f"Go on with: envgym train {config} --resume" + _where(out))
            raise KeyboardInterrupt from None
        finally:
            trainer.close()
        before = trainer.progress.before
        best = trainer.checkpoints.path("best")
        found = report(settings.env.id, folder, best, before, after)
        if as_json:
            from envgym.cli import screen

            screen.print_json(found)
        else:
            show(display, found, after)


def prepare(what: str) -> None:
    """Silence the model library's own bars; raise MissingExtraError if it is not installed."""
    if any(find_spec(name) is None for name in NEEDED):
        raise MissingExtraError(what, "train")
    from transformers.utils import logging

    logging.disable_progress_bar()


def report(
    env_id: str, folder: Path, best: Path | None, before: dict[str, Any] | None, after: "Exam"
) -> dict[str, Any]:
    """Return what a finished run ends with: both exams and where everything is."""
    return {
        "env": env_id,
        "folder": str(folder),
        "metrics": str(folder / "metrics.jsonl"),
        "checkpoint": None if best is None else str(best),
        "before": before,
        "after": after.event(),
    }


def show(display: Any, found: dict[str, Any], after: "Exam") -> None:
    """Print both exams and how to play with the result."""
    before = found["before"]
    if before is not None:
        low, high = before["low"], before["high"]
        display.say(
            f"before: {before['successes']} of {before['trials']} = {before['success']:.1%}"
            f" [95% interval {low:.1%} to {high:.1%}]"
        )
    display.say(f"after:  {after}")
    if found["checkpoint"] is not None:
        display.say(f"play with it: envgym run {found['env']} --agent hf:{found['checkpoint']}")


def _where(out: Path | None) -> str:
    return "" if out is None else f" --out {out}"
