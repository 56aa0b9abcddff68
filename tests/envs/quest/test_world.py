import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.envs.quest import LEVELS, Knobs, rules, solver, world_digest
from envgym.envs.quest.knobs import TURNS, knobs_for
from envgym.envs.quest.layout import HELD
from envgym.envs.quest.world import HELD_OUT_BUCKETS, draw_world
from envgym.types import ConfigError, Task

seeds = st.integers(0, 2**62)
levels = st.sampled_from(sorted(LEVELS))


def first_steps(world):
    return solver.steps_left(world, rules.initial(world))


@settings(max_examples=60, deadline=None)
@given(seed=seeds, level=levels, held_out=st.booleans())
def test_solution_length_and_part_are_as_asked(seed, level, held_out):
    knobs = LEVELS[level]
    world = draw_world(knobs, seed, held_out)
    assert knobs.min_steps <= first_steps(world) <= knobs.max_steps <= TURNS[level]
    assert (int(world.digest[:2], 16) < HELD_OUT_BUCKETS) is held_out


@settings(max_examples=30, deadline=None)
@given(seed=seeds, steps=st.integers(4, 10))
def test_one_exact_solution_length(seed, steps):
    knobs = Knobs(min_steps=steps, max_steps=steps)
    assert first_steps(draw_world(knobs, seed, False)) == steps


@settings(max_examples=40, deadline=None)
@given(seed=seeds, level=levels)
def test_everything_has_a_place_and_a_name_of_its_own(seed, level):
    knobs = LEVELS[level]
    world = draw_world(knobs, seed, False)
    assert len(set(world.things)) == len(world.things) == len(world.where)
    assert len(world.things) == world.needed + knobs.objects
    assert len(set(world.containers)) == knobs.containers
    assert len(set(world.names)) == (knobs.rooms if knobs.named else 0)
    assert all(place != HELD and 0 <= world.room_of(place) < knobs.rooms for place in world.where)
    assert not rules.won(world, rules.initial(world))
    for room, exits in enumerate(world.exits):
        for side, other in enumerate(exits):
            assert other < 0 or world.exits[other][(side + 2) % 4] == room
            assert other < 0 or world.gates[other][(side + 2) % 4] == world.gates[room][side]


def test_distractors_change_nothing_else():
    few, many = (draw_world(Knobs(objects=n), 5, False) for n in (1, 6))
    assert few.digest == many.digest
    assert (few.start, few.exits, few.doors) == (many.start, many.exits, many.doors)
    assert few.where == many.where[: len(few.where)]


def test_no_layout_of_the_test_part_is_in_the_training_part():
    small = LEVELS["small"]
    train = {draw_world(small, seed, False).digest for seed in range(1500)}
    test = {draw_world(small, seed, True).digest for seed in range(256)}
    assert len(test) > 180
    assert not train & test


def test_digest_of_a_task_needs_only_its_params():
    task = Task(id="mine", params={"world": 3})
    assert world_digest(task) == draw_world(Knobs(), 3, False).digest
    assert world_digest(task) == "f0eaca0d6e7558222422ae52c03693b9"


@pytest.mark.parametrize(
    ("level", "given_", "sentence"),
    [
        ("smal", {}, "unknown level 'smal'; allowed: large, medium, small. Did you mean 'small'?"),
        ("small", {"width": 1}, "Quest: width must be an integer from 2 to 10, got 1."),
        ("small", {"doors": 1.5}, "Quest: doors must be an integer from 0 to 4, got 1.5."),
        ("small", {"goal": "exti"}, "Did you mean 'exit'?"),
        ("small", {"goal": "store"}, "goal='store' needs containers of at least 1, got 0."),
        ("small", {"max_steps": 3}, "max_steps must be at least min_steps (4), got 3."),
    ],
)
def test_bad_knobs_say_what_is_allowed(level, given_, sentence):
    with pytest.raises(ConfigError) as caught:
        knobs_for(level, given_)
    assert sentence in str(caught.value)


def test_knobs_that_no_world_fits_are_refused(monkeypatch):
    monkeypatch.setattr("envgym.envs.quest.world.TRIES", 50)
    with pytest.raises(ConfigError, match="no world in 50 draws has a solution of 90 to 99"):
        draw_world(Knobs(min_steps=90, max_steps=99), 0, False)
