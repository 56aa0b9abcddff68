"""Runners under test. A machine without a working bubblewrap says so loudly and tests the rest."""

import pytest

from envgym.runtime.sandbox_code import find_runner, why_no_bubblewrap
from envgym.types import CodeLimits


def boxed():
    if why := why_no_bubblewrap():
        pytest.skip(f"NO SANDBOX ON THIS MACHINE, its tests did not run: {why}")
    return find_runner("bubblewrap")


@pytest.fixture
def box():
    return boxed()


@pytest.fixture(params=["bubblewrap", "unsafe-local"])
def runner(request):
    return boxed() if request.param == "bubblewrap" else find_runner(request.param)


@pytest.fixture
def limits():
    return CodeLimits(seconds=5.0, memory_mb=256, output_bytes=20_000, processes=8)
