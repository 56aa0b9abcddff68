"""The reference trainer: imitation, then policy gradients on grouped rollouts.

``run`` does a whole configuration; ``trainer.Trainer`` has the phases singly. Importing this
package does not import torch.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from envgym.agents.train.config import TrainConfig

if TYPE_CHECKING:
    from envgym.agents.train.exam import Exam

__all__ = ["TrainConfig", "run"]


def run(
    config: str | Path | TrainConfig, *, resume: bool = False, out: str | Path | None = None
) -> "Exam":
    """Train as a configuration says and return the final exam.

    The first Ctrl-C stops at the next safe point, writes a checkpoint and raises
    KeyboardInterrupt; the second one leaves at once.

    Args:
        config: a TOML file, or a configuration made in Python.
        resume: continue from the last checkpoint of the run's folder.
        out: the run's folder; None takes ``[run] out``.

    Raises:
        ConfigError: a wrong configuration, a folder that holds a run already, or nothing to
            resume from.
        NothingToLearnError: nearly all probe groups have equal returns.
        TrainingStoppedError: an alarm (``[run] on_alarm``).
    """
    from envgym.agents.train import toml
    from envgym.agents.train.display import Display
    from envgym.agents.train.interrupt import Interrupt, Stopped
    from envgym.agents.train.trainer import Trainer
    from envgym.types import ConfigError

    settings = config if isinstance(config, TrainConfig) else toml.load(config)
    folder = Path(out if out is not None else settings.run.out)
    if not resume and (folder / "metrics.jsonl").exists():
        raise ConfigError(f"{folder} holds a run already; resume it, or name another folder")
    with Interrupt() as interrupt, Display(live=settings.run.live) as display:
        trainer: Trainer | None = None
        try:
            trainer = Trainer(
                settings, out=folder, resume=resume, display=display, interrupt=interrupt
            )
            return trainer.run()
        except Stopped:
            if trainer is not None:
                display.say(f"stopped; the checkpoint is {trainer.save()}")
            raise KeyboardInterrupt from None
        finally:
            if trainer is not None:
                trainer.close()
