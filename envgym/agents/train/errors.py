"""Why a run ended that could have gone on."""

from envgym.types import EnvgymError


class NothingToLearnError(EnvgymError, RuntimeError):
    """Reinforcement was refused: nearly all probe groups have equal returns."""


class TrainingStoppedError(EnvgymError, RuntimeError):
    """An alarm ended the run; the sentence says which, and where the best checkpoint is."""
