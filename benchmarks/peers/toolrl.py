"""Tool-call scores of envgym beside those of ToolRL's public code, on random pairs.

    python benchmarks/peers/toolrl.py CHECKOUT [--pairs 2000] [--seed 0]

CHECKOUT is a clone of qiancheng0/ToolRL, or its file ``verl/utils/reward_score/rlla.py``. Every
difference is put down to a cause that is tested: the score that theirs gives once the cause is
removed must be ours. What stays unexplained makes the run fail.

Causes: ``order`` - theirs gives each gold call the best call still unused, so its score depends
on the order of the calls; ours solves the assignment, so theirs must reach ours in some order.
``True = 1`` - theirs compares as Python does; with bools spelt as texts it must reach ours.
"""

import argparse
import importlib.util
import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from itertools import permutations
from pathlib import Path
from types import ModuleType
from typing import Any

from envgym.rewards.read.tool_calls import ToolCalls, tool_rl
from envgym.rewards.source import Source
from envgym.types import Stream

Call = dict[str, Any]
FILE = Path("verl") / "utils" / "reward_score" / "rlla.py"
VARIANTS = {
    "fine": "",
    "strict": "REFINEDREWARD",
    "intermediate": "INTERMEDIATEREWARD",
    "coarse": "COARSEREWARD",
}
VALUES = (0, 1, True, False, "x", "y", 2.5, [1, 2])
NAMES, ARGUMENTS = ("find", "book"), ("city", "day", "people")


def load(path: Path) -> ModuleType:
    """Return the public module from its file or from a checkout."""
    file = path / FILE if path.is_dir() else path
    spec = importlib.util.spec_from_file_location("rlla", file)
    if not file.is_file() or spec is None or spec.loader is None:
        sys.exit(f"{file} is not there; give a checkout of qiancheng0/ToolRL or its rlla.py.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def switch(name: str) -> Iterator[None]:
    """Set one of the public code's environment switches, and swallow what it prints."""
    before = dict(os.environ)
    if name:
        os.environ[name] = "1"
    try:
        with redirect_stdout(StringIO()):
            yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def draw(stream: Stream) -> tuple[list[Call], list[Call]]:
    """Return gold and predicted calls; half of the predictions are the gold ones, disturbed."""

    def call() -> Call:
        given = [name for name in ARGUMENTS if stream.chance(1, 2)]
        return {
            "name": stream.choice(NAMES),
            "parameters": {name: stream.choice(VALUES) for name in given},
        }

    gold = [call() for _ in range(stream.integers(1, 3))]
    if stream.chance(1, 2):
        return gold, [call() for _ in range(stream.integers(0, 3))]
    pred = [{"name": c["name"], "parameters": dict(c["parameters"])} for c in gold]
    for one in pred:
        for name in list(one["parameters"]):
            if stream.chance(1, 3):
                one["parameters"][name] = stream.choice(VALUES)
            elif stream.chance(1, 6):
                del one["parameters"][name]
    stream.shuffle(pred)
    return gold, pred


def evidence(calls: list[Call]) -> tuple[Any, ...]:
    """Return calls as envgym's evidence has them."""
    return tuple((c["name"], tuple(sorted(c["parameters"].items()))) for c in calls)


def spelt(calls: list[Call]) -> list[Call]:
    """Return calls with every bool as a text."""

    def text(value: Any) -> Any:
        return f"bool {value}" if isinstance(value, bool) else value

    return [
        {"name": c["name"], "parameters": {k: text(v) for k, v in c["parameters"].items()}}
        for c in calls
    ]


def theirs_in_any_order(module: ModuleType, gold: list[Call], pred: list[Call]) -> list[float]:
    return [
        module.compute_tool_call_reward(list(g), list(p), 3.0, -3.0)
        for g in permutations(gold)
        for p in permutations(pred)
    ]


def compare(module: ModuleType, variant: str, pairs: int, seed: int) -> tuple[Counter[str], float]:
    """Return how many pairs agree or differ by which cause, and the largest difference."""
    node = ToolCalls(variant=variant)  # type: ignore[arg-type]
    stream = Stream(seed, "peers", "toolrl", variant)
    found: Counter[str] = Counter()
    largest = 0.0
    for _ in range(pairs):
        gold, pred = draw(stream)
        ours = node.read({"calls": evidence(pred), "gold_calls": evidence(gold)})
        assert ours is not None
        with switch(VARIANTS[variant]):
            theirs = module.compute_tool_call_reward(gold, pred, 3.0, -3.0)
            typed = module.compute_tool_call_reward(spelt(gold), spelt(pred), 3.0, -3.0)
            ordered = theirs_in_any_order(module, gold, pred)
            both = theirs_in_any_order(module, spelt(gold), spelt(pred))
        largest = max(largest, abs(ours - theirs))
        if near(ours, theirs):
            found["equal"] += 1
        elif near(ours, typed):
            found["True = 1"] += 1
        elif near(ours, max(ordered)):
            found["order"] += 1
        elif near(ours, max(both)):
            found["order and True = 1"] += 1
        else:
            found["unexplained"] += 1
            print(f"  unexplained ({variant}): ours {ours:.4f}, theirs {theirs:.4f}", gold, pred)
    return found, largest


def near(one: float, other: float) -> bool:
    return abs(one - other) < 1e-9


def edges(module: ModuleType) -> list[tuple[str, float, float]]:
    """Return (case, ours, theirs) where there is no pair of calls to compare."""
    node = ToolCalls()
    gold = '<tool_call>\n{"name": "f", "parameters": {"a": 1}}\n</tool_call>'
    wanted = (("f", (("a", 1),)),)
    cases = [
        ("call without arguments field", gold, '<tool_call>\n{"name": "f"}\n</tool_call>', ("f",)),
        ("text instead of a call", gold, "<tool_call>\nf(1)\n</tool_call>", ("f(1)",)),
        ("no call at all", gold, "f", ()),
        (
            "gold answers in words, no call",
            "<response>hi</response>",
            "<response>hi</response>",
            None,
        ),
        ("gold answers in words, one call", "<response>hi</response>", gold, None),
    ]
    rows = []
    for case, answer, message, made in cases:
        calls = wanted if made is None and "<tool_call>" in message else made or ()
        ours = node.read({"calls": calls, "gold_calls": () if made is None else wanted})
        completions = [[{"role": "assistant", "content": message}]]
        with switch(""):
            theirs = module.customize_correctness_reward_tool(completions, [answer], 0, 3.0, -3.0)
        rows.append((case, float(ours or 0.0), float(theirs[0])))
    return rows


def schedule(module: ModuleType) -> list[tuple[int, float, float]]:
    """Return (step, ours, theirs): the largest difference of the scheduled rewards."""
    call = '{"name": "f", "parameters": {"a": 1}}'
    answer = f"<think>so</think>\n<tool_call>\n{call}\n</tool_call>"
    gold = (("f", (("a", 1),)),)
    rows = []
    for step in (0, 30, 75, 150, 300):
        program = tool_rl(Source("format", lo=0, hi=1), step=step)
        for message, made in ((answer, gold), ("f", ())):
            record = {"format": message == answer, "calls": made, "gold_calls": gold}
            ours = program.settle([record, record])[0]
            completions = [[{"role": "assistant", "content": message}]]
            with switch("SCHEDULEREWARD"):
                form = module.customize_format_reward_func(completions, [answer], step, 1.0, 0.0)
                match = module.customize_correctness_reward_tool(
                    completions, [answer], step, 3.0, -3.0
                )
            rows.append((step, float(ours or 0.0), float(form[0] + match[0])))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("checkout", type=Path, help="clone of qiancheng0/ToolRL, or rlla.py")
    parser.add_argument("--pairs", type=int, default=2000, help="per variant [default: 2000]")
    parser.add_argument("--seed", type=int, default=0, help="of the pairs [default: 0]")
    options = parser.parse_args()
    module = load(options.checkout)
    bad = 0
    for variant in VARIANTS:
        found, largest = compare(module, variant, options.pairs, options.seed)
        causes = ", ".join(f"{count} {cause}" for cause, count in sorted(found.items()))
        print(f"{variant}: {options.pairs} pairs: {causes}; largest difference {largest:.4f}")
        bad += found["unexplained"]
    for case, ours, theirs in edges(module):
        print(f"{case}: ours {ours:g}, theirs {theirs:g}")
    for step, ours, theirs in schedule(module):
        print(f"scheduled, step {step}: ours {ours:.4f}, theirs {theirs:.4f}")
        bad += not near(ours, theirs)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
