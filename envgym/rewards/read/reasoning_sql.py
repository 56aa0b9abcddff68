"""reasoning_sql: partial credits of a query, most of them for its result."""

from envgym.rewards.node import Node
from envgym.rewards.within import within


def reasoning_sql(result: Node, runs: Node, schema: Node, tags: Node, grams: Node) -> Node:
    """Return the partial credits of a query added up.

    Formula: R = 3 result + runs + schema + 0.5 tags + grams
    Source:  cookbook A7, Reasoning-SQL (recalled, from code that looks like the authors'; there
             an LLM judge scores a result that does not match)
    Shapes:  values of one scope, each in [0, 1], to one
    Range:   [0, 6.5]
    Laws:    up in each (L3); without execution the rest is worth 2.5, less than one right result

    Execution dominates. Schema and n-grams reward the reference's wording: a right query written
    differently loses up to 2.

    Args:
        result: whether the result sets match, or a judge's number where they do not.
        runs: whether the query executes.
        schema: overlap of tables and columns, usually ``Overlap(measure="jaccard")``.
        tags: share of the format's tags.
        grams: bigram overlap with the gold query, usually ``Overlap(measure="ngram")``.

    Raises:
        ConfigError: a value may leave [0, 1].

    >>> from envgym.rewards.source import Source
    >>> keys = ("result", "runs", "schema", "tags", "grams")
    >>> program = reasoning_sql(*(Source(key, "episode", 0, 1) for key in keys))
    >>> program.settle([{}, dict(zip(keys, (0, 1, 0.5, 1, 0.25)))])[0]
    2.25
    """
    parts = {"result": result, "runs": runs, "schema": schema, "tags": tags, "grams": grams}
    for name, node in parts.items():
        within(f"reasoning_sql.{name}", node, 0.0, 1.0)
    return 3.0 * result + runs + schema + 0.5 * tags + grams
