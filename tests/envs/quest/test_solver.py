from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.envs.quest import LEVELS, Knobs, rules, scripts, solver
from envgym.envs.quest.world import draw_world

TINY = {
    "exit": Knobs(
        width=3, height=2, doors=1, containers=1, objects=0, openness=0, min_steps=4, max_steps=40
    ),
    "bring": Knobs(
        width=3, height=2, goal="bring", doors=1, containers=1, objects=1, openness=40,
        min_steps=3, max_steps=40,
    ),
    "store": Knobs(
        width=2, height=2, goal="store", doors=1, containers=2, objects=0, openness=0,
        min_steps=4, max_steps=40,
    ),
}  # fmt: skip


def flood(world, state):
    """The plain twin: breadth-first search over whole states with the rules alone."""
    front, seen, steps = [state], {state}, 0
    while front:
        if any(rules.won(world, s) for s in front):
            return steps
        reached = {
            rules.apply(world, s, command)[0] for s in front for command in rules.possible(world, s)
        }
        front = list(reached - seen)
        seen |= reached
        steps += 1
    return solver.FAR


@settings(max_examples=24, deadline=None)
@given(
    goal=st.sampled_from(sorted(TINY)),
    seed=st.integers(0, 50),
    picks=st.lists(st.integers(0, 10**6), max_size=12),
)
def test_distances_equal_a_search_over_whole_states(goal, seed, picks):
    world = draw_world(TINY[goal], seed, False)
    state = rules.initial(world)
    for pick in picks:
        options = rules.possible(world, state)
        after, _ = rules.apply(world, state, options[pick % len(options)])
        if not rules.won(world, after):
            state = after
    assert solver.steps_left(world, state) == flood(world, state)


@settings(max_examples=60, deadline=None)
@given(
    level=st.sampled_from(sorted(LEVELS)),
    seed=st.integers(0, 200),
    picks=st.lists(st.integers(0, 10**6), max_size=30),
)
def test_one_command_changes_the_distance_by_at_most_one(level, seed, picks):
    world = draw_world(LEVELS[level], seed, False)
    state = rules.initial(world)
    for pick in picks:
        left = solver.steps_left(world, state)
        best, _ = rules.apply(world, state, solver.best_command(world, state))
        if rules.won(world, best):
            assert left == 1
        else:
            assert solver.steps_left(world, best) == left - 1
        options = rules.possible(world, state)
        state, _ = rules.apply(world, state, options[pick % len(options)])
        if rules.won(world, state):
            break
        assert abs(solver.steps_left(world, state) - left) <= 1


@settings(max_examples=40, deadline=None)
@given(level=st.sampled_from(sorted(LEVELS)), seed=st.integers(0, 200))
def test_scripts_that_must_fail_do(level, seed):
    world = draw_world(LEVELS[level], seed, False)
    losing = scripts.near_misses(world) | scripts.exploits(world, 30)
    assert {"stops one command short", "goes there with empty hands"} <= losing.keys()
    for name, script in losing.items():
        state = rules.initial(world)
        for command in script:
            try:
                state, _ = rules.apply(world, state, command)
            except rules.Refused:
                continue
            assert not rules.won(world, state), name
