"""A negotiation's judge-free figures on Sotopia's scales, where they say what a scale asks."""

from collections.abc import Iterable

from envgym.envs.games.negotiation import NegotiationState
from envgym.envs.games.negotiation_leaks import tokens_leaked
from envgym.envs.games.negotiation_scores import outcome
from envgym.runtime.games.social import DIMENSIONS, SocialScores


def measured_scores(
    state: NegotiationState, player: int, messages: Iterable[str] | None = None
) -> SocialScores:
    """Return one player's scores of a finished negotiation without a judge.

    Formula: goal = 10 * paid / best attainable; financial = 5 * worth of the share / best
             attainable (nobody owns anything before, so it is never negative); secret = -10 if
             the secret word was said, else 0. The other four need a judge: None.
    Source:  Sotopia's ranges (seen); the mapping is ours

    Args:
        state: a finished negotiation.
        player: whose scores.
        messages: all that the player said to others; None: not known, so that neither is the
            score for the secret. Without a secret in the game it is not known either.

    Raises:
        ConfigError: the negotiation is not over.
    """
    figures = outcome(state)
    game = state.game
    profile = game.profiles[player][state.profiles[player]]
    secret = None
    if profile.secret and messages is not None:
        scale = DIMENSIONS["secret"]
        secret = float(scale.lo if tokens_leaked(profile.secret, messages) else scale.hi)
    return SocialScores(
        goal=10.0 * figures.scores[player],
        financial=5.0 * figures.worths[player] / game.utility[1],
        secret=secret,
    )
