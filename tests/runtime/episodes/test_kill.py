"""A writer that is killed in the middle loses at most the line in flight."""

import signal
import subprocess
import sys
import time

from envgym.runtime.episodes import read_episodes

WRITE_FOREVER = """
import sys
from envgym.runtime.episodes import EpisodeWriter
from envgym.types import Task
writer = EpisodeWriter(sys.argv[1])
seed = 0
while True:
    ep = writer.head(env="x", version="0", config={}, seed=seed, task=Task(id="t"))
    writer.reset(ep, "begin", {"turn": 0})
    for e in range(50):
        writer.event(ep, e, "a" * 500, (), None, "b" * 3000, {"turn": e + 1}, 0.5)
    writer.end(ep, "external", True, None, None, None, ())
    seed += 1
"""


def test_sigkill(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", WRITE_FOREVER, str(tmp_path)])
    path = tmp_path / "episodes.jsonl"
    deadline = time.monotonic() + 60
    while not (path.exists() and path.stat().st_size > 500_000) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait(30) == -signal.SIGKILL
    episodes = read_episodes(tmp_path)
    *whole, last = list(episodes)
    assert len(whole) >= 2
    assert all(len(episode.turns) == 50 and episode.end is not None for episode in whole)
    assert [turn.e for turn in last.turns] == list(range(len(last.turns)))
    assert len(episodes.problems) <= 1
