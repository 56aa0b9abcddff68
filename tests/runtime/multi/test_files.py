"""Episode files of several agents: read per agent, damaged or not; verified and rescored."""

import json

import pytest

from envgym.rewards import Length, Program
from envgym.runtime.episodes import read_episodes, rescore, verify
from envgym.runtime.games import registry
from envgym.runtime.games.registry import make_text
from envgym.runtime.multi.recording import TeamRecorder
from envgym.types import InfraError
from tests.runtime.multi.pot import AGENTS, PotEnv

SCRIPT = ("put(2)", "leave()", "steal()", "put(3)", "done()")


@pytest.fixture(autouse=True)
def pot_by_name(monkeypatch):
    monkeypatch.setitem(registry.TEAMS, "pot", "tests.runtime.multi.pot:PotEnv")


def play(env, script, seed=4):
    env.reset(seed=seed)
    for message in script:
        env.step(message)
        while env.agents and (
            env.terminations[env.agent_selection] or env.truncations[env.agent_selection]
        ):
            env.step(None)


@pytest.fixture
def folder(tmp_path):
    """One episode of three agents, of whom bob leaves."""
    env = PotEnv(record=tmp_path / "run", reward="gold")
    play(env, SCRIPT)
    env.close()
    return tmp_path / "run"


def lines_of(folder):
    return (folder / "episodes.jsonl").read_bytes().splitlines(keepends=True)


def write(folder, lines):
    (folder / "episodes.jsonl").write_bytes(b"".join(lines))


def test_an_episode_is_read_once_per_agent(folder):
    episodes = read_episodes(folder)
    assert episodes.names == [f"pot-s4-g0-a0@{agent}" for agent in AGENTS]
    ann, bob, cas = episodes
    assert [each.agent for each in (ann, bob, cas)] == list(AGENTS)
    assert all(each.several and each.finished for each in (ann, bob, cas))
    assert ann.actors == ("ann", "bob", "cas", "cas", "ann")
    assert [turn.action for turn in cas.turns] == [None, None, "steal()", "put(3)", None]
    assert cas.turns[2].err == "Stealing is not allowed."
    assert [each.decisions for each in (ann, bob, cas)] == [(0, 4), (1,), (2, 3)]
    assert [turn.pay for turn in ann.turns] == [2.0, 0.0, 0.0, 3.0, 0.0]
    assert [turn.pay for turn in bob.turns] == [2.0, 0.0, 0.0, 0.0, 0.0]
    assert [turn.ended for turn in bob.turns] == [None, "terminated", None, None, None]
    assert bob.total == 5.0
    assert bob.settled() == (2.0, 0.0, 0.0, 3.0, 0.0)
    assert [entry.paid for entry in bob.ledger] == [0, None]
    assert (ann.success, ann.obs, bob.obs) == (True, "ann: luck 667, gold 0.", None)
    assert [record["gold"] for record in bob.records] == [0.0, 2.0, 2.0, 2.0, 5.0, 5.0]
    assert episodes.problems == []


def test_all_views_of_one_episode(folder):
    episodes = read_episodes(folder)
    bob = episodes.named("pot-s4-g0-a0@bob")
    assert [each.agent for each in episodes.team(bob)] == list(AGENTS)


def test_it_is_verified_whole(folder):
    report = verify(folder)
    assert report.ok
    assert (report.episodes, report.events) == (1, 5)
    assert verify(folder, only="pot-s4-g0-a0@cas").ok


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        (b'"cas":{"turn":0', b'"cas":{"turn":9', "/ev/cas/turn"),
        (b'"pay":{"ann":2.0', b'"pay":{"ann":2.5', "/pay/ann"),
        (b'"pay":{"ann":2.0,"bob":2.0', b'"pay":{"ann":2.0,"bob":1.0', "/pay/bob"),
        (b"gold 2.", b"gold 7.", "/obs/bob"),
        (b'"put(2)"', b'"put(1)"', "/"),
    ],
)
def test_any_change_is_found(folder, old, new, field):
    lines = lines_of(folder)
    write(folder, [line.replace(old, new) for line in lines])
    report = verify(folder)
    assert not report.ok
    assert field in str(report)


@pytest.mark.parametrize("preset", ["gold", "outcome"])
def test_rescoring_equals_a_run(folder, preset):
    env = PotEnv(reward=preset)
    play(env, SCRIPT)
    for score, agent in zip(rescore(folder, preset), AGENTS, strict=True):
        assert score.episode == f"pot-s4-g0-a0@{agent}"
        assert score.valid
        assert score.total == env.total[agent]
    env.close()


def test_programs_per_agent_are_recorded(tmp_path):
    env = PotEnv(record=tmp_path / "run", reward={"ann": "gold"})
    play(env, SCRIPT)
    env.close()
    ann, bob, _ = read_episodes(tmp_path / "run")
    assert ann.head.program["program"] == "gold"
    assert bob.head.program["program"] == "outcome"
    assert verify(tmp_path / "run").ok


def test_an_unfinished_episode_is_external_for_all(tmp_path):
    env = PotEnv(record=tmp_path / "run")
    play(env, SCRIPT[:2])
    play(env, ())
    env.close()
    episodes = list(read_episodes(tmp_path / "run"))
    assert [each.cause for each in episodes] == ["external"] * 6
    assert [each.total for each in episodes] == [None] * 6
    assert [len(each.turns) for each in episodes] == [2, 2, 2, 0, 0, 0]
    assert verify(tmp_path / "run").ok


def test_an_invalid_episode_is_invalid_for_all(tmp_path):
    env = PotEnv(record=tmp_path / "run", reward="gold")
    play(env, ("put(2)",))
    env.step("crash()")
    env.close()
    episodes = list(read_episodes(tmp_path / "run"))
    assert [each.cause for each in episodes] == ["invalid"] * 3
    assert [each.end.reason for each in episodes] == ["table"] * 3
    assert [score.total for score in rescore(tmp_path / "run", "gold")] == [None] * 3
    assert [score.reason for score in rescore(tmp_path / "run", "gold")] == ["table"] * 3
    assert verify(tmp_path / "run").ok


def test_two_episodes_may_interleave(tmp_path):
    envs = [PotEnv(record=tmp_path / "run", reward="gold") for _ in range(2)]
    for seed, env in enumerate(envs):
        env.reset(seed=seed)
    for message in ("put(1)", "put(2)", "done()"):
        for env in envs:
            env.step(message)
    for env in envs:
        env.close()
    kinds = [json.loads(line)["ep"] for line in lines_of(tmp_path / "run")]
    assert kinds[:6] == ["pot-s0-g0-a0", "pot-s0-g0-a0", "pot-s1-g0-a0", "pot-s1-g0-a0",
                         "pot-s0-g0-a0", "pot-s1-g0-a0"]  # fmt: skip
    episodes = read_episodes(tmp_path / "run")
    assert len(episodes) == 6
    assert all(each.finished and len(each.turns) == 3 for each in episodes)
    assert verify(tmp_path / "run").episodes == 2


def test_a_child_continues_its_parent_for_every_agent(tmp_path):
    env = PotEnv(record=tmp_path / "run", reward="gold")
    play(env, SCRIPT[:2])
    kept = env.snapshot()
    play(env, ("done()",))
    env.restore(kept)
    env.step("put(1)")
    env.step("done()")
    env.close()
    episodes = read_episodes(tmp_path / "run")
    assert len(episodes) == 9
    bob = episodes[7]
    assert (bob.agent, bob.first) == ("bob", 2)
    whole = episodes.history(bob)
    assert [turn.action for turn in whole.turns] == [None, "leave()", None, None]
    assert len(whole.records) == 5
    assert verify(tmp_path / "run").ok
    totals = [each.total for each in rescore(tmp_path / "run", "gold")]
    assert totals[6:] == [3.0, 3.0, 3.0]  # bob's too, who left before the fork


@pytest.mark.parametrize("lost", [1, 10, 100])
def test_a_torn_last_line(folder, lost):
    path = folder / "episodes.jsonl"
    path.write_bytes(path.read_bytes()[:-lost])
    episodes = read_episodes(folder)
    read = list(episodes)
    assert len(read) == 3
    assert all(len(each.turns) == 5 for each in read)
    if lost == 1:  # only the newline
        assert all(each.finished for each in read)
        assert episodes.problems == []
    else:
        assert all(each.end is None for each in read)
        assert len(episodes.problems) == 1
    assert [score.total for score in rescore(folder, "gold")] == [5.0] * 3


def test_a_missing_event_leaves_what_came_before(folder):
    lines = lines_of(folder)
    write(folder, [*lines[:4], *lines[5:]])
    episodes = read_episodes(folder)
    for each in episodes:
        assert len(each.turns) == 2
        assert each.gap == "event 2 is missing before event 3"
        assert not each.finished
    assert len(episodes.problems) == 3
    assert [score.valid for score in rescore(folder, "gold")] == [False] * 3


def test_a_missing_last_event_is_noticed_for_each(folder):
    lines = lines_of(folder)
    write(folder, [*lines[:6], *lines[7:]])
    ann, bob, cas = read_episodes(folder)
    assert ann.gap == bob.gap == cas.gap == "its last event is missing"
    assert len(bob.turns) == 4


def test_every_prefix_can_be_read(folder):
    data = (folder / "episodes.jsonl").read_bytes()
    for size in range(0, len(data), 61):
        (folder / "episodes.jsonl").write_bytes(data[:size])
        episodes = read_episodes(folder)
        kept = data[:size].count(b'{"kind":"e"') - (b"\n" not in data[size - 1 : size])
        for each in episodes:
            assert len(each.turns) in (kept, kept + 1)
            assert len(each.records) in (0, len(each.turns) + 1)


def test_a_game_is_verified_from_its_head_alone(tmp_path):
    env = make_text("kuhn", players=3, history="full", illegal="retry:1,random",
                    record=tmp_path / "run")  # fmt: skip
    env.reset(seed=9)
    for message in ("[[bet]]", "", "what?", "[[call]]"):
        env.step(message)
    env.close()
    config = json.loads(lines_of(tmp_path / "run")[0])["config"]
    assert config == {
        "players": 3,
        "history": "full",
        "legal_actions": True,
        "talk": 0,
        "illegal": "retry:1,random",
    }
    assert verify(tmp_path / "run").ok


def test_unpaid_entries_are_rescored_as_unpaid(folder):
    """bob left at event 1, so the 3 of event 3 is earned and never paid, as in the run."""
    run = {each.agent: each.ledger for each in read_episodes(folder)}
    for score, agent in zip(rescore(folder, "gold"), AGENTS, strict=True):
        assert [(e.earned, e.paid, e.value) for e in score.ledger] == [
            (e.earned, e.paid, e.value) for e in run[agent]
        ]
    lump = list(rescore(folder, "outcome"))
    assert [[e.paid for e in score.ledger] for score in lump] == [[4], [None], [4]]


def test_who_left_early_sees_that_the_end_line_is_missing(folder):
    """Without its end line an episode is over for bob no sooner than for the others."""
    lines = lines_of(folder)
    write(folder, lines[:-1])
    episodes = list(read_episodes(folder))
    assert [each.end for each in episodes] == [None] * 3
    assert [each.over for each in episodes] == [True] * 3
    write(folder, lines[:-2])
    episodes = list(read_episodes(folder))
    assert [each.over for each in episodes] == [False] * 3
    assert [each.cause for each in episodes] == ["external"] * 3
    assert not any(each.broken for each in episodes)
    assert [score.total for score in rescore(folder, "outcome")] == [None] * 3


def test_an_episode_that_failed_after_somebody_left_is_broken_for_all(tmp_path):
    env = PotEnv(record=tmp_path / "run", reward="gold")
    play(env, (*SCRIPT[:2], "crash()"))
    env.close()
    episodes = list(read_episodes(tmp_path / "run"))
    assert [each.broken for each in episodes] == [True] * 3
    scores = list(rescore(tmp_path / "run", "gold"))
    assert [(score.total, score.reason) for score in scores] == [(None, "table")] * 3
    assert [score.step_rewards for score in scores] == [(2.0, 0.0, 0.0)] * 3
    assert verify(tmp_path / "run").ok


def test_a_whole_episode_is_not_broken_nor_one_cut_from_outside(folder, tmp_path):
    assert not any(each.broken for each in read_episodes(folder))
    env = PotEnv(record=tmp_path / "cut")
    play(env, SCRIPT[:2])
    env.invalidate("policy")
    env.close()
    episodes = list(read_episodes(tmp_path / "cut"))
    assert [each.cause for each in episodes] == ["invalid"] * 3
    assert [each.broken for each in episodes] == [False] * 3
    assert verify(tmp_path / "cut").events == 2


def test_what_was_paid_before_writing_failed_is_in_the_file(tmp_path, monkeypatch):
    env = PotEnv(record=tmp_path / "run", reward="gold")
    env.reset(seed=4)
    whole, failures = TeamRecorder.event, [InfraError("disk", "busy")]

    def event(self, line):
        if failures:
            raise failures.pop()
        whole(self, line)

    monkeypatch.setattr(TeamRecorder, "event", event)
    env.step("put(2)")
    env.close()
    ann, *_ = episodes = list(read_episodes(tmp_path / "run"))
    assert [turn.pay for turn in ann.turns] == [2.0]
    assert [turn.ended for turn in ann.turns] == ["truncated"]
    assert all(each.broken for each in episodes)
    scores = list(rescore(tmp_path / "run", "gold"))
    assert [(score.total, score.reason) for score in scores] == [(None, "disk")] * 3
    assert verify(tmp_path / "run").ok


def test_a_child_of_an_episode_in_which_somebody_left_knows_who_acted(tmp_path):
    env = PotEnv(record=tmp_path / "run", reward="gold")
    env.reset(seed=4)
    env.step("put(2)")
    env.step("leave()")
    env.restore(env.snapshot())
    env.step(None)
    env.step("put(3)")
    env.step("done()")
    env.close()
    episodes = read_episodes(tmp_path / "run")
    child = episodes[4]
    assert child.obs is None
    assert episodes[5].obs == "cas: luck 667, gold 2."
    whole = episodes.history(child)
    assert whole.actors == ("ann", "bob", "cas", "ann")
    assert whole.decisions == (1,)
    assert [score.total for score in rescore(tmp_path / "run", "gold")][3:] == [5.0] * 3
    assert verify(tmp_path / "run").ok


def test_a_missing_last_event_is_noticed_after_a_departure(tmp_path):
    env = PotEnv(record=tmp_path / "run", reward="gold")
    play(env, ("leave()", "done()"))
    env.close()
    lines = lines_of(tmp_path / "run")
    write(tmp_path / "run", [*lines[:3], *lines[4:]])
    gaps = [each.gap for each in read_episodes(tmp_path / "run")]
    assert gaps == ["its last event is missing"] * 3


def test_a_child_under_a_program_that_reads_messages_is_verified(tmp_path):
    env = PotEnv(record=tmp_path / "run", reward=Program("size", Length()))
    play(env, SCRIPT[:1])
    kept = env.snapshot()
    env.step("done()")
    env.restore(kept)
    env.step("put(3)")
    env.step("done()")
    env.close()
    episodes = read_episodes(tmp_path / "run")
    assert "message" not in episodes[3].records[0]
    assert verify(tmp_path / "run").ok
    whole = episodes.history(episodes[3])
    assert whole.actors == ("ann", "bob", "cas")
