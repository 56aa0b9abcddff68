"""weaver: weak verifiers' votes as one probability."""

from collections.abc import Sequence
from math import log

from envgym.rewards.fold.sum import Sum
from envgym.rewards.map.above import Above
from envgym.rewards.map.affine import Affine
from envgym.rewards.map.curve import Curve
from envgym.rewards.map.scale import Scale
from envgym.rewards.node import Node
from envgym.types.errors import ConfigError

_LEAST = 1e-3
"""Rates are kept this far from 0 and 1, so that no single vote is certain."""


def weaver(
    verifiers: Sequence[Node],
    tpr: Sequence[float],
    fpr: Sequence[float],
    prior: float = 0.5,
    threshold: float = 0.5,
    *,
    name: str = "weaver",
) -> Node:
    """Return the probability that a response is right, given several verifiers' votes.

    Formula: logit P(y = 1 | v) = logit(prior) + sum_k log P(v_k | right) / P(v_k | wrong), with
             v_k = [score_k >= threshold] (naive Bayes)
    Source:  cookbook C10, Weaver, arXiv 2506.18203~ (seen: HazyResearch/scaling-verification, for
             the settings; the arithmetic is ours)
    Shapes:  of one scope
    Range:   (0, 1)
    Laws:    up in a vote whose TPR exceeds its FPR (L3); TPR = FPR: no effect

    ``weak_verifiers`` estimates the rates without labels. Correlated verifiers are counted
    twice: the formula takes them as independent.

    Args:
        verifiers: normalised scores.
        tpr: per verifier, the share of right responses that it votes for; 0 to 1.
        fpr: per verifier, the share of wrong ones that it votes for; 0 to 1.
        prior: share of right responses, between 0 and 1.
        threshold: a score of at least this is a vote.
        name: component in the ledger.

    Raises:
        ConfigError: if the numbers do not fit or are no probabilities.

    >>> from envgym.rewards import Source
    >>> votes = [Source(f"v{k}", "episode", lo=0, hi=1) for k in range(3)]
    >>> node = weaver(votes, (0.9, 0.6, 0.7), (0.2, 0.4, 0.3))
    >>> round(node.settle([{}, {"v0": 1, "v1": 1, "v2": 0}])[0], 3)
    0.743
    """
    if not verifiers or not len(verifiers) == len(tpr) == len(fpr):
        raise ConfigError(
            f"weaver needs one TPR and one FPR per verifier, got {len(verifiers)} verifiers, "
            f"{len(tpr)} and {len(fpr)} rates."
        )
    if not all(0 <= rate <= 1 for rate in (*tpr, *fpr)):
        raise ConfigError("weaver.tpr and fpr must be rates from 0 to 1.")
    if not 0 < prior < 1:
        raise ConfigError(f"weaver.prior must be between 0 and 1, got {prior!r}.")
    shift = log(prior) - log(1 - prior)
    terms: list[Node] = []
    for verifier, hit, alarm in zip(verifiers, tpr, fpr, strict=True):
        p, q = (min(max(rate, _LEAST), 1 - _LEAST) for rate in (hit, alarm))
        silent = log(1 - p) - log(1 - q)
        shift += silent
        vote = Above(verifier, threshold, strict=False)
        terms.append(Scale(vote, log(p) - log(q) - silent))
    return Curve(Affine(Sum(tuple(terms)), shift=shift), "sigmoid", name=name)
