"""Steps per second of GuessNumber against a hand-written environment and against rivals.

    python benchmarks/core_step.py [--steps 20000] [--repeats 9] [--rivals]

Both of ours and the hand-written one go through ``gymnasium.make(..., disable_env_checker=True)``
and get the same action strings; repeats alternate, the ratio is the median over repeats. Aims:
at least 0.4 without a file and 0.2 with one write per step. ``--rivals`` installs GEM and
SkyRL-gym into virtual environments of their own (under ``.bench/``) and reports their own
number-guessing games beside it: other rules and messages, so a scale, not a contest.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import gymnasium

import envgym  # registers the ids
from envgym.runtime.parse import parse
from envgym.runtime.tools import collect

TURNS = 1000
HIDDEN = 37
ACTIONS = [
    f'<tool_call>{{"name": "guess", "arguments": {{"number": {n}}}}}</tool_call>'
    for n in (50, 25, 75, 12, 90, 3, 60, 99)
]


class HandWritten(gymnasium.Env[str, str]):
    """What one would write by hand for this one game: find the tag, load, check, answer."""

    action_space = observation_space = envgym.Unicode(max_length=8192)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        super().reset(seed=seed)
        self.number, self.turn = HIDDEN, 0
        return "I think of a number from 1 to 100. Guess it.", {}

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        self.turn += 1
        late = self.turn >= TURNS
        start = action.find("<tool_call>")
        end = action.find("</tool_call>", start)
        if start < 0 or end < 0:
            return "No call found.", 0.0, False, late, {}
        try:
            call = json.loads(action[start + 11 : end])
            number = call["arguments"]["number"]
        except (ValueError, KeyError, TypeError):
            return "The call cannot be read.", 0.0, False, late, {}
        if call.get("name") != "guess" or not isinstance(number, int) or not 1 <= number <= 100:
            return "guess: number must be an integer from 1 to 100.", 0.0, False, late, {}
        if number == self.number:
            return f"Correct: {number}.", 1.0, True, False, {"success": True}
        word = "Higher" if number < self.number else "Lower"
        return f"{word} than {number}.", 0.0, False, late, {"success": False}


class Raw(gymnasium.Env[int, int]):
    """The floor: Gymnasium's own call chain around an environment that does nothing."""

    action_space = observation_space = gymnasium.spaces.Discrete(2)

    def reset(self, **_: Any) -> tuple[int, dict[str, Any]]:
        return 0, {}

    def step(self, action: Any) -> tuple[int, float, bool, bool, dict[str, Any]]:
        return 0, 0.0, False, False, {}


def run(env: gymnasium.Env[Any, Any], steps: int) -> float:
    """Return steps per second of CPU time over ``steps`` steps, resets not timed."""
    spent = done = 0.0
    options = {"task": "bench"} if isinstance(env.unwrapped, envgym.TaskEnv) else None
    while done < steps:
        env.reset(seed=0, options=options)
        begin = time.process_time()
        for i in range(TURNS - 1):
            env.step(ACTIONS[i & 7])
        spent += time.process_time() - begin
        done += TURNS - 1
    return done / spent


def microseconds(work: Callable[[], Any], repeats: int = 20_000) -> float:
    """Return the best of five CPU times of ``work`` in microseconds."""
    best = 1e9
    for _ in range(5):
        begin = time.process_time()
        for _ in range(repeats // 5):
            work()
        best = min(best, (time.process_time() - begin) / (repeats // 5) * 1e6)
    return best


def parts() -> dict[str, float]:
    """Return what the parts of one step cost, in microseconds."""
    task = {"id": "bench", "params": {"number": HIDDEN}}
    env: Any = gymnasium.make(
        "envgym/GuessNumber-v0", tasks=[task], max_turns=10**9, disable_env_checker=True
    ).unwrapped
    env.reset(seed=0)
    tools = collect(type(env))
    dense: Any = gymnasium.make(
        "envgym/GuessNumber-v0", tasks=[task], max_turns=10**9, reward="dense"
    ).unwrapped
    dense.reset(seed=0)
    record = dense._evidence()
    books = dense.program.open(record)
    return {
        "parse one tag": microseconds(partial(parse, ACTIONS[0], tools)),
        "validate arguments": microseconds(partial(tools["guess"].validate, {"number": 50})),
        "the tool itself": microseconds(partial(env.guess, 50)),
        "evidence": microseconds(env._evidence),
        "books, outcome": microseconds(partial(env._books.step, env._evidence())),
        "books, dense": microseconds(partial(books.step, record)),
        "whole step, no wrappers": microseconds(partial(env.step, ACTIONS[0])),
        "reset": microseconds(partial(env.reset, seed=0), 2_000),
    }


RIVALS = {
    "gem-llm": (
        "gem-llm==0.1.0",
        """
import gem, time
env = gem.make("game:GuessTheNumber-v0-hard")
n = 0; begin = time.process_time(); k = 0
while n < STEPS:
    env.reset(seed=k); k += 1; done = False; i = 0
    while not done:
        _, _, term, trunc, _ = env.step("\\\\boxed{%d}" % (7 * i % 50 + 1)); n += 1; i += 1
        done = term or trunc
print(n / (time.process_time() - begin))
""",
    ),
    "skyrl-gym": (
        "skyrl-gym==0.4.0",
        """
import time, skyrl_gym
from skyrl_gym.envs.base_text_env import BaseTextEnv, BaseTextEnvStepOutput
class Guess(BaseTextEnv):
    def __init__(self, env_config=None, extras=None):
        super().__init__(); self.number = 37; self.max_turns = 10**9
    def step(self, action):
        self.turns += 1
        number = int(action.partition("<guess>")[2].partition("</guess>")[0])
        word = "Higher" if number < self.number else "Lower"
        return BaseTextEnvStepOutput(
            observations=[{"role": "user", "content": word}], reward=0.0, done=False, metadata={})
skyrl_gym.register(id="guess", entry_point=Guess)
env = skyrl_gym.make("guess"); env.init([{"role": "user", "content": "guess"}])
begin = time.process_time()
for i in range(STEPS):
    env.step("<guess>%d</guess>" % (i % 30 + 1))
print(STEPS / (time.process_time() - begin))
""",
    ),
}


def rival(name: str, steps: int) -> str:
    """Return a rival's steps per second in a virtual environment of its own, or why not."""
    requirement, script = RIVALS[name]
    home = Path(".bench") / name
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
        made = subprocess.run(
            [python, "-m", "pip", "install", "-q", requirement], capture_output=True, text=True
        )
        if made.returncode:
            return f"could not be installed: {made.stderr.strip().splitlines()[-1]}"
    done = subprocess.run(
        [python, "-c", script.replace("STEPS", str(steps))], capture_output=True, text=True
    )
    if done.returncode:
        return f"did not run: {done.stderr.strip().splitlines()[-1]}"
    return f"{float(done.stdout.split()[-1]):10,.0f} steps/s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=20_000, help="per repeat [default: 20000]")
    parser.add_argument("--repeats", type=int, default=9, help="alternated [default: 9]")
    parser.add_argument("--rivals", action="store_true", help="also install and run rivals")
    args = parser.parse_args()
    gymnasium.register("bench/HandWritten-v0", HandWritten)
    gymnasium.register("bench/Raw-v0", Raw)
    ours = partial(
        gymnasium.make,
        "envgym/GuessNumber-v0",
        disable_env_checker=True,
        max_turns=TURNS,
        tasks=[{"id": "bench", "params": {"number": HIDDEN}}],
    )
    with tempfile.TemporaryDirectory() as folder:
        envs = {
            "hand-written": gymnasium.make("bench/HandWritten-v0", disable_env_checker=True),
            "envgym": ours(),
            "envgym, dense reward": ours(reward="dense"),
            "envgym, one write per step": ours(record=str(Path(folder) / "run")),
            "raw gymnasium": gymnasium.make("bench/Raw-v0", disable_env_checker=True),
        }
        rates: dict[str, list[float]] = {name: [] for name in envs}
        for env in envs.values():
            run(env, 2_000)
        for _ in range(args.repeats):
            for name, env in envs.items():
                rates[name].append(run(env, args.steps))
        for env in envs.values():
            env.close()
    base = rates["hand-written"]
    print(f"{'':30}{'steps/s':>12}  median ratio to hand-written (aims: 0.4, with file 0.2)")
    for name, values in rates.items():
        ratio = statistics.median(v / b for v, b in zip(values, base, strict=True))
        print(f"{name:30}{statistics.median(values):12,.0f}  {ratio:.2f}")
    print("\nparts, microseconds of CPU time")
    for name, value in parts().items():
        print(f"{name:30}{value:12.2f}")
    if args.rivals:
        print("\nrivals, their own rules and messages")
        for name in RIVALS:
            print(f"{name:30}{rival(name, args.steps)}")


if __name__ == "__main__":
    sys.exit(main())
