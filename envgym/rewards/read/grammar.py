"""A grammar of tags: which sequences of tags a message may consist of.

Names with the operators ``( ) | * + ?``, as in "(think search)* think answer". Matching follows
all branches at once, so its time grows with the length of the message and never explodes,
whatever an agent writes.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from envgym.types.errors import ConfigError

_TOKEN = re.compile(r"\s*([A-Za-z_][\w-]*|[()|*+?])")
_TAG = re.compile(r"<([A-Za-z_][\w-]*)>")


@dataclass
class _Machine:
    """A nondeterministic automaton: ``moves[s]`` is (name, next); a None name needs no tag."""

    moves: list[list[tuple[str | None, int]]] = field(default_factory=list)

    def state(self) -> int:
        self.moves.append([])
        return len(self.moves) - 1

    def link(self, start: int, end: int, name: str | None = None) -> None:
        self.moves[start].append((name, end))

    def closed(self, states: set[int]) -> set[int]:
        """Return the states reachable without reading a tag."""
        found, waiting = set(states), list(states)
        while waiting:
            for name, end in self.moves[waiting.pop()]:
                if name is None and end not in found:
                    found.add(end)
                    waiting.append(end)
        return found


class _Parser:
    """Recursive descent over alternatives, sequences and repeats; each gives (first, last)."""

    def __init__(self, text: str) -> None:
        self.text, self.tokens, self.at = text, _tokens(text), 0
        self.machine = _Machine()

    def whole(self) -> tuple[_Machine, int, int]:
        start, end = self.either()
        if self.at < len(self.tokens):
            raise _bad(self.text, f"unexpected '{self.tokens[self.at]}'")
        return self.machine, start, end

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def either(self) -> tuple[int, int]:
        branches = [self.chain()]
        while self.peek() == "|":
            self.at += 1
            branches.append(self.chain())
        start, end = self.machine.state(), self.machine.state()
        for first, last in branches:
            self.machine.link(start, first)
            self.machine.link(last, end)
        return start, end

    def chain(self) -> tuple[int, int]:
        start = end = self.machine.state()
        while self.peek() not in ("", "|", ")"):
            first, last = self.repeat()
            self.machine.link(end, first)
            end = last
        if start == end:
            raise _bad(self.text, "an empty alternative; write 'tag?' for what may be missing")
        return start, end

    def repeat(self) -> tuple[int, int]:
        first, last = self.item()
        while self.peek() in ("*", "+", "?"):
            sign = self.tokens[self.at]
            self.at += 1
            start, end = self.machine.state(), self.machine.state()
            self.machine.link(start, first)
            self.machine.link(last, end)
            if sign != "+":
                self.machine.link(start, end)
            if sign != "?":
                self.machine.link(last, first)
            first, last = start, end
        return first, last

    def item(self) -> tuple[int, int]:
        token = self.peek()
        self.at += 1
        if token == "(":
            pair = self.either()
            if self.peek() != ")":
                raise _bad(self.text, "a '(' without its ')'")
            self.at += 1
            return pair
        if token in ("*", "+", "?"):
            raise _bad(self.text, f"nothing before '{token}'")
        start, end = self.machine.state(), self.machine.state()
        self.machine.link(start, end, token)
        return start, end


class Grammar:
    """The sequences of tags that a text allows.

    >>> grammar = Grammar("(think search)* think answer")
    >>> grammar.accepts(["think", "search", "think", "answer"]), grammar.accepts(["answer"])
    (True, False)
    """

    def __init__(self, text: str) -> None:
        """Read the grammar.

        Raises:
            ConfigError: it is no grammar.
        """
        self.text = text
        self._machine, start, self._end = _Parser(text).whole()
        self._start = frozenset(self._machine.closed({start}))
        self._after: dict[tuple[frozenset[int], str], frozenset[int]] = {}
        self.names = frozenset(t for t in _tokens(text) if t not in "()|*+?")

    def accepts(self, names: list[str]) -> bool:
        """Return whether the whole sequence is allowed."""
        states = self._start
        for name in names:
            states = self._next(states, name)
            if not states:
                return False
        return self._end in states

    def _next(self, states: frozenset[int], name: str) -> frozenset[int]:
        # Every step is worked out once: a message may have thousands of blocks.
        found = self._after.get((states, name))
        if found is None:
            moves = self._machine.moves
            reached = {end for s in states for label, end in moves[s] if label == name}
            found = self._after[states, name] = frozenset(self._machine.closed(reached))
        return found


@lru_cache(maxsize=256)
def grammar(text: str) -> Grammar:
    """Return the grammar that a text describes, read once."""
    return Grammar(text)


def tag_names(message: str, known: frozenset[str], loose: bool = False) -> list[str] | None:
    """Return the names of a message's blocks ``<name>body</name>`` in order; None if malformed.

    Malformed: a block that is not closed, an empty body, a known tag inside a block, a closing
    tag without its opening, a tag that is not known, or (unless ``loose``) text between blocks.

    >>> tag_names("<think>why</think> <answer>4</answer>", frozenset({"think", "answer"}))
    ['think', 'answer']
    """
    found, at = [], 0
    while match := _TAG.search(message, at):
        name = match[1]
        between = message[at : match.start()]
        closing = f"</{name}>"
        end = message.find(closing, match.end())
        if name not in known or end < 0 or not _clean(between, known, loose):
            return None
        body = message[match.end() : end]
        if not body.strip() or _marked(body, known):
            return None
        found.append(name)
        at = end + len(closing)
    return found if _clean(message[at:], known, loose) else None


def _clean(between: str, known: frozenset[str], loose: bool) -> bool:
    return not _marked(between, known) if loose else not between.strip()


def _marked(text: str, known: frozenset[str]) -> bool:
    return "<" in text and any(f"<{name}>" in text or f"</{name}>" in text for name in known)


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise _bad(text, f"unexpected '{text[at:].strip()[0]}'")
        tokens.append(match[1])
        at = match.end()
    return tokens


def _bad(text: str, why: str) -> ConfigError:
    return ConfigError(
        f"a tag grammar is names with ( ) | * + ?, such as '(think search)* answer'; "
        f"'{text}' has {why}."
    )
