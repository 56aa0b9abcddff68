"""par: a reward between 0 and 1, measured against reference answers."""

from collections.abc import Sequence

from envgym.rewards.fold.mean import Mean
from envgym.rewards.map.affine import Affine
from envgym.rewards.map.curve import Curve
from envgym.rewards.node import Node
from envgym.types.errors import ConfigError


def par(of: Node, refs: Sequence[Node | float], k: float = 1.0, *, name: str = "par") -> Node:
    """Return preference-as-reward: how clearly a reward beats those of reference answers.

    Formula: y = mean_m sigmoid(k * (r - ref_m))
    Source:  cookbook B4, PAR, arXiv 2502.18770~ (seen: PorUna-byte/PAR; k = 1, 1 to 10 refs)
    Shapes:  as r; nodes among the refs have r's scope
    Range:   (0, 1), closed where sigmoid rounds
    Laws:    up in r, down in each ref (L3); adding c to r and to every ref changes nothing;
             0.5 where r equals its only ref

    The references must answer the same prompt: one from another prompt measures the prompt.

    Args:
        of: the reward of the answer.
        refs: rewards of the reference answers: numbers, or nodes that read them as evidence.
        k: how sharply; more than 0.
        name: component in the ledger.

    Raises:
        ConfigError: without a reference, for a k that is not positive, or for a reference of
            another scope than the reward's.

    >>> from envgym.rewards import Source
    >>> node = par(Source("reward", "episode"), [0.5, 1.5])
    >>> round(node.settle([{}, {"reward": 2.0}])[0], 4)
    0.72
    """
    if not refs:
        raise ConfigError("par.refs needs at least one reference reward, got none.")
    if not k > 0:
        raise ConfigError(f"par.k must be more than 0, got {k!r}.")
    for ref in refs:
        if isinstance(ref, Node) and ref.scope != of.scope:
            raise ConfigError(
                f"par.refs: '{ref.label}' is {ref.scope} and '{of.label}' {of.scope}; a reward and "
                "its references need one scope."
            )
    beaten = [
        Affine(of - ref, k) if isinstance(ref, Node) else Affine(of, k, -k * ref) for ref in refs
    ]
    return Mean(tuple(Curve(margin, "sigmoid") for margin in beaten), name=name)
