"""Every game keeps every law. A new game gets all of it by its line in the registry."""

import pytest

from envgym.runtime.games.reference import reference_of
from envgym.runtime.games.registry import TEAMS, game_names, make_game, make_text
from envgym.testing import GAME_LAWS, HOSTILE_MOVES, TEAM_LAWS, GameSubject, LawError
from envgym.testing.games.determinism import in_another_process
from envgym.testing.games.hostile import LOOK_ALIKES
from envgym.testing.games.proof import proof_kind
from envgym.testing.games.secrets import pairs

MORE = [("kuhn", {"players": 3}), ("leduc", {"players": 3})]
LEDUC_3 = "leduc-3"
"""Neither solved nor with an expert: nothing proves it, and the kit says so."""
SUBJECTS = {
    **{name: GameSubject(name) for name in game_names()},
    **{f"{name}-{p['players']}": GameSubject(name, p, "light") for name, p in MORE},
}
LAWS = [name for name in GAME_LAWS if name != "other_processes"]
HIDDEN = ("blotto", "goofspiel", "kuhn", "leduc", "liars_dice", "matrix", "negotiation")


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("name", SUBJECTS)
def test_law(name, law):
    if (name, law) == (LEDUC_3, "proved"):
        with pytest.raises(LawError, match="neither a solved profile nor an expert"):
            GAME_LAWS[law](SUBJECTS[name])
    else:
        GAME_LAWS[law](SUBJECTS[name])


@pytest.mark.parametrize("law", [law for law in TEAM_LAWS if law in LAWS])
@pytest.mark.parametrize("name", TEAMS)
def test_team_law(name, law):
    TEAM_LAWS[law](GameSubject(name, {}, "light"))


def test_other_processes():
    """One interpreter for all of them, as each takes a second to start."""
    teams = [GameSubject(name, {}, "light") for name in TEAMS]
    in_another_process([*SUBJECTS.values(), *teams])


@pytest.mark.parametrize("name", HIDDEN)
def test_games_of_hidden_information_are_tried_with_it(name):
    assert len(pairs(make_game(name), 40)) == 40


@pytest.mark.parametrize("name", ["connect_four", "hex", "tic_tac_toe"])
def test_nothing_is_hidden_where_all_is_seen(name):
    assert pairs(make_game(name), 40) == ()


@pytest.mark.parametrize(
    ("name", "kind"),
    [("kuhn", "equilibrium"), ("repeated_matrix", "equilibrium"), ("hex", "reference")],
)
def test_kinds_of_proof(name, kind):
    assert proof_kind(GameSubject(name)) == kind


@pytest.mark.parametrize(
    ("name", "value"), [("kuhn", -1 / 18), ("leduc", -0.0856), ("matrix", 0.0), ("goofspiel", 0.0)]
)
def test_known_game_values(name, value):
    """Kuhn 1950; Leduc's is OpenSpiel's; rock paper scissors and Goofspiel are symmetric."""
    game = make_game(name)
    assert reference_of(game).value(game.initial(), 0) == pytest.approx(value, abs=1e-4)


def test_the_corpus_has_no_doubles():
    found = [(case.text, case.respelled) for case in HOSTILE_MOVES]
    assert len(found) == len(set(found)) >= 150
    assert {case.reads for case in HOSTILE_MOVES} == {"A", "B", None}


def read(env, message):
    """Return the word of the action that a first message plays, None if it is refused."""
    env.reset(seed=1)
    before = env.position
    env.step(message)
    if env.position == before:
        assert env.mistake
        assert env.infos[env.agent_selection]["evidence"]["retries"] == 1
        return None
    return before.action_text(env.position.history[len(before.history)])


@pytest.fixture
def kuhn():
    env = make_text("kuhn")
    yield env
    env.close()


@pytest.mark.parametrize("case", [*HOSTILE_MOVES, *LOOK_ALIKES], ids=lambda case: repr(case)[:60])
def test_hostile_moves_in_kuhn(kuhn, case):
    """Both ways round, as the words differ in length and letters."""
    for first, second in (("bet", "pass"), ("pass", "bet")):
        expected = {"A": first, "B": second, None: None}[case.reads]
        assert read(kuhn, case.message(first, second)) == expected


@pytest.mark.parametrize(
    ("message", "played"),
    [
        ("[[bet]] no [[pass]]", "pass"),
        ("[[bet or pass]]", None),
        ("[[call]]", "bet"),
        ("[[Check]]", "pass"),
        ("[[fold]].", "pass"),
        ("[[raise the stakes]]", None),
        ("\\boxed{Call}", "bet"),
        ("I bet you will fold", None),
        ("fold", "pass"),
        ("[[bett]]", None),
        ("[[b]]", None),
        ("[[0]]", None),
        ("bet()", None),
    ],
)
def test_words_of_kuhn(kuhn, message, played):
    assert read(kuhn, message) == played
