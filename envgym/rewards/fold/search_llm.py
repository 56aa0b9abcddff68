"""search_llm: good behaviour counts only above a bottom line."""

from collections.abc import Sequence

from envgym.rewards.fold.mean import Mean
from envgym.rewards.fold.product import Product
from envgym.rewards.map.above import Above
from envgym.rewards.map.clip import Clip
from envgym.rewards.map.power import Power
from envgym.rewards.node import Node
from envgym.rewards.within import within
from envgym.types.errors import ConfigError


def search_llm(
    bottom_lines: Sequence[Node],
    behaviours: Sequence[Node],
    weights: Sequence[float] = (),
    *,
    delta: float = 1e-6,
    hard: bool = False,
    floor: float = 0.0,
    name: str = "gated_mean",
) -> Node:
    """Return a weighted mean of behaviours times the geometric mean of bottom lines.

    Formula: R = B * U; B = (prod_k max(b_k, delta))^(1/K), U = sum_j w_j u_j / sum_j w_j;
             hard: R = 0 where any b_k <= floor
    Source:  cookbook C3, SearchLLM, arXiv 2603.10473 (seen: note; delta is ours)
    Shapes:  of one scope, all in [0, 1]
    Range:   [0, 1]
    Laws:    up in all (L3); at most U; at most B; all b = 1: U (L8)

    A root of K is lenient: with b = (1, 0.9, 0) and delta 1e-3, B is still 0.097, a soft AND
    that does not close. Hence delta 1e-6 (B = 0.0097), or ``hard``.

    Args:
        bottom_lines: what must hold, such as facts and format.
        behaviours: what is judged beyond it.
        weights: one positive number per behaviour; empty: equal.
        delta: least value of a bottom line, above 0 and at most 1.
        hard: whether one failed bottom line makes the reward 0.
        floor: a bottom line at or below this has failed; read when ``hard``.
        name: component in the ledger.

    Raises:
        ConfigError: for empty lists, values that may leave [0, 1], or a delta outside (0, 1].

    >>> from envgym.rewards import Source
    >>> lines = [Source(f"line.{k}", "episode", lo=0, hi=1) for k in range(3)]
    >>> node = search_llm(lines, [Source("depth", "episode", lo=0, hi=1)])
    >>> last = {"line.0": 1.0, "line.1": 0.9, "line.2": 0.8, "depth": 0.7}
    >>> round(node.settle([{}, last])[0], 3)
    0.627
    """
    if not bottom_lines or not behaviours:
        raise ConfigError(
            f"search_llm needs a bottom line and a behaviour at least, got {len(bottom_lines)} "
            f"and {len(behaviours)}."
        )
    if not 0 < delta <= 1:
        raise ConfigError(f"search_llm.delta must be above 0 and at most 1, got {delta!r}.")
    for where, nodes in (("bottom_lines", bottom_lines), ("behaviours", behaviours)):
        for each in nodes:
            within(f"search_llm.{where}", each, 0.0, 1.0)
    lifted = tuple(Clip(line, lo=delta) for line in bottom_lines)
    bottom = Power(Product(lifted), 1.0 / len(lifted))
    closed = tuple(Above(line, floor) for line in bottom_lines) if hard else ()
    return Product((*closed, bottom, Mean(tuple(behaviours), tuple(weights))), name=name)
