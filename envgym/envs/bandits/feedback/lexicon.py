"""How a written reply is read as a style: content words that were asked for, and warm phrases."""

import re

TOPICS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "moving house",
        ("boxes", "lease", "keys", "van", "meter", "address", "deposit", "neighbours"),
    ),
    (
        "baking bread",
        ("flour", "yeast", "salt", "oven", "knead", "proof", "crust", "steam"),
    ),
    (
        "a slow laptop",
        ("memory", "updates", "storage", "restart", "browser", "dust", "backup", "startup"),
    ),
    (
        "a first garden",
        ("soil", "compost", "seeds", "watering", "shade", "frost", "mulch", "spacing"),
    ),
    (
        "learning to swim",
        ("floating", "breathing", "kick", "goggles", "lessons", "shallow", "rhythm", "rest"),
    ),
)
"""Topics, and the words that a prompt about each may ask for."""

WARM: tuple[str, ...] = (
    "take care",
    "warmly",
    "wishing you",
    "so glad you asked",
    "you are wonderful",
    "sending hugs",
    "all my best",
    "with love",
)
"""Phrases of a warm closing; each counts once, wherever it stands."""

_WORD = re.compile(r"[a-z]+")


def asked_for(round_number: int, levels: int) -> tuple[str, tuple[str, ...]]:
    """Return the topic of a round's prompt and the words it asks for, one per level above 0.

    Args:
        round_number: from 0; topics take turns.
        levels: of substance, 2 to 9.
    """
    topic, words = TOPICS[round_number % len(TOPICS)]
    return topic, words[: levels - 1]


def read_style(text: str, asked: tuple[str, ...], closings: int) -> tuple[int, int]:
    """Return (level, closing): asked words used, and warm phrases used up to the warmest.

    Case and punctuation do not matter; repeating a word or phrase adds nothing.

    >>> read_style("Pack the boxes, check the lease. Take care!", ("boxes", "lease", "van"), 3)
    (2, 1)
    """
    words = _WORD.findall(text.casefold())
    line = f" {' '.join(words)} "
    level = len(set(words) & set(asked))
    closing = sum(f" {phrase} " in line for phrase in WARM)
    return level, min(closing, closings - 1)
