"""Draw docs/images/replay.svg, the picture in the README: an episode as `envgym replay` shows it.

python docs/images/replay.py
"""

import io
import re
import tempfile
from pathlib import Path

import gymnasium as gym
from rich.console import Console
from rich.terminal_theme import MONOKAI

import envgym  # noqa: F401  # registers the ids
from envgym.cli.episode_view import show_episode
from envgym.runtime.episodes import read_episodes

TARGET = Path(__file__).with_suffix(".svg")
PLAN = ("open chest", *[None] * 12)
"""None: what the oracle says."""


def main() -> None:
    """Play one Quest, badly at first, and draw it."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        env = gym.make("envgym/Quest-v0", reward="gated", record=str(run))
        env.reset(seed=6)
        for words in PLAN:
            *_, terminated, truncated, _ = env.step(words or env.unwrapped.oracle())
            if terminated or truncated:
                break
        env.close()
        [episode] = read_episodes(run)
    console = Console(
        record=True,
        width=100,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
    )
    show_episode(console, episode)
    drawn = console.export_svg(title="envgym replay runs/quest", theme=MONOKAI)
    # Rich names a font host; a picture in a repository must not load anything.
    drawn = re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL)
    drawn = drawn.replace("https://www.textualize.io", "envgym")
    TARGET.write_text(re.sub(r"[ \t]+$", "", drawn, flags=re.MULTILINE), encoding="utf-8")


if __name__ == "__main__":
    main()
