"""The family's page says what the code says."""

import json
import re
import subprocess
import sys
from pathlib import Path

from envgym.envs.travel import TravelPlanEnv
from envgym.envs.travel.commonsense import CHECKS
from envgym.envs.travel.generate import SPLITS
from envgym.envs.travel.request import TYPES

PAGE = (Path(__file__).parents[3] / "docs/envs/travel.md").read_text(encoding="utf-8")


def first_cells(section):
    text = PAGE.split(f"## {section}\n")[1].split("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [name for line in lines for name in re.findall(r"`([^`]+)`", line.split("|")[1])]


def test_constraints_and_splits():
    assert first_cells("Requests")[:8] == list(TYPES)
    assert first_cells("Requests")[8:12] == list(SPLITS)


def test_rules():
    assert sorted(first_cells("Rules of a good plan")) == sorted(CHECKS)


def test_sizes_of_splits():
    for split, size in SPLITS.items():
        assert re.search(rf"\| `{split}` \| {size:,} \|", PAGE)


def test_the_custom_task_runs():
    block = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)[1]
    env = TravelPlanEnv(tasks=[json.loads(block)])
    env.reset(seed=0)
    while True:
        _, _, over, _, info = env.step(env.oracle())
        if over:
            break
    assert info["success"] == "yes"


def test_the_example_runs():
    code = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)[1]
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.startswith("TravelMetrics(delivery=0.5, ")
