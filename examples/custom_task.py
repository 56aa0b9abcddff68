"""Custom tasks need no code: a file of JSON lines is enough."""

from pathlib import Path

import gymnasium as gym

import envgym  # registers the ids

tasks = Path(__file__).parent / "custom_tasks.jsonl"
env = gym.make("envgym/Quest-v0", tasks=str(tasks), max_turns=40)

for task_id in ("short-walk", "fetch-and-store", "long-way"):
    observation, info = env.reset(seed=0, options={"task": task_id})
    print(f"{task_id}: {observation}")
    while True:
        action = env.unwrapped.oracle()
        observation, reward, terminated, truncated, info = env.step(action)
        print(f"  > {action}")
        if terminated or truncated:
            break
    print(f"  {info['success']} after {info['turn']} turns\n")

try:
    gym.make("envgym/Quest-v0", tasks=[{"id": "typo", "params": {"world": 1, "widht": 5}}])
except envgym.TaskError as error:
    print(error)
