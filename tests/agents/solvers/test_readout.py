import pytest

from envgym.agents.solvers.readout import read_policy, readout_quality
from envgym.agents.solvers.solve import solve
from envgym.agents.solvers.table import uniform
from envgym.runtime.games.registry import make_game
from envgym.runtime.games.tree import flatten
from envgym.types import ConfigError


def test_uniform_play_is_exploited_as_openspiel_says():
    # OpenSpiel: NashConv of the uniform policy, Kuhn 0.916666666666667, Leduc 4.747222222222222.
    for name, nash_conv in (("kuhn", 0.916666666666667), ("leduc", 4.747222222222222)):
        found = readout_quality(make_game(name), lambda s: [1 / len(s.legal())] * len(s.legal()))
        assert found.nash_conv == pytest.approx(nash_conv, abs=1e-12)


def test_reading_a_table_gives_the_table_back():
    game = make_game("kuhn")
    table = solve(game, "cfr", 20).average
    again = read_policy(game, table.policy)
    assert {key: pytest.approx(row) for key, row in table.rows.items()} == again.rows
    assert again.complete(flatten(game))


def test_every_information_set_is_asked_once_and_only_the_players():
    game, asked = make_game("kuhn"), []

    def ask(state):
        asked.append((state.current_player, state.infostate(state.current_player)))
        return uniform(flatten(game)).policy(state)

    table = read_policy(game, ask, players=[1])
    assert sorted(asked) == sorted(table.rows) == [k for k in sorted(table.rows) if k[0] == 1]
    assert len(asked) == 6


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ([1.0], "must give 2 probabilities"),
        ([1.5, -0.5], "0 or more"),
        ([0.5, 0.4], "must sum to 1, got 0.9"),
        ([float("nan"), 1.0], "0 or more"),
    ],
)
def test_what_is_no_distribution_is_refused(answer, message):
    with pytest.raises(ConfigError, match=message):
        read_policy(make_game("kuhn"), lambda state: answer)
