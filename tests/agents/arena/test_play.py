"""Arenas of real games: policies on the text view."""

import pytest

from envgym.agents.arena.play import play_one
from envgym.agents.arena.playing import load_play
from envgym.agents.arena.run import run_arena
from envgym.agents.arena.settings import Settings
from envgym.types import ConfigError


def test_it_is_what_arenas_load():
    assert load_play() is play_one


def test_a_game_is_a_function_of_its_arguments():
    one = play_one("leduc", {}, ["random", "cfr:10"], 5)
    again = play_one("leduc", {}, ["random", "cfr:10"], 5)
    assert one == again
    assert sum(one.returns) == 0
    assert one.valid
    assert one.forfeit_by is None
    other = [play_one("leduc", {}, ["random", "cfr:10"], seed).returns for seed in range(8)]
    assert len(set(other)) > 1


def test_more_players_and_options():
    found = play_one("kuhn", {"players": 3}, ["random"] * 3, 0, illegal="forfeit")
    assert len(found.returns) == 3


def test_who_has_no_move_forfeits(monkeypatch):
    from envgym.agents.arena import play
    from envgym.types import Reply

    class Mute:
        name = "mute"

        def act(self, requests):
            return [Reply(text="") for _ in requests]

        def close(self, sessions):
            pass

    known = play._policy
    monkeypatch.setattr(play, "_policy", lambda spec: Mute() if spec == "mute" else known(spec))
    found = play_one("kuhn", {}, ["random", "mute"], 0)
    assert found.forfeit_by == 1
    assert found.returns == (0.0, -2.0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("chess", {}, ["random"] * 2), "'chess' is none"),
        (("kuhn", {}, ["random"]), "2 seats, got 1"),
        (("kuhn", {}, ["random", "cfrr"]), "unknown agent .cfrr."),
        (("kuhn", {"seats": 2}, ["random"] * 2), "unknown argument of kuhn 'seats'"),
    ],
)
def test_bad_input(arguments, words):
    with pytest.raises(ConfigError, match=words):
        play_one(*arguments, 0)


def test_the_reference_profile_beats_random_play_and_a_copy_of_it_does_not(tmp_path):
    settings = Settings(game="kuhn", players=("random", "oracle", "random"), games=150)
    found = run_arena(settings, play_one, out=tmp_path)
    ratings = found.ratings
    assert ratings.rows[0].player == "oracle"
    assert ratings["oracle"].low > ratings["random"].high
    assert found.returns["oracle"].low > 0 > found.returns["random"].high
    copies = ratings["random"], ratings["random#2"]
    assert copies[0].low < copies[1].rating < copies[0].high
    assert run_arena(settings, play_one, workers=2, out=tmp_path).played == 0


def test_workers_change_nothing(tmp_path):
    settings = Settings(game="leduc", players=("random", "cfr:20"), games=6)
    alone = run_arena(settings, play_one, out=tmp_path / "alone")
    together = run_arena(settings, play_one, out=tmp_path / "together", workers=2)
    assert alone.results == together.results
    files = [tmp_path / name / "games.jsonl" for name in ("alone", "together")]
    assert files[0].read_bytes() == files[1].read_bytes()
