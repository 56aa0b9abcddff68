"""Mutation test of the reward kernel: does a test fail when one line of it is made wrong?

    python -m pip install "mutmut>=3.8"
    python benchmarks/mutants.py [--files 'envgym/rewards/map/*.py']

mutmut changes one expression at a time (a sign, a comparison, a default, a text) and runs the
tests that reach it. The changes are made in a copy of the tree in a temporary folder. Prints the
numbers per file and the names of the mutants that survived; ``mutmut show NAME`` in that folder
(kept with ``--keep``) prints one as a diff. Properties and other decorated functions are not
mutated.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from fnmatch import fnmatch
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REWARDS = "envgym/rewards"
KERNEL = [
    *("books", "scoring", "settled", "signal", "summands", "kinds", "reading", "source"),
    *("program", "spec", "fields", "group/groupmap"),
    *(f"map/{name}" for name in ("scale", "affine", "clip", "above", "curve", "power")),
    *(f"map/{name}" for name in ("potential", "progress_delta", "lookahead_delta", "on_invalid")),
    *(f"fold/{name}" for name in ("sum", "mean", "product", "gate", "g_ra", "min")),
    *(f"reduce/{name}" for name in ("sum", "discounted", "last", "mean", "min", "softmin")),
    *(f"spread/{name}" for name in ("last", "uniform", "weights", "every")),
]
TESTS = [
    *("books", "laws", "program", "reading", "scoring", "settled", "signal", "source"),
    *("presets", "tracing", "group/groupmap", "map/deltas", "map/potential", "map/shapes"),
    *("fold/gate", "fold/mean", "fold/sum", "fold/product", "fold/g_ra"),
    *("reduce/reduce", "reduce/softmin", "spread/spread"),
]
COPIED = ("envgym", "tests", "docs", "benchmarks", "examples", "README.md", "pyproject.toml")
CAUGHT = {1: "killed", 3: "killed", 0: "survived", 33: "no test", 5: "no test", None: "not run"}
"""What a mutant's exit code says; any other code is a run that was stopped for its time."""
COLUMNS = ("killed", "timeout", "survived", "no test", "not run")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", default="*", help="which kernel files [default: all]")
    parser.add_argument("--processes", type=int, default=1, help="at a time [default: 1]")
    parser.add_argument("--keep", action="store_true", help="keep the copy with its mutants")
    args = parser.parse_args()
    if find_spec("mutmut") is None:
        print('mutmut is not installed; python -m pip install "mutmut>=3.8" gets it.')
        return
    kernel = [f"{REWARDS}/{name}.py" for name in KERNEL]
    files = [name for name in kernel if fnmatch(name, args.files)]
    if not files:
        print(f"no kernel file matches {args.files!r}; there are {', '.join(kernel)}.")
        return
    copy = Path(tempfile.mkdtemp(prefix="envgym-mutants-"))
    try:
        prepare(copy, files)
        run(copy, args.processes)
        report(copy, files)
    finally:
        if args.keep:
            print(f"kept in {copy}")
        else:
            shutil.rmtree(copy, ignore_errors=True)


def prepare(copy: Path, files: list[str]) -> None:
    """Copy the tree and add mutmut's settings to the copy's pyproject.toml."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy / name)
    tests = [
        f"tests/rewards/{Path(name).with_name(f'test_{Path(name).name}.py')}" for name in TESTS
    ]
    # JSON strings and lists are TOML, too.
    settings = {
        "source_paths": ["envgym"],
        "only_mutate": files,
        "also_copy": ["docs", "benchmarks", "examples", "README.md"],
        "pytest_add_cli_args": ["-q", "-p", "no:cacheprovider"],
        "pytest_add_cli_args_test_selection": tests,
    }
    with (copy / "pyproject.toml").open("a", encoding="utf-8") as out:
        out.write("\n[tool.mutmut]\n")
        out.writelines(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())


def run(copy: Path, processes: int) -> None:
    """Run mutmut in ``copy``; the property tests use fixed examples there, as on a server."""
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(processes)]
    log = copy / "mutmut.log"
    with log.open("w", encoding="utf-8") as out:
        done = subprocess.run(
            command, cwd=copy, env={**os.environ, "CI": "1"}, stdout=out, stderr=subprocess.STDOUT
        )
    if done.returncode:
        print(f"mutmut stopped with exit code {done.returncode}; the end of what it said:")
        print(log.read_text(encoding="utf-8")[-2000:])


def report(copy: Path, files: list[str]) -> None:
    """Print the numbers per file, then the survivors."""
    whole: Counter[str] = Counter()
    left: list[str] = []
    print(f"{'file':45}{'mutants':>9}" + "".join(f"{name:>10}" for name in COLUMNS))
    for name in files:
        found = results(copy / "mutants" / f"{name}.meta")
        counts = Counter(found.values())
        whole += counts
        left += sorted(mutant for mutant, said in found.items() if said in ("survived", "no test"))
        show(name, counts)
    show("all", whole)
    print(*(["survivors:", *left] if left else ["no survivors"]), sep="\n  ")


def results(meta: Path) -> dict[str, str]:
    """Return what became of each mutant of one file; {} if the file has none."""
    if not meta.exists():
        return {}
    codes = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
    return {mutant: CAUGHT.get(code, "timeout") for mutant, code in codes.items()}


def show(name: str, counts: Counter[str]) -> None:
    numbers = "".join(f"{counts[column]:10}" for column in COLUMNS)
    print(f"{name:45}{counts.total():9}{numbers}")


if __name__ == "__main__":
    main()
