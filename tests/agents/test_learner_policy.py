"""``learner:NAME``: learners on the text views."""

import gymnasium
import numpy as np
import pytest

import envgym  # noqa: F401  # registers the ids
from envgym.agents import resolve_agent
from envgym.agents.learners.logged import read_logged
from envgym.agents.policies.learner import LearnerPolicy
from envgym.types import ConfigError, Message, Policy, Request
from envgym.types.bandit import Outcome, Problem


def play(policy, env, seed=0, session="s"):
    """Return (messages, last reward, errors) of one episode."""
    observation, info = env.reset(seed=seed)
    policy.attach(session, env)
    said, ended = [], False
    while not ended:
        request = Request(session=session, messages=(Message("user", observation),), seed=seed)
        said.append(policy.act([request])[0].text)
        observation, reward, terminated, truncated, info = env.step(said[-1])
        ended = terminated or truncated
    policy.close([session])
    return said, reward, info["evidence"]["errors"]


@pytest.mark.parametrize(
    ("env_id", "spec"),
    [
        ("FairThresholdText", "ofs:c=0.5"),
        ("FairThresholdText", "oracle"),
        ("PaymentBanditText", "squarecb"),
        ("OnlineMatchingText", "diag-linucb"),
        ("OnlineAllocationText", "mirror-descent"),
        ("StochasticMatchingText", "stochastic-balance"),
        ("DisengageText", "dp-optimal"),
        ("DisengageText", "myopic"),
        ("BlackBoxText", "gp-ucb"),
        ("SlateRetentionText", "random"),
        ("CoverageText", "thompson"),
    ],
)
def test_it_plays_the_text_views(env_id, spec):
    policy = resolve_agent(f"learner:{spec}")
    assert isinstance(policy, Policy)
    assert policy.name == f"learner:{spec}"
    env = gymnasium.make(f"envgym/{env_id}-v0")
    said, _, errors = play(policy, env)
    assert errors == 0
    assert play(policy, env)[0] == said


def test_it_learns_and_the_oracle_knows():
    env = gymnasium.make("envgym/FairThresholdText-v0", horizon=100)
    mean = {
        spec: np.mean([play(LearnerPolicy(spec), env, seed)[1] for seed in range(4)])
        for spec in ("oracle", "ofs", "random")
    }
    assert mean["oracle"] > mean["ofs"] > mean["random"] + 0.05


def test_draws_follow_the_request_seed():
    env = gymnasium.make("envgym/DisengageText-v0")
    policy = LearnerPolicy("random")
    assert play(policy, env, 1)[0] != play(policy, env, 2)[0]
    assert play(policy, env, 1)[0] == play(LearnerPolicy("random"), env, 1, "other")[0]


def test_recorded_episodes_tell_the_propensities(tmp_path):
    env = gymnasium.make("envgym/FairThresholdText-v0", horizon=20, record=tmp_path / "a")
    policy = LearnerPolicy("epsilon-greedy:epsilon=0.5")
    said = [play(policy, env, seed)[0] for seed in range(2)]
    env.close()
    log = read_logged(tmp_path / "a")
    assert [f"<action>{each}</action>" for each in log.actions] == said[0] + said[1]
    # 11 thresholds: .5 / 11, or .5 more for the greedy one.
    assert set(np.round(log.propensities, 6)) == {0.045455, 0.545455}


def test_an_action_that_was_never_played_has_no_propensity(tmp_path):
    env = gymnasium.make("envgym/FairThresholdText-v0", horizon=20, record=tmp_path / "a")
    policy = LearnerPolicy("random")
    env.reset(seed=0)
    policy.attach("s", env)
    request = Request(session="s", messages=(Message("user", "?"),))
    env.step(policy.act([request])[0].text)
    policy.act([request])
    policy.close(["s"])
    env.close()
    assert len(read_logged(tmp_path / "a")) == 1
    text = (tmp_path / "a" / "episodes.jsonl").read_text(encoding="utf-8")
    assert text.count('"propensity"') == 1


class Told(gymnasium.Env):
    """Hands out views that were prepared."""

    observation_space = action_space = gymnasium.spaces.Text(9)

    def __init__(self, views, problem):
        self.views, self.problem = list(views), problem

    def learner_view(self):
        return (self.problem, *self.views.pop(0))

    def action_message(self, action):
        return f"play {action}"


def test_views_are_batches_of_one():
    problem = Problem(actions=3, horizon=9, scale=0.1, context=1)
    one = {"context": np.array([1.0])}
    views = [
        (one, np.array([False, True, False]), ()),
        (one, None, (Outcome(0, 1, 0.2, ()),)),
        (one, None, (Outcome(-1, 0, 0.0, ()), Outcome(1, 0, np.array([0.0, 0.1, 5.0]), ()))),
    ]
    env, policy = Told(views, problem), LearnerPolicy("linucb")
    policy.attach("a", env)
    requests = [Request(session="a", messages=(Message("user", "?"),))]
    assert [policy.act(requests)[0].text for _ in range(3)] == ["play 1", "play 0", "play 2"]


def test_two_sessions_learn_apart():
    problem = Problem(actions=2, horizon=9, scale=0.1)
    views = {
        name: [(None, None, ())]
        + [(None, None, (Outcome(k, k % 2, rewards[k % 2], ()),)) for k in range(3)]
        for name, rewards in {"a": (1.0, 0.0), "b": (0.0, 1.0)}.items()
    }
    policy = LearnerPolicy("ucb")
    for name, told in views.items():
        policy.attach(name, Told(told, problem))
    requests = [Request(session=name, messages=(Message("user", "?"),)) for name in "ab"]
    for _ in range(3):
        policy.act(requests)
    assert [reply.text for reply in policy.act(requests)] == ["play 0", "play 1"]


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ("learner:", "agent 'learner:' lacks a name: learner:NAME"),
        ("learner", "agent 'learner' lacks a name: learner:NAME"),
        ("learner:osf", r"unknown learner 'osf'.*Did you mean 'ofs'\?"),
        ("learner:ofs:c=0", "learner 'ofs': c must be a number above 0"),
        ("lerner:ofs", r"unknown agent 'lerner:ofs'; allowed: .*learner:NAME"),
    ],
)
def test_bad_specs(spec, complaint):
    with pytest.raises(ConfigError, match=complaint):
        resolve_agent(spec)


def test_other_environments_are_refused():
    policy = LearnerPolicy("ofs")
    env = gymnasium.make("envgym/GuessNumber-v0")
    with pytest.raises(ConfigError, match="plays the text views of numeric environments"):
        policy.attach("a", env)
    with pytest.raises(ConfigError, match="needs the environment"):
        LearnerPolicy("ofs").act([Request(session="z", messages=(Message("user", "?"),))])
    with pytest.raises(ConfigError, match="needs a context vector"):
        play(LearnerPolicy("linucb"), gymnasium.make("envgym/FairThresholdText-v0"))
