"""TagFormat: whether a message keeps to its grammar of tags."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from envgym.rewards.read.grammar import grammar, tag_names
from envgym.rewards.reading import TEXT, Reading, text
from envgym.rewards.signal import Bounds, Evidenced, Scope


@dataclass(frozen=True)
class TagFormat(Reading):
    """1 if a message is a sequence of tagged blocks that the grammar allows, else 0.

    Formula: y = [the names of the blocks are a word of the grammar]
    Source:  cookbook A13, A4, A7 (ours; ToolRL, Search-R1 and ProRAG each check one such
             grammar with rules of their own)
    Shapes:  a text to a scalar, per event or of the last record
    Range:   {0, 1}
    Laws:    white space between blocks changes nothing; a block that is empty, open, nested or
             of another name: 0

    Format alone is earned without any work: keep it below the outcome, or behind it.

    >>> node = TagFormat("(think search)* think answer")
    >>> node.read({"message": "<think>2 + 2</think><answer>4</answer>"})
    1.0
    >>> node.read({"message": "<answer>4</answer>"})
    0.0
    """

    kind: ClassVar[str] = "read.tag_format"

    grammar: str
    """Names of tags with ``( ) | * + ?``, such as "think (search | answer)"."""
    of: str = "message"
    """Key of the text."""
    loose: bool = False
    """Whether other text may stand between the blocks."""
    scope: Scope = "step"
    """"step" reads every record, "episode" the last one."""

    def validate(self) -> None:
        """Refuse what is no grammar."""
        grammar(self.grammar)

    @property
    def types(self) -> Mapping[str, frozenset[str]]:
        """The key, a text."""
        return {self.of: TEXT}

    @cached_property
    def bounds(self) -> Bounds:
        """[0, 1]."""
        return Bounds(0.0, 1.0)

    def read(self, record: Evidenced) -> float | None:
        """Return 1.0 or 0.0; None if the text is unknown."""
        message = text(record, self.of)
        if message is None:
            return None
        rules = grammar(self.grammar)
        names = tag_names(message, rules.names, self.loose)
        return float(names is not None and rules.accepts(names))
