"""Record one run, score it under every preset and under a program of our own: nothing runs twice."""

from tempfile import TemporaryDirectory

import gymnasium as gym

import envgym
from envgym.rewards import Program, ProgressDelta, Source, charge
from envgym.runtime.episodes import read_episodes, rescore

frugal = Program(
    "frugal",
    Source("outcome", "episode", 0, 1)
    + 0.5 * ProgressDelta(Source("progress", "step", 0, 1))
    + charge("errors", 0.1, name="error_cost")
    + charge("turn", 0.02, name="turn_cost"),
)

with TemporaryDirectory() as folder:
    env = gym.make("envgym/Quest-v0", record=folder, record_evidence="all")
    stream = envgym.Stream(0, "example")
    for seed in range(4):
        env.reset(seed=seed)
        done = False
        while not done:
            knows = stream.chance(2, 3)
            action = env.unwrapped.oracle() if knows else env.unwrapped.random_action(stream)
            _, _, terminated, truncated, _ = env.step(action)
            done = terminated or truncated
    env.close()

    print("task      ", *(f"{e.head.task['id']:>14}" for e in read_episodes(folder)))
    for program in ("outcome", "dense", "gated", "process", frugal):
        scores = rescore(folder, program)
        name = program if isinstance(program, str) else program.name
        print(f"{name:10}", *(f"{score.total:14.2f}" for score in scores))

    print("\n" + frugal.tree())
    print(f"\nThe first episode under '{frugal.name}', by the turn that earned it:")
    print(*(f"{amount:+.2f}" for amount in rescore(folder, frugal)[0].step_rewards))
