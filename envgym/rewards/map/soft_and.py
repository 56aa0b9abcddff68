"""soft_and: attributes that must all be good."""

from collections.abc import Sequence
from math import fsum, isfinite
from statistics import NormalDist

from envgym.rewards.fold.sum import Sum
from envgym.rewards.map.affine import Affine
from envgym.rewards.map.curve import Curve
from envgym.rewards.node import Node
from envgym.types.errors import ConfigError


def reference_level(rewards: Sequence[float], quantile: float = 0.85) -> float:
    """Return the quantile of a Normal law fitted to reference rewards of one prompt.

    Formula: mean + z(quantile) * std_P
    Source:  cookbook B5 (seen: the PAR repository, for the quantile 0.85 and the fit)
    Range:   finite; one reward, or equal ones: that reward

    Raises:
        ConfigError: without a finite reward, or for a quantile outside (0, 1).

    >>> round(reference_level([-1.0, 1.0]), 3)  # mean 0, std 1
    1.036
    """
    if not rewards or not all(isfinite(x) for x in rewards):
        raise ConfigError("reference_level needs at least one reward, all of them finite.")
    if not 0.0 < quantile < 1.0:
        raise ConfigError(f"reference_level.quantile must be between 0 and 1, got {quantile!r}.")
    centre = fsum(rewards) / len(rewards)
    variance = fsum((x - centre) ** 2 for x in rewards) / len(rewards)
    return float(centre + NormalDist().inv_cdf(quantile) * variance**0.5)


def centred_log_sigmoid(of: Node, reference: float = 0.0, *, name: str = "") -> Node:
    """Return the log-probability that a reward is good, given where good begins.

    Formula: y = log sigmoid(r - ref)
    Source:  cookbook B5, arXiv 2402.00742~ (recalled; ref as ``reference_level`` fits it)
    Shapes:  as r
    Range:   (-inf, 0]
    Laws:    up, concave (L3): the better an attribute is, the less more of it pays

    >>> from envgym.rewards import Source
    >>> node = centred_log_sigmoid(Source("helpful", "episode"), 1.0364)
    >>> round(node.settle([{}, {"helpful": 1.0}])[0], 4)
    -0.7115
    """
    return Curve(Affine(of, shift=-reference), "log_sigmoid", name=name)


def soft_and(of: Sequence[Node], references: Sequence[float], *, name: str = "soft_and") -> Node:
    """Return the log-probability that every attribute is good: the weak one dominates.

    Formula: R = sum_k log sigmoid(r_k - ref_k)
    Source:  cookbook B5, arXiv 2402.00742~ (recalled)
    Shapes:  as the attributes
    Range:   (-inf, 0]
    Laws:    up in each (L3); one attribute: ``centred_log_sigmoid`` (L8)

    Raises:
        ConfigError: unless there is one reference per attribute, and at least one.

    >>> from envgym.rewards import Source
    >>> node = soft_and([Source("a", "episode"), Source("b", "episode")], [0.0, 0.0])
    >>> round(node.settle([{}, {"a": 2.0, "b": -1.0}])[0], 3)
    -1.44
    """
    if not of or len(of) != len(references):
        raise ConfigError(
            f"soft_and needs one reference per attribute, got {len(of)} attributes and "
            f"{len(references)} references."
        )
    terms = [centred_log_sigmoid(n, ref) for n, ref in zip(of, references, strict=True)]
    return Sum(tuple(terms), name=name)
