"""Judges: pointwise and pairwise."""

from envgym.rewards.cookbook.item import Item

ITEMS = (
    Item(
        id="A9",
        title="Judge, pointwise",
        formula="parsed score, or sum_s s p(s); mean and std of m samples, the better half of them",
        homes=(
            "envgym.rewards.judging.expected:expected_score",
            "envgym.rewards.judging.votes:vote",
            "envgym.rewards.judging.collapse:score_band",
        ),
        tag="inferred",
        runs="terminal",
        seeds=(150, 193, 164, 106, 166),
        page="judges",
        tests=("tests/rewards/judging/test_judging.py::test_cookbook_a9",),
    ),
    Item(
        id="A10",
        title="Judge, pairwise in both orders",
        formula="s_i = s_AB(i) + s_BA(i); p = [s_i > s_j], 0.5 on a tie or if the orders disagree",
        homes=(
            "envgym.rewards.tournament.orders:match_of",
            "envgym.rewards.judging.pairwise:process_score",
        ),
        tag="seen",
        runs="group",
        seeds=(32, 84, 13, 206, 194),
        page="judges",
        tests=(
            "tests/rewards/judging/test_judging.py::test_cookbook_a10",
            "tests/agents/judges/test_compare.py::test_cookbook_a10",
        ),
        arxiv="2601.06487",
    ),
)
