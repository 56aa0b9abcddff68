"""Selection: which rollouts or prompts of a batch train, and the share that was kept.

None of these may see a test split: choosing by what is reported would inflate the report.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import floor

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.group.batch import batch, row, rows_of_one_length
from envgym.types.errors import ConfigError

_HELD_OUT = ("test", "testing", "held_out", "heldout", "eval", "evaluation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What was kept of a batch."""

    kept: tuple[int, ...]
    """Positions in the batch, ascending."""
    total: int
    """How many there were to choose from; masked ones do not count."""

    @property
    def share(self) -> float:
        """Kept over total; 0 of nothing. Report it: a low share wastes rollouts."""
        return len(self.kept) / self.total if self.total else 0.0


def drop_flat(
    returns: ArrayLike,
    groups: ArrayLike,
    threshold: float = 1e-6,
    *,
    split: str,
    mask: ArrayLike | None = None,
) -> Selection:
    """Return the rollouts of groups whose returns differ enough to teach something.

    Formula: keep group g if std_P(R_g) >= threshold
    Source:  cookbook D9, as in DAPO's dynamic sampling (recalled)
    Laws:    equivariant under permutation (L4); masked entries change nothing (L9)

    Args:
        returns: float [N].
        groups: label [N].
        threshold: in the unit of the returns; more than 0.
        split: name of the split the rollouts come from; a test split is refused.
        mask: False for rollouts that do not count and are never kept.

    >>> drop_flat([1, 1, 1, 0], [0, 0, 1, 1], split="train")
    Selection(kept=(2, 3), total=4)
    """
    _refuse_test(split)
    if not threshold > 0:
        raise ConfigError(f"drop_flat.threshold must be more than 0, got {threshold!r}.")
    given = batch(returns, groups, mask, "drop_flat")
    kept: list[int] = []
    for chosen in given.each():
        values = np.sort(given.values[chosen])
        if values[0] < values[-1] and values.std() >= threshold:
            kept.extend(chosen.tolist())
    return _selection(kept, given.valid)


def best_and_worst(
    returns: ArrayLike,
    groups: ArrayLike,
    each: int = 1,
    *,
    split: str,
    mask: ArrayLike | None = None,
) -> Selection:
    """Return the rollouts with the highest and the lowest returns of every group.

    Formula: keep ranks 1..k and G-k+1..G of each group; 2k >= G keeps all
    Source:  cookbook D9, PF-PPO (recalled; taking ranks per group is ours)
    Laws:    masked entries change nothing (L9); ties: the earlier rollout ranks higher

    Args:
        returns: float [N].
        groups: label [N].
        each: how many from each end, at least 1.
        split: name of the split the rollouts come from; a test split is refused.
        mask: False for rollouts that do not count and are never kept.

    >>> best_and_worst([0.2, 0.9, 0.5, 0.1], [0, 0, 0, 0], split="train").kept
    (1, 3)
    """
    _refuse_test(split)
    _at_least_one("best_and_worst.each", each)
    given = batch(returns, groups, mask, "best_and_worst")
    kept: set[int] = set()
    for chosen in given.each():
        order = chosen[np.argsort(-given.values[chosen], kind="stable")].tolist()
        kept.update(order[:each], order[-each:])
    return _selection(kept, given.valid)


def dynamic_choice(
    returns: ArrayLike,
    lengths: ArrayLike,
    groups: ArrayLike,
    margin: float = 0.0,
    *,
    split: str,
    mask: ArrayLike | None = None,
) -> tuple[tuple[int, int], ...]:
    """Return one preference pair (chosen, rejected) per group, by reward, then by length.

    Formula: chosen: highest R, among equals the shortest; rejected: lowest R, among equals the
             longest; none where R_chosen - R_rejected <= margin
    Source:  cookbook D9, DCPO (inferred: by reward and reasoning length; the order is ours)

    Args:
        returns: float [N].
        lengths: reasoning length [N].
        groups: label [N].
        margin: least gap, in the unit of the returns.
        split: name of the split the rollouts come from; a test split is refused.
        mask: False for rollouts that do not count.

    >>> dynamic_choice([1, 1, 0, 0], [30, 20, 9, 80], [0, 0, 0, 0], split="train")
    ((1, 3),)
    """
    _refuse_test(split)
    given = batch(returns, groups, mask, "dynamic_choice")
    sizes = np.asarray(lengths, dtype=np.float64)
    if sizes.shape != given.values.shape:
        raise ConfigError(
            f"dynamic_choice needs one length per return, got shapes {sizes.shape} and "
            f"{given.values.shape}."
        )
    row(sizes[given.valid], "lengths")
    pairs: list[tuple[int, int]] = []
    for chosen in given.each():
        ranked = sorted(chosen.tolist(), key=lambda i: (-given.values[i], sizes[i], i))
        best, worst = ranked[0], ranked[-1]
        if given.values[best] - given.values[worst] > margin:
            pairs.append((best, worst))
    return tuple(pairs)


def top_k(returns: ArrayLike, k: int, *, split: str, mask: ArrayLike | None = None) -> Selection:
    """Return the k rollouts with the highest returns of the whole batch.

    Formula: ranks 1..k; ties: the earlier rollout; fewer than k: all
    Source:  cookbook D9, RAFT (recalled)

    Args:
        returns: float [N].
        k: at least 0.
        split: name of the split the rollouts come from; a test split is refused.
        mask: False for rollouts that do not count and are never kept.

    >>> top_k([0.2, 0.9, 0.5], 2, split="train")
    Selection(kept=(1, 2), total=3)
    """
    _refuse_test(split)
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 0:
        raise ConfigError(f"top_k.k must be a whole number of at least 0, got {k!r}.")
    given = batch(returns, np.zeros(np.shape(returns), int), mask, "top_k")
    found = np.flatnonzero(given.valid)
    best = found[np.argsort(-given.values[found], kind="stable")][:k]
    return _selection(best.tolist(), given.valid)


def split_by_gap(
    chosen: ArrayLike, rejected: ArrayLike, gap: float, *, split: str
) -> tuple[Selection, Selection]:
    """Return easy and hard preference pairs.

    Formula: easy: R_chosen - R_rejected >= gap; hard: the others
    Source:  cookbook D9, MPO (inferred)

    Args:
        chosen: return [P] of each pair's better side.
        rejected: return [P] of its other side.
        gap: in the unit of the returns.
        split: name of the split the pairs come from; a test split is refused.

    >>> easy, hard = split_by_gap([1, 1, 0.6], [0, 0.9, 0.5], 0.5, split="train")
    >>> easy.kept, hard.kept, round(easy.share, 2)
    ((0,), (1, 2), 0.33)
    """
    _refuse_test(split)
    better, worse = row(chosen, "chosen"), row(rejected, "rejected")
    rows_of_one_length("split_by_gap: chosen and rejected", better, worse)
    wide = better - worse >= gap
    size = int(wide.size)
    return (
        Selection(kept=tuple(np.flatnonzero(wide).tolist()), total=size),
        Selection(kept=tuple(np.flatnonzero(~wide).tolist()), total=size),
    )


def top_fraction(returns: ArrayLike, fraction: float, *, split: str) -> Selection:
    """Return the floor(fraction * N) highest of the batch; see ``top_k``.

    >>> top_fraction([0.2, 1.0, 0.7, 0.1], 0.5, split="train").kept
    (1, 2)
    """
    if not 0 <= fraction <= 1:
        raise ConfigError(f"top_fraction.fraction must be in [0, 1], got {fraction!r}.")
    # The slack keeps 0.29 * 100, which is 28.999..., at 29.
    return top_k(returns, floor(fraction * np.size(returns) + 1e-9), split=split)


def _selection(kept: Iterable[int], valid: np.ndarray) -> Selection:
    return Selection(kept=tuple(sorted(int(i) for i in kept)), total=int(valid.sum()))


def _refuse_test(split: str) -> None:
    words = split.lower().replace("-", "_").replace("/", "_").split("_")
    if split.lower().replace("-", "_") in _HELD_OUT or "test" in words:
        raise ConfigError(
            f"split '{split}' is held out: selecting on it would inflate what it reports; "
            "select on a training split."
        )
    if not split:
        raise ConfigError("split must name where the rollouts come from, for instance 'train'.")


def _at_least_one(where: str, value: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigError(f"{where} must be a whole number of at least 1, got {value!r}.")
