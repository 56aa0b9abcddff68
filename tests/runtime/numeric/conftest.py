"""The toy family under its ids."""

import gymnasium
import pytest

from envgym.runtime import registry

HOME = "tests.runtime.numeric.toy_family"


@pytest.fixture
def lamps():
    """Register the toy for one test and return its numeric id."""
    registry.register_numeric("toys/Lamps-v0", f"{HOME}:LampsEnv")
    registry.register("toys/LampsText-v0", f"{HOME}:LampsText")
    yield "toys/Lamps-v0"
    for env_id in ("toys/Lamps-v0", "toys/LampsText-v0"):
        gymnasium.registry.pop(env_id)
