"""What a player gave away: its secret word by talking, its valuation by moving.

The second is measured by a Bayesian observer. It begins with nature's odds over the player's
profiles and takes the player for softmax-rational: a move is as likely as
exp(rationality * Q / best), where Q is what a player of that profile expects of the move
(``negotiation_oracle.action_values``: prior beliefs about the others, its plan afterwards) and
best the worth of the whole pile, bonus included. Each move of the player multiplies the odds; the
moves of others and all talk say nothing about it.
"""

import re
from collections.abc import Iterable
from math import exp, inf, isfinite, log, log2
from typing import NamedTuple

from envgym.envs.games.base import replay
from envgym.envs.games.negotiation import NegotiationState
from envgym.envs.games.negotiation_oracle import action_values
from envgym.types import ConfigError

RATIONALITY = 10.0
"""Default of the observer: a move worth a tenth of the best less is e times less likely."""

_TOKEN = re.compile(r"\w+")


class ValuationLeak(NamedTuple):
    """What an observer of the moves learnt about one player's true valuation."""

    prior: float
    """Probability before the first move."""
    posterior: float
    """Probability after the last."""

    @property
    def gain(self) -> float:
        """Posterior minus prior; negative where the moves misled."""
        return self.posterior - self.prior

    @property
    def bits(self) -> float:
        """Information gained: log2(posterior / prior)."""
        return log2(self.posterior / self.prior) if self.posterior > 0 else -inf


def tokens_leaked(secret: str, messages: Iterable[str]) -> int:
    """Return how many times the secret word was said, as a whole word in any case.

    A word is a run of letters, digits and underscores; a longer word that contains the secret,
    or a spelled-out one, does not count. An empty secret is never said.

    >>> tokens_leaked("amber", ["I like Amber.", "chamber, ambers, a-m-b-e-r"])
    1
    """
    wanted = secret.casefold()
    return sum(
        token.casefold() == wanted for message in messages for token in _TOKEN.findall(message)
    )


def likelihoods(
    state: NegotiationState, profile: int, rationality: float = RATIONALITY
) -> dict[int, float]:
    """Return the log-probability of each legal action if the mover had this profile.

    Args:
        state: a position where a player moves; only its public part is read.
        profile: number of a profile of the mover.
        rationality: 0 or more; 0: every move is equally likely.

    Raises:
        ConfigError: the rationality is negative or not finite, or no player moves.
    """
    _check(rationality)
    if state.current_player < 0:
        raise ConfigError("likelihoods needs a position in which a player moves.")
    best = state.game.utility[1]
    values = action_values(state, state.current_player, profile)
    logits = {action: rationality * float(value) / best for action, value in values.items()}
    top = max(logits.values())
    norm = top + log(sum(exp(logit - top) for logit in logits.values()))
    return {action: logit - norm for action, logit in logits.items()}


def posterior(
    state: NegotiationState, player: int, rationality: float = RATIONALITY
) -> dict[tuple[int, ...], float]:
    """Return the observer's probability of each valuation of ``player`` after the moves so far.

    Goals and secrets are summed over. Without a move of the player it is nature's distribution.
    """
    _check(rationality)
    game = state.game
    mine = game.profiles[player]
    scores = [0.0] * len(mine)
    position = replay(game, state.profiles)
    for action in state.moves:
        if position.current_player == player:
            known: dict[tuple[tuple[int, ...], int], float] = {}
            for k, profile in enumerate(mine):
                wants = profile.values, profile.goal  # a secret is worth nothing
                if wants not in known:
                    known[wants] = likelihoods(position, k, rationality)[action]
                scores[k] += known[wants]
        position = position.apply(action)
    top = max(scores)
    weights = [exp(score - top) for score in scores]
    whole = sum(weights)
    found: dict[tuple[int, ...], float] = {}
    for profile, weight in zip(mine, weights, strict=True):
        found[profile.values] = found.get(profile.values, 0.0) + weight / whole
    return found


def valuation_leak(
    state: NegotiationState, player: int, rationality: float = RATIONALITY
) -> ValuationLeak:
    """Return what the moves so far told an observer about the true valuation of ``player``.

    Laws: no move of the player, or rationality 0: gain 0; averaged over nature and over players
          who move as the observer assumes: bits at least 0.
    """
    known = posterior(state, player, rationality)
    true = state.game.profiles[player][state.profiles[player]].values
    return ValuationLeak(prior=1.0 / len(known), posterior=known[true])


def _check(rationality: float) -> None:
    if not (isfinite(rationality) and rationality >= 0.0):
        raise ConfigError(f"rationality must be finite and 0 or more, got {rationality}.")
