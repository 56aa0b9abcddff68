"""Errors: a tree, plain sentences, and the way home from a worker process."""

import pickle

import pytest

from envgym.types import errors
from envgym.types.errors import EnvgymError, InfraError, MissingExtraError, near_file, unknown

EXAMPLES = [
    cls("one sentence.")
    for cls in vars(errors).values()
    if isinstance(cls, type) and issubclass(cls, EnvgymError) and cls is not MissingExtraError
] + [MissingExtraError("envgym/Shop-v0", "web"), InfraError("docker", "no daemon")]


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda e: type(e).__name__)
def test_every_error_survives_pickling(error):
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error) and str(copy) == str(error)
    assert vars(copy) == vars(error)


def test_reason_and_detail_stay_apart():
    copy = pickle.loads(pickle.dumps(InfraError("docker", "no daemon")))
    assert (copy.reason, str(copy)) == ("docker", "docker: no daemon")


def test_a_missing_extra_names_the_command():
    assert (
        str(MissingExtraError("X", "web")) == "X needs the extra 'web': pip install 'envgym[web]'"
    )


def test_near_names(tmp_path):
    (tmp_path / "tasks.jsonl").touch()
    assert near_file(tmp_path / "task.jsonl").endswith("tasks.jsonl'?")
    assert near_file(tmp_path / "zzz") == near_file(tmp_path / "no" / "x") == ""
    assert unknown("preset", "x", []) == "unknown preset 'x'; allowed: none."
    assert "and 5 more" in unknown("id", "x", map(str, range(25)))
