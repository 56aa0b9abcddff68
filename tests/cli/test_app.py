"""The command tree: help, errors, exit codes, and what loading it costs."""

import subprocess
import sys

import pytest
import typer

from envgym.cli import app
from envgym.types import ConfigError, EpisodeFileError, InfraError, MissingExtraError


def test_help_names_every_command(envgym):
    done = envgym("--help")
    assert done.code == 0
    for name, command in app.COMMANDS.items():
        assert f"  {name} " in done.out
        assert command.help in done.out


def test_no_arguments_show_the_help(envgym):
    assert "Commands:" in envgym().out + envgym().err


@pytest.mark.parametrize("name", app.COMMANDS)
def test_every_command_loads_and_explains_itself(envgym, name):
    done = envgym(name, "--help")
    assert done.code == 0, done.err
    assert f"envgym {name}" in done.out
    for line in done.out.splitlines():
        assert not line.rstrip().endswith("--help")


def test_help_loads_no_command(script):
    """Help must not wait for rich, gymnasium's environments, or a model library."""
    code = (
        "import sys\nfrom envgym.cli.app import run\nrun(['--help'])\n"
        "print(sorted(m for m in sys.modules if m.startswith('envgym.')), file=sys.stderr)\n"
        "print(sorted({'rich', 'torch', 'pydantic', 'httpx'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    modules, heavy = done.stderr.splitlines()
    assert heavy == "[]"
    assert not any(name in modules for name in ("envgym.envs", "envgym.agents", "envgym.cli.run"))


def test_unknown_command_names_the_nearest(envgym):
    done = envgym("docter")
    assert done.code == 2
    assert done.out == ""
    assert "Did you mean 'doctor'?" in done.err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("seed must be 0 or more, got -1."), 2),
        (EpisodeFileError("runs holds episodes already; add --append."), 2),
        (MissingExtraError("openai:MODEL@URL", "api"), 2),
        (InfraError("docker", "the daemon did not answer."), 1),
        (KeyboardInterrupt(), 130),
    ],
)
def test_foreseen_failures_become_one_line(envgym, monkeypatch, error, code):
    def fail() -> None:
        raise error

    command = typer.Typer()
    command.command("doctor")(fail)
    monkeypatch.setattr(app, "load", lambda name: typer.main.get_command(command))
    done = envgym("doctor")
    assert done.code == code
    assert done.out == ""
    assert done.err.startswith("envgym: ")
    assert done.err.count("\n") == 1


def test_our_own_bugs_are_not_hidden(envgym, monkeypatch):
    def fail() -> None:
        raise RuntimeError("a bug")

    command = typer.Typer()
    command.command("doctor")(fail)
    monkeypatch.setattr(app, "load", lambda name: typer.main.get_command(command))
    with pytest.raises(RuntimeError, match="a bug"):
        envgym("doctor")
