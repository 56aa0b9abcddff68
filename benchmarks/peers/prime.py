"""PRIME's advantages and loss beside its public code, on the same random batches.

    python benchmarks/peers/prime.py CHECKOUT [--batches 200]

CHECKOUT is a clone of PRIME-RL/PRIME. Its ``compute_rloo_returns``, ``compute_ce_dpo_loss_rm``
and ``masked_whiten`` are run, not rewritten: each is compiled from its own file with the names it
needs, so that none of its dependencies has to be installed. Printed: the largest difference from
the NumPy reference and from the torch twin over all batches, and what it takes to be equal. Above
1e-4 (theirs computes in single precision) the run fails.

Their loss multiplies summed log-ratios by beta; ours takes rewards that hold beta already. Their
code needs one group size for the whole batch and at least one token per answer; ours takes any.
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

from envgym.agents.algos import credit_torch
from envgym.rewards.credit.prime import prime_advantages, prime_loss, prime_returns

ALGOS = Path("training") / "verl" / "trainer" / "ppo" / "core_algos.py"
MASKED = Path("training") / "verl" / "utils" / "torch_functional.py"
PROMPT = 3
"""Columns of prompt in every batch: their code subtracts them from the attention mask."""
LIMIT = 1e-4


def functions(path: Path, names: tuple[str, ...], scope: dict[str, Any]) -> SimpleNamespace:
    """Return functions of a file, compiled alone and without annotations."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kept = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name in names]
    if len(kept) < len(names):
        sys.exit(f"{path} lacks one of {', '.join(names)}; is it a clone of PRIME-RL/PRIME?")
    body: list[ast.stmt] = [*kept]
    for node in kept:
        node.returns = None
        for argument in node.args.args:
            argument.annotation = None
    exec(compile(ast.Module(body, []), str(path), "exec"), scope)  # noqa: S102 - running their code is the point
    return SimpleNamespace(**{name: scope[name] for name in names})


class Batch:
    """Rewards of G groups of n answers, token masks, outcomes."""

    def __init__(self, seed: int) -> None:
        draw = np.random.default_rng(seed)
        self.groups, self.n, width = draw.integers(1, 5), draw.integers(2, 9), draw.integers(1, 40)
        size = int(self.groups * self.n)
        self.lengths = draw.integers(1, width + 1, size)
        self.mask = np.arange(width)[None, :] < self.lengths[:, None]
        self.rewards = draw.normal(0, draw.choice([0.01, 1.0]), (size, width))
        self.outcomes = (draw.random(size) < draw.random()).astype(float)
        self.labels = np.repeat(np.arange(self.groups), self.n)

    def theirs(self, code: SimpleNamespace) -> tuple[np.ndarray, np.ndarray]:
        """Return (advantages, returns) of PRIME's function."""
        size, width = self.mask.shape
        mask = torch.tensor(self.mask)
        scores = torch.zeros(size, width)
        scores[torch.arange(size), torch.tensor(self.lengths) - 1] = torch.tensor(
            self.outcomes, dtype=torch.float32
        )
        tensors = {
            "responses": torch.zeros(size, width, dtype=torch.long),
            "prompts": torch.zeros(size, PROMPT, dtype=torch.long),
            "attention_mask": torch.cat([torch.ones(size, PROMPT), mask.float()], dim=1).long(),
            "rm_scores": torch.tensor(self.rewards, dtype=torch.float32),
            "gt_scores": scores,
        }
        gammas = SimpleNamespace(reward_model_gamma=1.0, verifier_gamma=1.0)
        config = SimpleNamespace(algorithm=SimpleNamespace(adv_params=gammas))
        found = code.compute_rloo_returns(
            SimpleNamespace(batch=tensors), mask.float(), int(self.n), config
        )
        return found[0].double().numpy(), found[1].double().numpy()


def main() -> None:
    """Print one line per rule."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--batches", type=int, default=200)
    options = parser.parse_args()
    masked = functions(
        options.checkout / MASKED,
        ("masked_mean", "masked_var", "masked_whiten"),
        {"torch": torch},
    )
    code = functions(
        options.checkout / ALGOS,
        ("compute_rloo_returns", "compute_ce_dpo_loss_rm"),
        {"torch": torch, "verl_F": masked},
    )
    worst: dict[str, float] = {}

    def note(name: str, ours: Any, theirs: Any, mask: Any = True) -> None:
        gap = float(np.max(np.where(mask, np.abs(ours - theirs), 0.0), initial=0.0))
        worst[name] = max(worst.get(name, 0.0), gap)

    for seed in range(options.batches):
        batch = Batch(seed)
        advantages, returns = batch.theirs(code)
        given = (batch.rewards, batch.outcomes, batch.mask)
        twins = [torch.tensor(a) for a in (*given, batch.labels)]
        sums = prime_returns(*given, groups=batch.labels, process=1.0, outcome=1.0)
        note("returns", sums, returns, batch.mask)
        found = prime_advantages(*given, groups=batch.labels, process=1.0, outcome=1.0)
        # Returns all alike: theirs divides rounding noise by its 1e-4, ours gives zeros.
        if np.ptp(returns[batch.mask]) > 1e-3:
            note("advantages", found, advantages, batch.mask)
        twin = credit_torch.prime_advantages(*twins, process=1.0, outcome=1.0)
        note("advantages, torch twin and reference", twin.numpy(), found)
        theirs = code.compute_ce_dpo_loss_rm(twins[0], twins[1], twins[2].double(), 0.05)
        note("loss", prime_loss(0.05 * batch.rewards, *given[1:]), float(theirs))
    for name, gap in worst.items():
        print(f"{name:<40}{gap:.1e} over {options.batches} batches")
    run = subprocess.run(
        ["git", "-C", str(options.checkout), "rev-parse", "HEAD"], capture_output=True, text=True
    )
    print("PRIME-RL/PRIME", run.stdout.strip() or "commit unknown")
    if max(worst.values()) > LIMIT:
        sys.exit(f"a difference above {LIMIT:g} is unexplained")


if __name__ == "__main__":
    main()
