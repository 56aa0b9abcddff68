"""A third-party package adds an environment and tasks by being installed, and by nothing else."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent / "plugin"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the package without build isolation into a folder of its own."""
    source = tmp_path_factory.mktemp("source")
    for file in PACKAGE.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            copy = source / file.relative_to(PACKAGE)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())
    target = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-build-isolation", "--no-deps"]
    done = subprocess.run(
        [*pip, "--target", target, source], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return target


def run(site: Path, *command: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(site)}
    return subprocess.run(
        [sys.executable, *command], env=env, capture_output=True, text=True, timeout=120
    )


def test_the_command_line_lists_and_plays_it(site: Path) -> None:
    listed = run(site, "-m", "envgym", "list", "--json")
    assert listed.returncode == 0, listed.stderr
    assert "acme/Lights-v0" in [row["id"] for row in json.loads(listed.stdout)]
    played = run(site, "-m", "envgym", "run", "acme/Lights-v0", "--episodes", "5", "--json")
    assert played.returncode == 0, played.stderr
    assert json.loads(played.stdout)["summary"]["success_rate"] == 1.0


def test_its_tasks_go_by_name(site: Path) -> None:
    code = """
import envgym
env = envgym.make("acme/Lights-v0", tasks="acme-evening", reward="dense")
_, info = env.reset(seed=3, options={"task": "attic"})
total, done = 0.0, False
while not done:
    _, reward, terminated, truncated, info = env.step(env.unwrapped.oracle())
    total, done = total + reward, terminated or truncated
print(info["success"], round(total, 6), info["turn"])
"""
    done = run(site, "-c", code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["yes", "2.0", "3"]


def test_a_wrong_task_of_its_own_kind_is_refused(site: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text('{"id": "a", "params": {"lamps": [true, true]}}\n')
    done = run(site, "-m", "envgym", "run", "acme/Lights-v0", "--tasks", str(file))
    assert done.returncode == 2
    assert "mine.jsonl:1" in done.stderr
    assert "lamps" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_plugin_does_not_hide_the_others(site: Path, tmp_path: Path) -> None:
    info = tmp_path / "broken-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[envgym.environments]\nbroken = no_such_module\n")
    both = Path(os.pathsep.join([str(site), str(tmp_path)]))
    listed = run(both, "-m", "envgym", "list", "--json")
    assert listed.returncode == 0, listed.stderr
    assert "acme/Lights-v0" in [row["id"] for row in json.loads(listed.stdout)]
    assert "plugin 'broken'" in listed.stderr


def test_its_reward_nodes_are_found_by_json(site: Path, tmp_path: Path) -> None:
    file = tmp_path / "polite.json"
    file.write_text(json.dumps({"program": "polite", "root": {"node": "acme.courtesy"}}))
    checked = run(site, "-m", "envgym", "rewards", "check", str(file), "--json")
    assert checked.returncode == 0, checked.stderr
    assert json.loads(checked.stdout)["needs"] == ["message"]
    file.write_text(json.dumps({"program": "polite", "root": {"node": "acme.curtesy"}}))
    wrong = run(site, "-m", "envgym", "rewards", "check", str(file))
    assert wrong.returncode == 2
    assert "Did you mean 'acme.courtesy'?" in wrong.stderr
