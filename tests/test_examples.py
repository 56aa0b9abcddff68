"""Every example runs, alone and as printed in the documentation."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))

SAYS = {
    "closed_loop.py": (
        "ofs: mean reward 0.5",
        "ucb: mean reward",
        "Tried so far",
        "the turn is spent",
    ),
    "custom_environment.py": ("Across are: cabbage, goat, wolf.", "success: yes"),
    "custom_task.py": ("yes after", "unknown field of params 'widht'", "Did you mean 'width'?"),
    "rescore.py": ("outcome", "dense", "gated", "process"),
    "selfplay_kuhn.py": ("NashConv of the average", "0.9167", "Player 0 bets first with"),
    "train_loop.py": ("episode 4: success",),
    "write_a_reward.py": (
        "unknown key of the record 'solved'",
        "fitness 1.00",
        "-0.05 * record['turn']",
    ),
}
"""Words that each script must print; a new example needs an entry."""


def run(script, folder):
    env = {**os.environ, "PYTHONSAFEPATH": "1"}
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_example_is_known():
    assert {path.name for path in EXAMPLES} == SAYS.keys()


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.name)
def test_runs(script, tmp_path):
    shown = run(script, tmp_path)
    for words in SAYS[script.name]:
        assert words in shown
    assert list(tmp_path.iterdir()) == []  # leaves nothing behind


@pytest.mark.parametrize("page", ["docs/custom_environment.md", "docs/envs/quest.md"])
def test_python_blocks_run(page, tmp_path):
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    assert blocks
    script = tmp_path / "page.py"
    script.write_text("\n".join(blocks), encoding="utf-8")
    run(script, ROOT / "examples")


def test_the_page_shows_the_example_as_it_is():
    page = (ROOT / "docs/custom_environment.md").read_text(encoding="utf-8")
    example = (ROOT / "examples/custom_environment.py").read_text(encoding="utf-8")
    assert f"```python\n{example}```" in page


def test_the_training_loop_is_fifteen_lines():
    text = (ROOT / "examples/train_loop.py").read_text(encoding="utf-8")
    loop = text[text.index("for episode") :]
    assert sum(bool(line.strip()) for line in loop.splitlines()) <= 15
