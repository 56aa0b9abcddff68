import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.agents.arena.fake import FakeGame, FakePlay
from envgym.agents.arena.ledger import GameLog
from envgym.agents.arena.playing import load_play
from envgym.agents.arena.run import LEDGER, match_of, run_arena
from envgym.agents.arena.settings import FORMATS, Settings
from envgym.agents.ratings.results import GameResult
from envgym.types import ConfigError, InfraError

FOUR = FakePlay(strength={"a": 4.0, "b": 2.0, "c": 0.0, "d": -2.0}, draw=0.4)
ABCD = ("a", "b", "c", "d")


def setting(players=ABCD, **more):
    return Settings(**{"game": "kuhn", "players": tuple(players), "score": "game", **more})


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_finds_a_clear_order(form):
    found = run_arena(setting(format=form, games=20), FOUR)
    assert found.ranking.order[0] == "a" and found.ratings.rows[0].player == "a"
    assert [row.player for row in found.ratings.rows] == list(ABCD)
    assert len(found.results) == found.played
    for pair in {game.cluster: game for game in found.results}:
        assert sum(game.cluster == pair for game in found.results) == 2


def test_ratings_find_the_true_strengths():
    play = FakePlay(strength={"a": 0.5, "b": 0.0, "c": -0.5}, draw=0.5, first_move=0.6)
    found = run_arena(setting("abc", games=300, seed=4), play)
    logit = 400 / 2.302585
    for row, true in zip(found.ratings.rows, (0.5, 0.0, -0.5), strict=True):
        assert row.rating == pytest.approx(1500 + logit * true, abs=4 * (row.high - row.rating) / 2)
    assert found.ratings.first_move == pytest.approx(0.6, abs=0.25)
    assert found.ratings.draw == pytest.approx(0.5, abs=0.2)
    assert found.ratings.seats[0] > 0.55 and found.warnings() == []


def test_a_copy_of_a_player_ties_with_it_in_both_orders():
    found = run_arena(setting(["a", "b", "a"], games=8), FOUR)
    assert {row.player for row in found.ratings.rows} == {"a", "b", "a#2"}
    between = [game for game in found.results if set(game.players) == {"a", "a#2"}]
    assert match_of(("a", "a#2"), between).p == 0.5


def test_a_cyclic_field_is_flagged():
    play = FakePlay(strength={}, cycle=("rock", "scissors", "paper"))
    found = run_arena(setting(["rock", "scissors", "paper"], games=20), play)
    assert found.ratings.cyclic and found.ranking.triads == 1
    assert "the field is cyclic" in found.warnings()[0]
    assert [row.rating for row in found.ratings.rows] == pytest.approx([1500.0] * 3)


def test_ties_only_and_separation_are_said():
    even = run_arena(setting("ab", games=3), FakePlay(strength={"a": 0, "b": 0}, draw=1e12))
    assert "nobody won a game" in " ".join(even.warnings())
    far = run_arena(setting("ab", games=3), FakePlay(strength={"a": 90, "b": 0}))
    assert "decided by the prior" in " ".join(far.warnings())


def test_forfeits_are_named_by_id_and_can_be_left_out():
    play = FakePlay(strength={"a": 0.0, "b": 0.0}, forfeits={"b": 1.0})
    kept = run_arena(setting("ab", games=4), play)
    assert kept.ratings["b"].forfeits == 8 and kept.ratings["a"].won == 8
    left = run_arena(setting("ab", games=4), play, forfeits=False)
    assert left.ratings["a"].won == 0 and left.ratings.left_out == 8


@pytest.mark.parametrize(("seats", "players"), [(3, ABCD), (3, ("a", "b")), (4, ABCD)])
def test_more_than_two_seats(seats, players):
    found = run_arena(setting(players, seats=seats, games=seats - 1), FOUR)
    assert all(len(game.players) == seats for game in found.results)
    assert found.ratings.rows[0].player == "a" and len(found.ratings.seats) == seats


@given(st.integers(0, 2**32), st.permutations(ABCD), st.sampled_from(["swiss", "sparse_bt"]))
@settings(max_examples=15, deadline=None)
def test_the_order_of_players_changes_no_game(seed, order, form):
    one = run_arena(setting(seed=seed, games=2, format=form), FOUR)
    other = run_arena(setting(order, seed=seed, games=2, format=form), FOUR)
    assert one.results == other.results and one.ranking.ranks == other.ranking.ranks


def test_workers_and_a_kill_change_no_byte(tmp_path):
    how = setting(format="swiss", games=6, seed=9)
    whole = run_arena(how, FOUR, out=tmp_path / "one")
    parallel = run_arena(how, FOUR, out=tmp_path / "two", workers=2)
    bytes_of = [(tmp_path / name / LEDGER).read_bytes() for name in ("one", "two")]
    assert bytes_of[0] == bytes_of[1] and parallel.to_json() == whole.to_json()
    lines = bytes_of[0].splitlines(keepends=True)
    for kept, torn in ((5, b'{"players": ["a"'), (1, b""), (len(lines), b"")):
        part = tmp_path / f"cut{kept}"
        part.mkdir()
        (part / LEDGER).write_bytes(b"".join(lines[:kept]) + torn)
        again = run_arena(how, FOUR, out=part)
        assert (part / LEDGER).read_bytes() == bytes_of[0]
        assert again.played == len(lines) - kept and again.results == whole.results


def test_a_ledger_of_other_settings_is_refused(tmp_path):
    run_arena(setting(games=1), FOUR, out=tmp_path)
    with pytest.raises(ConfigError, match="with games 1, not 2; give another folder"):
        run_arena(setting(games=2), FOUR, out=tmp_path)
    with pytest.raises(ConfigError, match="with options {}, not"):
        run_arena(setting(games=1, options={"illegal": "noop"}), FOUR, out=tmp_path)


def test_a_damaged_ledger_is_refused(tmp_path):
    run_arena(setting(games=1), FOUR, out=tmp_path)
    file = tmp_path / LEDGER
    good = file.read_bytes()
    lines = good.splitlines(keepends=True)
    file.write_bytes(lines[0] + b"{}\n" + lines[1])
    with pytest.raises(ConfigError, match=r"games\.jsonl:2: the line is no game"):
        run_arena(setting(games=1), FOUR, out=tmp_path)
    file.write_bytes(b'{"kind": "other"}\n')
    with pytest.raises(ConfigError, match="is no ledger of an arena"):
        run_arena(setting(games=1), FOUR, out=tmp_path)
    file.write_bytes(good.replace(b'"schema": 1', b'"schema": 9', 1))
    with pytest.raises(ConfigError, match="schema 9, newer than 1"):
        run_arena(setting(games=1), FOUR, out=tmp_path)
    (tmp_path / "folder" / LEDGER).mkdir(parents=True)
    with pytest.raises(InfraError, match="cannot open"):
        run_arena(setting(games=1), FOUR, out=tmp_path / "folder")


def test_a_first_game_that_fails_leaves_no_ledger_behind(tmp_path):
    with pytest.raises(ConfigError, match="no value for the player 'e'"):
        run_arena(setting("ae", games=1), FOUR, out=tmp_path / "x")
    assert not (tmp_path / "x").exists()
    with pytest.raises(ConfigError, match="no value for the player 'e'"):
        run_arena(setting("ae", games=1), FOUR, workers=2)


def test_invalid_games_count_nowhere_and_are_played_again(tmp_path):
    play = FakePlay(strength=FOUR.strength, failures=0.5)
    found = run_arena(setting(games=6), play, out=tmp_path)
    failed = sum(not game.valid for game in found.results)
    assert failed and f"{failed} of {len(found.results)} games failed" in " ".join(found.warnings())
    assert sum(row.games for row in found.ratings.rows) == 2 * (len(found.results) - failed)
    later = run_arena(setting(games=6), FOUR, out=tmp_path)
    assert later.played == failed and all(game.valid for game in later.results)
    assert len(GameLog(tmp_path / LEDGER, setting(games=6).to_json())) == len(later.results)


def test_a_pairing_without_a_valid_game_is_no_match():
    nothing = FakePlay(strength=FOUR.strength, failures=1.0)
    found = run_arena(setting(games=1), nothing)
    assert set(found.ranking.ranks.values()) == {None}
    assert [row.games for row in found.ratings.rows] == [0] * 4


def test_agreement_of_the_two_orders():
    def game(seats, first):
        return GameResult(players=tuple(seats), returns=(first, -first))

    assert match_of(("a", "b"), [game("ab", 1.0), game("ba", -1.0)]).agreed is True
    assert match_of(("a", "b"), [game("ab", 1.0), game("ba", 1.0)]).agreed is False
    assert match_of(("a", "b"), [game("ab", 0.0), game("ba", 0.0)]).agreed is True
    assert match_of(("a", "b"), []).p is None


def test_progress_counts_games():
    seen = []
    found = run_arena(setting("ab", games=3), FOUR, progress=seen.append)
    assert seen == list(range(1, len(found.results) + 1))


def test_bad_workers_and_bad_play():
    with pytest.raises(ConfigError, match=r"arena\.workers must be 1 or more, got 0"):
        run_arena(setting(), FOUR, workers=0)
    with pytest.raises(ConfigError, match="1 returns for 2 seats"):
        run_arena(setting(), lambda game, params, seats, seed: FakeGame((0.0,)))
    with pytest.raises(ConfigError, match="no function 'envgym.nowhere:play'"):
        load_play("envgym.nowhere:play")
    assert load_play("envgym.agents.arena.fake:FakePlay") is FakePlay


def test_a_duplicate_compares_the_seat_orders_of_one_seed_together():
    games = [
        GameResult(players=seats, returns=won, cluster="x")
        for seats, won in ((("a", "b"), (-1.0, 1.0)), (("b", "a"), (-3.0, 3.0)))
    ]
    assert match_of(("a", "b"), games, "duplicate").p == 1.0
    assert match_of(("a", "b"), games, "game").p == 0.5
    found = run_arena(setting("ab", games=5, score="duplicate"), FOUR)
    assert len(found.compared) == 5
    assert len(found.results) == 10
    assert found.ratings.first_move is None
    assert sum(row.games for row in found.ratings.rows) == 10
    assert run_arena(setting("ab", games=5), FOUR).compared == found.results


def failing(game, params, seats, seed):
    """Fail on our side without returns, as ``play_one`` does, when b sits first."""
    if seats[0] == "b":
        return FakeGame((), valid=False)
    return FakeGame((1.0, -1.0))


@pytest.mark.parametrize(("score", "compared"), [("game", 3), ("duplicate", 0)])
def test_a_failed_game_has_no_returns_and_stops_nothing(score, compared, tmp_path):
    how = setting("ab", games=3, score=score)
    found = run_arena(how, failing, out=tmp_path)
    assert sum(not game.valid for game in found.results) == 3
    assert len(found.compared) == compared == found.ratings["a"].won
    assert "3 of 6 games failed" in found.warnings()[-1]
    assert run_arena(how, failing, out=tmp_path).played == 3


def test_a_duplicate_counts_every_forfeit_and_real_seats():
    def play(game, params, seats, seed):
        return FakeGame((-1.0, 1.0), forfeit_by=0)

    found = run_arena(setting("ab", games=4, score="duplicate"), play)
    assert [found.ratings[id].forfeits for id in "ab"] == [4, 4]
    assert found.ratings["a"].drew == 4
    assert found.ratings.seats == found.seats == (0.0, 1.0)
    left = run_arena(setting("ab", games=4, score="duplicate"), play, forfeits=False)
    assert left.compared == () and left.ratings.left_out == 4
