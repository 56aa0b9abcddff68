"""Outcome rewards of three search agents: Search-R1, ProRAG and VRAG-RL."""

from envgym.rewards.fold.gate import Gate
from envgym.rewards.map.above import Above
from envgym.rewards.map.affine import Affine
from envgym.rewards.node import Node
from envgym.rewards.source import Constant
from envgym.rewards.within import within
from envgym.types.errors import ConfigError


def search_r1(
    correct: Node, form: Node, answered: Node, *, retrieved: Node | None = None, bonus: float = 0.0
) -> Node:
    """Return Search-R1's outcome: the answer, with a little for format and for trying.

    Formula: right: 1 with valid tags, else 0.8; wrong or missing: 0.2 + bonus [retrieved] with
             valid tags, 0.1 for an answer without them, else 0
    Source:  cookbook A7, Search-R1 (seen: PeterGriffinJin/Search-R1, qa_em_format.py; bonus 0
             is its script's)
    Shapes:  episode scalars to one
    Range:   [0, 1]
    Laws:    right is never below wrong; up in each value

    Args:
        correct: above 0 where the answer matches, usually ``Answer(scope="episode")``.
        form: above 0.5 where the tags are valid, as in "(think search information)* answer".
        answered: above 0 where any answer was given.
        retrieved: above 0 where a passage that holds the answer was retrieved.
        bonus: what retrieval adds to a wrong answer with valid tags, 0 to 0.6.

    Raises:
        ConfigError: a bonus outside these limits, beyond which wrong could beat right.

    >>> from envgym.rewards.source import Source
    >>> keys = ("right", "form", "answered")
    >>> program = search_r1(*(Source(key, "episode", 0, 1) for key in keys))
    >>> cases = ((1, 1, 1), (1, 0, 1), (0, 1, 1), (0, 0, 1), (0, 0, 0))
    >>> [program.settle([{}, dict(zip(keys, case))])[0] for case in cases]
    [1.0, 0.8, 0.2, 0.1, 0.0]
    """
    if not 0 <= bonus <= 0.6:
        raise ConfigError(f"search_r1.bonus must be in [0, 0.6], got {bonus!r}.")
    valid = Above(form, 0.5)
    right = Gate(valid, Constant(1.0), Constant(0.8), name="format")
    tried = Gate(Above(answered, 0.0), Constant(0.1), name="answered")
    formed: Node = Constant(0.2)
    if retrieved is not None:
        formed = formed + Gate(Above(retrieved, 0.0), Constant(bonus), name="retrieved")
    wrong = Gate(valid, formed, tried, name="format")
    return Gate(Above(correct, 0.0), right, wrong, name="correct")


def prorag_outcome(f1: Node, form: Node, least: float = 0.2) -> Node:
    """Return ProRAG's outcome: twice the F1 where it is worth anything, and the format.

    Formula: R = (2 F1 if F1 >= least else 0) + (2 f - 1)
    Source:  cookbook E7 and A7, ProRAG (seen: lilinwz/ProRAG)
    Shapes:  episode scalars to one
    Range:   [-1, 3]
    Laws:    up in each (L3)

    Args:
        f1: in [0, 1], usually ``Answer(measure="f1", scope="episode")``.
        form: in [0, 1].
        least: F1 below which an answer counts as wrong.

    Raises:
        ConfigError: a value may leave [0, 1].

    >>> from envgym.rewards.source import Source
    >>> program = prorag_outcome(Source("f1", "episode", 0, 1), Source("form", "episode", 0, 1))
    >>> [program.settle([{}, {"f1": x, "form": 1}])[0] for x in (0.5, 0.1)]
    [2.0, 1.0]
    """
    within("prorag_outcome.f1", f1, 0.0, 1.0)
    within("prorag_outcome.form", form, 0.0, 1.0)
    answer = Gate(Above(f1, least, strict=False), 2.0 * f1, name="f1")
    return answer + Affine(form, 2.0, -1.0)


def vrag_rl(rule: Node, judge: Node, ranking: Node) -> Node:
    """Return VRAG-RL's outcome: judge, rule and ranking behind the rule's gate.

    Formula: R = 0 unless rule > 0; else 0.7 judge + 0.1 rule + 0.2 ranking
    Source:  cookbook A7, VRAG-RL (seen: its reward_manager/rm.py; no arXiv id there)
    Shapes:  episode scalars to one
    Range:   [0, 1]
    Laws:    up in each (L3); an answer that shares nothing with the gold one earns nothing,
             whatever the judge says

    Args:
        rule: similarity of the answer in [0, 1], usually ``Answer(measure="anls")``.
        judge: the judge's verdict in [0, 1].
        ranking: nDCG of the retrieved pages, usually ``Overlap(measure="ndcg")``.

    Raises:
        ConfigError: a value may leave [0, 1].

    >>> from envgym.rewards.source import Source
    >>> keys = ("rule", "judge", "ndcg")
    >>> program = vrag_rl(*(Source(key, "episode", 0, 1) for key in keys))
    >>> values = [program.settle([{}, dict(zip(keys, case))])[0] for case in ((0.5, 1, 1), (0, 1, 1))]
    >>> [round(value, 4) for value in values]
    [0.95, 0.0]
    """
    for where, node in (("rule", rule), ("judge", judge), ("ranking", ranking)):
        within(f"vrag_rl.{where}", node, 0.0, 1.0)
    paid = 0.7 * judge + 0.1 * rule + 0.2 * ranking
    return Gate(Above(rule, 0.0), paid, name="rule")
