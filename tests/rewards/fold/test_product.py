import pytest

from envgym.rewards import Bounds, Product, ProgressDelta, Source

PROGRESS, SAFE = Source("progress", lo=0, hi=1), Source("safe", lo=0.5, hi=1)


def test_cookbook_c6_soft_penalty():
    node = ProgressDelta(PROGRESS) * SAFE
    rows = [{"progress": 0.0, "safe": 1}, {"progress": 0.05, "safe": 0.5}]
    assert node.settle(rows)[0] == pytest.approx(0.025)
    assert node.bounds == Bounds(-1, 1)
    assert node.directions() == ("none", "none")


def test_no_progress_pays_nothing_and_penalties_commute():
    assert Product((SAFE, PROGRESS)).combine([0.5, 0]) == 0
    assert (SAFE * PROGRESS).combine([0.5, 0.3]) == (PROGRESS * SAFE).combine([0.3, 0.5])
    assert (SAFE * PROGRESS).directions() == ("up", "up")
