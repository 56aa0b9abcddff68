"""The tree of commands, and what becomes of an error on its way to the terminal.

Only names and help lines live here: `envgym --help` must not wait for the modules behind them.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup

from envgym.types import (
    ConfigError,
    EnvgymError,
    EpisodeFileError,
    EvidenceError,
    MissingExtraError,
    TaskError,
)


class Command(NamedTuple):
    """Where a command's function is and what it is for."""

    place: str
    """``module:name`` of a function with typer's annotations, or of a Typer app with commands."""
    help: str
    """One line, imperative."""


COMMANDS: Mapping[str, Command] = {
    "demo": Command("demo:demo", "Train a small model on Quest, show it improve, replay it."),
    "list": Command("listing:listing", "List every environment that can be made here."),
    "info": Command("info:info", "Show an environment's tools, evidence, presets and tasks."),
    "run": Command("run:run", "Play episodes with an agent and score them."),
    "replay": Command("replay:replay", "Show a recorded episode, or run it again and compare."),
    "rescore": Command("rescore:rescore", "Score recorded episodes under another program."),
    "rewards": Command("rewards:app", "Look up, check, explain, probe and compare rewards."),
    "solve": Command("solve:solve", "Solve a game, and plot how fast it gets there."),
    "arena": Command("arena:arena", "Play a tournament between agents and rate them."),
    "study": Command("study.command:study", "Compare learners over seeds in a closed-loop bandit."),
    "export": Command("export:export", "Write recorded episodes as chats for fine-tuning."),
    "tasks": Command(
        "tasks:app", "Work with tasks: check that they can be solved and not cheated."
    ),
    "train": Command("train:train", "Train a model by the steps in a config file."),
    "doctor": Command("doctor:doctor", "Report what is installed and how to install the rest."),
}

_USAGE = (ConfigError, EpisodeFileError, EvidenceError, MissingExtraError, TaskError)
"""What the caller can mend; the rest of the tree is our side failing."""

# Rich help costs 60 ms of imports, a third of Gymnasium's own; plain help is instant.
_PLAIN: dict[str, Any] = {"rich_markup_mode": None, "add_completion": False}
_NAMES = {"help_option_names": ["-h", "--help"]}


class LazyGroup(TyperGroup):
    """A group that imports a command's module when the command is called, not before."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Return the real command in place of the stand-in that only carries a help line."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, load(str(name)) if name in COMMANDS else None, rest

    def invoke(self, ctx: Any) -> Any:
        """Run the command; a failure that we foresaw becomes one sentence and an exit code."""
        try:
            return super().invoke(ctx)
        except EnvgymError as error:
            typer.echo(f"envgym: {error}", err=True)
            raise typer.Exit(2 if isinstance(error, _USAGE) else 1) from None
        except KeyboardInterrupt:
            typer.echo("envgym: interrupted; what was written can be read.", err=True)
            raise typer.Exit(130) from None


def load(name: str) -> Any:
    """Return the command of this name, ready to be invoked."""
    command = COMMANDS[name]
    module, _, attribute = command.place.partition(":")
    found = getattr(import_module(f"envgym.cli.{module}"), attribute)
    if not isinstance(found, typer.Typer):
        app = typer.Typer(**_PLAIN)
        app.command(name, context_settings=_NAMES)(found)
        found = app
    return typer.main.get_command(found)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"envgym {version('envgym')}")
        raise typer.Exit


def _root(
    show_version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and exit.", callback=_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Multi-turn environments for LLM agents, with rewards that can be audited."""


def _stand_in() -> None:
    """Never called: holds the place of a command whose module is not loaded yet."""


def build() -> Any:
    """Return the root command."""
    app = typer.Typer(cls=LazyGroup, no_args_is_help=True, **_PLAIN, context_settings=_NAMES)
    app.callback()(_root)
    for name, command in COMMANDS.items():
        app.command(name, help=command.help)(_stand_in)
    return typer.main.get_command(app)


def run(args: Sequence[str]) -> int:
    """Run the command line and return its exit code."""
    try:
        build()(args=list(args), prog_name="envgym")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    return 0
