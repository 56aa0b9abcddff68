"""The market's proof: a named policy beats random play by three standard errors, silence does not."""

from math import sqrt

import numpy as np

from envgym.envs.bandits.creators import parallel_env


def earned(seed, policy):
    """Return what creator_0 earns in an episode against creators that publish at random."""
    env = parallel_env()
    observations, _ = env.reset(seed=seed)
    rng = np.random.default_rng(seed)
    total = 0.0
    while env.agents:
        actions = {agent: int(rng.integers(15)) for agent in env.agents}
        actions["creator_0"] = policy(actions["creator_0"], observations["creator_0"])
        observations, rewards, _, _, _ = env.step(actions)
        total += rewards["creator_0"]
    return total


def at_random(drawn, observation):
    return drawn


def specialist(drawn, observation):
    """Publish the best item of the topic that one is most skilled in."""
    return 3 * int(observation["skill"].argmax()) + 2


def silent(drawn, observation):
    return -1


def test_a_specialist_beats_random_play_and_silence_does_not():
    seeds = range(60)
    plain = np.array([earned(seed, at_random) for seed in seeds])
    for policy, sign in ((specialist, 1.0), (silent, -1.0)):
        gap = sign * (np.array([earned(seed, policy) for seed in seeds]) - plain)
        assert gap.mean() > 3 * gap.std(ddof=1) / sqrt(len(gap))
