"""A package that knows envgym only from outside, installed as a user would install it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent / "acme_envgym"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Return a folder into which pip has installed the package, without build isolation."""
    folder = tmp_path_factory.mktemp("plugin")
    source, target = folder / "source", folder / "target"
    # A build leaves files beside the sources; the checkout must stay as it is.
    for file in SOURCE.rglob("*"):
        if file.suffix in (".py", ".toml"):
            copy = source / file.relative_to(SOURCE)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-build-isolation"]
    command += ["--no-deps", "--no-index", "--target", str(target), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return target


def python(folder, *args):
    """Run a fresh interpreter that finds the plugin beside the installed packages."""
    path = os.pathsep.join(p for p in (str(folder), os.environ.get("PYTHONPATH", "")) if p)
    done = subprocess.run(
        [sys.executable, *args],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_list_shows_its_environment(installed):
    rows = json.loads(python(installed, "-m", "envgym", "list", "--json"))
    mine = next(row for row in rows if row["id"] == "acme/Lights-v0")
    assert mine["summary"] == "Switch on all the lamps of a row."
    assert mine["tools"] == ["press"]
    assert "envgym/Quest-v0" in {row["id"] for row in rows}


@pytest.mark.parametrize(
    "make",
    [
        "envgym.make('acme/Lights-v0')",
        "(envgym.load_plugins(), gym.make('acme/Lights-v0'))[1]",
        "gym.make('acme_envgym.lights:acme/Lights-v0')",
    ],
)
def test_its_environment_can_be_made_and_won(installed, make):
    code = f"""
import envgym, gymnasium as gym
env = {make}
observation, info = env.reset(seed=3)
done = False
while not done:
    observation, reward, terminated, truncated, info = env.step(env.unwrapped.oracle())
    done = terminated or truncated
print(env.spec.id, info["success"], sum(info["step_rewards"]))
"""
    assert python(installed, "-c", code).split() == ["acme/Lights-v0", "yes", "1.0"]


def test_its_tasks_are_found_by_name(installed):
    code = """
import envgym
env = envgym.make("envgym/Quest-v0", tasks="acme-walks")
observation, info = env.reset(seed=0, options={"task": "walk-2"})
print(info["task_id"], len(env.unwrapped.tasks), info["evidence"]["optimal"] <= 6)
"""
    assert python(installed, "-c", code).split() == ["walk-2", "3", "True"]


def test_a_vector_of_its_environment(installed):
    code = """
import envgym, gymnasium as gym
envs = gym.make_vec("acme_envgym.lights:acme/Lights-v0", num_envs=3)
observations, infos = envs.reset(seed=[1, 2, 3])
print(len(observations), type(envs).__name__)
"""
    assert python(installed, "-c", code).split() == ["3", "TextVectorEnv"]


def test_without_the_package_the_id_is_unknown():
    code = """
import envgym
try:
    envgym.make("acme/Lights-v0")
except envgym.ConfigError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert "unknown environment 'acme/Lights-v0'; allowed: " in done.stdout


def test_a_broken_plugin_hides_no_other(installed, tmp_path):
    meta = tmp_path / "broken-0.1.dist-info"
    meta.mkdir()
    (meta / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 0.1\n")
    (meta / "entry_points.txt").write_text("[envgym.environments]\nbroken = no_such_module\n")
    path = os.pathsep.join([str(installed), str(tmp_path)])
    ids = python(path, "-c", "import envgym; print(*envgym.ids()); print(*envgym.load_plugins())")
    assert "acme/Lights-v0" in ids
    assert "plugin 'broken' of broken failed to load: ModuleNotFoundError" in ids
