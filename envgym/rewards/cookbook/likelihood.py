"""A11, rewards from likelihoods."""

from envgym.rewards.cookbook.item import Item

_HOME = "envgym.rewards.likelihood"
_TORCH = "envgym.agents.algos.likelihood_torch"

ITEMS: tuple[Item, ...] = (
    Item(
        id="A11",
        title="Likelihood rewards",
        formula="mean lp(y*); clip(mp(y*|q,c) - mp(y*|q), 0, 1); exp lp(y*); sum_j w_j lp_j; ppl ratio",
        homes=(
            f"{_HOME}.reference:reference_logprob",
            f"{_HOME}.rlpr:rlpr_rewards",
            f"{_HOME}.rlpr:mean_probability",
            f"{_HOME}.rlpr:StdFilter",
            f"{_HOME}.reference:verifree",
            f"{_HOME}.dro:dro_rewards",
            f"{_HOME}.dro:dro_signal",
            f"{_HOME}.sar:sar_rewards",
            f"{_HOME}.sar:sar_total",
            f"{_HOME}.contrast:follow_up",
            f"{_HOME}.contrast:density_ratio",
            f"{_TORCH}:reference_logprob",
            f"{_TORCH}:rlpr_rewards",
            f"{_TORCH}:dro_rewards",
        ),
        tag="recalled",
        runs="trainer",
        seeds=(14, 192, 46, 211, 147, 154, 116),
        page="likelihood",
        tests=("tests/rewards/likelihood/test_likelihood.py::test_cookbook_a11",),
        arxiv="2506.18254~",
    ),
)
