"""Law L1 starts here: what every reading promises about its range, and its default scope."""

from math import inf

import pytest

from envgym.rewards.group.majority import Majority
from envgym.rewards.read.agreement import Agreement
from envgym.rewards.read.answer import Answer
from envgym.rewards.read.checklist import Checklist
from envgym.rewards.read.grounding import Grounding
from envgym.rewards.read.in_box import InBox
from envgym.rewards.read.inverse_specification import InverseSpecification
from envgym.rewards.read.length import Length
from envgym.rewards.read.milestones import Milestones
from envgym.rewards.read.overlap import Overlap
from envgym.rewards.read.patch_similarity import PatchSimilarity
from envgym.rewards.read.rubric import Rubric
from envgym.rewards.read.same import Same
from envgym.rewards.read.tag_format import TagFormat
from envgym.rewards.read.tool_calls import ToolCalls
from envgym.rewards.spec import from_spec, to_spec

UNIT = (0, 1)


@pytest.mark.parametrize(
    ("node", "ends"),
    [
        (Agreement("heard"), UNIT),
        (Answer(), UNIT),
        (Checklist("checks", (("a", 0.5), ("b", 1.5))), (0, 2)),
        (Grounding("cited", "gold"), UNIT),
        (InBox(), UNIT),
        (InverseSpecification(), UNIT),
        (Length(), (0, inf)),
        (Milestones("done", 1), UNIT),
        (Overlap("a", "b"), UNIT),
        (PatchSimilarity(), (-1, 1)),
        (Rubric("verdicts", (("a", 1.0),)), UNIT),
        (Same("a", "b"), UNIT),
        (TagFormat("answer"), UNIT),
        (ToolCalls(), (-3, 3)),
        (ToolCalls(lo=0, hi=1), UNIT),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_a_reading_says_its_range_and_survives_json(node, ends):
    assert (node.bounds.lo, node.bounds.hi) == ends
    assert (node.scope, node.phase) == ("step", "online")
    assert from_spec(to_spec(node)) == node


def test_a_group_reading_too():
    assert (Majority().bounds.lo, Majority().bounds.hi, Majority().scope) == (0, 1, "episode")
