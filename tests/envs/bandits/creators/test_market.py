"""creator_market: PettingZoo's checks, determinism, strict privacy, rules and bad input."""

import pickle
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from pettingzoo.test import api_test, parallel_api_test, parallel_seed_test

import envgym
from envgym.envs.bandits.creators import PUBLIC, action_names, env, parallel_env
from envgym.envs.bandits.creators.market import (
    LEVELS,
    Books,
    Market,
    _report,
    gini,
    open_market,
    publish,
)
from envgym.envs.bandits.creators.rerank import RERANKERS
from envgym.types import ConfigError


def rollout(
    made: Any, seed: int | None, choices: int, rounds: int = 1000
) -> list[tuple[Any, Any, Any]]:
    """Observations, rewards and infos of an episode of random actions."""
    rng = np.random.default_rng(choices)
    seen, infos = made.reset(seed=seed)
    found: list[tuple[Any, Any, Any]] = [(seen, {}, infos)]
    while made.agents and len(found) <= rounds:
        actions = {agent: int(rng.integers(made.market.actions)) for agent in made.agents}
        seen, rewards, *_, infos = made.step(actions)
        found.append((seen, rewards, infos))
    return found


def same(one: Any, two: Any) -> bool:
    """Whether two structures of dicts, lists, tuples, arrays and numbers are equal."""
    return pickle.dumps(one) == pickle.dumps(two)


@pytest.mark.parametrize("policy", RERANKERS)
def test_pettingzoo_accepts_it(policy: str) -> None:
    parallel_api_test(parallel_env(policy=policy, rounds=8, users=12), num_cycles=20)


@pytest.mark.filterwarnings("ignore:Observation")  # a Dict of arrays, which the check dislikes
def test_pettingzoo_accepts_the_turn_based_form() -> None:
    api_test(env(rounds=6, users=12, creators=3), num_cycles=40)


def test_pettingzoo_finds_it_deterministic() -> None:
    parallel_seed_test(lambda: parallel_env(rounds=6, users=12), num_cycles=12)


@pytest.mark.parametrize("policy", RERANKERS)
def test_equal_seeds_give_equal_episodes(policy: str) -> None:
    one = rollout(parallel_env(policy=policy), 7, 1)
    used = parallel_env(policy=policy)
    rollout(used, 3, 2, rounds=4)
    two = rollout(used, 7, 1)
    assert len(one) == len(two) == 31
    assert all(same(a, b) for a, b in zip(one, two, strict=True))
    other = rollout(parallel_env(policy=policy), 8, 1)
    assert not all(same(a, b) for a, b in zip(one, other, strict=True))


def test_one_seed_fixes_the_episodes_after_it() -> None:
    first, second = parallel_env(rounds=3), parallel_env(rounds=3)
    for made in (first, second):
        made.reset(seed=5)
    nexts = [rollout(made, None, 0) for made in (first, second)]
    assert same(nexts[0][-1], nexts[1][-1])
    assert not same(nexts[0][-1], rollout(first, None, 0)[-1])


PRIVATE = ("skill", "topic", "level", "quality", "views", "clicks", "new_views", "new_clicks")
"""Fields of the books that belong to one creator each."""


def columns(books: Books, name: str, creator: int) -> Any:
    array = getattr(books, name)
    return array[creator] if name == "skill" else array[..., creator]


@pytest.mark.parametrize("name", PRIVATE)
def test_no_creator_sees_what_is_anothers(name: str) -> None:
    made = parallel_env()
    rollout(made, 1, 0, rounds=14)
    before = {agent: made.observe(agent) for agent in made.possible_agents}
    assert all(before[agent]["items"][:, 4].sum() > 0 for agent in before)
    for number, perturbed in enumerate(made.possible_agents):
        kept = columns(made.books, name, number).copy()
        columns(made.books, name, number)[...] = np.where(kept == 0, 1, 0)
        for agent in made.possible_agents:
            equal = same(made.observe(agent), before[agent])
            if agent != perturbed:
                assert equal
            elif name != "quality":  # which a creator knows of by its skill and level alone
                assert not equal
        columns(made.books, name, number)[...] = kept


def test_no_creator_sees_users_or_the_platform() -> None:
    made = parallel_env()
    rollout(made, 1, 0, rounds=14)
    before = {agent: made.observe(agent) for agent in made.possible_agents}
    books = made.books
    shared = {spec.name for spec in fields(Books)} - {*PRIVATE, "round"}
    assert shared == {"taste", "done", "seen", "won", "exposure", "report"}
    books.taste[:], books.done[:], books.seen[:], books.won[:] = 0.0, True, 9, 9
    books.exposure[:] = 1.0
    books.report = {}
    assert all(same(made.observe(agent), seen) for agent, seen in before.items())


def test_observations_do_not_alias_the_books() -> None:
    made = parallel_env()
    made.reset(seed=0)
    kept = made.observe("creator_0")
    kept["skill"][:] = 0.0
    assert made.observe("creator_0")["skill"].min() > 0.0


def test_the_books_balance() -> None:
    made = parallel_env(effort=0.25, users=40)
    total = 0.0
    for seen, rewards, infos in rollout(made, 2, 3)[1:]:
        market = infos["creator_0"]["market"]
        assert market["clicks"] == sum(info["clicks"] for info in infos.values())
        assert market["lists"] * 5 == sum(info["views"] for info in infos.values())
        total += sum(info["views"] for info in infos.values())
        for agent, amount in rewards.items():
            info = infos[agent]
            assert amount == info["clicks"] - info["effort"]
            assert info["clicks"] == seen[agent]["items"][:, 7].sum()
            assert info["views"] == seen[agent]["items"][:, 6].sum()
            assert made.observation_space(agent).contains(seen[agent])
        for key in ("rate", "expected", "diversity", "equality", "lowest_share"):
            assert 0.0 <= market[key] <= 1.0
    assert made.books.exposure.sum() == made.books.seen.sum() == total
    assert made.books.done.sum() == made.books.clicks.sum() < made.books.won.sum()


def test_clicks_have_the_chance_that_is_reported() -> None:
    hits, expected, places = 0.0, 0.0, 0.0
    for seed in range(6):
        for _, _, infos in rollout(parallel_env(users=200), seed, seed)[1:]:
            market = infos["creator_0"]["market"]
            hits += market["clicks"]
            expected += market["expected"] * market["lists"] * 5
            places += market["lists"] * 5
    assert places > 80_000
    assert abs(hits - expected) < 3 * (expected * (1 - expected / places)) ** 0.5


def test_items_are_kept_for_their_lifetime() -> None:
    market = Market(lifetime=3, creators=2, topics=2)
    books = open_market(market, np.random.default_rng(0))
    skill = books.skill.copy()
    for number in range(4):
        publish(market, books, np.array([number % 6, -1]))
        books.round += 1
    # Rounds 1 to 3 are left: topic 0 levels 1 and 2, topic 1 level 0.
    assert books.topic[:, 0].tolist() == [1, 0, 0]
    assert books.level[:, 0].tolist() == [0, 1, 2]
    assert (books.topic[:, 1] == -1).all()
    assert books.quality[0, 0] == pytest.approx(skill[0, 1] * 0.4)
    assert books.quality[1, 0] == pytest.approx((skill[0, 0] + 0.1 * (1 - skill[0, 0])) * 0.7)
    np.testing.assert_allclose(1 - books.skill[0], (1 - skill[0]) * np.array([0.9**3, 0.9]))
    np.testing.assert_array_equal(books.skill[1], skill[1])


def test_nonsense_publishes_nothing_and_raises_nothing() -> None:
    made = parallel_env(creators=4, topics=2)
    made.reset(seed=0)
    seen, rewards, *_, infos = made.step({"creator_0": 3, "creator_1": "x", "creator_2": 6})
    assert infos["creator_0"]["error"] is None
    for agent in ("creator_1", "creator_2", "creator_3"):
        assert "integer from 0 to 5" in infos[agent]["error"]
        assert rewards[agent] == 0.0 and seen[agent]["items"].sum() == 0
    assert infos["creator_0"]["views"] == infos["creator_0"]["market"]["lists"]
    made.reset(seed=0)
    seen, rewards, *_, infos = made.step({})
    assert set(rewards.values()) == {0.0} and infos["creator_0"]["market"]["diversity"] == 0.0


def test_platforms_differ_as_their_names_say() -> None:
    """Diversity of lists and equality of exposures, means of four episodes of random creators."""
    found = {}
    for policy in RERANKERS:
        rows = []
        for seed in range(4):
            episode = rollout(parallel_env(policy=policy, strength=0.9), seed, seed)
            market = [infos["creator_0"]["market"] for _, _, infos in episode[1:]]
            rows.append((np.mean([m["diversity"] for m in market]), market[-1]["lowest_share"]))
        found[policy] = np.mean(rows, axis=0)
    assert found["mmr"][0] > found["dpp"][0] > found["top"][0] + 0.05
    assert min(found["boost"][1], found["fair"][1]) > found["top"][1] + 0.03


def test_the_public_configuration() -> None:
    made = parallel_env(**PUBLIC)
    assert len(made.possible_agents) == 50
    seen, _ = made.reset(seed=2024)
    assert seen["creator_49"]["items"].shape == (10, 8)
    _, _, ended, _, infos = made.step(dict.fromkeys(made.agents, 1))
    assert not any(ended.values())
    assert infos["creator_0"]["market"]["lists"] == pytest.approx(750, abs=80)
    assert {key: getattr(made.market, key) for key in PUBLIC} == PUBLIC


def test_it_plays_in_words() -> None:
    view = envgym.as_text(
        parallel_env(rounds=3, creators=2, topics=2), action_names=action_names(2)
    )
    view.reset(seed=0)
    told = view.observe("creator_0")
    assert "skill:" in told and "3 (topic 1 plain)" in told
    for message in ("[[topic 1 best]]", "[[2]]", "[[0]]", "[[1]]", "[[4]]", "[[topic 0 good]]"):
        assert not any(view.terminations.values())
        view.step(message)
    assert all(view.terminations.values())
    assert view.total.keys() == {"creator_0", "creator_1"}
    view.close()
    assert len(action_names(3)) == 3 * LEVELS


def test_render_and_snapshot() -> None:
    made = parallel_env(render_mode="ansi", creators=3)
    made.reset(seed=1)
    assert "nothing new" in made.render()
    made.step({"creator_0": 4})
    lines = made.render().splitlines()
    assert lines[0] == "round 1 of 30, platform: top"
    assert "topic 1 level 1" in lines[1] and "lists " in lines[-1]
    copy = pickle.loads(pickle.dumps(made))
    assert same(made.step({"creator_1": 2}), copy.step({"creator_1": 2}))
    assert parallel_env().render() is None


def test_gini() -> None:
    assert gini(np.array([2.0, 2.0, 2.0])) == pytest.approx(0.0)
    assert gini(np.array([0.0, 0.0, 6.0])) == pytest.approx(2 / 3)
    assert gini(np.zeros(3)) == 0.0
    amounts = np.array([1.0, 4.0, 2.0, 9.0])
    by_pairs = np.abs(amounts[:, None] - amounts).sum() / (2 * 4 * amounts.sum())
    assert gini(amounts) == pytest.approx(by_pairs)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"creators": 1}, "creators must be an integer from 2"),
        ({"rounds": 0}, "rounds must be an integer from 1"),
        ({"activity": 1.5}, "activity must be a number from 0 to 1, got 1.5"),
        ({"strength": float("nan")}, "strength must be a number from 0 to 1, got nan"),
        ({"policy": "fare"}, "fair"),
        ({"user": 3}, "Did you mean 'users'"),
        ({"render_mode": "human"}, "render_mode must be None or 'ansi'"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_bad_arguments(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        parallel_env(**wrong)


def test_before_and_after_an_episode() -> None:
    from gymnasium.error import ResetNeeded

    made = parallel_env(rounds=1)
    with pytest.raises(ConfigError, match="call reset"):
        made.observe("creator_0")
    with pytest.raises(ResetNeeded):
        made.step({})
    made.reset(seed=0)
    with pytest.raises(ConfigError, match="mapping of agent to action"):
        made.step([1])
    made.step({})
    with pytest.raises(ResetNeeded):
        made.step({})
    with pytest.raises(ConfigError, match="unknown agent 'creator_9'"):
        made.observe("creator_9")


def test_diversity_counts_different_topics_in_any_order() -> None:
    """Lists of topics 0 1 0 and 2 2 2 hold 2 and 1 of at most 3."""
    market = Market(topics=4, slots=3)
    books = open_market(market, np.random.default_rng(0))
    shown = np.array([[0, 1, 0], [2, 2, 2]])
    found = _report(market, books, shown, shown == 0, np.full(shown.shape, 0.5))
    assert found["diversity"] == pytest.approx(1.5 / 3)
    assert found["rate"] == pytest.approx(2 / 6) and found["expected"] == pytest.approx(0.5)


def test_a_market_that_no_memory_holds_is_refused():
    with pytest.raises(ConfigError, match="users \\* creators \\* lifetime must be at most"):
        parallel_env(users=100_000, creators=1000, lifetime=100)
