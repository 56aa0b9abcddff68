"""Strict reading of a judge's reply: its last answer must be well formed, anything else is none."""

import re

from envgym.agents.judges.template import Question
from envgym.agents.judges.verdict import Values

_LONGEST = 200
"""Characters of a line that can be an answer."""
_BULLET = r"[ \t*_`#\-]*"
"""No '>': a quoted line is what somebody else said."""
_EMPHASIS = r"[ \t*_`]*"
_LINE = re.compile(
    rf"{_BULLET}(?P<name>[A-Za-z]+(?: [A-Za-z0-9]+)?){_EMPHASIS}[:=]{_EMPHASIS}"
    r"(?P<word>[A-Za-z]+|[0-9]{1,4}(?:\.0{1,4})?(?: ?/ ?(?P<most>[0-9]{1,4}))?)[ \t*_`.]*"
)
_STEM = re.compile(rf"{_BULLET}(?P<name>[A-Za-z]+(?: [A-Za-z0-9]+)?){_EMPHASIS}[:=]")
_WORDS = {"yes": 1.0, "no": 0.0, "unknown": None}


def read_answer(question: Question, text: str) -> Values | None:
    """Return the values that a reply gives; None if it has no complete well-formed answer.

    An answer is a line of its own. Case, Markdown emphasis and "/10" do not matter. Numbers
    outside the grid, fractions, quoted lines and words in place of numbers are no answer. The
    last line of each name counts: if that is not well formed, nothing above it is read instead,
    since it may be a quotation of what is judged.

    >>> from envgym.agents.judges.template import load_template
    >>> ask = load_template("pointwise").ask(instruction="Add.", transcript="2 + 2 = 4")
    >>> read_answer(ask, "SCORE: 3\\nOn second thoughts:\\n**Score: 9/10**")
    (9.0,)
    >>> read_answer(ask, "SCORE: 11") is None
    True
    """
    template = question.template
    allowed: tuple[str, ...] | None = None
    match template.kind:
        case "grid":
            names = ["score"]
        case "yes_no":
            names, allowed = ["answer"], ("yes", "no")
        case "choice":
            names, allowed = ["better"], ("a", "b")
        case "rubric":
            names = [f"criterion {number}" for number in range(1, question.count + 1)]
            allowed = tuple(_WORDS)
        case "pairwise":
            names = ["path a", "path b", "answer a", "answer b"]
    found: dict[str, float | None] = {}
    for line in reversed(text.split("\n")):
        stem = _STEM.match(line[:_LONGEST].strip())
        name = stem["name"].lower() if stem else ""
        if name not in names or name in found:
            continue
        match = _LINE.fullmatch(line.strip()) if len(line) <= _LONGEST else None
        word, most = (match["word"].lower(), match["most"]) if match else ("", None)
        if allowed is not None:
            if word not in allowed:
                return None
            found[name] = float(word == "a") if template.kind == "choice" else _WORDS[word]
        else:
            if not word[:1].isdigit() or (most is not None and int(most) != template.hi):
                return None
            score = float(word.partition("/")[0])
            if not template.lo <= score <= template.hi:
                return None
            found[name] = score
    return tuple(found[name] for name in names) if len(found) == len(names) else None
