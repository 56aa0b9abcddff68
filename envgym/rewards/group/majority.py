"""Majority: agreement with the group's own label; and Co-Reward, with the paraphrase's."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from envgym.rewards.group.groupmap import Group, GroupMap, Share
from envgym.rewards.read.words import normalised
from envgym.rewards.reading import text
from envgym.rewards.signal import Bounds
from envgym.types.errors import ConfigError


def majority(answers: Sequence[str | None]) -> str | None:
    """Return the most frequent normalised answer; None if there is none or several tie.

    Answers that are missing (None) or empty do not vote.

    >>> majority(["Paris", "paris.", "Rome", None]), majority(["Paris", "Rome"])
    ('paris', None)
    """
    votes = Counter(label for answer in answers if answer and (label := normalised(answer)))
    ranked = votes.most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]


def co_reward(
    answers: Sequence[str | None], paraphrase: Sequence[str | None]
) -> tuple[tuple[float | None, ...], tuple[float | None, ...]]:
    """Return the rewards of a question's answers and of its paraphrase's, labels swapped.

    Formula: y_i = [a_i = majority(b)], z_j = [b_j = majority(a)]
    Source:  cookbook A14, Co-Reward (inferred; no arXiv id there)
    Shapes:  [G] and [H] texts to [G] and [H]
    Range:   {0, 1}, None for an answer that is None; no majority on the other side: 0
    Laws:    equivariant under permutation of each side (L4); swapping the sides swaps the
             rewards; an empty side leaves the other without a label: zeros

    Use it only beside a collapse probe: intrinsic rewards rise, then fall.

    >>> co_reward(["4", "4", "5"], ["5", "5", "4"])
    ((0.0, 0.0, 1.0), (0.0, 0.0, 1.0))
    """
    return _shares(answers, majority(paraphrase)), _shares(paraphrase, majority(answers))


@dataclass(frozen=True)
class Majority(GroupMap):
    """1 for a rollout whose answer is the group's most frequent one, else 0.

    Formula: y_i = [norm(a_i) = argmax_a #{j: norm(a_j) = a}], 0 for all where labels tie
    Source:  cookbook A14 (inferred; no arXiv id there, the tie rule is ours)
    Shapes:  [G] texts of the last records to [G]
    Range:   {0, 1}
    Laws:    equivariant under permutation (L4); a missing answer (None) neither votes nor
             scores; an empty one does not vote and gets 0; a label below ``quorum``: 0 for all;
             one member: its own answer is the majority

    None says that we could not read the answer. Record an agent that gave none with "", or a
    rollout could leave its group at will.

    The group teaches itself, so it also teaches itself its errors: the reward rises while the
    outcome falls. Use it only beside a collapse probe and stop at the peak.

    >>> from envgym.rewards import Program, score
    >>> group = [[{"end": None}, {"answer": a, "end": "task"}] for a in ("4", "4.", "5")]
    >>> [s.total for s in score(group, Program("self", Majority("answer", quorum=0.5)))]
    [1.0, 1.0, 0.0]
    """

    kind: ClassVar[str] = "group.majority"

    answer: str = "answer"
    """Key of the answer in the last record, a text."""
    quorum: float = 0.0
    """Least share of the voters that the label needs, in [0, 1]."""

    def validate(self) -> None:
        """Refuse a quorum that is no share."""
        if not 0 <= self.quorum <= 1:
            raise ConfigError(f"Majority.quorum must be in [0, 1], got {self.quorum:g}.")

    @property
    def reads(self) -> frozenset[str]:
        """The answer."""
        return frozenset({self.answer})

    @property
    def formula(self) -> str:
        """For instance ``majority(answer)``."""
        quorum = f", {self.quorum:g}" if self.quorum else ""
        return f"majority({self.answer}{quorum})"

    @cached_property
    def bounds(self) -> Bounds:
        """[0, 1]."""
        return Bounds(0.0, 1.0)

    def compare(self, group: Group) -> Sequence[Share]:
        """Return 1.0 or 0.0 per member; None for one whose answer is unknown."""
        answers = [text(member.last, self.answer) for member in group.members]
        label = majority(answers)
        voters = [a for a in answers if a and normalised(a)]
        count = sum(normalised(a) == label for a in voters)
        if label is not None and count < self.quorum * len(voters):
            label = None
        group.report[self.key] = {"label": label, "votes": count, "voters": len(voters)}
        return _shares(answers, label)


def _shares(answers: Sequence[str | None], label: str | None) -> tuple[float | None, ...]:
    # A label is never empty, so an empty answer matches none.
    return tuple(None if a is None else float(normalised(a) == label) for a in answers)
