"""Measures of overlap between two sequences: pure functions with values in [0, 1].

The two that compare position by position keep a whole row of their table in the bits of one
integer, so that a long answer costs milliseconds: an agent chooses its length.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from math import ceil, log2

Items = Sequence[Hashable]


def multiset_jaccard(one: Items, other: Items) -> float:
    """Return the size of the multiset intersection over that of the union; 1 if both are empty.

    >>> multiset_jaccard(["a", "a", "b"], ["a", "b", "b"])
    0.5
    """
    if not one and not other:
        return 1.0
    shared = (Counter(one) & Counter(other)).total()
    return shared / (len(one) + len(other) - shared)


def set_jaccard(one: Items, other: Items) -> float:
    """Return the intersection over the union of two sets; 1 if both are empty.

    >>> set_jaccard([1, 2, 2], [2, 3])
    0.3333333333333333
    """
    a, b = set(one), set(other)
    return len(a & b) / len(a | b) if a or b else 1.0


def lcs_ratio(pred: Items, gold: Items) -> float:
    """Return the longest common subsequence over the longer length; 1 if both are empty.

    >>> lcs_ratio("abcd", "acbd")
    0.75
    """
    if not pred and not gold:
        return 1.0
    return _lcs(pred, gold) / max(len(pred), len(gold))


def bag_f1(pred: Items, gold: Items) -> float:
    """Return the F1 of two bags, as for answers; 1 if both are empty, 0 if one is.

    >>> bag_f1(["paris", "france"], ["paris"])
    0.6666666666666666
    """
    if not pred and not gold:
        return 1.0
    shared = (Counter(pred) & Counter(gold)).total()
    return 2 * shared / (len(pred) + len(gold))


def ngram_jaccard(pred: Items, gold: Items, n: int = 2) -> float:
    """Return the set Jaccard of the n-grams; sequences shorter than n count as one n-gram.

    >>> ngram_jaccard("abcd", "abce")
    0.5
    """
    return set_jaccard(_grams(pred, n), _grams(gold, n))


def chain_coverage(pred: Items, chain: Items) -> float:
    """Return the share of a chain's keywords found in order, each after the one before it.

    A missing keyword is skipped without moving on, so this is the longest common subsequence
    over the chain's length; an empty chain is covered.

    >>> chain_coverage("a x c b".split(), ["a", "b", "c"])
    0.6666666666666666
    """
    return _lcs(pred, chain) / len(chain) if chain else 1.0


def covered(pred: Items, gold: Items) -> float:
    """Return 1 if every gold item is there, 0.5 if at least half of them are, else 0.

    >>> [covered(pred, [1, 2, 3]) for pred in ([3, 2, 1], [1, 2], [1])]
    [1.0, 0.5, 0.0]
    """
    wanted = set(gold)
    hits = len(wanted & set(pred))
    if hits == len(wanted):
        return 1.0
    return 0.5 if hits >= ceil(len(wanted) / 2) else 0.0


def recall(pred: Items, gold: Items) -> float:
    """Return the share of the gold set that is there; 1 if it is empty."""
    wanted = set(gold)
    return len(wanted & set(pred)) / len(wanted) if wanted else 1.0


def f_beta(pred: Items, gold: Items, beta: float = 2.0) -> float:
    """Return F-beta with precision over the raw list and recall over the set.

    Duplicates therefore only hurt. 1 if both are empty, 0 if one is.

    >>> round(f_beta([1, 2, 9], [1, 2]), 4)
    0.9091
    """
    wanted = set(gold)
    if not pred or not wanted:
        return 1.0 if not pred and not wanted else 0.0
    hits = len(wanted & set(pred))
    square = beta * beta
    # P = hits / |pred|, R = hits / |gold|, in one fraction without a division by zero.
    return (1 + square) * hits / (square * len(wanted) + len(pred))


def ndcg(ranked: Items, gold: Items) -> float:
    """Return the discounted gain of a ranking over the best possible one, relevance 0 or 1.

    A repeated item gains once; an empty gold set gives 1.

    >>> round(ndcg(["x", "a", "b"], ["a", "b"]), 4)
    0.6934
    """
    wanted = set(gold)
    if not wanted:
        return 1.0
    gain, seen = 0.0, set()
    for rank, item in enumerate(ranked):
        if item in wanted and item not in seen:
            seen.add(item)
            gain += 1.0 / log2(rank + 2)
    return min(1.0, gain / sum(1.0 / log2(rank + 2) for rank in range(len(wanted))))


def edit_similarity(one: str, other: str) -> float:
    """Return 1 minus the Levenshtein distance over the longer length; 1 if both are empty.

    >>> edit_similarity("kitten", "sitting")
    0.5714285714285714
    """
    if not one and not other:
        return 1.0
    return 1.0 - _edits(one, other) / max(len(one), len(other))


def _lcs(one: Items, other: Items) -> int:
    """Return the length of the longest common subsequence (Hyyro's bit-parallel row)."""
    short, long = sorted((one, other), key=len)
    places, full = _places(short), (1 << len(short)) - 1
    row = full  # a zero bit: the subsequence grows at this place of the shorter one
    for item in long:
        if here := places.get(item, 0):
            kept = row & here
            row = ((row + kept) | (row - kept)) & full
    return len(short) - row.bit_count()


def _edits(one: str, other: str) -> int:
    """Return the Levenshtein distance (Myers' bit-parallel column)."""
    short, long = sorted((one, other), key=len)
    if not short:
        return len(long)
    places, full, end = _places(short), (1 << len(short)) - 1, 1 << (len(short) - 1)
    distance, up, down = len(short), full, 0  # up, down: where the column rises, falls by one
    for letter in long:
        here = places.get(letter, 0)
        flat = here | down
        across = (((here & up) + up) ^ up) | here
        rises, falls = (down | ~(across | up)) & full, up & across
        distance += bool(rises & end) - bool(falls & end)
        rises, falls = (rises << 1 | 1) & full, (falls << 1) & full
        up, down = (falls | ~(flat | rises)) & full, rises & flat
    return distance


def _places(items: Items) -> dict[Hashable, int]:
    """Return for every item the places where it stands, as bits."""
    found: dict[Hashable, int] = {}
    for place, item in enumerate(items):
        found[item] = found.get(item, 0) | 1 << place
    return found


def _grams(items: Items, n: int) -> list[tuple[Hashable, ...]]:
    if len(items) < n:
        return [tuple(items)] if items else []
    return list(zip(*(items[i:] for i in range(n)), strict=False))
