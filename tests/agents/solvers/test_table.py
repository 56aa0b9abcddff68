"""Policy tables in memory and in files."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.agents.solvers.table import PolicyTable, from_profile, load_table, uniform
from envgym.runtime.games.registry import make_game
from envgym.runtime.games.tree import flatten, walk
from envgym.types.errors import ConfigError, InfraError
from tests.agents.solvers.spiel_games import random_profile

KUHN = flatten(make_game("kuhn"))


@given(seed=st.integers(0, 2**32))
def test_a_file_keeps_every_bit(seed, tmp_path_factory):
    table = from_profile(KUHN, random_profile(KUHN, seed), "some")
    path = tmp_path_factory.mktemp("table") / "t.json"
    table.save(path)
    assert load_table(path) == table


def test_distributions_are_over_the_legal_actions():
    table = from_profile(KUHN, random_profile(KUHN, 3))
    for state in walk(make_game("kuhn")):
        if state.current_player >= 0:
            found = table.distribution(state)
            assert len(found) == len(state.legal()) and sum(found) == pytest.approx(1.0)
            assert table.policy(state) == found


def partial():
    rows = dict(list(uniform(KUHN).rows.items())[:1])
    ((key, row),) = rows.items()
    return PolicyTable("kuhn", {"players": 2}, {key: {min(row): 1.0}}, "partial"), key


def test_a_partial_table_is_uniform_elsewhere():
    table, key = partial()
    assert not table.complete(KUHN) and uniform(KUHN).complete(KUHN)
    for state in walk(make_game("kuhn")):
        mover = state.current_player
        if mover >= 0:
            known = (mover, state.infostate(mover)) == key
            assert table.distribution(state) == ((1.0, 0.0) if known else None)
            assert table.policy(state) == ((1.0, 0.0) if known else (0.5, 0.5))
    assert sorted(table.profile(KUHN).tolist()) == [0.0, *[0.5] * 22, 1.0]


def test_never_overwrites(tmp_path):
    path = tmp_path / "t.json"
    uniform(KUHN).save(path)
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="exists already; a table is never overwritten"):
        uniform(KUHN).save(path)
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(InfraError, match="cannot write"):
        uniform(KUHN).save(tmp_path / "no" / "t.json")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data.update(game="leduc"), "was changed or cut short"),
        (lambda data: data["rows"][0][2][0].__setitem__(1, 0.9), "was changed or cut short"),
        (lambda data: data.pop("checksum"), "was changed or cut short"),
        (lambda data: data.update(envgym_table=2), "envgym_table is 2; this release reads 1"),
        (lambda data: data.pop("envgym_table"), "lacks the field 'envgym_table'"),
    ],
)
def test_a_changed_file_is_refused(tmp_path, change, said):
    data = uniform(KUHN).to_json()
    change(data)
    path = tmp_path / "t.json"
    path.write_text(json.dumps(data))
    with pytest.raises(ConfigError, match=said):
        load_table(path)


@pytest.mark.parametrize("text", ["", "[]", "{", "3", "\ud800"])
def test_what_is_no_table_is_refused(tmp_path, text):
    path = tmp_path / "t.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ConfigError, match="is not a policy table"):
        load_table(path)


def test_rows_must_be_distributions(tmp_path):
    _, key = partial()
    for row in ({0: 0.5}, {0: 1.5, 1: -0.5}, {0: float("nan")}):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.json"
        PolicyTable("kuhn", {"players": 2}, {key: row}, "bad").save(path)
        with pytest.raises(ConfigError, match="must hold probabilities that sum to 1"):
            load_table(path)


def test_rows_of_another_shape(tmp_path):

    for rows in ([1], [[0, "k"]], [[0, "k", [[0]]]], 5):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.json"

        class Odd(PolicyTable):
            def to_json(self, rows=rows):
                from envgym.agents.solvers import table as module

                body = {"envgym_table": 1, "name": "n", "game": "g", "params": {}, "rows": rows}
                return {**body, "checksum": module._checksum(body)}

        Odd("g", {}, {}).save(path)
        with pytest.raises(ConfigError, match="is not a policy table"):
            load_table(path)


def test_a_missing_file_names_its_neighbour(tmp_path):
    uniform(KUHN).save(tmp_path / "table.json")
    with pytest.raises(ConfigError, match=r"there is no table at .*Did you mean '.*table.json'"):
        load_table(tmp_path / "tabel.json")


def test_another_games_table_is_refused():
    with pytest.raises(ConfigError, match=r"is for kuhn\(players=2\), not for kuhn\(players=3\)"):
        uniform(KUHN).profile(flatten(make_game("kuhn", players=3)))


def test_parameters_compare_as_json():
    table = PolicyTable("kuhn", {"players": 2, "x": [1]}, {})

    class Same:
        name = "kuhn"
        params = {"x": (1,), "players": 2}

    table.check(Same())


def test_a_row_of_another_action_is_refused_and_not_played_as_less_than_one():
    table, (player, key) = partial()
    wrong = PolicyTable("kuhn", {"players": 2}, {(player, key): {7: 1.0}}, "wrong")
    with pytest.raises(ConfigError, match="'wrong' has the action 7 in a row of player 0"):
        wrong.profile(KUHN)
    states = [state for state in walk(make_game("kuhn")) if state.current_player == player]
    state = next(state for state in states if state.infostate(player) == key)
    assert sum(table.policy(state)) == 1.0
    with pytest.raises(ConfigError, match="has the action 7"):
        wrong.policy(state)


@pytest.mark.parametrize(
    "text",
    [
        '{"envgym_table": 1, "name": "\\ud800", "checksum": "0"}',
        "[" * 200_000,
    ],
)
def test_text_that_no_table_holds_is_one_sentence(text, tmp_path):
    path = tmp_path / "odd.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"odd\.json"):
        load_table(path)
