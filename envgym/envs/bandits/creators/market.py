"""The market of [266]: creators publish, a platform lists, users click, creators hear of their own.

Facts of the paper's public configuration (seen): 1,500 users, 50 creators, 110 rounds, top-5
lists, items kept 10 rounds, user activity 0.5, creator step 0.1. How users, items, recommender and
creators work inside is ours; the published system asks language models and trains a recommender.
"""

from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from envgym.envs.bandits.creators.rerank import RERANKERS, lists
from envgym.runtime.numeric.core import choice, real, whole
from envgym.types import ConfigError

LEVELS = 3
"""Levels of quality that a creator can aim at."""
ATTENTION = 0.9
"""Attention to a place in proportion to the place above it (ours)."""
JITTER = 0.02
"""Width of the noise in the platform's scores: it explores a little and favours nobody (ours)."""

MOST = 100_000_000
"""Pairs of a user and a live item at most: one byte each, and some scores of eight for active users."""


@dataclass(frozen=True, kw_only=True)
class Market:
    """The rules of one market; every field is an argument of the environment."""

    users: int = 50
    """Users, 1 to 100,000; 1,500 in the public configuration."""
    creators: int = 6
    """Creators, the agents, 2 to 1,000; 50 in the public configuration."""
    rounds: int = 30
    """Rounds per episode, 1 to 10,000; 110 in the public configuration."""
    topics: int = 5
    """Topics to publish on, 1 to 100."""
    slots: int = 5
    """Places of a list, 1 to 50."""
    lifetime: int = 10
    """Rounds for which an item can be shown, 1 to 100."""
    activity: float = 0.5
    """Chance of a user to ask for a list in a round, 0 to 1."""
    step: float = 0.1
    """Share of what is missing to full skill that practice of a topic adds, 0 to 1."""
    effort: float = 0.5
    """What each level of quality above the lowest costs, in clicks, 0 to 1,000."""
    policy: str = "top"
    """How the platform makes lists: one of ``RERANKERS``."""
    strength: float = 0.5
    """How much it departs from the highest scores, 0 to 1."""

    def __post_init__(self) -> None:
        me = cast(Any, self)
        for name, low, high in (
            ("users", 1, 100_000),
            ("creators", 2, 1_000),
            ("rounds", 1, 10_000),
            ("topics", 1, 100),
            ("slots", 1, 50),
            ("lifetime", 1, 100),
        ):
            whole(me, name, low, high)
        for name, most in (("activity", 1.0), ("step", 1.0), ("effort", 1000.0), ("strength", 1.0)):
            real(me, name, 0.0, most)
        choice(me, "policy", tuple(RERANKERS))
        shown = self.users * self.creators * self.lifetime
        if shown > MOST:
            raise ConfigError(
                f"{self.where}: users * creators * lifetime must be at most {MOST:,}, got {shown:,}."
            )

    @property
    def where(self) -> str:
        """The environment's name, for messages."""
        return "CreatorMarket"

    @property
    def actions(self) -> int:
        """Actions of a creator: topic * LEVELS + level."""
        return self.topics * LEVELS


@dataclass(slots=True)
class Books:
    """What the market holds in one episode; arrays that end in [creators] are private per creator.

    Items lie in a ring: row ``round % lifetime`` holds what was published in a round.
    """

    taste: NDArray[np.float64]
    """How much users like topics, [users, topics], 0 to 1. Nobody sees it."""
    skill: NDArray[np.float64]
    """How well creators make topics, [creators, topics], 0 to 1."""
    topic: NDArray[np.int64]
    """Of the items, [lifetime, creators]; -1: none."""
    level: NDArray[np.int64]
    """Of the items, [lifetime, creators]."""
    quality: NDArray[np.float64]
    """Of the items, [lifetime, creators], 0 to 1: skill * (0.4 + 0.3 * level)."""
    views: NDArray[np.int64]
    """Of the items so far, [lifetime, creators]."""
    clicks: NDArray[np.int64]
    """Of the items so far, [lifetime, creators]."""
    new_views: NDArray[np.int64]
    """Of the items in the latest round, [lifetime, creators]."""
    new_clicks: NDArray[np.int64]
    """Of the items in the latest round, [lifetime, creators]."""
    done: NDArray[np.bool_]
    """Whether a user has clicked an item, [users, lifetime, creators]."""
    seen: NDArray[np.int64]
    """Items of a topic that a user was shown, [users, topics]: what the platform has learned."""
    won: NDArray[np.int64]
    """Of these, clicked, [users, topics]."""
    exposure: NDArray[np.float64]
    """Exposures of creators so far, [creators]."""
    round: int = 0
    """Rounds played."""
    report: dict[str, float] = field(default_factory=dict)
    """The market's figures of the latest round."""


def open_market(market: Market, rng: Generator) -> Books:
    """Return the books of a new episode: tastes and skills drawn, nothing published."""
    ring = (market.lifetime, market.creators)
    people = (market.users, market.topics)
    return Books(
        taste=rng.random(people),
        skill=0.2 + 0.6 * rng.random((market.creators, market.topics)),
        topic=np.full(ring, -1, np.int64),
        level=np.zeros(ring, np.int64),
        quality=np.zeros(ring),
        views=np.zeros(ring, np.int64),
        clicks=np.zeros(ring, np.int64),
        new_views=np.zeros(ring, np.int64),
        new_clicks=np.zeros(ring, np.int64),
        done=np.zeros((market.users, *ring), bool),
        seen=np.zeros(people, np.int64),
        won=np.zeros(people, np.int64),
        exposure=np.zeros(market.creators),
    )


def publish(market: Market, books: Books, actions: NDArray[np.int64]) -> None:
    """Put the creators' new items into the ring; -1 publishes nothing."""
    row = books.round % market.lifetime
    active = actions >= 0
    who = np.flatnonzero(active)
    topic, level = actions[who] // LEVELS, actions[who] % LEVELS
    for array in (books.views, books.clicks, books.new_views, books.new_clicks, books.level):
        array[row] = 0
    books.done[:, row] = False
    books.topic[row] = -1
    books.topic[row, who] = topic
    books.level[row, who] = level
    books.quality[row] = 0.0
    books.quality[row, who] = books.skill[who, topic] * (0.4 + 0.3 * level)
    books.skill[who, topic] += market.step * (1.0 - books.skill[who, topic])


def scores(books: Books, users: NDArray[np.int64], live: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the platform's scores, [A, I]: by counting what was clicked, not by knowing tastes.

    (clicks + 1) / (views + 2) of the user's topic times that of the item; items that the user has
    clicked already score a hundredth.
    """
    topic = books.topic.ravel()[live]
    liking = (books.won[users] + 1.0) / (books.seen[users] + 2.0)
    appeal = (books.clicks.ravel()[live] + 1.0) / (books.views.ravel()[live] + 2.0)
    done = books.done.reshape(len(books.done), -1)[np.ix_(users, live)]
    return np.where(done, 0.01, 1.0) * liking[:, topic] * appeal


def serve(market: Market, books: Books, rng: Generator) -> NDArray[np.float64]:
    """Make lists for the active users, let them click, and return clicks per creator, [creators]."""
    books.new_views[:] = 0
    books.new_clicks[:] = 0
    users = np.flatnonzero(rng.random(market.users) < market.activity)
    live = np.flatnonzero(books.topic.ravel() >= 0)
    topic, creator = books.topic.ravel()[live], live % market.creators
    score = scores(books, users, live) + JITTER * rng.random((len(users), len(live)))
    chosen = lists(
        market.policy, score, topic, creator, books.exposure, market.slots, market.strength
    )
    places = chosen.shape[1]
    who, what = users[:, None], live[chosen]
    done = books.done.reshape(market.users, -1)
    liked = books.taste[who, topic[chosen]] * books.quality.ravel()[what]
    chance = liked * ATTENTION ** np.arange(places) * ~done[who, what]
    hit = rng.random(chosen.shape) < chance
    done[who, what] |= hit

    items = books.topic.size
    views = np.bincount(what.ravel(), minlength=items).reshape(books.topic.shape)
    clicks = np.bincount(what[hit], minlength=items).reshape(books.topic.shape)
    books.new_views[:], books.new_clicks[:] = views, clicks
    books.views += views
    books.clicks += clicks
    np.add.at(books.seen, (np.broadcast_to(who, what.shape), topic[chosen]), 1)
    np.add.at(books.won, (np.broadcast_to(who, what.shape)[hit], topic[chosen][hit]), 1)
    books.exposure += views.sum(axis=0)
    books.round += 1
    books.report = _report(market, books, topic[chosen], hit, chance)
    earned: NDArray[np.float64] = clicks.sum(axis=0).astype(np.float64)
    return earned


def _report(
    market: Market,
    books: Books,
    shown: NDArray[np.int64],
    hit: NDArray[np.bool_],
    chance: NDArray[np.float64],
) -> dict[str, float]:
    size = max(shown.size, 1)
    different = 0.0
    if shown.size:
        ordered = np.sort(shown, axis=1)
        kinds = 1 + (ordered[:, 1:] != ordered[:, :-1]).sum(axis=1)
        different = float(kinds.mean()) / min(shown.shape[1], market.topics)
    even = books.exposure.mean()
    return {
        "lists": float(len(shown)),
        "clicks": float(hit.sum()),
        "rate": float(hit.sum()) / size,
        "expected": float(chance.sum()) / size,
        "diversity": different,
        "equality": 1.0 - gini(books.exposure),
        "lowest_share": float(books.exposure.min() / even) if even > 0 else 0.0,
    }


def gini(values: NDArray[np.float64]) -> float:
    """Return the Gini coefficient of amounts of at least 0: 0 if equal, (n - 1) / n if one has all.

    >>> round(gini(np.array([0.0, 0.0, 6.0])), 6)
    0.666667
    """
    total = float(values.sum())
    if total <= 0:
        return 0.0
    count = len(values)
    weights = 2 * np.arange(1, count + 1) - count - 1
    return float(weights @ np.sort(values)) / (count * total)
