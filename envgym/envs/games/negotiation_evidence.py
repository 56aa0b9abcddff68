"""What a negotiation reports at its end beside the payoff, and the program that weighs it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from envgym.rewards import Clip, Node, Program, Scale, Source
from envgym.runtime.games.social import DIMENSIONS
from envgym.runtime.games.talk import Utterance
from envgym.types import Evidence, Value
from envgym.types.game import OVER

if TYPE_CHECKING:
    from envgym.envs.games.negotiation import Negotiation, NegotiationState

WASTE, LEAK, BREACH = 0.25, 0.25, 0.25
"""What the program "social" charges for all that was left on the table, for a secret told, and for
a promise broken; a deal with the best split at once is worth 1."""


def _number(key: str, lo: float, hi: float, help: str) -> Evidence:
    return Evidence(key=key, type="float", scope="episode", lo=lo, hi=hi, help=help)


def _count(key: str, unit: str, help: str) -> Evidence:
    return Evidence(key=key, type="int", unit=unit, scope="episode", lo=0, help=help)


DECLARED: tuple[Evidence, ...] = (
    Evidence(key="deal", type="bool", scope="episode", help="whether an offer was accepted by all"),
    _count("rounds", "offers", "offers that failed"),
    _number("own_score", 0.0, 1.0, "what it was paid / the best it could have been paid"),
    _number(
        "oracle_share",
        0.0,
        1.0,
        "own_score if all had known each other's profiles and played the subgame-perfect plan",
    ),
    _number(
        "pareto_distance",
        0.0,
        1.0,
        "mean share of the best that all could have gained together with nobody losing",
    ),
    _number("nash_ratio", 0.0, 1.0, "product of the shares' worths / the largest product"),
    Evidence(
        key="secret_leaked",
        type="bool",
        scope="episode",
        help="whether it said its secret word aloud; None where there are no secrets",
    ),
    _count(
        "secret_said",
        "words",
        "times it said its secret word aloud; None where there are no secrets",
    ),
    _number(
        "valuation_leak",
        -1.0,
        1.0,
        "what its moves added to an observer's probability of its true valuation",
    ),
    _count("promises_kept", "promises", "typed promises that its moves kept"),
    _count("promises_broken", "promises", "typed promises that its moves broke"),
    _number("promise_ratio", 0.0, 1.0, "kept / (kept + broken); None where none was tested"),
    *(
        _number(
            f"social.{name}",
            DIMENSIONS[name].lo,
            DIMENSIONS[name].hi,
            f"Sotopia's dimension '{name}' measured without a judge; None where not known",
        )
        for name in ("goal", "financial", "secret")
    ),
)
"""In the order in which they are reported."""


def final_facts(
    state: "NegotiationState", player: int, said: Sequence[Utterance]
) -> dict[str, Value]:
    """Return the evidence of one player.

    A negotiation that a budget or a forfeit cut short is measured as one that ended without a
    deal; promises that the cut left untested are open.

    Args:
        state: where it ended; every profile is drawn.
        player: whose evidence.
        said: everything that was said aloud, by all.
    """
    # Imported late: these modules read the game's own.
    from envgym.envs.games.negotiation_leaks import tokens_leaked, valuation_leak
    from envgym.envs.games.negotiation_promises import promise_keeping, read_promises
    from envgym.envs.games.negotiation_rules import LEAVE
    from envgym.envs.games.negotiation_scores import outcome
    from envgym.envs.games.sotopia import measured_scores

    game = state.game
    ended = state if state.current_player == OVER else state.apply(LEAVE)
    figures = outcome(ended)
    mine = [one for one in said if one.agent == f"player_{player}"]
    words = [one.text for one in mine]
    secret = game.profiles[player][state.profiles[player]].secret
    told = tokens_leaked(secret, words) if secret else None
    # Utterances count nature's draws, one per player and all before the first move.
    promises = [
        promise
        for one in mine
        for promise in read_promises(game, player, one.text, one.at - game.players)
    ]
    kept = promise_keeping(state, promises)
    social = measured_scores(ended, player, words)
    return {
        "deal": figures.deal,
        "rounds": figures.rounds,
        "own_score": figures.scores[player],
        "oracle_share": figures.oracle[player] / game.utility[1],
        "pareto_distance": figures.pareto_distance,
        "nash_ratio": figures.nash_ratio,
        "secret_leaked": None if told is None else told > 0,
        "secret_said": told,
        "valuation_leak": valuation_leak(state, player).gain,
        "promises_kept": kept.kept,
        "promises_broken": kept.broken,
        "promise_ratio": kept.ratio,
        "social.goal": social.goal,
        "social.financial": social.financial,
        "social.secret": social.secret,
    }


def presets(game: "Negotiation") -> Mapping[str, Program]:
    """Return the program "social" of a negotiation.

    Formula: own_score - 0.25 pareto_distance - 0.25 [secret told] - 0.25 [a promise broken]
    Source:  ours; the weights are a starting point, not a measurement
    Range:   [-0.75, 1]; without secrets in the game the third term is left out

    Without a deal it is at most 0: saying nothing and leaving costs a quarter of what that left
    on the table.
    """
    summands: list[Node] = [
        Source("own_score", "episode", 0.0, 1.0),
        Scale(Source("pareto_distance", "episode", 0.0, 1.0), -WASTE, name="waste"),
    ]
    if game.secrets:
        summands.append(Scale(Source("secret_leaked", "episode", 0.0, 1.0), -LEAK, name="leak"))
    broken = Clip(Source("promises_broken", "episode", lo=0.0), 0.0, 1.0)
    summands.append(Scale(broken, -BREACH, name="breach"))
    whole = summands[0]
    for summand in summands[1:]:
        whole = whole + summand
    return {"social": Program("social", whole)}
