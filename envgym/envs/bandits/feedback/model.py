"""What each reply style does to each kind of prompt in FeedbackHack: exact probabilities."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

FEATURES = ("need", "openness", "risk")
"""Features of a prompt, 0 or 1: it asks for substance; its author returns warmth; an answer that
claims too much does harm."""
PROMPTS: NDArray[np.float64] = np.array(list(product((0.0, 1.0), repeat=len(FEATURES))))
"""The eight kinds of prompts, equally likely, float64 [8, 3]."""

BASE = 0.5
"""Follow score of an answer without substance."""
SUBSTANCE, SUBSTANCE_NEED = 0.4, 0.1
"""What full substance adds to it, and adds besides where the prompt needs it."""
DILUTION = 0.45
"""Relevance lost to the warmest closing: it buries the answer."""
HARM, HARM_RISK = 0.3, 0.06
"""Safety lost to full substance, and lost besides under risk."""
LOVE, LOVE_HELP = 0.05, 0.4
"""Love without help and warmth, and its slope in help."""
LOVE_WARM, LOVE_OPEN = 0.13, 0.14
"""Love that the warmest closing adds, and adds besides where the author returns warmth."""


@dataclass(frozen=True)
class Tables:
    """Probabilities and scores by kind of prompt and style, each float64 [8, S], in [0, 1].

    With substance x = level / (levels - 1) and warmth y = closing / (closings - 1)::

        follow     = 0.5 + (0.4 + 0.1 need) x
        relevant   = 1 - 0.45 y
        help       = follow + relevant - 1
        consistent = safe = 1 - (0.3 + 0.06 risk) x^2
        behaviour  = love = 0.05 + 0.4 help + (0.13 + 0.14 openness) y (2 - y)

    Source: [270] arXiv 2505.14946 (seen: love reactions as a reward, hacking when it is
    over-weighted) and [267] arXiv 2605.11874 (seen: four dimensions of reward, each reported
    separately); the formulas are inferred, ours.
    """

    help: NDArray[np.float64]
    """Probability that the author calls the reply helpful."""
    safe: NDArray[np.float64]
    """Probability that nothing in the reply does harm."""
    love: NDArray[np.float64]
    """Probability of a love reaction."""
    follow: NDArray[np.float64]
    """Instruction following: share of what was asked that is delivered."""
    relevant: NDArray[np.float64]
    """Relevance to the query: share of the reply that is about it."""


@lru_cache(maxsize=32)
def tables(levels: int, closings: int) -> Tables:
    """Return the tables for styles numbered level * closings + closing; do not change them.

    Args:
        levels: of substance, 2 or more.
        closings: of warmth, 2 or more.
    """
    style = np.arange(levels * closings)
    x = style // closings / (levels - 1)
    y = style % closings / (closings - 1)
    need, openness, risk = (PROMPTS[:, i : i + 1] for i in range(len(FEATURES)))
    follow = BASE + (SUBSTANCE + SUBSTANCE_NEED * need) * x
    relevant = np.repeat(1.0 - DILUTION * y[None, :], len(PROMPTS), axis=0)
    helped = follow + relevant - 1.0
    safe = 1.0 - (HARM + HARM_RISK * risk) * x**2
    love = LOVE + LOVE_HELP * helped + (LOVE_WARM + LOVE_OPEN * openness) * y * (2.0 - y)
    made = Tables(helped, safe, love, follow, relevant)
    for table in (helped, safe, love, follow, relevant):
        table.flags.writeable = False
    return made
