"""The league: members, whom they meet, files, and opponents for SelfPlay."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.agents import RandomPolicy
from envgym.agents.league import Latest, League
from envgym.envs.games.selfplay import SelfPlayEnv
from envgym.types import ConfigError, Stream


def grown(**options):
    """Return a league with a main agent, both exploiters and three past members."""
    league = League(**options)
    league.add("main", "random")
    league.add("hunter", role="main_exploiter")
    league.add("rover", role="league_exploiter")
    league.add("solved", "cfr:5", role="past")
    league.freeze("main", "cfr:2")
    league.freeze("hunter", "oracle")
    return league


def test_members_join_freeze_and_change():
    league = grown()
    assert [m.id for m in league.members] == [
        "main", "hunter", "rover", "solved", "main@1", "hunter@1",
    ]  # fmt: skip
    assert [m.created for m in league.members] == list(range(6))
    snapshot = league.member("main@1")
    assert (snapshot.parent, snapshot.player, snapshot.frozen) == ("main", "cfr:2", True)
    assert league.freeze("main").id == "main@2" and league.member("main@2").player == "random"
    assert league.freeze("main", id="best").parent == "main"
    assert league.freeze("main").id == "main@4"
    league.update("main", "cfr:9")
    assert league.member("main").player == "cfr:9" and league.member("main").created == 0
    assert league.member("main@2").player == "random"


def test_roles_decide_whom_one_meets():
    league = grown()
    past = ["solved", "main@1", "hunter@1"]
    assert [m.id for m in league.candidates("main")] == past
    assert [m.id for m in league.candidates("rover")] == past
    assert [m.id for m in league.candidates("hunter")] == ["main"]
    league.add("second")  # without a player it cannot be met
    assert [m.id for m in league.candidates("hunter")] == ["main"]


def test_weights_follow_the_results():
    league = grown(strategy="pfsp:1")
    assert league.weights("main") == pytest.approx(
        dict.fromkeys(["solved", "main@1", "hunter@1"], 1 / 3)
    )
    league.report("main", "solved", 8.0, games=8)  # w = 9/10
    league.report("hunter@1", "main", 2.0, games=2)  # w = 1/4
    # 1 - w: 0.1, 0.5, 0.75
    expected = {"solved": 0.1 / 1.35, "main@1": 0.5 / 1.35, "hunter@1": 0.75 / 1.35}
    assert league.weights("main") == pytest.approx(expected)
    assert league.win_rate("main", "solved") == pytest.approx(0.9)
    assert league.weights("main", "latest") == {"solved": 0, "main@1": 0, "hunter@1": 1}


@given(st.integers(0, 2**63 - 1))
def test_a_stream_draws_one_member(seed):
    league = grown()
    drawn = league.sample("main", Stream(seed, "test"))
    assert drawn == league.sample("main", Stream(seed, "test"))
    assert drawn in league.candidates("main")


def test_draws_follow_the_weights():
    league, stream = grown(strategy="pfsp:1"), Stream(0, "test")
    league.report("main", "solved", 18.0, games=18)  # 1 - w: 0.05, 0.5, 0.5
    counts = dict.fromkeys(league.weights("main"), 0)
    for _ in range(2000):
        counts[league.sample("main", stream).id] += 1
    for id, chance in league.weights("main").items():
        spread = (2000 * chance * (1 - chance)) ** 0.5
        assert abs(counts[id] - 2000 * chance) < 4 * spread


def test_a_population_in_a_cycle_is_met_alike():
    league = League(strategy="meta:nash")
    league.add("main")
    for id in ("rock", "paper", "scissors"):
        league.add(id, "random", role="past")
    for a, b in (("rock", "scissors"), ("scissors", "paper"), ("paper", "rock")):
        league.report(a, b, 10.0, games=10)
    assert list(league.weights("main").values()) == pytest.approx([1 / 3] * 3, abs=1e-6)


def test_a_league_without_a_past_says_so_or_falls_back():
    league = League()
    league.add("main")
    league.add("hunter", role="main_exploiter")
    with pytest.raises(ConfigError, match="no past member for 'main' to meet yet: add or freeze"):
        league.sample("main", Stream(0, "x"))
    with pytest.raises(ConfigError, match="no main agent for 'hunter' to meet yet"):
        league.sample("hunter", Stream(0, "x"))
    assert league.weights("main") == {}
    with pytest.raises(ConfigError, match="no past member for 'main'"):
        SelfPlayEnv(opponent=league).reset(seed=0)
    spare = League(fallback="random")
    spare.add("main")
    _, info = SelfPlayEnv(opponent=spare).reset(seed=0)
    assert info["evidence"]["opponent"] == "fallback"
    spare.report("main", "fallback", 1.0)
    assert spare.freeze("main", "cfr:2").id == "main@1"
    assert spare.sample("main", Stream(0, "x")).id == "main@1"


# -- SelfPlay ------------------------------------------------------------------------------


def test_selfplay_draws_and_records_the_snapshot():
    league = grown(strategy="uniform")
    env = SelfPlayEnv(opponent=league)
    seen = {}
    for seed in range(30):
        _, info = env.reset(seed=seed)
        seen[seed] = info["evidence"]["opponent"]
    assert set(seen.values()) == {"solved", "main@1", "hunter@1"}
    again = SelfPlayEnv(opponent=league.opponents("main", "uniform"))
    assert all(again.reset(seed=k)[1]["evidence"]["opponent"] == v for k, v in seen.items())
    hunted = SelfPlayEnv(opponent=league.opponents("hunter"))
    assert hunted.reset(seed=0)[1]["evidence"]["opponent"] == "main"
    while True:
        *_, terminated, _, info = env.step("[[pass]]")
        if terminated:
            break
    league.report("main", info["evidence"]["opponent"], info["evidence"]["outcome"])
    assert league.results.games("main", seen[29]) == 1


def test_live_policies_are_members_too():
    league = League(strategy=Latest())
    league.add("main")
    league.freeze("main", RandomPolicy(3))
    _, info = SelfPlayEnv(opponent=league).reset(seed=1)
    assert info["evidence"]["opponent"] == "main@1"


def test_several_mains_need_a_name():
    league = grown()
    league.add("second", "random")
    with pytest.raises(ConfigError, match=r"it has 2 main agents; .*league.opponents\(ID\)"):
        league.draw(Stream(0, "x"))


# -- The file ------------------------------------------------------------------------------


def same(a, b):
    return a.members == b.members and a.results == b.results


def test_saving_again_appends(tmp_path):
    path = tmp_path / "deep" / "league.jsonl"
    league = grown(prior=1.0)
    league.save(path)
    first = path.read_bytes()
    league.report("main", "solved", 0.5)
    league.update("main", "cfr:3")
    league.save(path)
    assert path.read_bytes().startswith(first) and len(path.read_bytes()) > len(first)
    read = League.load(path)
    assert same(read, league)
    read.freeze("main")
    read.save(path)
    assert same(League.load(path), read)
    read.save(path)
    assert same(League.load(path), read)


@given(cut=st.integers(1, 400))
def test_a_torn_last_line_is_written_again(tmp_path_factory, cut):
    path = tmp_path_factory.mktemp("torn") / "league.jsonl"
    league = grown()
    league.save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: max(len(whole) - cut, whole.index(b"\n") + 1)])
    part = League.load(path)
    assert part.members == league.members[: len(part.members)]
    league.save(path)
    assert path.read_bytes() == whole


def test_files_of_others_are_never_overwritten(tmp_path):
    path = tmp_path / "league.jsonl"
    grown().save(path)
    before = path.read_bytes()
    other = League()
    other.add("main", "oracle")
    with pytest.raises(ConfigError, match="something else than the beginning of this league"):
        other.save(path)
    assert path.read_bytes() == before
    foreign = tmp_path / "notes.txt"
    foreign.write_text("shopping")
    with pytest.raises(ConfigError, match="never overwritten"):
        other.save(foreign)
    assert foreign.read_text() == "shopping"


def test_live_policies_cannot_be_saved(tmp_path):
    league = League()
    league.add("main", RandomPolicy())
    with pytest.raises(ConfigError, match="'main' is a live policy.*hf:PATH or table:PATH"):
        league.save(tmp_path / "league.jsonl")
    assert not (tmp_path / "league.jsonl").exists()


HEAD = {"envgym_league": 1, "prior": 2.0}
JOIN = {"id": "a", "player": "random", "role": "past", "created": 0, "parent": None}


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([], "is no league"),
        ([{"x": 1}], "is no league"),
        ([{"envgym_league": 9}], "envgym_league is 9; this release reads 1"),
        ([{**HEAD, "prior": 0}], "prior must be more than 0"),
        ([HEAD, "nonsense"], ":2: expected an object"),
        ([HEAD, {"change": "leave"}], ":2: .*unknown change 'leave'"),
        ([HEAD, {"change": "join"}], ":2: no change of a league"),
        ([HEAD, {"change": "join", "member": {**JOIN, "role": "boss"}}], "unknown role 'boss'"),
        ([HEAD, {"change": "join", "member": {**JOIN, "created": 3}}], "taken or out of order"),
        (
            [HEAD, {"change": "games", "id": "a", "opponent": "b", "score": 1, "games": 1}],
            "member 'a'",
        ),
    ],
)
def test_broken_files_name_the_line(tmp_path, lines, sentence):
    path = tmp_path / "league.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(ConfigError, match=sentence):
        League.load(path)


def test_missing_and_broken_files(tmp_path):
    grown().save(tmp_path / "league.jsonl")
    with pytest.raises(ConfigError, match="there is no league at .*Did you mean"):
        League.load(tmp_path / "leage.jsonl")
    (tmp_path / "bad.jsonl").write_text('{"envgym_league": 1, "prior": 2.0}\n{"change"\n')
    with pytest.raises(ConfigError, match=r"bad.jsonl:2: no JSON"):
        League.load(tmp_path / "bad.jsonl")


# -- Bad input -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (lambda c: c.add("main", "random"), "'main' is taken"),
        (lambda c: c.add("fallback", "random"), "'fallback' is taken"),
        (lambda c: c.add("", "random"), "an id is a word"),
        (lambda c: c.add("x", "random", role="boss"), "unknown role 'boss'"),
        (lambda c: c.add("x", role="past"), "past member 'x' needs a player"),
        (lambda c: c.add("x", 7), "the player of 'x' must be an agent string or a policy"),
        (lambda c: c.freeze("mian"), "unknown member 'mian'.*Did you mean 'main'"),
        (lambda c: c.freeze("solved"), "'solved' is past; there is nothing to freeze"),
        (lambda c: c.freeze("hunter"), r"freeze\('hunter'\) needs a player"),
        (lambda c: c.freeze("main", id="solved"), "'solved' is taken"),
        (lambda c: c.update("solved", "random"), "'solved' is past and does not change"),
        (lambda c: c.sample("nobody", Stream(0, "x")), "unknown member 'nobody'"),
        (lambda c: c.opponents("nobody"), "unknown member 'nobody'"),
        (lambda c: c.opponents("main", "best"), "unknown strategy 'best'"),
        (lambda c: c.report("main", "nobody", 1.0), "unknown member 'nobody'"),
        (lambda c: c.report("main", "solved", 2.0), "the score of 1 games is 0 to 1"),
    ],
)
def test_bad_input(act, sentence):
    league = grown()
    before = league.members
    with pytest.raises(ConfigError, match=sentence):
        act(league)
    assert league.members == before


def test_a_frozen_one_takes_the_next_name_that_is_free():
    league = League()
    league.add("main")
    league.freeze("main", "random", id="main@2")
    assert league.freeze("main", "random").id == "main@3"


@pytest.mark.parametrize("id", ["\ud800", "a\nb", "", " a"])
def test_an_id_can_be_written_on_one_line(id):
    with pytest.raises(ConfigError, match="an id is a word or several"):
        League().add(id, "random")


def test_a_class_is_no_player():
    with pytest.raises(ConfigError, match="the player of 'a' must be an agent string or a policy"):
        League().add("a", RandomPolicy)
