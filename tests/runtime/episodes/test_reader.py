import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envgym.runtime.episodes import EpisodeWriter, iter_episodes, read_episodes
from envgym.types import EpisodeFileError, Record


def edit(folder, change):
    path = folder / "episodes.jsonl"
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))


def test_a_whole_file(recorded):
    episodes = read_episodes(recorded)
    assert episodes.names == ["train/17-s5-g0-a0", "train/17-s6-g0-a0"]
    first = episodes[0]
    assert first.head.seed == 5
    assert first.obs == "Guess a number."
    assert [turn.action for turn in first.turns] == ["guess 0", "guess 1", "guess 2"]
    assert first.turns[2].calls == ({"name": "guess", "args": {"n": 2}},)
    assert first.turns[2].ended == "terminated"
    assert [record["turn"] for record in first.records] == [0, 1, 2, 3]
    assert (first.cause, first.success, first.total, first.finished) == ("task", True, 1.0, True)
    assert first.settled() == (0.0, 0.0, 1.0)
    assert first.ledger[0].component == "outcome"
    assert episodes.problems == []
    assert [
        episode.name for episode in iter_episodes(recorded / "episodes.jsonl")
    ] == episodes.names


def test_interleaved_episodes(tmp_path, begin_episode):
    with EpisodeWriter(tmp_path) as writer:
        names = [begin_episode(writer, seed=seed) for seed in range(3)]
        for e in range(4):
            for i, ep in enumerate(names):
                writer.event(ep, e, f"{i}:{e}", (), None, "ok", {"turn": e + 1}, float(i))
    for i, episode in enumerate(read_episodes(tmp_path)):
        assert [turn.action for turn in episode.turns] == [f"{i}:{e}" for e in range(4)]
        assert episode.end is None
        assert (episode.cause, episode.finished, episode.total) == ("external", False, None)


def test_late_evidence_joins_its_record_and_tuples_come_back(tmp_path, whole_episode):
    with EpisodeWriter(tmp_path) as writer:
        ep = whole_episode(writer)
        writer.late(ep, 1, "agent", Record(judge=0.25, seen=("a", "b")), "judge:fake")
        writer.late(ep, -1, "agent", {"prior": 1}, "judge:fake")
        writer.late(ep, 9, "agent", {"judge": 1.0}, "judge:fake")
    episodes = read_episodes(tmp_path)
    episode = episodes[0]
    assert episode.records[2]["judge"] == 0.25
    assert episode.records[2]["seen"] == ("a", "b")
    assert episode.records[0]["prior"] == 1
    assert "judge" not in episode.records[1]
    assert [late.e for late in episode.late] == [1, -1]
    assert episode.finished
    assert episodes.problems == [
        "episodes.jsonl:9: field 'e': train/17-s5-g0-a0 has no event 9; late evidence was left out."
    ]


@pytest.mark.parametrize("lost", [1, 10, 100])
def test_a_cut_off_last_line(recorded, lost):
    path = recorded / "episodes.jsonl"
    path.write_bytes(path.read_bytes()[:-lost])
    episodes = read_episodes(recorded)
    first, second = episodes
    assert first.finished
    if lost == 1:  # only the newline: the line itself is whole
        assert second.finished
        assert episodes.problems == []
    else:
        assert second.end is None
        assert len(second.turns) == 3
        assert len(episodes.problems) == 1
        assert episodes.problems[0].startswith("episodes.jsonl:12: the last line is cut off after")


def test_foreign_lines_are_named_and_the_rest_is_kept(recorded):
    foreign = [b'{"step": 1}\n', b"hello\n", b"\n", b'\xff\xfe"\n', b'{"kind":"block","eps":[]}\n']
    edit(recorded, lambda lines: [*foreign, *lines[:3], b"noise\n", *lines[3:]])
    episodes = read_episodes(recorded)
    assert all(episode.finished for episode in episodes)
    assert len(episodes) == 2
    places = [problem.split(": ")[0] for problem in episodes.problems]
    assert places == [f"episodes.jsonl:{n}" for n in (1, 2, 4, 5, 9)]


def test_an_unknown_version_is_left_out(recorded):
    edit(recorded, lambda lines: [lines[0].replace(b'"v":1', b'"v":7'), *lines[1:]])
    episodes = read_episodes(recorded)
    assert episodes.names == ["train/17-s6-g0-a0"]
    (problem,) = episodes.problems
    assert problem == (
        "episodes.jsonl:1: field 'v': expected schema version 1, got 7; episode "
        "'train/17-s5-g0-a0' was left out."
    )


def test_lines_without_a_head(recorded):
    edit(recorded, lambda lines: lines[1:])
    episodes = read_episodes(recorded)
    assert episodes.names == ["train/17-s6-g0-a0"]
    (problem,) = episodes.problems
    assert problem == (
        "episodes.jsonl:1: field 'ep': no head for 'train/17-s5-g0-a0' before this line; its "
        "lines were left out."
    )


def test_a_damaged_event_leaves_the_turns_before_it(recorded):
    edit(recorded, lambda lines: [*lines[:3], lines[3][:40] + b"\n", *lines[4:]])
    episodes = read_episodes(recorded)
    first, second = episodes
    assert len(first.turns) == 1
    assert first.gap == "event 1 is missing before event 2"
    assert not first.finished
    assert second.finished
    assert [problem[:17] for problem in episodes.problems] == [
        "episodes.jsonl:4:",
        "episodes.jsonl:5:",
    ]


def test_a_lost_last_event_is_noticed(recorded):
    edit(recorded, lambda lines: [*lines[:4], *lines[5:]])
    first = read_episodes(recorded)[0]
    assert first.gap == "its last event is missing"
    assert not first.finished


def test_several_agents_are_read_once_each(tmp_path, begin_episode):
    with EpisodeWriter(tmp_path) as writer:
        ep = begin_episode(writer, agents=["white", "black"])
        for e, agent in enumerate(("white", "black")):
            ended = {"white": "terminated", "black": "terminated"} if e else {}
            writer.line(
                {
                    "kind": "e",
                    "ep": ep,
                    "e": e,
                    "acts": {agent: f"move {e}"},
                    "calls": {},
                    "err": {},
                    "obs": {"black": "your turn"} if e == 0 else {"white": "mate", "black": "mate"},
                    "ev": {"white": {"turn": 1}, "black": {"turn": e}},
                    "pay": {"white": -float(e), "black": float(e)},
                    "ended": ended,
                }
            )
    episodes = read_episodes(tmp_path)
    assert episodes.names == [f"{ep}@white", f"{ep}@black"]
    white, black = episodes
    assert [turn.action for turn in white.turns] == ["move 0", None]
    assert [turn.action for turn in black.turns] == [None, "move 1"]
    assert [turn.obs for turn in white.turns] == [None, "mate"]
    assert [turn.pay for turn in black.turns] == [0.0, 1.0]
    assert [record.get("turn") for record in black.records] == [None, 0, 1]
    assert white.actors == black.actors == ("white", "black")
    assert (white.decisions, black.decisions) == ((0,), (1,))
    assert episodes.problems == []


def test_one_name_twice(recorded):
    edit(recorded, lambda lines: [*lines, *lines])
    episodes = read_episodes(recorded)
    assert episodes.names[2:] == ["train/17-s5-g0-a0#2", "train/17-s6-g0-a0#2"]
    assert all(episode.finished for episode in episodes)


def test_names_and_numbers(recorded):
    episodes = read_episodes(recorded)
    assert episodes.named("1").name == episodes.named("train/17-s6-g0-a0").name
    with pytest.raises(
        EpisodeFileError, match=r"0 to 1 or a name. Did you mean 'train/17-s5-g0-a0'"
    ):
        episodes.named("train/17-s5")


def test_a_child_continues_its_parent(tmp_path, whole_episode, begin_episode):
    with EpisodeWriter(tmp_path) as writer:
        parent = whole_episode(writer)
        child = begin_episode(writer, parent={"ep": parent, "e": 2})
        writer.event(child, 2, "other", (), None, "Wrong.", {"turn": 3}, 0.0)
        orphan = begin_episode(writer, parent={"ep": "gone", "e": 1})
    episodes = read_episodes(tmp_path)
    whole = episodes.history(episodes.named(child))
    assert [turn.action for turn in whole.turns] == ["guess 0", "guess 1", "other"]
    assert len(whole.records) == 4
    assert episodes.named(child).first == 2
    assert episodes.history(episodes.named(parent)).turns == episodes.named(parent).turns
    with pytest.raises(EpisodeFileError, match="continues 'gone' from event 1, which is not in"):
        episodes.history(episodes.named(orphan))
    assert episodes.problems == []


def test_missing_files_say_so(tmp_path, recorded):
    with pytest.raises(EpisodeFileError, match=r"no such file.*Did you mean '.*run'"):
        read_episodes(tmp_path / "rum")
    (tmp_path / "empty").mkdir()
    with pytest.raises(EpisodeFileError, match=r"holds no episodes\.jsonl"):
        read_episodes(tmp_path / "empty")


def test_every_prefix_of_a_file_can_be_read(recorded):
    path = recorded / "episodes.jsonl"
    data = path.read_bytes()
    whole = [json.loads(line) for line in data.splitlines()]
    for size in range(0, len(data), 37):
        path.write_bytes(data[:size])
        episodes = read_episodes(path)
        kept = sum(len(episode.turns) for episode in episodes)
        assert kept == sum(line["kind"] == "e" for line in whole[: data[:size].count(b"\n")])
        assert len(episodes.problems) <= 1


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(spots=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_any_damage_is_named_and_never_raises(recorded, tmp_path, spots):
    data = bytearray((recorded / "episodes.jsonl").read_bytes())
    for where, byte in spots:
        data[int(where * (len(data) - 1))] = byte
    (tmp_path / "damaged.jsonl").write_bytes(data)
    episodes = read_episodes(tmp_path / "damaged.jsonl")
    for episode in episodes:
        assert len(episode.records) in (0, len(episode.turns) + 1)
        assert [turn.e for turn in episode.turns] == list(
            range(episode.first, episode.first + len(episode.turns))
        )
    if not all(episode.finished for episode in episodes) or len(episodes) < 2:
        assert episodes.problems
