"""run_study: real environments and learners; seeds, resuming, workers, files."""

import numpy as np
import pytest

from envgym.agents.study import run as running
from envgym.agents.study.play import StudyStoppedError, check_agent, play_shard, revealed
from envgym.agents.study.run import run_study
from envgym.agents.study.settings import Shard, make_settings
from envgym.agents.study.store import FOLDER, load, save, shard_path
from envgym.agents.study.summary import per_seed
from envgym.runtime import registry
from envgym.runtime.numeric.vector import NumericVectorEnv
from envgym.types import ConfigError
from envgym.types.bandit import Outcome

FAIR = "envgym/FairThreshold-v0"


def setting(agents=("ofs", "random"), seeds=3, env_id=FAIR, first_seed=0, **arguments):
    arguments = {"horizon": 60, **arguments}
    return make_settings(env_id, agents, arguments, seeds=seeds, first_seed=first_seed)


def same(one, other):
    for name in ("rounds", "errors", "tail_rounds", "marks", "pulls"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    for name in ("sums", "tails", "curves", "paths"):
        mine, theirs = getattr(one, name), getattr(other, name)
        assert set(mine) == set(theirs)
        for key in mine:
            np.testing.assert_array_equal(mine[key], theirs[key])


def test_a_fixed_agent_earns_what_the_environment_says():
    (found,) = run_study(setting(("fixed:11",), seeds=2))["fixed:11"]
    env = NumericVectorEnv(registry.env_class(FAIR), 1, streams="rows", horizon=60)
    env.reset(seed=[1])
    expected = [float(env.step(np.array([11]))[-1]["evidence"]["expected"][0]) for _ in range(60)]
    assert found.sums["expected"][1] == pytest.approx(sum(expected), rel=1e-12)
    assert found.tails["expected"][1] == pytest.approx(sum(expected[-12:]), rel=1e-12)
    assert found.pulls[:, 11].tolist() == [60, 60] and found.pulls.sum() == 120
    oracle = env.core.optimum
    one = per_seed([found], 60)
    assert one.gap[1] == pytest.approx(oracle - sum(expected[-12:]) / 12, rel=1e-9)


def test_a_seed_does_not_depend_on_the_seeds_beside_it():
    agents = ("ofs", "ucb", "random")
    many = run_study(setting(agents, seeds=13, first_seed=5))
    few = run_study(setting(agents, seeds=2, first_seed=9))
    for agent in agents:
        parts = many[agent]
        assert [part.seeds for part in parts] == [tuple(range(5, 15)), (15, 16, 17)]
        (part,) = few[agent]
        np.testing.assert_array_equal(part.sums["utility"], parts[0].sums["utility"][4:6])
        np.testing.assert_array_equal(part.pulls, parts[0].pulls[4:6])


def test_a_second_run_plays_nothing_and_a_longer_one_only_what_is_new(tmp_path, monkeypatch):
    played = []

    def counted(shard, stop=None):
        played.append((shard.agent, shard.seeds))
        return play_shard(shard, stop)

    monkeypatch.setattr(running, "play_shard", counted)
    first = run_study(setting(seeds=10), out=tmp_path)
    assert len(played) == 2
    again = run_study(setting(seeds=10), out=tmp_path)
    assert len(played) == 2
    for agent in first:
        same(first[agent][0], again[agent][0])
        assert first[agent][0].seconds == again[agent][0].seconds
    run_study(setting(seeds=12), out=tmp_path)
    assert played[2:] == [("ofs", (10, 11)), ("random", (10, 11))]
    run_study(setting(("ucb",), seeds=10), out=tmp_path)
    assert played[4:] == [("ucb", tuple(range(10)))]


def test_other_settings_have_other_files(tmp_path):
    variants = [
        setting(("ofs",)), setting(("ofs",), kappa=0.5), setting(("ofs:c=0.5",)),
        setting(("ofs",), seeds=4), setting(("ofs",), first_seed=1),
    ]  # fmt: skip
    for each in variants:
        run_study(each, out=tmp_path)
    assert len(list((tmp_path / FOLDER).iterdir())) == len(variants)
    assert len({each.digest for each in variants}) == len(variants)
    assert setting(("ofs",), kappa=1.0).digest == variants[0].digest  # the default, said aloud


def test_workers_change_nothing(tmp_path):
    settings = setting(("ofs", "random"), seeds=2, horizon=30)
    calls = []
    apart = run_study(
        settings, out=tmp_path, workers=2, progress=lambda done, total: calls.append((done, total))
    )
    here = run_study(settings)
    for agent in here:
        same(here[agent][0], apart[agent][0])
    assert calls == [(0, 2), (1, 2), (2, 2)]
    assert sorted(tmp_path.rglob("*.npz")) == sorted(
        shard_path(tmp_path, shard) for shard in settings.shards
    )


def test_early_ends_are_followed_to_the_last_episode():
    found = run_study(
        setting(("random",), seeds=4, env_id="envgym/Disengage-v0", horizon=400, stopping=True)
    )["random"][0]
    assert found.rounds.max() < 400 and found.rounds.min() >= 1
    assert (found.pulls.sum(axis=1) == found.rounds).all()


def test_outcomes_of_environments_that_began_anew_are_withheld():
    outcome = Outcome(np.array([4, 0]), np.array([1, 1]), np.array([0.5, 0.7]))
    assert revealed((outcome,), np.array([True, True])) == (outcome,)
    (kept,) = revealed((outcome,), np.array([True, False]))
    assert kept.round.tolist() == [4, -1]


def test_a_shard_can_be_stopped():
    shard = setting(("random",)).shards[0]
    with pytest.raises(StudyStoppedError, match="random"):
        play_shard(shard, lambda: True)


@pytest.mark.parametrize("damage", ["cut", "text", "other"])
def test_damaged_files_are_named(tmp_path, damage):
    settings = setting(("random",), seeds=2, horizon=5)
    shard = settings.shards[0]
    path = shard_path(tmp_path, shard)
    run_study(settings, out=tmp_path)
    same(load(path, shard), play_shard(shard))
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:200])
    elif damage == "text":
        path.write_text("no archive")
    else:
        other = setting(("random",), seeds=2, horizon=6).shards[0]
        save(path, other, play_shard(other))
    with pytest.raises(ConfigError, match=path.name):
        run_study(settings, out=tmp_path)


@pytest.mark.parametrize(
    ("agent", "env_id", "said"),
    [
        ("osf", FAIR, "Did you mean 'ofs'"),
        ("linucb", FAIR, "context"),
        ("ofs", "envgym/BlackBox-v0", "numbered"),
        ("fixed:41", FAIR, "41"),
    ],
    ids=["unknown", "no-context", "no-numbers", "no-such-action"],
)
def test_agents_that_do_not_fit_are_refused_before_anything_is_played(
    tmp_path, agent, env_id, said
):
    with pytest.raises(ConfigError, match=said):
        run_study(setting(("random", agent), env_id=env_id), out=tmp_path)
    assert not list(tmp_path.iterdir())
    shard = Shard(env_id=env_id, params={"horizon": 5}, agent="random", seeds=(0,))
    check_agent(shard, "random")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"seeds": 0}, "seeds"),
        ({"seeds": True}, "seeds"),
        ({"first_seed": -1}, "first_seed"),
        ({"agents": ()}, "one agent"),
        ({"horizon": 0}, "horizon"),
        ({"kapa": 1}, "Did you mean 'kappa'"),
        ({"reward": "dense"}, "unknown argument 'reward'"),
    ],
    ids=["seeds", "bool", "first", "nobody", "horizon", "argument", "kernel"],
)
def test_bad_settings_are_refused(more, said):
    with pytest.raises(ConfigError, match=said):
        setting(**more)


@pytest.mark.parametrize("workers", [0, True, 1.5])
def test_bad_workers_are_refused(workers):
    with pytest.raises(ConfigError, match="workers"):
        run_study(setting(), workers=workers)


def test_the_aligned_regime_has_the_papers_order_of_violations():
    agents = ("ofs", "primal-dual", "ucb", "oracle")
    found = run_study(setting(agents, seeds=8, horizon=1500))
    each = {agent: per_seed(parts, 1500) for agent, parts in found.items()}
    violation = {agent: one.violation for agent, one in each.items()}
    assert (violation["oracle"] == 0.0).all()
    assert (violation["ofs"] < violation["primal-dual"]).all()
    assert (violation["primal-dual"] < violation["ucb"]).all()
    assert (each["ofs"].reward - each["ucb"].reward).mean() > 0.0
