"""H6: does a judge agree with itself, whatever order and whatever neighbours it sees?"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from envgym.rewards.probe.arrays import limits
from envgym.rewards.probe.examinee import Examinee
from envgym.rewards.probe.report import Report
from envgym.types.compare import Candidate, Match, Pair
from envgym.types.errors import ConfigError


def winner(match: Match) -> int | None:
    """Return 1 if the first won, -1 if the second, 0 for a tie, None without an answer."""
    if match.p is None:
        return None
    return (match.p > 0.5) - (match.p < 0.5)


def swap_agreement(matches: Sequence[Match], reverse: Sequence[Match]) -> float | None:
    """Return the share of pairs with one winner whichever was shown first; None without pairs.

    Formula: mean of [winner(i, j) = -winner(j, i)] over pairs answered in both orders
    Source:  cookbook H6 (inferred)
    Range:   [0, 1]

    Args:
        matches: of (i, j).
        reverse: of (j, i), same order.
    """
    if len(matches) != len(reverse):
        raise ConfigError(
            f"each pair is asked in both orders, got {len(matches)} and {len(reverse)} matches."
        )
    both = [
        (a, b)
        for a, b in zip(map(winner, matches), map(winner, reverse), strict=True)
        if a is not None and b is not None
    ]
    return sum(a == -b for a, b in both) / len(both) if both else None


def transitivity_rate(size: int, beats: dict[tuple[int, int], int]) -> tuple[float, int]:
    """Return the share of decided triples that are no cycle, and how many were decided.

    Formula: a triple is decided if each of its three pairs has a winner; it is a cycle if each
             of the three wins once
    Source:  cookbook H6 (inferred)
    Range:   [0, 1]; 1 if no triple is decided

    Args:
        size: number of candidates.
        beats: for i < j: 1 if i won, -1 if j, 0 for a tie; pairs without an answer are absent.

    >>> transitivity_rate(3, {(0, 1): 1, (1, 2): 1, (0, 2): -1})
    (0.0, 1)
    """
    decided = cycles = 0
    for i, j, k in combinations(range(size), 3):
        found = beats.get((i, j), 0), beats.get((j, k), 0), beats.get((i, k), 0)
        if 0 in found:
            continue
        decided += 1
        cycles += found[0] == found[1] == -found[2]
    return (1.0 - cycles / decided if decided else 1.0), decided


@dataclass(frozen=True)
class JudgeConsistency:
    """Swap agreement of a judge, with transitivity and contrast instructions beside it.

    Formula: the metric is ``swap_agreement`` over all pairs inside groups; detail: transitivity
             rate over triples, contrast accuracy (on each of two similar instructions the own
             answer must beat the other's), share of answers, share of ties, first-place bias
             (share of disagreements in which whoever was shown first won)
    Source:  cookbook H6 (inferred); the limit .8 on swap agreement is the cookbook's
    Range:   [0, 1]
    Laws:    silent (L10); a judge that ranks by a fixed quality: 1, 1; invalid matches do not
             count, and without any valid pair the probe fails

    A group of G candidates costs G (G - 1) / 2 pairs; each is asked in both orders unless the
    comparator does so itself and says whether the orders agreed.
    """

    groups: tuple[tuple[Candidate, ...], ...]
    """Candidates of one instruction each, two or more."""
    contrasts: tuple[tuple[Candidate, Candidate], ...] = ()
    """Answers to two instructions that differ in little: each is right for its own only."""
    least: float = 0.8
    """Lowest swap agreement that passes, 0 to 1."""
    least_transitivity: float = 0.0
    """Lowest transitivity rate that passes, 0 to 1; the default asks for none."""
    least_contrast: float = 0.0
    """Lowest contrast accuracy that passes, 0 to 1; the default asks for none."""

    name = "consistency"

    def __post_init__(self) -> None:
        limits(
            "JudgeConsistency",
            (0.0, 1.0),
            least=self.least,
            least_transitivity=self.least_transitivity,
            least_contrast=self.least_contrast,
        )
        if not self.groups or any(len(group) < 2 for group in self.groups):
            raise ConfigError("JudgeConsistency.groups needs groups of two candidates or more.")

    def run(self, judge: Examinee) -> Report:
        """Return the swap agreement; one row per group."""
        rows, agreed, orders, first, known, asked, ties = [], 0, 0, 0, 0, 0, 0
        whole, straight = 0, 0.0
        for number, group in enumerate(self.groups):
            spots = list(combinations(range(len(group)), 2))
            found = _both_orders(judge, [(group[i], group[j]) for i, j in spots])
            beats: dict[tuple[int, int], int] = {}
            same = decided = 0
            for spot, (match, agrees, led) in zip(spots, found, strict=True):
                won = winner(match)
                asked += 1
                if won is None:
                    continue
                known += 1
                ties += won == 0
                if agrees is not False:
                    beats[spot] = won
                if agrees is not None:
                    decided += 1
                    same += agrees
                    first += led
            rate, triples = transitivity_rate(len(group), beats)
            whole += triples
            straight += rate * triples
            agreed, orders = agreed + same, orders + decided
            share = same / decided if decided else None
            rows.append((number, len(group), decided, share, triples, rate if triples else None))
        swap = agreed / orders if orders else 0.0
        detail = {
            "swap_agreement": swap,
            "answered": known / asked,
            "ties": ties / known if known else 0.0,
            "transitivity": straight / whole if whole else 1.0,
            "first_place_bias": first / (orders - agreed) if orders > agreed else 0.0,
        }
        passed = orders > 0 and swap >= self.least
        passed &= detail["transitivity"] >= self.least_transitivity
        notes = [] if orders else ["no pair was answered in both orders"]
        if self.contrasts:
            right = self._contrast(judge)
            notes += [] if right is not None else ["no contrast was answered"]
            detail["contrast"] = right or 0.0
            passed &= right is not None and right >= self.least_contrast
        return Report(
            probe=self.name,
            measures="share of pairs with one winner whichever is shown first",
            metric=swap,
            threshold=self.least,
            passed=passed,
            detail=detail,
            columns=("group", "candidates", "pairs", "swap agreement", "triples", "transitivity"),
            rows=tuple(rows),
            axes=("share", ""),
            notes=tuple(notes),
        )

    def _contrast(self, judge: Examinee) -> float | None:
        """Return the share of instructions whose own answer beats the other's."""
        pairs: list[Pair] = []
        for one, other in self.contrasts:
            pairs += [(one, _moved(other, one)), (other, _moved(one, other))]
        won = [winner(match) for match in judge.compare(pairs)]
        known = [each for each in won if each is not None]
        return sum(each == 1 for each in known) / len(known) if known else None


def _both_orders(judge: Examinee, pairs: Sequence[Pair]) -> list[tuple[Match, bool | None, bool]]:
    """Return per pair the match, whether both orders agree, and whether the first shown led."""
    matches = judge.compare(pairs)
    open_pairs = [i for i, match in enumerate(matches) if match.valid and match.agreed is None]
    reverse = judge.compare([(pairs[i][1], pairs[i][0]) for i in open_pairs])
    found: list[tuple[Match, bool | None, bool]] = [(m, m.agreed, False) for m in matches]
    for i, back in zip(open_pairs, reverse, strict=True):
        one, two = winner(matches[i]), winner(back)
        if one is None or two is None:
            found[i] = (matches[i], None, False)
        else:
            found[i] = (matches[i], one == -two, one == two == 1)
    return found


def _moved(answer: Candidate, question: Candidate) -> Candidate:
    """Return ``answer`` as if it had been given to the instruction of ``question``."""
    return Candidate(
        id=f"{answer.id}@{question.id}",
        records=answer.records,
        instruction=question.instruction,
        text=answer.text,
    )
