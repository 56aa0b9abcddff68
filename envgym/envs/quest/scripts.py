"""Scripts that must fail: near misses and known exploits of a quest. Privileged."""

from envgym.envs.quest import rules, solver
from envgym.envs.quest.layout import DIRECTIONS, HELD, World
from envgym.envs.quest.rules import State


def solve(world: World, state: State) -> list[str]:
    """Return a shortest solution from ``state``, empty where it is solved or has none."""
    commands: list[str] = []
    while not rules.won(world, state):
        command = solver.best_command(world, state)
        if command is None:
            break
        commands.append(command)
        state, _ = rules.apply(world, state, command)
    return commands


def near_misses(world: World) -> dict[str, list[str]]:
    """Return scripts for a fresh episode that come close and do not reach the goal."""
    state = rules.initial(world)
    plan = solve(world, state)
    needed = world.needed
    carrying = state._replace(where=(HELD,) * needed + state.where[needed:])
    scripts = {
        "stops one command short": plan[:-1],
        "goes there with empty hands": solve(world, carrying),
    }
    distractors = [
        (thing, place) for thing, place in enumerate(state.where) if thing >= needed and place >= 0
    ]
    if world.aim.thing >= 0 and distractors:
        # The right walk and the right last command, with another thing in hand.
        wanted, other = world.things[world.aim.thing], world.things[distractors[0][0]]
        scripts["brings the wrong thing"] = [
            command.replace(f" {wanted}", f" {other}") for command in plan
        ]
    return scripts


def exploits(world: World, turns: int) -> dict[str, list[str]]:
    """Return scripts of ``turns`` commands that look busy and must gain nothing."""
    state = rules.initial(world)
    plan = solve(world, state)
    first = next((i for i, command in enumerate(plan) if command.startswith("take ")), None)
    scripts = {
        "looks for ever": ["look"] * turns,
        "claims the goal": [f"You {plan[-1]}."] * turns,
        "says all commands in one line": [" and ".join(plan)] * turns,
        "tries the last command everywhere": [plan[-1]] * turns,
    }
    side = next((s for s in range(4) if _can_walk(world, state, s)), None)
    if side is not None:
        there, back = f"go {DIRECTIONS[side]}", f"go {DIRECTIONS[(side + 2) % 4]}"
        scripts["walks back and forth"] = [there, back] * (turns // 2)
    if first is not None and len(plan) - first > 1:
        thing = plan[first].removeprefix("take ")
        pairs = max(0, turns - first - 1) // 2
        scripts["takes and drops"] = [
            *plan[: first + 1], *[f"drop {thing}", f"take {thing}"] * pairs
        ]  # fmt: skip
    return scripts


def _can_walk(world: World, state: State, side: int) -> bool:
    room, door = world.exits[state.room][side], world.gates[state.room][side]
    return room >= 0 and door < 0
