"""Group estimators beside four public implementations, on the same random batches.

    python benchmarks/peers/estimators.py --verl DIR --trl DIR --bnpo DIR --rlvr DIR [--batches 50]

Each DIR is a checkout: volcengine/verl, huggingface/trl, changyi7231/BNPO and
TianHongZXY/RLVR-Decomposed; leave one out to skip it. Their code is run, not rewritten: a function
is compiled from its own file with the few names it needs, so that none of their dependencies has
to be installed. TRL's rule is inside a method; the branch that computes it is run with stand-ins
for what it reads of the trainer. Per rule: the largest difference from ours over all batches of
graded and of 0/1 returns in groups of 8, and where every rollout is alone in its group.
"""

import argparse
import ast
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from envgym.rewards.group.bnpo import bnpo
from envgym.rewards.group.normalise import normalise
from envgym.rewards.group.signed import nsr, psr, w_reinforce

Batch = tuple[np.ndarray, np.ndarray]
Rule = tuple[str, Callable[[Batch], np.ndarray], Callable[[Batch], np.ndarray], str]


def function(path: Path, name: str, names: dict[str, Any]) -> Callable[..., Any]:
    """Return the function ``name`` of a file, compiled alone, without decorators."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            node.decorator_list = []
            _without_annotations(node)
            scope = dict(names)
            exec(compile(ast.Module([node], []), str(path), "exec"), scope)  # noqa: S102
            found: Callable[..., Any] = scope[name]
            return found
    raise SystemExit(f"{path} has no function {name}; is it another version?")


def branch(path: Path, test: str, names: dict[str, Any]) -> dict[str, Any]:
    """Run the body of the first ``if`` with this condition and return what it defined."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == test:
            scope = dict(names)
            exec(compile(ast.Module(node.body, []), str(path), "exec"), scope)  # noqa: S102
            return scope
    raise SystemExit(f"{path} has no branch 'if {test}'; is it another version?")


def batches(count: int, *, binary: bool, groups: int = 6, size: int = 8) -> Iterator[Batch]:
    """Yield (returns, groups): equal groups in order, some without any variance."""
    draw = np.random.Generator(np.random.PCG64(0))
    for _ in range(count):
        rates = draw.uniform(0, 1, groups)
        rates[0] = 1.0
        won = draw.uniform(0, 1, (groups, size)) < rates[:, None]
        scores = won if binary else np.where(won, draw.uniform(0, 1, (groups, size)), 0.0)
        yield scores.astype(np.float64).ravel(), np.repeat(np.arange(groups), size)


def per_rollout(call: Callable[..., Any], batch: Batch, *, label: str, **more: Any) -> np.ndarray:
    """Run a token-level function on rollouts of one token and return one number each."""
    returns, groups = batch
    rewards = torch.from_numpy(returns)[:, None]
    mask = torch.ones_like(rewards)
    given = {"token_level_rewards": rewards, label: mask, **more}
    if "index" in call.__code__.co_varnames[: call.__code__.co_argcount]:
        given["index"] = groups
    return np.asarray(call(**given)[0][:, 0].numpy())


def verl(folder: Path) -> Iterator[Rule]:
    """Yield the rules of verl/trainer/ppo/core_algos.py."""
    numeric = folder / "verl/utils/torch_functional.py"
    names: dict[str, Any] = {"torch": torch, "np": np}
    for name in ("masked_sum", "masked_mean", "masked_var", "masked_whiten"):
        names[name] = function(numeric, name, names)
    known = {
        "torch": torch,
        "np": np,
        "defaultdict": defaultdict,
        "verl_F": SimpleNamespace(masked_whiten=names["masked_whiten"]),
    }
    file = folder / "verl/trainer/ppo/core_algos.py"

    def theirs(name: str, **more: Any) -> Callable[[Batch], np.ndarray]:
        call = function(file, f"compute_{name}_outcome_advantage", known)
        return lambda batch: per_rollout(call, batch, label="response_mask", **more)

    def ours(name: Any, **more: Any) -> Callable[[Batch], np.ndarray]:
        return lambda batch: normalise(*batch, name, **more)

    lone = "alone: theirs keeps the return, ours is 0"
    yield "verl grpo", theirs("grpo"), ours("grpo", ddof=1), lone
    plain = theirs("grpo", norm_adv_by_std_in_grpo=False)
    yield "verl grpo without std", plain, ours("dr_grpo"), lone
    yield "verl rloo", theirs("rloo"), ours("rloo"), lone
    # Theirs has its floor inside the root, sqrt(var + 1e-8).
    config = SimpleNamespace(gamma=1.0)
    plus = theirs("reinforce_plus_plus", config=config)
    yield "verl reinforce++", plus, ours("reinforce_pp", ddof=1, floor=1e-12), ""
    based = theirs("reinforce_plus_plus_baseline")
    centred = ours("reinforce_pp_baseline", ddof=1, floor=1e-12)
    yield "verl reinforce++-baseline", based, centred, lone


def trl(folder: Path) -> Iterator[Rule]:
    """Yield the rules of trl/trainer/grpo_trainer.py."""
    nanstd = function(folder / "trl/trainer/utils.py", "nanstd", {"torch": torch})

    def theirs(scale: str) -> Callable[[Batch], np.ndarray]:
        def run(batch: Batch) -> np.ndarray:
            returns, groups = batch
            trainer = SimpleNamespace(
                multi_objective_aggregation="sum_then_normalize",
                reward_weights=torch.ones(1, dtype=torch.float64),
                scale_rewards=scale,
            )
            rewards = torch.from_numpy(returns)[:, None]
            names = {
                "torch": torch,
                "nanstd": nanstd,
                "self": trainer,
                "device": rewards.device,
                "rewards_per_func": rewards,
                "unscorable_mask": torch.zeros(len(rewards), dtype=torch.bool),
                "num_generations": len(returns) // len(np.unique(groups)),
            }
            test = "self.multi_objective_aggregation == 'sum_then_normalize'"
            found = branch(folder / "trl/trainer/grpo_trainer.py", test, names)
            return np.asarray(found["advantages"].numpy())

        return run

    yield (
        "trl scale_rewards=group",
        theirs("group"),
        lambda batch: normalise(*batch, "grpo", ddof=1, floor=1e-4),
        "",
    )
    yield "trl scale_rewards=none", theirs("none"), lambda batch: normalise(*batch, "dr_grpo"), ""
    yield (
        "trl scale_rewards=batch",
        theirs("batch"),
        lambda batch: normalise(*batch, "reinforce_pp_baseline", ddof=1, floor=1e-4),
        "its std is over the returns, ours over the centred returns",
    )


def beta(folder: Path) -> Iterator[Rule]:
    """Yield BNPO's own rule."""
    file = folder / "recipe/bnpo/src/bnpo_ray_trainer.py"
    text = file.read_text(encoding="utf-8")
    name = next(
        node.name
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef) and "bnpo" in node.name and "advantage" in node.name
    )
    call = function(file, name, {"torch": torch, "defaultdict": defaultdict})

    def theirs(batch: Batch) -> np.ndarray:
        return per_rollout(call, batch, label="eos_mask", min_value=0.0, max_value=1.0)

    why = "alone: its variance of means is 0 and 0 / 0 raises; ours is 0"
    yield "BNPO", theirs, lambda batch: bnpo(*batch), why


def decomposed(folder: Path) -> Iterator[Rule]:
    """Yield PSR, NSR and W-REINFORCE."""
    file = folder / "verl/trainer/ppo/core_algos.py"
    call = function(file, "compute_psr_nsr_outcome_advantage", {"torch": torch})

    def theirs(kind: str) -> Callable[[Batch], np.ndarray]:
        def run(batch: Batch) -> np.ndarray:
            scores = torch.from_numpy(batch[0])[:, None]
            return per_rollout(
                call,
                batch,
                label="eos_mask",
                token_level_scores=scores,
                gamma=1.0,
                advantage=kind,
                positive_advantage_weight=0.1,
            )

        return run

    yield "RLVR-Decomposed PSR", theirs("positive"), lambda batch: psr(batch[0]), ""
    yield "RLVR-Decomposed NSR", theirs("negative"), lambda batch: nsr(batch[0]), ""
    yield "RLVR-Decomposed weighted", theirs("weighted"), lambda batch: w_reinforce(batch[0]), ""


def worst(
    theirs: Callable[[Batch], np.ndarray],
    ours: Callable[[Batch], np.ndarray],
    given: Iterator[Batch],
) -> str:
    """Return the largest difference over all batches; "fails" where theirs raises."""
    try:
        return f"{max(float(np.max(np.abs(theirs(each) - ours(each)))) for each in given):.1e}"
    except ValueError:
        return "fails"


def commit(folder: Path) -> str:
    """Return the short commit of a checkout, or "unknown"."""
    call = ["git", "-C", str(folder), "rev-parse", "--short=12", "HEAD"]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def main() -> None:
    """Print one line per rule."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    peers = {"verl": verl, "trl": trl, "bnpo": beta, "rlvr": decomposed}
    for name in peers:
        parser.add_argument(f"--{name}", type=Path, help=f"checkout of {name}; default: skipped")
    parser.add_argument("--batches", type=int, default=50, help="random batches [default: 50]")
    args = parser.parse_args()
    print(f"{'rule':28}{'graded':>12}{'0 or 1':>12}{'alone':>12}  why")
    for name, rules in peers.items():
        folder = getattr(args, name)
        if folder is None:
            continue
        for rule, theirs, ours, why in rules(folder):
            gaps = []
            for binary, size in ((False, 8), (True, 8), (True, 1)):
                if rule.startswith("RLVR") and not binary:
                    gaps.append("-")  # defined for 0 and 1 only
                    continue
                gaps.append(worst(theirs, ours, batches(args.batches, binary=binary, size=size)))
            print(f"{rule:28}{gaps[0]:>12}{gaps[1]:>12}{gaps[2]:>12}  {why}")
        print(f"  {name} at {commit(folder)}")


def _without_annotations(node: ast.FunctionDef) -> None:
    node.returns = None
    arguments = node.args
    for each in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
        each.annotation = None


if __name__ == "__main__":
    main()
