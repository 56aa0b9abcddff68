"""Labels that count only with their evidence: label AND evidence, and Veri-R1."""

from envgym.rewards.fold.product import Product
from envgym.rewards.node import Node
from envgym.rewards.read.overlap import Overlap
from envgym.rewards.within import within


def label_and_evidence(label: Node, evidence: Node, *, name: str = "label_and_evidence") -> Node:
    """Return the evidence score of a right label, 0 for a wrong one.

    Formula: y = [label right] evidence
    Source:  cookbook A7 (inferred; no arXiv id there)
    Shapes:  two values of one scope to one
    Range:   [0, 1]
    Laws:    up in each (L3); either is 0: 0

    Raises:
        ConfigError: a value may leave [0, 1].

    >>> from envgym.rewards.source import Source
    >>> node = label_and_evidence(Source("label", lo=0, hi=1), Source("evidence", lo=0, hi=1))
    >>> node.combine([1.0, 0.6]), node.combine([0.0, 0.6])
    (0.6, 0.0)
    """
    within("label_and_evidence.label", label, 0.0, 1.0)
    within("label_and_evidence.evidence", evidence, 0.0, 1.0)
    return Product((label, evidence), name=name)


def veri_r1(label: Node, form: Node, cited: str, gold: str) -> Node:
    """Return Veri-R1's reward of a verified claim.

    Formula: R = 2 v L + IoU + f; v = 1 if every gold sentence is cited, 0.5 if at least half
             are, else 0; not enough information (no gold sentence): v = 1
    Source:  cookbook A7, Veri-R1 (seen: claim_reward.py, whose docstring states another
             formula); IoU of two empty lists is 1 (ours)
    Shapes:  values of one scope to one
    Range:   [0, 4]
    Laws:    up in the label and the format (L3); citing more than the gold lowers IoU alone

    Args:
        label: L, 1 where the label is right, usually ``Same("label", "gold_label")``.
        form: f, 0 or 1.
        cited: key of the cited sentences, a tuple.
        gold: key of the gold sentences, a tuple; empty where the claim cannot be decided.

    Raises:
        ConfigError: a value may leave [0, 1].

    >>> from envgym.rewards.source import Source
    >>> label, form = (Source(key, "episode", 0, 1) for key in ("right", "form"))
    >>> program = veri_r1(label, form, "cited", "gold")
    >>> last = {"right": 1, "form": 1, "cited": (1, 2, 3), "gold": (1, 2)}
    >>> round(program.settle([{}, last])[0], 4)
    3.6667
    """
    within("veri_r1.label", label, 0.0, 1.0)
    within("veri_r1.form", form, 0.0, 1.0)
    shown = Overlap(cited, gold, "covered", scope=label.scope)
    shared = Overlap(cited, gold, "jaccard", scope=label.scope)
    return 2.0 * Product((shown, label)) + shared + form
