"""Recorded vectors that were killed, changed or robbed of files: what is said, and what is left."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

from envgym.cli.app import run
from envgym.runtime import registry
from envgym.runtime.episodes import EpisodeWriter, export_chats, read_episodes, rescore, verify
from envgym.runtime.episodes.arrays import digest, get_several, put_several
from envgym.runtime.episodes.decode import LineError, decode
from envgym.runtime.numeric.vector import NumericVectorEnv
from envgym.testing import LawError, conformance
from envgym.types import ConfigError, EpisodeFileError, InfraError
from tests.runtime.numeric.toy_family import LampsCore, LampsEnv


@pytest.fixture
def folder(tmp_path: Path, lamps: str) -> Path:
    """Three rows, two batches of 6 rounds each; its last step is the reset of a third."""
    return play(tmp_path / "run")


def play(where: Path, *, steps: int = 14, **arguments: Any) -> Path:
    vector = NumericVectorEnv(LampsEnv, 3, record=where, **{"horizon": 6, **arguments})
    vector.reset(seed=0)
    for step in range(steps):
        vector.step(np.array([step % 5, (step + 1) % 5, (step + 2) % 5]))
    vector.close()
    return where


def edit(folder: Path, change: Any) -> None:
    path = folder / "episodes.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    kept = [line for line in lines if change(line) is not False]
    path.write_text("".join(json.dumps(line) + "\n" for line in kept))


def tamper(folder: Path, episode: Any, event: int, *, name: str = "actions", again: bool) -> None:
    """Change one number of a block; ``again``: under the name that its new content deserves."""
    part = episode.blocks[0]
    held = dict(get_several(folder, part.ref))
    held[name] = held[name].copy()
    at = (part.t0 + event, episode.row)
    held[name][at] = 4 - held[name][at]
    if again:
        ref = put_several(folder, held)
        edit(folder, lambda line: line.update(ref=ref) if line.get("ref") == part.ref else None)
    else:
        np.savez(folder / "arrays" / f"{part.ref}.npz", **held)


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("streams", ["rows", "batch"])
def test_a_changed_action_is_found_and_named(tmp_path, lamps, streams, again):
    folder = play(tmp_path, streams=streams)
    victim = read_episodes(folder)[4]
    tamper(folder, victim, 3, again=again)
    report = verify(folder)
    assert not report.ok
    found = report.difference
    assert (found.episode, found.event, found.field) == (victim.name, 3, "/marks")
    assert str(found).startswith(f"{victim.name}: event 3: /marks: recorded ")
    # Another row of that batch cannot be vouched for, and the other batch can.
    other = verify(folder, only=read_episodes(folder)[3].name)
    assert (other.difference, other.episodes) == (None, 0)
    assert f"differs from {victim.name}, event 3 on" in other.notes[0]
    assert verify(folder, only="0").ok


def test_with_evidence_the_value_is_named(tmp_path, lamps):
    folder = play(tmp_path, record_evidence="all")
    victim = read_episodes(folder)[1]
    tamper(folder, victim, 2, name="pay", again=True)
    found = verify(folder).difference
    assert (found.episode, found.event, found.field) == (victim.name, 2, "/pay/agent")
    assert float(found.recorded) == pytest.approx(4 - float(found.now))
    tamper(folder, read_episodes(folder)[1], 1, name="ev/errors", again=True)
    found = verify(folder).difference
    assert (found.event, found.field, found.now) == (1, "/ev/agent/errors", "0")


def test_a_change_without_consequence_is_still_one(folder):
    """The file is not what its name says, though nothing follows from it."""
    part = read_episodes(folder)[0].blocks[0]
    held = dict(get_several(folder, part.ref))
    np.savez(folder / "arrays" / f"{part.ref}.npz", **held, more=np.zeros(1))
    found = verify(folder).difference
    assert (found.field, found.recorded) == ("/ref", part.ref)


def test_a_changed_seed_hash_or_program_is_found(folder):
    def reseed(line):
        if line["kind"] == "head" and line["seed"] == 1:
            line["seed"] = 77

    def repaint(line):
        if line["kind"] == "block":
            line["hash"] = "0" * 32

    copy = (folder / "episodes.jsonl").read_text()
    edit(folder, reseed)
    assert verify(folder).difference.field == "/marks"
    (folder / "episodes.jsonl").write_text(copy)
    edit(folder, repaint)
    assert verify(folder).difference.field == "/hash"


def test_a_changed_seed_of_a_reset_row_is_named(tmp_path, lamps):
    folder = play(tmp_path, fuse=True, autoreset_mode="SameStep")

    def reseed(line):
        if line["kind"] == "head" and line["batch"]["start"]:
            line["seed"] = 5

    edit(folder, reseed)
    found = verify(folder).difference
    assert (found.event, found.field) == (-1, "/seed")
    assert found.recorded.endswith("seed 5")


def test_missing_arrays_are_named_and_the_rest_verified(folder):
    lost = read_episodes(folder)[3].blocks[0].ref
    (folder / "arrays" / f"{lost}.npz").unlink()
    report = verify(folder)
    assert (report.difference, report.episodes, report.events) == (
        None,
        6,
        18,
    )  # three did not move
    assert len(report.notes) == 3
    assert "the array is missing from the episode folder" in report.notes[0]
    with pytest.raises(EpisodeFileError, match="missing"):
        read_episodes(folder)[3].actions()


@pytest.mark.parametrize("damage", [b"", b"PK junk", b"\x93NUMPY"])
def test_damaged_arrays(tmp_path, lamps, damage):
    folder = play(tmp_path, record_evidence="all", steps=6)
    (path,) = (folder / "arrays").iterdir()
    path.write_bytes(damage)
    episodes = read_episodes(folder)
    assert all("not a file of NumPy arrays" in str(each.gap) for each in episodes)
    assert len(episodes.problems) == 3
    assert verify(folder).episodes == 0
    assert [score.valid for score in rescore(folder, "outcome")] == [False] * 3


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"actions": np.zeros((6, 3))}, "'marks' should hold steps 0 to 5 of row 0"),
        ({"actions": np.zeros((2, 3)), "marks": np.zeros((6, 3))}, r"its shape is \(2, 3\)"),
        ({"actions": np.zeros(6), "marks": np.zeros((6, 3))}, r"its shape is \(6,\)"),
        ({"marks": np.zeros((6, 3))}, "'actions' should hold steps 0 to 5"),
    ],
)
def test_arrays_of_another_shape(tmp_path, lamps, arrays, sentence):
    folder = play(tmp_path, steps=6)
    ref = put_several(folder, arrays)
    edit(folder, lambda line: line.update(ref=ref) if line["kind"] == "block" else None)
    report = verify(folder)
    assert report.episodes == 0
    assert len(report.notes) == 3
    assert re.search(sentence, report.notes[0])


def test_a_lost_line_leaves_the_blocks_before_it(tmp_path, lamps):
    folder = play(tmp_path, steps=2100, horizon=3000)
    before = read_episodes(folder)[0].blocks
    edit(folder, lambda line: line["kind"] != "block" or line["e0"] != 1024)
    episodes = read_episodes(folder)
    first = episodes[0]
    assert first.blocks == before[:1]
    assert first.gap == "event 1024 is missing before event 2048"
    assert not first.finished
    assert len(first.actions()) == 1024
    assert len([*episodes, *episodes.problems]) == 6
    report = verify(folder)
    assert report.episodes == 0
    assert "is damaged: event 1024 is missing" in report.notes[0]


def test_a_lost_head(folder):
    edit(folder, lambda line: line["kind"] != "head" or line["seed"] != 1)
    episodes = read_episodes(folder)
    assert len(list(episodes)) == 8
    assert any("field 'eps': no head for 'seed/1-s1-g0-a0'" in text for text in episodes.problems)
    report = verify(folder)
    assert report.difference is None
    assert "the heads of its batch of 3 rows are not all there" in report.notes[0]
    assert report.episodes == 6


def test_impossible_places_are_line_errors(folder):
    edit(folder, lambda line: line["batch"].update(row=3) if line["kind"] == "head" else None)
    episodes = read_episodes(folder)
    assert list(episodes) == []
    assert "field 'batch/row': expected a row below size (3), got 3" in episodes.problems[0]


WRONG = [None, True, -1, 1.5, 10**400, "x", "9" * 5000, [], {}, [1], {"a": 1}, [[[]]]]


def test_any_wrong_value_in_a_head_or_block_is_a_line_error(folder):
    lines = (folder / "episodes.jsonl").read_text().splitlines()
    for kind in ("head", "block"):
        line = next(line for line in lines if f'"kind":"{kind}"' in line)
        refused: list[str] = []
        for key in json.loads(line)["batch"] if kind == "head" else json.loads(line):
            for wrong in WRONG:
                spoilt = json.loads(line)
                (spoilt["batch"] if kind == "head" else spoilt)[key] = wrong
                try:
                    decode(json.dumps(spoilt).encode())
                except LineError as error:
                    refused.append(str(error))
        assert len(refused) > 40
        assert all(text.startswith("field '") for text in refused)


def test_a_reference_is_a_digest(tmp_path):
    with pytest.raises(EpisodeFileError, match="must be a hexadecimal digest, got '../secret'"):
        get_several(tmp_path, "../secret")


def test_equal_arrays_share_one_file(tmp_path):
    one, other = np.arange(6).reshape(2, 3), np.arange(6).reshape(3, 2)
    names = {put_several(tmp_path, {"a": each}) for each in (one, one.copy(), other)}
    assert len(names) == len(list((tmp_path / "arrays").iterdir())) == 2
    assert digest({"a": one, "b": other}) == digest({"b": other, "a": one})
    assert digest({"a": one.astype(float)}) != digest({"a": one})


def test_late_evidence_of_a_single_numeric_environment(tmp_path, lamps):
    env = gymnasium.make(lamps, record=tmp_path, horizon=2, disable_env_checker=True).unwrapped
    env.note({"early": 1.0}, "judge:fake")  # no episode yet: nobody to tell it of
    env.reset(seed=0)
    for _ in range(2):
        env.step(0)
    env.note({"judge.style": 0.25}, "judge:fake")
    with pytest.raises(ConfigError, match="late evidence cannot replace the kernel's 'errors'"):
        env.note({"errors": 0}, "judge:fake")
    env.close()
    episode = read_episodes(tmp_path)[0]
    assert [(item.e, item.source) for item in episode.late] == [(1, "judge:fake")]
    assert episode.records[-1]["judge.style"] == 0.25


@pytest.mark.parametrize("kept", ["needed", "all"])
def test_late_evidence(tmp_path, lamps, kept):
    folder = play(tmp_path, steps=6, record_evidence=kept, streams="rows")
    name = read_episodes(folder).names[0]
    with EpisodeWriter(folder, append=True) as writer:
        writer.late(name, 5, "agent", {"outcome": 0.5, "judge.style": 0.25}, "judge:fake")
        writer.late(name, -1, "agent", {"prior": 1.0}, "judge:fake")
        writer.late(name, 6, "agent", {"prior": 1.0}, "judge:fake")
    episodes = read_episodes(folder)
    assert [item.e for item in episodes[0].late] == [5, -1]
    assert ["has no event 6" in text for text in episodes.problems] == [True]
    assert verify(folder).ok
    assert rescore(folder, "outcome")[0].total == 0.5


FOREVER = """
import sys, numpy as np
from envgym.runtime.numeric.vector import NumericVectorEnv
sys.path.append(sys.argv[2])  # last: envgym stays the installed one
from tests.runtime.numeric.toy_family import LampsEnv
vector = NumericVectorEnv(LampsEnv, 3, record=sys.argv[1], horizon=1500, autoreset_mode="SameStep")
vector.reset(seed=0)
while True:
    vector.step(np.array([1, 2, 3]))
"""


def test_a_killed_writer_leaves_what_was_written(tmp_path, lamps):
    root = Path(__file__).parents[3]
    process = subprocess.Popen([sys.executable, "-c", FOREVER, str(tmp_path / "run"), str(root)])
    path = tmp_path / "run" / "episodes.jsonl"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (
        path.exists() and path.read_bytes().count(b'"kind":"block"') > 4
    ):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait(30) == -signal.SIGKILL
    for draft in (tmp_path / "run" / "arrays").glob(".*.tmp"):
        draft.unlink()
    episodes = read_episodes(tmp_path / "run")
    read = list(episodes)
    assert len(episodes.problems) <= 1
    assert [each.cause for each in read[:3]] == ["task"] * 3
    assert all(each.end is None for each in read[-3:])
    edit_id(tmp_path / "run")
    report = verify(tmp_path / "run")
    assert (report.difference, report.episodes) == (None, len(read))
    assert report.events == sum(each.events for each in read) >= 4500


def edit_id(folder: Path) -> None:
    """Give the toy, which had no id in the process that was killed, the one it has here."""
    path = folder / "episodes.jsonl"
    path.write_text(path.read_text().replace('"LampsEnv"', '"toys/Lamps-v0"'))


def test_a_disk_that_refuses(tmp_path, lamps, monkeypatch):
    vector = NumericVectorEnv(LampsEnv, 2, record=tmp_path, horizon=3, autoreset_mode="SameStep")
    vector.reset(seed=0)

    def refuse(*_: Any) -> None:
        raise InfraError("disk", "cannot write: no space")

    monkeypatch.setattr("envgym.runtime.numeric.blocks.put_several", refuse)
    vector.step(np.array([0, 1]))
    vector.step(np.array([0, 1]))
    with pytest.raises(InfraError, match="no space"):
        vector.step(np.array([0, 1]))
    monkeypatch.undo()
    vector.close()
    assert [each.cause for each in read_episodes(tmp_path)] == ["external"] * 2


@pytest.mark.parametrize("kept", ["needed", "all"])
@pytest.mark.parametrize(
    "command",
    [
        ("replay",),
        ("replay", "--json"),
        ("replay", "--episode", "1"),
        ("replay", "--episode", "1", "--json"),
        ("replay", "--verify"),
        ("rescore", "--reward", "gated"),
        ("rewards", "report"),
    ],
    ids=" ".join,
)
def test_commands(tmp_path, lamps, capsys, kept, command):
    folder = play(tmp_path, steps=6, streams="rows", record_evidence=kept)
    words = (
        ["rewards", "report", str(folder), "--out", str(tmp_path / "page.html")]
        if command[0] == "rewards"
        else [command[0]]
    )
    if command[0] != "rewards":
        words = [command[0], str(folder), *command[1:]]
    code, shown = run(words), capsys.readouterr()
    assert code == 0, shown
    output = " ".join(shown.out.split())
    if command == ("replay", "--episode", "1"):
        assert ("recorded as blocks of actions" in output) == (kept == "needed")
        assert "6 turns" in output
    if command == ("replay", "--verify"):
        assert "verified: 3 episodes, 18 events, no difference" in output


@pytest.mark.parametrize("kept", ["needed", "all"])
def test_export_leaves_them_out(tmp_path, lamps, kept):
    folder = play(tmp_path / "run", steps=6, record_evidence=kept)
    done = export_chats(folder, tmp_path / "chats.jsonl")
    assert (done.written, done.left_out) == (0, {"not text": 3})


COUNT = 0
"""Shared between instances on purpose."""


class DriftCore(LampsCore):
    """Its lights depend on how often anything was begun."""

    def start(self, batch: int, noise: Any, ar: Any) -> Any:
        global COUNT  # noqa: PLW0603
        COUNT += 1
        state = super().start(batch, noise, ar)
        state["light"] = state["light"] + 1e-9 * COUNT
        return state


class DriftEnv(LampsEnv):
    core_class = DriftCore


def test_the_law_finds_a_family_that_does_not_repeat_itself(lamps):
    registry.register_numeric("toys/Drift-v0", DriftEnv)
    try:
        with pytest.raises(LawError, match=r"verify: .*: event 0: /marks: recorded"):
            conformance("toys/Drift-v0", laws=["blocks_verify"], horizon=9)
    finally:
        gymnasium.registry.pop("toys/Drift-v0")
