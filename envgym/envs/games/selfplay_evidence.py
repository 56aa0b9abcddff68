"""What ``envgym/SelfPlay-v0`` reports of the seat it plays."""

from envgym.types import Evidence

DECLARES: tuple[Evidence, ...] = (
    Evidence(key="seat", type="int", unit="player", lo=0, help="which player the agent is"),
    Evidence(
        key="opponent",
        type="str",
        help="who plays the others: an agent string, a policy's name or a league's id",
    ),
    Evidence(
        key="payoff",
        type="float",
        lo=-1.0,
        hi=1.0,
        help="return so far as a share of the game's largest",
    ),
    Evidence(key="invalid", type="int", unit="messages", lo=0, help="moves so far not allowed"),
    Evidence(
        key="format_errors", type="int", unit="messages", lo=0, help="messages without a move"
    ),
    Evidence(key="retries", type="int", unit="messages", lo=0, help="times so far asked again"),
    Evidence(
        key="value",
        type="float",
        cost="costly",
        lo=-1.0,
        hi=1.0,
        help="expected final payoff from what the agent knows, under the reference profile;"
        " where none is known the game's own estimate, else payoff",
    ),
    Evidence(
        key="progress",
        type="float",
        unit="share",
        cost="costly",
        lo=0.0,
        hi=1.0,
        help="(value + 1) / 2",
    ),
    Evidence(
        key="regret",
        type="float",
        cost="costly",
        lo=0.0,
        hi=2.0,
        help="what the agent's latest move gave away under the reference profile, as a share"
        " of the largest return; null where the game is not solved",
    ),
    Evidence(
        key="outcome",
        type="float",
        scope="episode",
        lo=0.0,
        hi=1.0,
        help="(final payoff + 1) / 2; the lowest where a budget cut the game",
    ),
    Evidence(key="won", type="bool", scope="episode", help="ended strictly above all the others"),
    Evidence(key="forfeited", type="bool", scope="episode", help="the agent had no legal move"),
    Evidence(key="by_forfeit", type="bool", scope="episode", help="an opponent had no legal move"),
)
