"""One transcript per level. Regenerate with ``python tests/envs/quest/test_golden.py``."""

from pathlib import Path

import pytest

from envgym.envs.quest import LEVELS, QuestEnv

FOLDER = Path(__file__).parent / "golden"
MISTAKES = ("dance", "take moon", "go north and south", "inventory")


def transcript(level: str) -> str:
    env = QuestEnv(level=level)
    observation, info = env.reset(seed=11)
    lines = [info["system"], "", f"[{info['task_id']}]", observation]
    script = iter(MISTAKES)
    done = False
    while not done:
        action = next(script, None) or env.oracle()
        observation, _, terminated, truncated, info = env.step(action)
        lines += [f"> {action}", observation]
        done = terminated or truncated
    facts = sorted(info["evidence"].items())
    return "\n".join([*lines, "", *(f"{key} = {value!r}" for key, value in facts), ""])


@pytest.mark.parametrize("level", sorted(LEVELS))
def test_transcript(level):
    assert transcript(level) == (FOLDER / f"{level}.txt").read_text(encoding="utf-8")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name in LEVELS:
        (FOLDER / f"{name}.txt").write_text(transcript(name), encoding="utf-8")
