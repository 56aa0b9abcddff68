"""Episodes of GuessNumber by its oracle and by chance, and the grader that reads them."""

import pytest

from envgym.agents.reward_writers import RecordedGrader
from envgym.rewards.generated.schema import schema_of
from envgym.runtime import registry
from envgym.runtime.evidence import declared
from envgym.runtime.sandbox_code import find_runner
from tests.agents.reward_writers.scripted import GUESS, play


@pytest.fixture(scope="session")
def episodes():
    return play(GUESS, 6, True) + play(GUESS, 6, False)


@pytest.fixture(scope="session")
def schema():
    return schema_of(declared(registry.env_class(GUESS)))


@pytest.fixture
def grade(schema, episodes):
    return RecordedGrader(schema, episodes, find_runner("unsafe-local"))
