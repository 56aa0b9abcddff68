"""The package as it is installed: names, links, guards and what importing it costs."""

import importlib
import importlib.metadata
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import envgym

ROOT = Path(__file__).parents[1]
PACKAGE = Path(envgym.__file__).parent
LINKS = ("agents", "envs", "rewards")


def python(*args: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a fresh interpreter that sees the installed package and, if given, one more folder."""
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONSAFEPATH")}
    env["PYTHONSAFEPATH"] = "1"
    if path is not None:
        env["PYTHONPATH"] = str(path)
    command = [sys.executable, *args]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)


def modules_after(statement: str) -> set[str]:
    """Return the top-level modules that are loaded once ``statement`` has run."""
    code = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = python("-c", code)
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}


@pytest.mark.parametrize("name", LINKS)
def test_link_points_into_the_package(name: str) -> None:
    link = ROOT / name
    assert link.is_symlink()
    assert link.readlink() == Path("envgym") / name


@pytest.mark.parametrize("name", LINKS)
def test_guard_refuses_another_name(name: str) -> None:
    done = python("-c", f"import {name}", path=ROOT)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: ")
    assert f"envgym.{name}" in last


@pytest.mark.parametrize("name", LINKS)
def test_guard_lets_its_own_name_through(name: str) -> None:
    assert python("-c", f"import envgym.{name}").returncode == 0


def test_module_runs_as_program() -> None:
    done = python("-m", "envgym", "--version")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"envgym {importlib.metadata.version('envgym')}"


def test_console_script_is_installed() -> None:
    script = Path(sys.executable).with_name("envgym")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")


def test_version_has_one_source() -> None:
    assert envgym.__version__ == importlib.metadata.version("envgym")


def test_import_loads_no_heavy_library() -> None:
    """Allow-list: what Gymnasium needs, the standard library and envgym itself."""
    allowed = modules_after("import gymnasium") | set(sys.stdlib_module_names) | {"envgym"}
    # Loaded on behalf of the installation (editable finders, .pth files), not by envgym.
    allowed |= modules_after("pass")
    assert modules_after("import envgym") - allowed == set()


def test_making_an_environment_loads_no_heavy_library() -> None:
    loaded = modules_after("import gymnasium, envgym; gymnasium.make('envgym/GuessNumber-v0')")
    assert loaded & {"torch", "transformers", "rich", "typer", "pandas", "httpx"} == set()


def test_import_prints_nothing_and_writes_nothing(tmp_path: Path) -> None:
    code = f"import os; os.chdir({str(tmp_path)!r}); import envgym"
    done = python("-c", code)
    assert (done.stdout, done.stderr) == ("", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["envgym", "envgym.types", "envgym.rewards", "envgym.testing"])
def test_all_lists_what_can_be_imported(name: str) -> None:
    """Every listed name exists, once, and shows in dir()."""
    module = importlib.import_module(name)
    assert len(module.__all__) == len(set(module.__all__))
    assert set(module.__all__) <= set(dir(module))
    for listed in module.__all__:
        assert getattr(module, listed) is not None


@pytest.mark.parametrize("name", ["envgym.types", "envgym.rewards", "envgym.testing"])
def test_public_names_are_listed(name: str) -> None:
    module = importlib.import_module(name)
    own = {
        public
        for public, value in vars(module).items()
        if not public.startswith("_") and getattr(value, "__module__", "").startswith(name + ".")
    }
    assert own - set(module.__all__) == set()


def test_the_wheel_carries_its_data_and_types() -> None:
    assert (PACKAGE / "py.typed").is_file()
    suffixes = {".py", ".typed", ".json", ".jsonl", ".gz", ".txt", ".toml", ".csv", ".npz"}
    folders = {"data", "prompts", "tasks", "templates"}
    for file in (ROOT / "envgym").rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            assert file.suffix in suffixes or file.parent.name in folders, f"not packaged: {file}"
            assert (PACKAGE / file.relative_to(ROOT / "envgym")).is_file(), f"not packaged: {file}"


def test_no_file_names_a_machine() -> None:
    """Neither absolute paths of some computer nor a package registry's address."""
    leak = re.compile(
        r"(?<![\w.~-])/(?:home|root|Users|work|farm)/\w|(?:pypi|npmjs|crates)\.(?:org|io)"
    )
    found = []
    for folder in ("envgym", "tests", "examples", "benchmarks", "docs", ".ci"):
        for file in (ROOT / folder).rglob("*"):
            if (
                file.suffix in {".py", ".md", ".toml", ".json", ".jsonl", ".txt", ""}
                and file.is_file()
            ):
                text = file.read_text(encoding="utf-8", errors="replace")
                found += [f"{file.relative_to(ROOT)}: {m.group()}" for m in leak.finditer(text)]
    assert [line for line in found if not line.startswith("tests/test_package.py")] == []


@pytest.mark.parametrize("make", ["api", "docker", "games", "ray", "serve", "train", "web", "all"])
def test_extras_are_declared(make: str) -> None:
    extras = importlib.metadata.metadata("envgym").get_all("Provides-Extra") or []
    assert make in extras


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "kuhn"],
        ["run", "envgym/SelfPlay-v0"],
        ["info", "leduc"],
        ["arena", "--game", "kuhn", "--players", "random,oracle"],
        ["tasks", "check", "kuhn"],
    ],
)
def test_games_without_their_extra_say_so(arguments: list[str]) -> None:
    code = (
        "import sys; sys.modules['pettingzoo'] = None; from envgym.cli.app import run;"
        f" sys.exit(run({arguments!r}))"
    )
    done = python("-c", code)
    assert done.returncode == 2, done.stderr
    assert "needs the extra 'games': pip install 'envgym[games]'" in done.stderr
    assert "Traceback" not in done.stderr
