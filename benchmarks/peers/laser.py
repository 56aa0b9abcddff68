"""Length rewards of envgym beside those of LASER's public code, on the same random answers.

    python benchmarks/peers/laser.py CHECKOUT [--answers 20000] [--seed 0]

CHECKOUT is a clone of hkust-nlp/Laser. Its ``compute_length_reward_larse`` is run, not rewritten:
it is compiled from its own file with the one helper it calls, so that none of its dependencies has
to be installed. Printed per form: how many answers were compared and the largest difference. Any
difference makes the run fail.

Their code takes scores (1 right, -0.5 wrong, -1 malformed) and adds the length term where a score
is exactly 1; ours takes what was right and what was well formed.
"""

import argparse
import ast
import io
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import torch

from envgym.rewards import Node, Source, laser
from envgym.rewards.map.length import LaserForm
from envgym.types import Stream

FILE = Path("verl") / "utils" / "reward_score" / "length_penalty.py"
NAMES = ("_compute_response_info", "compute_length_reward_larse")
FORMS = ("reward", "penalty", "hybrid")
TARGET, LONGEST = 40, 80
SCORES = {(True, True): 1.0, (True, False): -0.5, (False, True): -1.0, (False, False): -1.0}
"""By (well formed, right): an answer that is not well formed is not judged."""


def functions(path: Path) -> dict[str, Any]:
    """Return their functions, compiled alone and without annotations."""
    if not path.is_file():
        sys.exit(f"{path} is not there; give a clone of hkust-nlp/Laser.")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kept = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name in NAMES]
    for node in kept:
        node.returns = None
        for argument in node.args.args:
            argument.annotation = None
    scope: dict[str, Any] = {"torch": torch}
    exec(compile(ast.Module(list(kept), []), str(path), "exec"), scope)  # noqa: S102 - running their code is the point
    return scope


def theirs(
    scope: dict[str, Any], scores: list[float], lengths: list[int], form: str
) -> list[float]:
    """Return their reward of every answer."""
    columns = torch.arange(LONGEST)
    used = (columns[None, :] < torch.tensor(lengths)[:, None]).long()
    prompt = torch.ones(len(lengths), 3, dtype=torch.long)
    data = SimpleNamespace(
        batch={"responses": used, "attention_mask": torch.cat([prompt, used], dim=1)},
        non_tensor_batch={"uid": list(range(len(lengths)))},
    )
    given = [{"score": score, "correctness": score == 1.0} for score in scores]
    with redirect_stdout(io.StringIO()):
        found = scope["compute_length_reward_larse"](
            data, given, target_length=TARGET, length_reward_type=form
        )
    return [float(x) for x in found]


def ours(node: Node, formed: bool, right: bool, length: int) -> float:
    """Return our reward of one answer."""
    value, _ = node.settle([{}, {"formed": formed, "right": right, "tokens": length}])
    assert value is not None
    return value


def main() -> None:
    """Print one line per form."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--answers", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    scope = functions(options.checkout / FILE)
    draws = Stream(options.seed, "laser")
    answers = [
        (draws.chance(9, 10), draws.chance(1, 2), draws.integers(1, LONGEST))
        for _ in range(options.answers)
    ]
    scores = [SCORES[formed, right] for formed, right, _ in answers]
    lengths = [length for _, _, length in answers]
    right, formed = (Source(key, "episode", lo=0, hi=1) for key in ("right", "formed"))
    worst = 0.0
    for form in FORMS:
        node = laser(
            right,
            Source("tokens", "episode", lo=0),
            TARGET,
            cast(LaserForm, form),
            well_formed=formed,
        )
        found = theirs(scope, scores, lengths, form)
        gaps = [abs(ours(node, *a) - t) for a, t in zip(answers, found, strict=True)]
        worst = max(worst, *gaps)
        print(f"{form:<8} {len(gaps)} answers, largest difference {max(gaps):.1e}")
    run = subprocess.run(
        ["git", "-C", str(options.checkout), "rev-parse", "HEAD"], capture_output=True, text=True
    )
    print("hkust-nlp/Laser", run.stdout.strip() or "commit unknown")
    if worst > 0:
        sys.exit("a difference is unexplained")


if __name__ == "__main__":
    main()
