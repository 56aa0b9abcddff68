"""Let a policy write rewards, keep the one that orders episodes as their outcome does, use it."""

from collections.abc import Sequence

import gymnasium as gym

import envgym
from envgym.agents.reward_writers import RecordedGrader, eureka
from envgym.rewards import score
from envgym.rewards.generated.evaluate import annotated, evaluate
from envgym.rewards.generated.schema import schema_of
from envgym.runtime.evidence import declared
from envgym.runtime.sandbox_code import find_runner
from envgym.types import InfraError, Reply, Request

env = gym.make("envgym/GuessNumber-v0")
DRAFTS = [
    "record['solved']",  # the verdict: not in the schema, so it is never run
    "record['progress'] / 100",  # pays for lasting long
    "-0.05 * record['turn']",  # pays for being quick
]


class Writer:
    """Stands for your model: resolve_agent("openai:MODEL@URL") or any other policy."""

    name = "drafts"

    def act(self, requests: Sequence[Request]) -> list[Reply]:
        form = "```python\nCOMPONENTS = {{'a': (-1, 1)}}\ndef reward(record):\n    return {{'a': {}}}\n```"
        return [Reply(text=form.format(draft)) for draft in DRAFTS[: len(requests)]]

    def close(self, sessions: Sequence[str]) -> None:
        """Nothing is kept."""


def play(expert: bool, seed: int) -> list[dict[str, object]]:
    stream = envgym.Stream(seed, "example")
    _, info = env.reset(seed=seed)
    records, done = [dict(info["evidence"])], False
    while not done:
        action = env.unwrapped.oracle() if expert else env.unwrapped.random_action(stream)
        _, _, terminated, truncated, info = env.step(action)
        records.append(dict(info["evidence"]))
        done = terminated or truncated
    return records


episodes = [play(expert, seed) for expert in (True, False) for seed in range(4)]
schema = schema_of(declared(type(env.unwrapped)))
try:
    runner = find_runner()
except InfraError as refusal:
    print(refusal)
    runner = find_runner("unsafe-local")  # the drafts above are ours, so this once it is fine

done = eureka(
    Writer(),
    task="Find the hidden number with few guesses.",
    schema=schema,
    grade=RecordedGrader(schema, episodes, runner),
    rounds=1,
    candidates=len(DRAFTS),
)
for step in done.history.steps:
    made = done.history.reward(step)
    fitness = "none" if made.fitness is None else f"{made.fitness:.2f}"
    print(f"{step}: fitness {fitness}", *made.complaints)
best = done.best
print(f"\nVersion {best.version} as a diff:\n{best.diff(None)}\n")
late = annotated(episodes, best, evaluate(best, schema, episodes, runner))
print("expert", *(f"{each.total:6.2f}" for each in score(late[:4], best.program())))
print("chance", *(f"{each.total:6.2f}" for each in score(late[4:], best.program())))
