"""PettingZoo's own tests over the numeric forms of a game."""

import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

from envgym.testing.games.subject import GameSubject

_EXPECTED = (
    "Observation is not a NumPy array",
    "Observation space for each agent probably",
    "Action mask numpy array is all zeros",
)
"""PettingZoo asks for plain arrays unless an environment bears the name of one of its own; a mask
has its place in a Dict, and whoever has left has nothing to choose from."""


def aec_api(subject: GameSubject) -> None:
    """PettingZoo's ``api_test`` passes without a warning."""
    from pettingzoo.test import api_test

    env = subject.make_aec()
    _run(subject, "api_test", lambda: api_test(env, num_cycles=subject.effort.cycles))


def aec_seeds(subject: GameSubject) -> None:
    """PettingZoo's ``seed_test`` passes."""
    from pettingzoo.test import seed_test

    cycles = subject.effort.cycles
    _run(subject, "seed_test", lambda: seed_test(subject.make_aec, num_cycles=cycles))


def parallel_api(subject: GameSubject) -> None:
    """PettingZoo's ``parallel_api_test`` passes without a warning."""
    from pettingzoo.test import parallel_api_test

    env = subject.make_parallel()
    cycles = subject.effort.cycles
    _run(subject, "parallel_api_test", lambda: parallel_api_test(env, num_cycles=cycles))


def parallel_seeds(subject: GameSubject) -> None:
    """PettingZoo's ``parallel_seed_test`` passes."""
    from pettingzoo.test import parallel_seed_test

    cycles = subject.effort.cycles
    _run(
        subject,
        "parallel_seed_test",
        lambda: parallel_seed_test(subject.make_parallel, num_cycles=cycles),
    )


def _run(subject: GameSubject, name: str, test: Callable[[], Any]) -> None:
    """Run a test that prints its progress; a warning fails it like an assertion."""
    with warnings.catch_warnings(), redirect_stdout(StringIO()):
        warnings.simplefilter("error")
        for message in _EXPECTED:
            warnings.filterwarnings("ignore", message)
        try:
            test()
        except (AssertionError, UserWarning) as found:
            said = " ".join(str(found).split())[:300] or type(found).__name__
            subject.require(False, f"PettingZoo's {name}: {said}")
