"""A person at the keyboard, scripted."""

from collections.abc import Sequence

import pytest

from envgym.agents.policies.human import HumanPolicy
from envgym.types import Message, Request

TOOLS = (
    {
        "type": "function",
        "function": {
            "name": "go",
            "description": "Walk.",
            "parameters": {
                "properties": {"to": {"enum": ["north", "south"]}, "n": {"type": "integer"}}
            },
        },
    },
)


class Desk:
    """Lines to type and what was shown."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = list(lines)
        self.shown: list[tuple[str, str]] = []
        self.prompts: list[str] = []
        self.policy = HumanPolicy(self.read, lambda title, text: self.shown.append((title, text)))

    def read(self, prompt: str) -> str:
        self.prompts.append(prompt)
        if not self.lines:
            raise EOFError
        return self.lines.pop(0)


def ask(text: str, session: str = "a") -> Request:
    messages = (Message("system", "rules"), Message("user", text))
    return Request(session=session, messages=messages, tools=TOOLS)


def test_shows_what_is_new_and_returns_the_line():
    desk = Desk(["go north", "", "take key"])
    assert [r.text for r in desk.policy.act([ask("a hall")])] == ["go north"]
    later = Request(session="a", messages=(Message("user", "a cellar"),))
    assert desk.policy.act([later])[0].text == "take key"
    titles = [title for title, _ in desk.shown]
    assert titles == ["how to play", "rules", "world", "world"]
    assert desk.shown[-1] == ("world", "a cellar")


def test_own_commands_and_continued_lines():
    desk = Desk(["/tools", "/what", "one \\", "two"])
    assert desk.policy.act([ask("x")])[0].text == "one \ntwo"
    assert ("tools", 'go(to="north"|"south", n=integer)  Walk.') in desk.shown
    assert desk.shown[-1][0] == "help"
    assert desk.prompts[-2:] == ["> ", "… "]


@pytest.mark.parametrize("lines", [[], ["/quit"], ["half \\"]])
def test_quitting_stops_the_run(lines):
    with pytest.raises(KeyboardInterrupt):
        Desk(lines).policy.act([ask("x")])


def test_several_sessions_are_named():
    desk = Desk(["one", "two"])
    assert [r.text for r in desk.policy.act([ask("x", "a"), ask("y", "b")])] == ["one", "two"]
    assert ("world · b", "y") in desk.shown
    desk.policy.close(["a", "b", "c"])


def test_default_screen_leaves_brackets_alone(monkeypatch, capsys):
    monkeypatch.setattr("builtins.input", lambda prompt: "go")
    assert HumanPolicy().act([ask("a [red] door")])[0].text == "go"
    assert "a [red] door" in capsys.readouterr().out
