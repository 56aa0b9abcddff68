import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from envgym.runtime.parse import parse
from envgym.runtime.tools import NOTHING
from envgym.testing.hostile import BULKY, HOSTILE
from envgym.types import Call
from tests.runtime.tool_family import GUESS, TOOLS


def tag(name, **args):
    return f"<tool_call>{json.dumps({'name': name, 'arguments': args})}</tool_call>"


def calls(text, tools=TOOLS, **more):
    parsed = parse(text, tools, **more)
    assert parsed.error is None
    return parsed.calls


def error(text, tools=TOOLS, **more):
    parsed = parse(text, tools, **more)
    assert parsed.calls == []
    assert parsed.error.endswith(NOTHING)
    return parsed.error.removesuffix(f" {NOTHING}")


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


SEVEN = Call("guess", {"number": 7})
G7 = tag("guess", number=7)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # 1. Tags.
        (G7, [SEVEN]),
        (f"I say seven.\n{G7}\nDone.", [SEVEN]),
        (G7.replace(">{", ">\n{").replace("}<", "}\n<"), [SEVEN]),
        (G7.replace(">{", "> \n {").replace("}<", "} \t\n<"), [SEVEN]),
        (G7 + tag("look"), [SEVEN, Call("look", {})]),
        ('<tool_call>{"name": "look"}</tool_call>', [Call("look", {})]),
        ('<tool_call>{"name": "look", "arguments": null}</tool_call>', [Call("look", {})]),
        ('<tool_call>{"name": "look", "arguments": ""}</tool_call>', [Call("look", {})]),
        (
            '<tool_call>{"id": 3, "name": "guess", "arguments": "{\\"number\\": 7}"}</tool_call>',
            [SEVEN],
        ),
        ('<tool_call>{"name": "guess", "parameters": {"number": 7}}</tool_call>', [SEVEN]),
        (
            '<tool_call>{"name": "bash", "arguments": {"command": "a\nb"}}</tool_call>',
            [Call("bash", {"command": "a\nb"})],
        ),
        (tag("bash", command="</tool_call><think>") + "!", [Call("bash", {"command": "</tool_call><think>"})]),
        (tag("bash", command="🙂"), [Call("bash", {"command": "🙂"})]),
        (
            '<tool_call>{"name": "bash", "arguments": {"command": "\\ud800x"}}</tool_call>',
            [Call("bash", {"command": "\ufffdx"})],
        ),
        (tag("bash", command=nested(50)), [Call("bash", {"command": nested(50)})]),
        # Thoughts.
        (f"<think>{tag('look')}</think>{G7}", [SEVEN]),
        (f"<think>a<think>b</think>{G7}", [SEVEN]),
        (f"the template opened it: guess(3)</think>{G7}", [SEVEN]),
        (f"{G7}<think>{tag('look')}", [SEVEN]),
        ("<think>guess(3)</think>guess(7)", [SEVEN]),
        # 2. Fenced JSON.
        ('```json\n{"name": "guess", "arguments": {"number": 7}}\n```', [SEVEN]),
        ('```\n{"name": "guess", "arguments": {"number": 7}}\n```', [SEVEN]),
        ('  ````json\n{"name": "guess",\n "arguments": {"number": 7}}\n````', [SEVEN]),
        ('```bash\nls\n```\n```json\n{"name": "guess", "arguments": {"number": 7}}\n```', [SEVEN]),
        ('```json\n{"plan": []}\n```\nguess(7)', [SEVEN]),
        # 3. Fenced text.
        ("```bash\nls -la\n\ncat x\n```", [Call("bash", {"command": "ls -la\n\ncat x"})]),
        ("```bash\na\n```\n```bash\nb\n```", [Call("bash", {"command": c}) for c in "ab"]),
        ("```bash\n```", [Call("bash", {"command": ""})]),
        ("```bash\nls\n```\nguess(7)", [Call("bash", {"command": "ls"})]),
        # 4. Function syntax.
        ("guess(7)", [SEVEN]),
        ("Reasons (good ones).\n\n  guess( number = 7 )  \n", [SEVEN]),
        ("`guess(number=7)`", [SEVEN]),
        ("look()", [Call("look", {})]),
        ("go('north', steps=-2)", [Call("go", {"direction": "north", "steps": -2})]),
        ("go('north', -2)", [Call("go", {"direction": "north", "steps": -2})]),
        ("bash('a\\n\\d')", [Call("bash", {"command": "a\n\\d"})]),
        ("bash('''[1, (2)]''')", [Call("bash", {"command": "[1, (2)]"})]),
        (
            "bash({'a': [1.5, true, None, (2,)]})",
            [Call("bash", {"command": {"a": [1.5, True, None, [2]]}})],
        ),
    ],
)  # fmt: skip
def test_syntaxes_and_their_precedence(text, expected):
    assert calls(text) == expected


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("<action>22</action>", "22"),
        ("so [[ 22 ]]", "22"),
        ("\\boxed{22}", "22"),
        ("\\boxed{1} [[2]] <action>3</action>", "3"),
        ("<action>3</action> [[2]] \\boxed{1}", "1"),
        ("[[1]] [[2]] and [[", "2"),
        ("[[1]] ]]", "1"),
        ("\\boxed{a{b}{c}}}", "a{b}{c}"),
        ("<action>1</action></action>", "1"),
    ],
)
def test_short_forms_last_one_wins(text, choice):
    assert calls(text, GUESS) == [Call("guess", {"number": choice})]
    assert calls(text, short_tool="go") == [Call("go", {"direction": choice})]


def test_short_forms_need_one_clear_tool():
    error("<action>22</action>")
    error("<action>22</action>", short_tool="look")
    error("<action>22</action>", short_tool="no such tool")


def test_short_forms_are_validated_like_any_call():
    (call,) = calls("[[22]]", GUESS)
    assert GUESS["guess"].validate(call.args) == {"number": 22}


@pytest.mark.parametrize("text", ["go north", "  go north \n", "<think>hm</think>\ngo north"])
def test_one_line_is_the_command(text):
    assert calls(text, command_tool="bash") == [Call("bash", {"command": "go north"})]


@pytest.mark.parametrize("text", ["look\nlook", "", "<think>look", "```json\n{\n```", "a\u2028b"])
def test_what_is_no_command(text):
    error(text, command_tool="bash")


def test_commands_come_last():
    assert calls(G7, command_tool="bash") == [SEVEN]
    assert calls("guess(7)", command_tool="bash") == [SEVEN]
    assert calls("say(hello)", command_tool="bash") == [Call("bash", {"command": "say(hello)"})]
    error("<tool_call>look</tool_call>", command_tool="bash")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            tag("gues", number=7),
            "Unknown tool 'gues'; allowed: bash, go, guess, look. Did you mean 'guess'?",
        ),
        (
            "gues(7)",
            "Unknown tool 'gues'; allowed: bash, go, guess, look. Did you mean 'guess'?",
        ),
        (
            '<tool_call>{"name": "guess"</tool_call>',
            "The JSON in <tool_call> cannot be read: expecting ',' delimiter at character 17.",
        ),
        (
            '<tool_call>{"name": "guess", "arguments": {"number": NaN}}</tool_call>',
            "The JSON in <tool_call> cannot be read: NaN is not a number.",
        ),
        (
            '<tool_call>{"name": "guess", "arguments": {"number": 1e999}}</tool_call>',
            "The JSON in <tool_call> cannot be read: a number is too large.",
        ),
        (
            f'<tool_call>{{"name": "guess", "arguments": {{"number": {"9" * 5000}}}}}</tool_call>',
            "The JSON in <tool_call> cannot be read: a number is too large.",
        ),
        (
            tag("bash", command=nested(70)),
            "The JSON in <tool_call> cannot be read: it is nested too deeply.",
        ),
        (
            tag("bash", command=nested(70)) + "!",
            "The JSON in <tool_call> cannot be read: it is nested too deeply.",
        ),
        (
            f"guess({'9' * 400})",
            "guess: write the arguments as plain values, for instance "
            '<tool_call>{"name": "guess", "arguments": {"number": 1}}</tool_call>.',
        ),
        (G7.removesuffix("</tool_call>"), "The <tool_call> must be closed by </tool_call> right after the JSON."),
        (
            '<tool_call>{"name": "guess", "arguments": [7]}</tool_call>',
            "guess: 'arguments' must be a JSON object, got [7].",
        ),
        (
            '<tool_call>{"name": "guess", "arguments": "{"}</tool_call>',
            "guess: the string in 'arguments' is not JSON (expecting property name enclosed in "
            "double quotes at character 2).",
        ),
        ("<tool_call></tool_call>\nguess(7)", "The JSON in <tool_call> cannot be read: a value is missing at character 1."),
        (G7 + "<tool_call>[]</tool_call>", "A call is a JSON object with 'name' and 'arguments', got []."),
        (
            '```json\n{"name": "gues"}\n```\nguess(7)',
            "Unknown tool 'gues'; allowed: bash, go, guess, look. Did you mean 'guess'?",
        ),
        ("```json\n{'name': 1}\n```", "The fenced JSON cannot be read: expecting property name enclosed in double quotes at character 2."),
        (
            "guess(seven)",
            "guess: write the arguments as plain values, for instance "
            '<tool_call>{"name": "guess", "arguments": {"number": 1}}</tool_call>.',
        ),
        (
            "guess(1, 2)",
            "guess takes 1 argument, got 2, for instance "
            '<tool_call>{"name": "guess", "arguments": {"number": 1}}</tool_call>.',
        ),
        ("guess(7, number=8)", "guess: number is given twice."),
        (
            "",
            "The message is empty. Write one, for instance "
            '<tool_call>{"name": "guess", "arguments": {"number": 1}}</tool_call>.',
        ),
    ],
)  # fmt: skip
def test_errors_say_what_was_expected(text, sentence):
    assert error(text) == sentence


def test_no_tools_at_all():
    assert error("hello", {}) == "The message holds no call, and there are no tools to call."


WAYS = [
    (TOOLS, {}),
    (GUESS, {}),
    (TOOLS, {"command_tool": "bash", "short_tool": "go"}),
    ({}, {}),
]


def check(text):
    for tools, more in WAYS:
        parsed = parse(text, tools, **more)
        assert (parsed.error is None) == bool(parsed.calls)
        if parsed.error is not None:
            parsed.error.encode()
            assert len(parsed.error) < 700
        for call in parsed.calls:
            assert call.name in tools
            json.dumps(call.args, ensure_ascii=False, allow_nan=False).encode()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_messages(text):
    check(text)


@pytest.mark.parametrize("name", BULKY)
def test_bulk_stays_linear(name):
    """Megabytes take a second; quadratic work would take hours and run into the timeout."""
    check(BULKY[name]())


pieces = st.sampled_from(
    [
        "<tool_call>", "</tool_call>", "<think>", "</think>", "```", "json", "bash", "\n", " ",
        '{"name": "guess", "arguments": {"number": 7}}', '{"name": ', '"guess"', "{", "}", "guess",
        "(", ")", "7", "number=", "<action>", "</action>", "[[", "]]", "\\boxed{", "go north",
        "\\ud800", '"', "'", "\\", ",",
    ]
)  # fmt: skip


@given(st.lists(pieces | st.text(st.characters(), max_size=3), max_size=14).map("".join))
@example("<tool_call>\n</tool_call>")
def test_any_text_gives_calls_or_one_error(text):
    check(text)


@given(
    st.sampled_from(sorted(TOOLS)),
    st.dictionaries(
        st.text(max_size=6),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=9)
            | st.floats(allow_nan=False, allow_infinity=False),
            lambda inner: st.lists(inner, max_size=3),
            max_leaves=5,
        ),
        max_size=3,
    ),
    st.booleans(),
    st.text(st.characters(exclude_characters="<`", exclude_categories=["Cs"]), max_size=20),
)  # fmt: skip
def test_what_json_says_is_what_is_called(name, args, ascii_only, prose):
    text = json.dumps({"name": name, "arguments": args}, ensure_ascii=ascii_only)
    expected = [Call(name, args)]
    assert calls(f"<tool_call>{text}</tool_call>") == expected
    assert calls(f"{prose}<tool_call>{text}</tool_call>{prose}") == expected
    assert calls(f"{prose}\n```json\n{text}\n```\n{prose}") == expected
