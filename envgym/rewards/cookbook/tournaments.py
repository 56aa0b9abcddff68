"""Entries about comparing the rollouts of a task in pairs."""

from envgym.rewards.cookbook.item import Item

_ENGINE = "envgym.rewards.tournament"

ITEMS = (
    Item(
        id="D3",
        title="Tournaments of rollouts, ArenaRL",
        formula="q = 1 - rank / (N - 1); A = (q - mean) / (std_S + 1e-6)",
        homes=(
            "envgym.rewards.group.tournament:Tournament",
            f"{_ENGINE}.engine:run_tournament",
            f"{_ENGINE}.engine:Rules",
            f"{_ENGINE}.exact:ExactComparator",
            f"{_ENGINE}.fake:FakeComparator",
            f"{_ENGINE}.ledger:MatchLog",
            f"{_ENGINE}.export:large_margin",
        ),
        tag="seen",
        runs="group",
        seeds=(32, 53),
        page="tournament",
        tests=(
            "tests/rewards/tournament/test_engine.py::test_cookbook_d3",
            "tests/rewards/group/test_tournament.py::test_cookbook_d3_shares_in_a_program",
        ),
        arxiv="2601.06487",
    ),
    Item(
        id="D4",
        title="Win rate, SPO and Pref-GRPO",
        formula="r_i = mean_{j != i} P(i beats j)",
        homes=(
            "envgym.rewards.group.win_rate:WinRate",
            "envgym.rewards.group.win_rate:Opponents",
        ),
        tag="recalled",
        runs="group",
        seeds=(206, 13),
        page="tournament",
        tests=("tests/rewards/group/test_win_rate.py::test_cookbook_d4",),
        arxiv="2401.04056~",
    ),
    Item(
        id="D5",
        title="Bootstrapped reference, BRPO",
        formula="r_i = 1 if i beats a random reference in both orders, 0 on a tie, else -1",
        homes=("envgym.rewards.group.reference:Reference",),
        tag="seen",
        runs="group",
        seeds=(84,),
        page="tournament",
        tests=("tests/rewards/group/test_reference.py::test_cookbook_d5",),
        arxiv="2506.00103",
    ),
)
