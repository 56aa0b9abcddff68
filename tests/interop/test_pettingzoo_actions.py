"""Actions of spaces as text."""

import numpy as np
import pytest
from gymnasium import spaces
from hypothesis import given
from hypothesis import strategies as st

from envgym.interop.pettingzoo_actions import actions_of
from envgym.types import ConfigError, Stream, ToolError

SPACES = [
    spaces.Discrete(1),
    spaces.Discrete(5, start=-2),
    spaces.Discrete(5000),
    spaces.MultiDiscrete([2, 3, 4]),
    spaces.MultiDiscrete([[2, 3], [4, 5]], start=[[1, 1], [-1, 0]]),
    spaces.MultiBinary(3),
    spaces.Box(-1, 1, (2, 2), np.float32),
    spaces.Box(0, 255, (3,), np.uint8),
    spaces.Box(-5, 5, (), np.float64),
    spaces.Box(-np.inf, np.inf, (2,), np.float32),
    spaces.Box(np.array([0.0, -np.inf]), np.array([np.inf, -3.0]), dtype=np.float64),
    spaces.Box(-(2**63), 2**63 - 1, (1,), np.int64),
]
SEEDS = st.integers(0, 2**32)


def inside(space, action):
    return space.contains(action)


@pytest.mark.parametrize("space", SPACES, ids=str)
@given(seed=SEEDS)
def test_random_actions_are_read_and_lie_in_the_space(space, seed):
    actions = actions_of("x", space)
    text = actions.draw(None, Stream(seed, "test"))
    assert inside(space, actions.read(text, None))


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_first_and_example_lie_in_the_space(space):
    actions = actions_of("x", space)
    assert actions.open(None)
    assert inside(space, actions.first(None))
    assert inside(space, actions.read(actions.example, None))


@pytest.mark.parametrize("space", SPACES, ids=str)
@given(text=st.text(max_size=40) | st.from_regex(r"\A[-+0-9eE., \[\]naif]{0,40}\Z"))
def test_any_text_is_an_action_or_a_sentence(space, text):
    actions = actions_of("x", space)
    told = None
    try:
        assert inside(space, actions.read(text, None))
    except ToolError as error:
        told = str(error)
    assert told is None or "Legal actions: " in told


@given(seed=SEEDS, bits=st.lists(st.booleans(), min_size=6, max_size=6))
def test_masks_are_obeyed(seed, bits):
    actions = actions_of("x", spaces.Discrete(6, start=10))
    mask = np.array(bits, np.int8)
    legal = [10 + i for i, bit in enumerate(bits) if bit]
    assert actions.open(mask) == bool(legal)
    assert actions.first(mask) == (legal[0] if legal else 10)
    for number in range(8, 18):
        if number in legal:
            assert actions.read(str(number), mask) == number
        else:
            with pytest.raises(ToolError, match="is no legal action"):
                actions.read(str(number), mask)
    if legal:
        assert int(actions.draw(mask, Stream(seed, "test"))) in legal


@given(seed=SEEDS, bits=st.lists(st.booleans(), min_size=5, max_size=5))
def test_masks_of_several_numbers_are_obeyed(seed, bits):
    actions = actions_of("x", spaces.MultiDiscrete([3, 2]))
    mask = (np.array(bits[:3]), np.array(bits[3:]))
    assert actions.open(mask) == (any(bits[:3]) and any(bits[3:]))
    for i in range(3):
        for j in range(2):
            if bits[i] and bits[3 + j]:
                assert actions.read(f"({i}, {j})", mask).tolist() == [i, j]
            else:
                with pytest.raises(ToolError, match="is not allowed"):
                    actions.read(f"{i} {j}", mask)
    if actions.open(mask):
        actions.read(actions.draw(mask, Stream(seed, "test")), mask)
        actions.read(", ".join(map(str, actions.first(mask))), mask)


def test_names():
    actions = actions_of("x", spaces.Discrete(3), {0: "Rock", 2: "Big  Scissors"})
    assert actions.listed(None) == "0 (Rock); 1; 2 (Big  Scissors)" and actions.example == "Rock"
    for text in ("rock", " ROCK. ", '"Rock"', "0", "+0"):
        assert actions.read(text, None) == 0
    assert actions.read("big scissors", None) == 2
    for text in ("roc", "rocks", "rock 0", "paper", ""):
        with pytest.raises(ToolError):
            actions.read(text, None)
    with pytest.raises(ToolError, match="The action is empty"):
        actions.read(" ", None)


@pytest.mark.parametrize(
    ("space", "told"),
    [
        (spaces.Discrete(3), "0; 1; 2"),
        (spaces.Discrete(41), "any whole number from 0 to 40"),
        (spaces.MultiDiscrete([4, 4]), "2 numbers, each a whole number from 0 to 3"),
        (spaces.MultiBinary(1), "a whole number from 0 to 1"),
        (spaces.Box(-1, 0.5, (2,)), "2 numbers, each a number from -1 to 0.5"),
        (spaces.Box(0, np.inf, (1,)), "a number from 0 to infinity"),
        (
            spaces.Box(
                np.array([0, 7], np.int32), np.array([1, 1234567], np.int32), dtype=np.int32
            ),
            "a whole number from 0 to 1; a whole number from 7 to 1234567",
        ),
    ],
)
def test_what_is_listed(space, told):
    assert actions_of("x", space).listed(None) == told


def test_long_masked_lists_are_counted():
    mask = np.ones(100, np.int8)
    mask[3] = 0
    listed = actions_of("x", spaces.Discrete(100)).listed(mask)
    assert listed.startswith("0; 1; 2; 4; ") and listed.endswith("; 40 and 59 more")


@pytest.mark.parametrize(
    "space",
    [
        None,
        spaces.Text(3),
        spaces.Dict(a=spaces.Discrete(2)),
        spaces.Tuple([spaces.Discrete(2)]),
        spaces.Box(0, 1, (4, 5)),
    ],
    ids=str,
)
def test_other_spaces_are_refused(space):
    with pytest.raises(ConfigError, match="cannot be written as text; allowed: Discrete, and"):
        actions_of("x", space)


def test_masks_of_another_size_are_refused():
    with pytest.raises(ConfigError, match=r"x: the action mask must have 3 numbers, got shape"):
        actions_of("x", spaces.Discrete(3)).open(np.ones(4))
    with pytest.raises(ConfigError, match=r"x: the action mask must have a part of \[2, 3\]"):
        actions_of("x", spaces.MultiDiscrete([2, 3])).open((np.ones(2), np.ones(2)))
