"""What the demo's configuration learns, with three seeds: success before and after, cost.

    python benchmarks/learning.py

Each seed changes weights, demonstrations, tasks and samples; the 256 exam worlds are the same
and never occur in training. Aim: at most 0.35 after imitation, at least 0.80 after
reinforcement, with every seed. Prints CPU-seconds, since a busy machine stretches the rest.
"""

import argparse
import dataclasses
import json
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import envgym.cli
from envgym.agents.train import toml
from envgym.agents.train.config import TrainConfig
from envgym.agents.train.display import Display
from envgym.agents.train.trainer import Trainer

DEMO = Path(envgym.cli.__file__).with_name("demo.toml")


def learn(config: TrainConfig, folder: Path) -> dict[str, Any]:
    """Return what one run showed."""
    cpu, wall = time.process_time(), time.perf_counter()
    trainer = Trainer(config, out=folder, display=Display(live=False))
    try:
        after = trainer.run()
    finally:
        trainer.close()
    before = trainer.progress.before or {}
    return {
        "seed": config.run.seed,
        "parameters": sum(p.numel() for p in trainer.learner.model.parameters()),
        "before": before,
        "after": after.event(),
        "training_worlds": len(trainer.sampler.seen),
        "draws_skipped": trainer.sampler.skipped,
        "cpu_s": round(time.process_time() - cpu),
        "wall_s": round(time.perf_counter() - wall),
    }


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=DEMO, help="Default: the demo's.")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="Default: 0 1 2.")
    parser.add_argument("--json", action="store_true", help="Print one JSON object per seed.")
    args = parser.parse_args()

    config = toml.load(args.config)
    for seed in args.seeds:
        run = dataclasses.replace(config.run, seed=seed, record_exams=False)
        with tempfile.TemporaryDirectory() as folder:
            found = learn(dataclasses.replace(config, run=run), Path(folder) / "run")
        found["peak_rss_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        if args.json:
            print(json.dumps(found), flush=True)
            continue
        lines = []
        for when in ("before", "after"):
            exam = found[when]
            lines.append(
                f"{when} {exam['successes']} of {exam['trials']} = {exam['success']:.3f} "
                f"[{exam['low']:.3f}, {exam['high']:.3f}]"
            )
        print(
            f"seed {seed}: {'; '.join(lines)}; {found['cpu_s']} CPU-s, {found['wall_s']} s, "
            f"{found['peak_rss_mib']} MiB at most; {found['parameters']:,} parameters",
            flush=True,
        )


if __name__ == "__main__":
    main()
