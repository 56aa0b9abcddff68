"""Start-up cost: ``import envgym`` and ``envgym --help`` against ``import gymnasium``.

    python benchmarks/imports.py [--repeats 15]

Fresh processes, alternated; the ratio is the median over repeats of user plus system CPU time.
Aims: at most 1.5 and 2.0. Also names every heavy module that the import pulled in (aim: none).
"""

import argparse
import os
import statistics
import subprocess
import sys

HEAVY = ("torch", "transformers", "peft", "pydantic", "typer", "rich", "docker", "playwright")

COMMANDS = {
    "import gymnasium": [sys.executable, "-c", "import gymnasium"],
    "import envgym": [sys.executable, "-c", "import envgym"],
    "envgym --help": [sys.executable, "-m", "envgym", "--help"],
}


def cpu_seconds(command: list[str]) -> float:
    """Return the user plus system time of one process."""
    before = os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return (
        after.children_user - before.children_user + after.children_system - before.children_system
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=15, help="alternated [default: 15]")
    repeats = parser.parse_args().repeats
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for command in COMMANDS.values():
        cpu_seconds(command)
    for _ in range(repeats):
        for name, command in COMMANDS.items():
            times[name].append(cpu_seconds(command))
    base = times["import gymnasium"]
    for name, values in times.items():
        ratio = statistics.median(v / b for v, b in zip(values, base, strict=True))
        print(f"{name:20}{statistics.median(values) * 1e3:8.0f} ms CPU   ratio {ratio:.2f}")
    script = f"import sys, envgym; print([m for m in {HEAVY!r} if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    print("heavy modules after import envgym:", shown.stdout.strip())


if __name__ == "__main__":
    main()
