"""The attribution rules, one by one."""

import pytest

from envgym.rewards import Affine, Clip, Mean, ReduceSum, Scale, Source, Sum

STEPS, FINAL = ReduceSum(Source("x")), Source("final", "episode")


def settle(node, *xs, final=0.0):
    rows = [{"x": 0}, *({"x": x} for x in xs)]
    rows[-1]["final"] = final
    return node.settle(rows)


def test_linear_nodes_combine_attributions_whatever_the_signs():
    node = Sum((Scale(STEPS, -2.0), FINAL))
    assert settle(node, 1, -1, 0.5, final=1) == (0.0, (-2.0, 2.0, 0.0))
    assert settle(Mean((STEPS, FINAL)), 1, -1, final=1) == (0.5, (0.5, 0.0))


@pytest.mark.parametrize(
    ("node", "xs", "expected"),
    [
        # Identity: unchanged, mixed signs and all.
        (Clip(STEPS, -9, 9), (1, -0.5), (0.5, (1.0, -0.5))),
        # One sign: in proportion.
        (Clip(STEPS, 0, 1), (1, 3), (1.0, (0.25, 0.75))),
        (Affine(STEPS, 1, 4), (-1, -1), (2.0, (1.0, 1.0))),
        # Mixed signs or nothing to be in proportion to: the last step.
        (Clip(STEPS, 0, 1), (-1, 3), (1.0, (0.0, 1.0))),
        (Affine(STEPS, 1, 4), (0, 0), (4.0, (0.0, 4.0))),
        # Products: the last step.
        (STEPS * STEPS, (1, 2), (9.0, (0.0, 9.0))),
    ],
)
def test_one_argument_maps_and_products(node, xs, expected):
    assert settle(node, *xs) == expected
