import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.envs.quest import LEVELS, Knobs, rules
from envgym.envs.quest.layout import DIRECTIONS, HELD, inside
from envgym.envs.quest.rules import Refused, apply, initial, possible
from envgym.envs.quest.view import STYLES, bearing, view
from envgym.envs.quest.world import draw_world

WORDS = (
    *rules.VERBS,
    *("north", "n", "in", "the", "key", "red", "door", "chest", "box", "gold", "with", "up", "."),
)
commands = st.text(max_size=40) | st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)
STORE = Knobs(goal="store", doors=1, containers=2, objects=2, openness=0, min_steps=6, max_steps=40)


@settings(max_examples=150, deadline=None)
@given(
    level=st.sampled_from(sorted(LEVELS)),
    seed=st.integers(0, 20),
    texts=st.lists(commands, max_size=8),
    style=st.sampled_from(STYLES),
    hint=st.booleans(),
)
def test_any_text_is_an_answer_or_a_refusal(level, seed, texts, style, hint):
    world = draw_world(LEVELS[level], seed, False)
    state = initial(world)
    for text in texts:
        try:
            state, event = apply(world, state, text)
        except Refused as refused:
            event = str(refused)
        assert event == "" or event[-1] in ".?"
        shown = view(world, state, style=style, hint=hint)
        assert shown.endswith(".")
        assert "\n" not in shown


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 30), picks=st.lists(st.integers(0, 10**6), max_size=25))
def test_every_possible_command_works_and_changes_something(seed, picks):
    world = draw_world(LEVELS["large"], seed, False)
    state = initial(world)
    for pick in picks:
        options = possible(world, state)
        for command in options:
            assert apply(world, state, command)[0] != state
        state, _ = apply(world, state, options[pick % len(options)])
        if rules.won(world, state):
            break


def test_a_move_and_its_opposite_lead_back():
    world = draw_world(Knobs(), 1, False)
    state = initial(world)
    for command in possible(world, state):
        if command.startswith("go "):
            side = DIRECTIONS.index(command[3:])
            there, _ = apply(world, state, command)
            assert apply(world, there, f"go {DIRECTIONS[(side + 2) % 4]}")[0] == state


def test_synonyms_articles_and_case_do_not_matter():
    world = draw_world(Knobs(), 1, False)
    state = initial(world)._replace(room=world.where[0])
    taken, event = apply(world, state, "take key")
    assert event == "You take the key."
    for text in ("Take the key.", "get KEY", "pick up the key", "  grab a key !"):
        assert apply(world, state, text) == (taken, event)
    assert apply(world, taken, "i") == (taken, "You have the key.")
    at_door = taken._replace(room=world.doors[0].a)
    assert apply(world, at_door, "open the door") == apply(world, at_door, "unlock door with key")


@pytest.fixture
def store():
    return draw_world(STORE, 0, False)


def refusal(world, state, command):
    with pytest.raises(Refused) as caught:
        apply(world, state, command)
    return str(caught.value)


def test_containers_open_once_and_hold_things(store):
    box = store.aim.place
    name, thing = store.containers[box], store.things[store.aim.thing]
    where = list(store.where)
    where[store.aim.thing] = HELD
    state = initial(store)._replace(room=store.container_room[box], where=tuple(where))
    assert refusal(store, state, f"put {thing} in {name}") == f"The {name} is closed."
    state, _ = apply(store, state, f"open {name}")
    assert refusal(store, state, f"open {name}") == f"The {name} is open."
    state, event = apply(store, state, f"put {thing} into the {name}")
    assert event == f"You put the {thing} in the {name}."
    assert state.where[store.aim.thing] == inside(box)
    assert rules.won(store, state)


def test_refusals_say_why(store):
    start = initial(store)
    door = store.doors[0]
    assert refusal(store, start, "") == "Say a command."
    assert refusal(store, start, "dance").startswith("Unknown command; say go, take,")
    assert refusal(store, start, "go up") == "Go north, east, south or west."
    assert refusal(store, start, "take") == "Say what to take."
    assert refusal(store, start, "drop hat") == "You do not have that."
    at_door = start._replace(room=door.a)
    assert refusal(store, at_door, "unlock door") == "You do not have the red key."
    side = store.exits[door.a].index(door.b)
    assert refusal(store, at_door, f"go {DIRECTIONS[side]}") == "The red door is locked."
    opened = at_door._replace(unlocked=1)
    assert refusal(store, opened, "unlock red door") == "That door is open."
    assert apply(store, opened, DIRECTIONS[side])[0].room == door.b


def test_two_things_of_one_kind_are_asked_about():
    world = draw_world(Knobs(doors=2, openness=0, objects=0, min_steps=4, max_steps=60), 0, False)
    state = initial(world)
    here = state._replace(where=(state.room,) * len(state.where))
    assert refusal(world, here, "take key") == (
        "Which one: the red key or the blue key or the gold key?"
    )
    assert apply(world, here, "take gold key")[0].where[2] == HELD


@pytest.mark.parametrize(
    ("there", "words"),
    [(0, "south west"), (1, "south"), (2, "south east"), (4, "west"), (5, "here"), (13, "north")],
)
def test_bearings(there, words):
    assert bearing(draw_world(Knobs(), 0, False), 5, there) == words
