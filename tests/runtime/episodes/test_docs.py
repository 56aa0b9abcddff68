"""The Python blocks of docs/episodes.md run, in order, in one folder."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "episodes.md"


def test_the_examples_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 6
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)  # noqa: S102 - our own page
    assert (tmp_path / "chats.jsonl").exists()
