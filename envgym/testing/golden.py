"""Golden episodes: whole episodes kept as text, so that any change of bytes shows in a diff.

``python -m envgym.testing.golden`` writes ``tests/goldens/<id>.jsonl`` for every registered id
(or for the ids given); review the diff. A changed golden of a released version means a new
version of the environment.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from envgym.runtime import registry
from envgym.testing.subject import Subject
from envgym.testing.trace import play

FOLDER = Path("tests/goldens")
"""Where goldens lie, from the root of a repository."""

EPISODES = (("oracle", 0), ("mixed", 1), ("oracle", 2))
"""Style and seed of each episode in a golden, one after the other in one environment."""

_TURNS = 25


def golden(env_id: str) -> str:
    """Return the text of an id's golden: episodes of JSON Lines, each under a line of its own."""
    env = Subject(env_id).make(reward="dense")
    try:
        parts = []
        for style, seed in EPISODES:
            trace = play(env, seed, style, turns=_TURNS)
            # Pydantic words the schemas; another release of it is no change of ours.
            trace.lines[0]["info"].pop("tools")
            # The last bits of exp and log differ between processors.
            trace.lines = [_rounded(line) for line in trace.lines]
            parts.append(f'{{"style": "{style}", "seed": {seed}}}\n{trace.text}\n')
        return "".join(parts)
    finally:
        env.close()


def _rounded(value: Any) -> Any:
    """Return JSON whose floats have at most 9 decimals."""
    if isinstance(value, float):
        return round(value, 9) + 0.0  # no -0.0
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list) else value


def golden_path(env_id: str, folder: Path = FOLDER) -> Path:
    """Return the file of an id's golden."""
    return folder / f"{env_id}.jsonl"


def write(env_ids: Sequence[str], folder: Path = FOLDER) -> list[Path]:
    """Write the goldens of some ids; return those files that changed."""
    changed = []
    for env_id in env_ids:
        path, text = golden_path(env_id, folder), golden(env_id)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def _main(arguments: Sequence[str]) -> int:
    for path in write(arguments or sorted(registry.BUILTIN)):
        print(f"{path}: written")  # noqa: T201  # a program's output
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
