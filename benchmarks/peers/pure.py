"""Softmin step rewards of envgym beside those of PURE's public code, on the same random groups.

    python benchmarks/peers/pure.py CHECKOUT [--batches 300] [--seed 0]

CHECKOUT is a clone of CJReinforce/PURE. Its ``turn_process_reward_logits_to_reward`` and
``process_experiences`` are run, not rewritten: each is compiled from its own file with the names
it needs, so that none of its dependencies has to be installed. Printed: the largest difference of
the weighted rewards, of the group baseline per step, and of the verified outcome. Theirs computes
in single precision; above 1e-5 the run fails.

Their code writes the verified outcome to the last token of the answer, ours to the last step, so
the answers here end with a step. It needs one group size and at least one step per answer; ours
takes any.
"""

import argparse
import ast
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from envgym.rewards.reduce.softmin import less_step_baseline, plus_verifiable, softmin_rewards

UTILS = Path("openrlhf") / "utils" / "utils.py"
MAKER = Path("openrlhf") / "trainer" / "ppo_utils" / "experience_maker.py"
LIMIT = 1e-5


def function(path: Path, name: str, scope: dict[str, Any]) -> Any:
    """Return a function or method of a file, compiled alone and without annotations."""
    if not path.is_file():
        sys.exit(f"{path} is not there; give a clone of CJReinforce/PURE.")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            node.returns = None
            node.decorator_list = []
            for argument in node.args.args:
                argument.annotation = None
            exec(compile(ast.Module([node], []), str(path), "exec"), scope)  # noqa: S102 - running their code is the point
            return scope[name]
    sys.exit(f"{path} has no function {name}; is it a clone of CJReinforce/PURE?")


class Batch:
    """Groups of answers of one length, with two logits per step."""

    def __init__(self, seed: int) -> None:
        draw = np.random.default_rng(seed)
        self.groups, self.n = int(draw.integers(1, 4)), int(draw.integers(2, 7))
        width, size = int(draw.integers(1, 12)), self.groups * self.n
        self.mask = draw.random((size, width)) < 0.6
        self.mask[:, -1] = True  # the last token ends a step
        self.logits = draw.normal(0, 3, (size, width, 2)).astype(np.float32)
        odds = self.logits[..., 1].astype(np.float64) - self.logits[..., 0]
        self.scores = np.tanh(odds / 2)  # P(good) - P(bad)
        self.solved = (draw.random(size) < draw.random()).astype(int)

    def theirs(self, rewards: torch.Tensor, process: Any, mode: str) -> np.ndarray:
        """Return the rewards after their baseline and, in mode "PRM+VR", the outcome."""
        size, width = self.mask.shape
        mask = torch.tensor(self.mask)
        args = SimpleNamespace(
            advantage_estimator="rloo",
            n_samples_per_prompt=self.n,
            reward_baseline="step",
            reward_mode=mode,
            verifiable_reward_coef=1.0,
            micro_rollout_batch_size=size,
        )
        info = {
            "process_reward": rewards,
            "have_answers": torch.ones(size, dtype=torch.bool),
            "solved": torch.tensor(self.solved),
            "process_reward_mask": mask,
            "num_steps": mask.sum(1),
            "response_length": torch.full((size,), width),
            "num_tokens_per_step": torch.ones(size, width, dtype=torch.long),
            "score_mask": mask,
        }
        experience = SimpleNamespace(
            info=info, action_mask=torch.ones(size, width, dtype=torch.bool)
        )
        maker = SimpleNamespace(strategy=SimpleNamespace(args=args))
        _, found = process(maker, [experience])
        return np.asarray(found[0].double().numpy())


def main() -> None:
    """Print one line per rule."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--batches", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    utils = options.checkout / UTILS
    weigh = function(utils, "turn_process_reward_logits_to_reward", {"torch": torch})
    pad = function(utils, "right_padding", {"torch": torch})
    scope = {"torch": torch, "right_padding": pad}
    process = function(options.checkout / MAKER, "process_experiences", scope)
    worst = dict.fromkeys(("weighted rewards", "less the baseline", "plus the outcome"), 0.0)
    for index in range(options.batches):
        batch = Batch(options.seed + index)
        weighed = weigh(torch.tensor(batch.logits), torch.tensor(batch.mask))
        rewards = softmin_rewards(batch.scores, batch.mask)
        groups = np.split(np.arange(len(rewards)), batch.groups)
        centred, verified = np.zeros_like(rewards), np.zeros_like(rewards)
        for rows in groups:
            centred[rows] = less_step_baseline(rewards[rows], batch.mask[rows])
            verified[rows] = plus_verifiable(centred[rows], batch.mask[rows], batch.solved[rows])
        pairs = (
            (rewards, weighed.double().numpy()),
            (centred, batch.theirs(weighed, process, "PRM")),
            (verified, batch.theirs(weighed, process, "PRM+VR")),
        )
        for name, (ours, theirs) in zip(worst, pairs, strict=True):
            worst[name] = max(worst[name], float(np.max(np.abs(ours - theirs))))
    for name, gap in worst.items():
        print(f"{name:<20} largest difference {gap:.1e} over {options.batches} batches")
    run = subprocess.run(
        ["git", "-C", str(options.checkout), "rev-parse", "HEAD"], capture_output=True, text=True
    )
    print("CJReinforce/PURE", run.stdout.strip() or "commit unknown")
    if max(worst.values()) > LIMIT:
        sys.exit(f"a difference above {LIMIT:g} is unexplained")


if __name__ == "__main__":
    main()
