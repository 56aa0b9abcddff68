import importlib
import json
import multiprocessing
import threading
from pathlib import Path

import numpy as np
import pytest

from envgym.runtime.episodes import EpisodeWriter, read_episodes
from envgym.types import Entry, EpisodeFileError, InfraError, Record

GOLDEN = """\
{"kind":"reset","ep":"train/17-s5-g0-a0","obs":{"agent":"Guess a number."},"ev":{"agent":\
{"turn":0,"outcome":0.0,"end":null}}}
{"kind":"e","ep":"train/17-s5-g0-a0","e":0,"acts":{"agent":"guess 0"},"calls":{"agent":\
[{"name":"guess","args":{"n":0}}]},"err":{},"obs":{"agent":"Right."},"ev":{"agent":{"turn":1,\
"outcome":1.0,"end":"task"}},"pay":{"agent":1.0},"ended":{"agent":"terminated"}}
{"kind":"end","ep":"train/17-s5-g0-a0","cause":"task","valid":true,"reason":null,"success":\
{"agent":true},"returns":{"agent":1.0},"ledger":[["agent","outcome",0,0,1.0,null,null]]}
"""

HEAD_FIELDS = (
    "kind ep v env version config seed task agents spaces tools program parent group libs volatile"
)


def lines(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "episodes.jsonl").read_text().splitlines()]


def test_golden_lines(tmp_path, whole_episode):
    with EpisodeWriter(tmp_path) as writer:
        whole_episode(writer, turns=1)
    text = (tmp_path / "episodes.jsonl").read_text(encoding="utf-8")
    head, rest = text.split("\n", 1)
    assert rest == GOLDEN
    assert list(json.loads(head)) == HEAD_FIELDS.split()
    assert json.loads(head)["v"] == 1


def test_cut_late_and_error_lines(tmp_path, begin_episode):
    with EpisodeWriter(tmp_path) as writer:
        ep = begin_episode(writer)
        writer.event(ep, 0, "hm", (), "no call found", "Say a number.", {"turn": 1}, 0.0)
        writer.cut(ep, 1, "seconds")
        writer.late(ep, 0, "agent", Record(judge=0.5), "judge:fake")
        note = Record(why="slow")
        writer.end(
            ep, "invalid", False, "disk", None, None, [Entry("agent", "a", 0, None, 1.0, "g", note)]
        )
    event, cut, late, end = lines(tmp_path)[2:]
    assert event["err"] == {"agent": "no call found"}
    assert event["ended"] == {}
    assert cut == {"kind": "cut", "ep": ep, "e": 1, "cause": "seconds"}
    assert late["ev"] == {"judge": 0.5}
    assert late["source"] == "judge:fake"
    assert end["ledger"] == [["agent", "a", 0, None, 1.0, "g", {"why": "slow"}]]
    assert end["returns"] == {"agent": None}


def test_names_count_attempts_and_group_members(tmp_path, begin_episode):
    with EpisodeWriter(tmp_path) as writer:
        names = [
            begin_episode(writer),
            begin_episode(writer),
            begin_episode(writer, group={"id": "g", "index": 2}),
            begin_episode(writer, seed=2**60),
        ]
    assert names == [
        "train/17-s5-g0-a0",
        "train/17-s5-g0-a1",
        "train/17-s5-g2-a0",
        f"train/17-s{2**60}-g0-a0",
    ]
    assert lines(tmp_path)[-2]["seed"] == str(2**60)


def test_tools_are_kept_in_order_by_digest(tmp_path, begin_episode):
    tools = [{"type": "function", "function": {"name": name}} for name in ("b", "a")]
    with EpisodeWriter(tmp_path) as writer:
        begin_episode(writer, tools=tools)
        begin_episode(writer, tools=list(reversed(tools)))
    first, second = (line["tools"] for line in lines(tmp_path) if line["kind"] == "head")
    assert list(first.values()) == tools
    assert list(second) == list(reversed(list(first)))


def test_secrets_never_reach_the_file(tmp_path, begin_episode):
    config = {
        "judge": {
            "api_key": "abc",
            "url": "https://me:pw@host/v1",
            "note": "use sk-abcdefghijklmnop",
        },
        "password": "hunter2",
        "max_tokens": 100,
    }
    with EpisodeWriter(tmp_path) as writer:
        begin_episode(writer, config=config)
    text = (tmp_path / "episodes.jsonl").read_text()
    for secret in ("abc", "me:pw", "hunter2", "sk-"):
        assert f'"{secret}' not in text
        assert f"//{secret}" not in text
    assert lines(tmp_path)[0]["config"]["max_tokens"] == 100


def test_a_folder_with_content_is_refused(tmp_path, recorded):
    with pytest.raises(EpisodeFileError, match=r"not empty .*episodes\.jsonl.*--append"):
        EpisodeWriter(recorded)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").write_text("mine")
    with pytest.raises(EpisodeFileError, match=r"notes\.txt"):
        EpisodeWriter(tmp_path / "other")
    assert len(read_episodes(recorded)) == 2


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EpisodeFileError, match="is a file"):
        EpisodeWriter(tmp_path / "file")


def test_a_run_that_wrote_nothing_leaves_the_folder_free(tmp_path, whole_episode):
    EpisodeWriter(tmp_path).close()
    with EpisodeWriter(tmp_path) as writer:
        whole_episode(writer)


def test_append_goes_on_counting_and_closes_an_open_line(recorded, whole_episode):
    path = recorded / "episodes.jsonl"
    path.write_bytes(path.read_bytes()[:-30])
    with EpisodeWriter(recorded, append=True) as writer:
        assert whole_episode(writer) == "train/17-s5-g0-a1"
    episodes = read_episodes(recorded)
    assert [episode.cause for episode in episodes] == ["task", "external", "task"]
    assert len(episodes.problems) == 1


def test_threads_share_one_writer(tmp_path, whole_episode):
    def run(seed: int) -> None:
        writer = EpisodeWriter.shared(tmp_path)
        for _ in range(20):
            whole_episode(writer, seed=seed)
        writer.close()

    keep = EpisodeWriter.shared(tmp_path)
    threads = [threading.Thread(target=run, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keep.close()
    episodes = read_episodes(tmp_path)
    assert len(list(episodes)) == 120
    assert episodes.problems == []
    assert all(episode.finished for episode in episodes)


def test_the_last_holder_closes(tmp_path, whole_episode):
    first, second = EpisodeWriter.shared(tmp_path), EpisodeWriter.shared(tmp_path / ".")
    assert first is second
    first.close()
    whole_episode(second)
    second.close()
    with pytest.raises(EpisodeFileError, match="closed"):
        whole_episode(second)
    second.close()


WORKER = """
from envgym import Task
from envgym.runtime.episodes import EpisodeWriter

def work(folder, seed):
    with EpisodeWriter.shared(folder) as writer:
        ep = writer.head(env="a", version="0", config={}, seed=seed, task=Task(id="t"))
        writer.reset(ep, "hi", {"turn": 0})
        return writer.path.name
"""


def test_workers_have_files_of_their_own(tmp_path, monkeypatch):
    # A spawned worker imports its function by name, and test modules have none.
    (tmp_path / "episode_worker.py").write_text(WORKER)
    monkeypatch.syspath_prepend(str(tmp_path))
    work = importlib.import_module("episode_worker").work
    folder = tmp_path / "run"
    parent = EpisodeWriter.shared(folder)
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        names = pool.starmap(work, [(str(folder), seed) for seed in range(5)])
    parent.close()
    assert parent.path.name == "episodes.jsonl"
    assert sorted(names) == [f"episodes-{k}.jsonl" for k in range(1, 6)]
    assert len(read_episodes(folder)) == 5


def test_arrays_are_stored_once_by_content(tmp_path, begin_episode):
    image = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    with EpisodeWriter(tmp_path) as writer:
        reference = writer.array(image)
        assert writer.array(image.copy()) == reference
        assert writer.array(image.astype(np.int16))["ref"] != reference["ref"]
        assert writer.array(np.asfortranarray(image)) == reference
        ep = begin_episode(writer)
        writer.event(ep, 0, np.array([1, 2]), (), None, np.full((9, 9), 0.5), {"turn": 1}, 0.0)
    assert reference["dtype"] == "|u1"
    assert reference["shape"] == [4, 4, 3]
    assert len(list((tmp_path / "arrays").iterdir())) == 3
    episode = read_episodes(tmp_path)[0]
    assert episode.turns[0].action == [1, 2]
    assert (episode.array(episode.turns[0].obs) == 0.5).all()
    assert (episode.array(reference) == image).all()
    with pytest.raises(EpisodeFileError, match="missing from the episode folder"):
        episode.array("0" * 32)
    with pytest.raises(EpisodeFileError, match="digest"):
        episode.array("../../secret")
    with pytest.raises(EpisodeFileError, match="object"):
        writer.array(np.array([object()]))


def test_short_writes_are_finished(tmp_path, monkeypatch, whole_episode):
    from envgym.runtime.episodes import writer as module

    real = module.os.write
    monkeypatch.setattr(module.os, "write", lambda fd, data: real(fd, data[:7]))
    with EpisodeWriter(tmp_path) as writer:
        whole_episode(writer)
    assert read_episodes(tmp_path)[0].finished


def test_a_full_disk_is_our_failure_and_spoils_one_line(tmp_path, monkeypatch, whole_episode):
    from envgym.runtime.episodes import writer as module

    real, budget = module.os.write, [3]

    def full(fd: int, data: bytes) -> int:
        budget[0] -= 1
        if budget[0] == 0:
            return real(fd, data[:20])
        if budget[0] < 0:
            raise OSError(28, "No space left on device")
        return real(fd, data)

    writer = EpisodeWriter(tmp_path)
    monkeypatch.setattr(module.os, "write", full)
    with pytest.raises(InfraError, match="No space left"):
        whole_episode(writer)
    monkeypatch.undo()
    whole_episode(writer)
    writer.close()
    episodes = read_episodes(tmp_path)
    assert [episode.finished for episode in episodes] == [False, True]
    assert len(episodes.problems) == 1
