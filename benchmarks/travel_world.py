"""Time to build a travel world of 60 cities and 30 days, and its digest under two NumPy versions.

    python benchmarks/travel_world.py [--worlds 10] [--numpy 1.26.4 --numpy 2.2.6]

Builds whole worlds (every table, every day) in this process and prints CPU seconds per world
(aim: at most 0.3 s). Then makes a virtual environment per NumPy version under ``.bench/``, with
this same envgym in it, and compares the digests of one world per region.
"""

import argparse
import statistics
import subprocess
import sys
import time
import venv
from importlib.metadata import requires, version
from pathlib import Path

import envgym
from envgym.envs.travel.regions import REGIONS
from envgym.envs.travel.world import CITIES, DAYS, TravelWorld

SCRIPT = """
import numpy
from envgym.envs.travel.regions import REGIONS
from envgym.envs.travel.world import TravelWorld
print(numpy.__version__, *(TravelWorld(11, r).digest() for r in sorted(REGIONS)))
"""


def built(seed: int, region: str) -> float:
    """Return the CPU seconds that one whole world takes."""
    begin = time.process_time()
    TravelWorld(seed, region).digest()
    return time.process_time() - begin


def digests(numpy: str) -> list[str]:
    """Return [NumPy version, digests...] from an environment that holds this NumPy version."""
    home = (Path(".bench") / f"numpy-{numpy}").absolute()
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
        needs = [need for need in requires("envgym") or () if "extra ==" not in need]
        pins = [f"{name}=={version(name)}" for name in ("gymnasium", "pydantic")]
        subprocess.run(
            [python, "-m", "pip", "install", "-q", *needs, *pins, f"numpy=={numpy}"], check=True
        )
    source = Path(envgym.__file__).parent.parent
    # Only envgym itself comes from here: its folder alone is linked into a path entry.
    entry = home / "source"
    entry.mkdir(exist_ok=True)
    link = entry / "envgym"
    if link.is_symlink():
        link.unlink()
    link.symlink_to(source / "envgym")
    code = f"import sys; sys.path.insert(0, {str(entry)!r})\n"
    shown = subprocess.run(
        [python, "-c", code + SCRIPT], check=True, capture_output=True, text=True
    )
    return shown.stdout.split()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=10, help="per region [default: 10]")
    parser.add_argument(
        "--numpy", action="append", help="a version to compare [default: 1.26.4 and 2.2.6]"
    )
    args = parser.parse_args()
    built(0, "western-europe")  # loads the geography
    print(f"{CITIES} cities, {DAYS} days: CPU seconds per world, median and worst of {args.worlds}")
    for region in sorted(REGIONS):
        times = [built(seed, region) for seed in range(args.worlds)]
        print(f"  {region:18}{statistics.median(times):8.3f}{max(times):8.3f}")
    runs = [digests(numpy) for numpy in args.numpy or ("1.26.4", "2.2.6")]
    for run in runs:
        print(f"NumPy {run[0]}: {len(run) - 1} worlds, first digest {run[1][:16]}")
    same = len({tuple(run[1:]) for run in runs}) == 1
    print("digests", "are equal" if same else "DIFFER")
    sys.exit(not same)


if __name__ == "__main__":
    main()
