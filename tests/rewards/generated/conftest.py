"""A schema, a reward that fits it, episodes, and a runner for code that the tests wrote."""

import pytest

from envgym.rewards.generated.code import from_code
from envgym.rewards.generated.schema import ObservationSchema
from envgym.runtime.sandbox_code import find_runner
from envgym.types import Evidence

GOOD = """
import math
COMPONENTS = {"near": (0.0, 1.0), "haste": (-1.0, 0.0)}

def reward(record):
    return {"near": record["progress"], "haste": -0.01 * record["turn"]}
"""


@pytest.fixture
def schema():
    return ObservationSchema(
        (
            Evidence(key="progress", type="float", lo=0, hi=1, help="share done"),
            Evidence(key="turn", type="int", lo=0, help="steps so far"),
        )
    )


@pytest.fixture
def good(schema):
    return from_code(GOOD, schema)


@pytest.fixture
def runner():
    return find_runner("unsafe-local")  # the code here is ours; the box has its own tests


def episode(*progress, outcome=0.0):
    records = [{"progress": 0.0, "turn": 0, "secret": 42, "end": None}]
    for turn, value in enumerate(progress, 1):
        records.append({"progress": value, "turn": turn, "secret": 42, "end": None})
    records[-1] |= {"end": "task", "outcome": outcome}
    return records


@pytest.fixture
def episodes():
    return [episode(0.2, 0.5, 1.0, outcome=1.0), episode(0.1, 0.1), episode(0.6, outcome=0.5)]
