"""Two learners on one closed-loop bandit, then the same problem as a language model reads it.

Needs nothing but the package: `python examples/closed_loop.py`.
"""

import gymnasium as gym

import envgym
from envgym.agents.learners.registry import make_learner

SEEDS, ROUNDS = 16, 1000

for name in ("ofs", "ucb"):
    # "rows": every seed has its own random numbers, so both learners meet the same worlds.
    envs = gym.make_vec(
        "envgym/FairThreshold-v0",
        num_envs=SEEDS,
        vectorization_mode="vector_entry_point",
        horizon=ROUNDS,
        streams="rows",
    )
    learner = make_learner(name)
    learner.begin(envs.unwrapped.problem, batch=SEEDS, seed=list(range(SEEDS)))
    observation, infos = envs.reset(seed=0)
    reward = violation = 0.0
    for _ in range(ROUNDS):
        actions = learner.act(observation, infos.get("mask"))
        observation, _, _, _, infos = envs.step(actions)
        learner.update(infos["revealed"])  # rewards and signed residuals, as they are revealed
        reward += infos["evidence"]["expected"].mean() / ROUNDS
        violation += infos["evidence"]["violation"].mean()
    print(f"{name}: mean reward {reward:.3f}, violation {violation:.1f} over {ROUNDS} rounds")
    envs.close()

env = envgym.as_text(gym.make("envgym/FairThreshold-v0", regime="german-age"), memory="table")
observation, info = env.reset(seed=1)
print("\n" + info["system"].partition("\n\n")[0])
for message in ("<action>4</action>", "the middle one, please"):
    observation, reward, _, _, info = env.step(message)
    print(f"\n> {message}\n{observation}")
env.close()
