"""Every numeric id keeps every numeric law, and each array law is seen failing on a broken toy."""

from collections.abc import Iterator
from typing import Any

import gymnasium
import numpy as np
import pytest

from envgym import ConfigError
from envgym.runtime import registry
from envgym.testing import NUMERIC_LAWS, LawError, conformance, numeric_subject
from tests.runtime.numeric.toy_family import LampsCore, LampsEnv, LampsScalar, LampsText

IDS = sorted(registry.NUMERIC)


@pytest.mark.parametrize("law", NUMERIC_LAWS)
@pytest.mark.parametrize("env_id", IDS)
def test_law(env_id: str, law: str) -> None:
    NUMERIC_LAWS[law](numeric_subject(env_id))


@pytest.mark.parametrize("env_id", IDS)
def test_the_text_view_is_registered_and_plays_the_same_core(env_id: str) -> None:
    family, view = (registry.env_class(each) for each in (env_id, registry.text_id(env_id)))
    assert registry.text_id(env_id) in registry.BUILTIN
    assert view.core_class is family.core_class
    assert view.declares == family.declares
    assert set(view.presets()) == set(family.presets())


class ScaledScalar(LampsScalar):
    """Its floats are not the array path's."""

    def advance(self, action: int, rng: Any) -> dict[str, Any]:
        facts = super().advance(action, rng)
        return {**facts, "utility": facts["utility"] + 1e-9}


class ScaledCore(LampsCore):
    def scalar(self) -> LampsScalar:
        return ScaledScalar(self)


class SilentScalar(LampsScalar):
    """Reveals nothing, unlike the array path."""

    def reveal(self, action: int, facts: Any) -> Any:
        return ()


class SilentCore(LampsCore):
    def scalar(self) -> LampsScalar:
        return SilentScalar(self)


class CrowdCore(LampsCore):
    """Rows get what other rows drew."""

    def advance(self, state: Any, action: Any, noise: Any, ar: Any) -> Any:
        after, facts = super().advance(state, action, noise, ar)
        facts["utility"] = facts["utility"] + 0.01 * (facts["utility"].mean() - facts["utility"])
        return after, facts


class FirstCore(LampsCore):
    """Worlds of one generator are darker than worlds of one per row."""

    def start(self, batch: int, noise: Any, ar: Any) -> Any:
        state = super().start(batch, noise, ar)
        if not hasattr(noise, "rngs"):
            state["light"] = state["light"] * 0.8
        return state


COUNT = 0
"""Shared between instances on purpose."""


class LeakyCore(LampsCore):
    """What was played before shows in the next episode."""

    def start(self, batch: int, noise: Any, ar: Any) -> Any:
        global COUNT  # noqa: PLW0603
        COUNT += 1
        state = super().start(batch, noise, ar)
        state["light"] = state["light"] + 1e-6 * COUNT
        return state


class BentCore(LampsCore):
    """PyTorch computes something else."""

    def advance(self, state: Any, action: Any, noise: Any, ar: Any) -> Any:
        after, facts = super().advance(state, action, noise, ar)
        if ar.torch:
            facts["heat_residual"] = facts["heat_residual"] * (1 + 1e-4)
        return after, facts


class StickyCore(LampsCore):
    """Shows one array over and over, so that a last observation does not stay what it was."""

    def observe(self, state: Any, ar: Any) -> Any:
        shown = self.__dict__.setdefault("kept", np.zeros((len(state["t"]), 2)))
        shown[:] = state["seen"]
        return shown


class PlainCore(LampsCore):
    """Its oracle is no better than chance."""

    def expert(self, state: Any, ar: Any) -> Any:
        return ar.ints((len(state["last"]),), 1)


class KindCore(LampsCore):
    """Pays well for doing nothing."""

    def outcome(self, mean: float) -> float:
        return 0.9 if mean == 0 else super().outcome(mean)


class MutedCore(LampsCore):
    """Names no oracle."""

    expert: Any = property()


def _env(core: type[LampsCore]) -> type[LampsEnv]:
    name = core.__name__.replace("Core", "Env")
    return type(name, (LampsEnv,), {"core_class": core, "__doc__": LampsEnv.__doc__})


BROKEN = [
    (ScaledCore, "rows_equal_single", "row 0, step 0: (reward|evidence)"),
    (SilentCore, "rows_equal_single", "1 outcomes are revealed"),
    (CrowdCore, "rows_equal_single", "row 0, step 0: (reward|evidence)"),
    (FirstCore, "batch_in_distribution", "differ in distribution: distance 0"),
    (LeakyCore, "same_vector_same_bytes", "a vector's seed is not its bytes"),
    (BentCore, "torch_equals_numpy", "torch float64, step 0: 'heat_residual' differs"),
    (StickyCore, "autoreset_modes", "SAME_STEP: final_obs"),
    (PlainCore, "expert_beats_random", "the oracle: mean outcome .* above random play's"),
    (KindCore, "expert_beats_random", "invalid actions: mean outcome .* above random play's"),
    (MutedCore, "expert_beats_random", "the core names no expert action"),
]


@pytest.fixture
def registered() -> Iterator[Any]:
    """Register a toy and its text view for one test."""
    registry.register("toys/LampsText-v0", f"{LampsText.__module__}:LampsText")
    made = ["toys/LampsText-v0"]

    def add(family: Any) -> str:
        env_id = f"toys/{family.__name__.removesuffix('Env')}-v0"
        registry.register_numeric(env_id, family)
        made.append(env_id)
        return env_id

    yield add
    for env_id in made:
        gymnasium.registry.pop(env_id)


ARRAY_LAWS = (
    "rows_equal_single",
    "batch_in_distribution",
    "same_vector_same_bytes",
    "torch_equals_numpy",
    "autoreset_modes",
    "gymnasium_vector",
    "expert_beats_random",
)


@pytest.mark.parametrize("law", [law for law in NUMERIC_LAWS if law != "other_processes"])
@pytest.mark.parametrize("arguments", [{}, {"rest": True, "fuse": True}], ids=["plain", "masked"])
def test_a_sound_family_keeps_the_law(registered: Any, law: str, arguments: dict[str, Any]) -> None:
    conformance(registered(LampsEnv), laws=[law], horizon=12, **arguments)


@pytest.mark.parametrize(
    ("core", "law", "sentence"), BROKEN, ids=[f"{core.__name__}-{law}" for core, law, _ in BROKEN]
)
def test_a_broken_family_breaks_the_law(
    registered: Any, core: type[LampsCore], law: str, sentence: str
) -> None:
    env_id = registered(_env(core))
    with pytest.raises(LawError, match=sentence) as caught:
        conformance(env_id, laws=[law], horizon=12, lamps=3, spread=0.05)
    assert str(caught.value).startswith(f"{env_id}: ")


def test_every_array_law_is_seen_to_bite() -> None:
    """Gymnasium's own vector can only pass on what the single environment says."""
    assert {law for _, law, _ in BROKEN} == set(ARRAY_LAWS) - {"gymnasium_vector"}
    assert set(ARRAY_LAWS) <= set(NUMERIC_LAWS)


def test_laws_of_text_are_unknown_here(registered: Any) -> None:
    with pytest.raises(ConfigError, match="unknown law 'oracle_wins'"):
        conformance(registered(LampsEnv), laws=["oracle_wins"])
