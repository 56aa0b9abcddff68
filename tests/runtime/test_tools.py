import subprocess
import sys
from dataclasses import dataclass
from typing import Annotated, Literal

import pytest
from annotated_types import Ge, Len
from hypothesis import given
from hypothesis import strategies as st

from envgym.runtime.tools import NOTHING, collect, help_text, tool
from envgym.types import ConfigError, ToolError
from tests.runtime.tool_family import TOOLS, Family


@dataclass(frozen=True)
class Point:
    x: int
    y: int = 0


class Rich:
    @tool
    def plan(
        self,
        stops: Annotated[list[str], Len(1, 3), "cities"],
        mode: Literal["rail", "air"] | None = None,
        at: Annotated[float, Ge(0.0)] = 0.5,
        point: Point | None = None,
    ) -> str:
        """Plan a trip."""
        return ""


class Open:
    @tool
    def count(self, number: int) -> str:
        """Count to a number of any size."""
        return str(number)


Open.SPEC = collect(Open)["count"]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


def test_collects_in_order_of_definition():
    assert list(TOOLS) == ["guess", "go", "bash", "look"]
    assert collect(Family) is TOOLS
    assert TOOLS["go"].cost == 2.5
    assert TOOLS["bash"].function(Family(), command="ls") == "ls"


def test_subclasses_add_replace_and_take_away():
    class Child(Family):
        @tool
        def guess(self, number: int) -> str:
            """Guess without bounds."""
            return ""

        def look(self) -> str:
            return "no tool any more"

        @tool
        def extra(self) -> str:
            """One more."""
            return ""

    specs = collect(Child)
    assert list(specs) == ["guess", "go", "bash", "extra"]
    assert specs["guess"].validate({"number": 900}) == {"number": 900}
    assert list(collect(Family)) == ["guess", "go", "bash", "look"]


def test_schema_is_the_openai_format():
    assert TOOLS["go"].schema == {
        "type": "function",
        "function": {
            "name": "go",
            "description": "Walk.",
            "parameters": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "direction": {
                        "type": "string",
                        "enum": ["north", "south"],
                        "description": "where to",
                    },
                    "steps": {
                        "type": "integer",
                        "default": 1,
                        "description": "how far you walk.",
                    },
                },
                "required": ["direction"],
            },
        },
    }
    assert TOOLS["look"].schema["function"]["parameters"]["properties"] == {}


def test_single_arguments():
    assert [spec.text_arg for spec in TOOLS.values()] == [None, None, "command", None]
    assert [spec.single_arg for spec in TOOLS.values()] == ["number", "direction", "command", None]


@pytest.mark.parametrize(
    ("name", "given", "result"),
    [
        ("guess", {"number": "7"}, {"number": 7}),
        ("guess", {"number": 7.0}, {"number": 7}),
        ("bash", {"command": 17}, {"command": "17"}),
        ("look", {}, {}),
        ("go", {"direction": "north"}, {"direction": "north"}),
    ],
)
def test_lax_where_the_meaning_is_clear(name, given, result):
    assert TOOLS[name].validate(given) == result


@pytest.mark.parametrize(
    ("spec", "given", "sentence"),
    [
        (TOOLS["guess"], {"number": 900}, "guess: number must be at most 100, got 900."),
        (TOOLS["guess"], {"number": 0}, "guess: number must be at least 1, got 0."),
        (
            TOOLS["guess"],
            {"number": "many"},
            "guess: number must be an integer from 1 to 100, got 'many'.",
        ),
        (
            TOOLS["guess"],
            {},
            "guess: number is missing; it must be an integer from 1 to 100.",
        ),
        (
            TOOLS["guess"],
            {"numbr": 7},
            "guess: unknown argument 'numbr'; allowed: number. Did you mean 'number'?",
        ),
        (
            TOOLS["go"],
            {"direction": "nort"},
            "go: direction must be 'north' or 'south', got 'nort'. Did you mean 'north'?",
        ),
        (
            TOOLS["guess"],
            {"number": 10**5000},
            "guess: number must be at most 100, got a very large int.",
        ),
        (Open.SPEC, {"number": "9" * 400}, "count: number is too large a number."),
        (
            collect(Rich)["plan"],
            {"stops": []},
            "plan: stops must have at least 1 items, got [].",
        ),
        (
            collect(Rich)["plan"],
            {"stops": ["a", None]},
            "plan: stops.1 must be a valid string, got None.",
        ),
        (
            collect(Rich)["plan"],
            {"stops": ["a"], "at": float("inf")},
            "plan: at must be a number at least 0, got inf.",
        ),
        (
            collect(Rich)["plan"],
            {"stops": "x" * 500},
            "plan: stops must be a list of 1 to 3 items of text, "
            f"got {'x' * 40!r}... (500 characters).",
        ),
    ],
)
def test_a_mistake_is_told_in_one_sentence(spec, given, sentence):
    with pytest.raises(ToolError) as caught:
        spec.validate(given)
    assert str(caught.value) == f"{sentence} {NOTHING}"


@given(
    st.sampled_from([*TOOLS.values(), *collect(Rich).values()]),
    st.dictionaries(
        st.sampled_from(["number", "direction", "steps", "command", "stops", "mode", "at", "x"])
        | st.text(max_size=10),
        json_values,
        max_size=4,
    ),
)
def test_validate_returns_known_arguments_or_one_tool_error(spec, given):
    try:
        result = spec.validate(given)
    except ToolError as error:
        text = str(error)
        assert text.startswith(f"{spec.name}: ")
        assert text.endswith(NOTHING)
        assert len(text) < 900
    else:
        assert set(result) <= {param.name for param in spec.params}


def test_values_become_the_annotated_types():
    args = {"stops": ["a"], "mode": "air", "at": 1, "point": {"x": "3"}}
    assert collect(Rich)["plan"].validate(args) == {
        "stops": ["a"],
        "mode": "air",
        "at": 1.0,
        "point": Point(3),
    }


def test_help_text():
    text = help_text(TOOLS)
    assert '<tool_call>{"name": "guess", "arguments": {"number": 1}}</tool_call>' in text
    lines = text.splitlines()
    assert (
        "- guess(number: an integer from 1 to 100): Guess the hidden number. (number: your guess)"
        in lines
    )
    assert (
        "- go(direction: 'north' or 'south'; steps: an integer, default 1): Walk. "
        "(direction: where to; steps: how far you walk.)" in lines
    )
    assert "- look(): Look around." in lines
    commanded = help_text(TOOLS, command_tool="bash")
    assert commanded.startswith("Write one command on a line of its own.")
    assert "- bash(" not in commanded
    assert help_text({}) == "There are no tools."


def test_examples_are_valid():
    import json

    for spec in (*TOOLS.values(), *collect(Rich).values()):
        call = json.loads(spec.example)
        assert call["name"] == spec.name
        spec.validate(call["arguments"])


def _bare(self, x) -> str:
    """No annotation."""
    return ""


def _star(self, *args: int) -> str:
    """Cannot be named."""
    return ""


def _mute(self, x: int) -> str:
    return ""


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        (_bare, "argument 'x' needs an annotation"),
        (_star, "'args' cannot be given by name"),
        (_mute, "needs a docstring"),
    ],
)
def test_wrong_tools_are_refused_when_collected(method, sentence):
    with pytest.raises(ConfigError, match=sentence):
        collect(type("Wrong", (), {"method": tool(method)}))


def test_two_tools_of_one_name_are_refused():
    def other(self) -> str:
        """Another."""
        return ""

    with pytest.raises(ConfigError, match="two tools are called 'look'"):
        collect(type("Wrong", (Family,), {"other": tool(name="look")(other)}))


def test_collecting_does_not_load_pydantic():
    code = (
        "import sys; from envgym.runtime.tools import collect, tool\n"
        "def f(self, x: int) -> str:\n    'Help.'\n"
        "collect(type('T', (), {'f': tool(f)})); print('pydantic' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
