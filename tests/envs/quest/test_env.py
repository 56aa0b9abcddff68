import pickle

import pytest

from envgym.envs.quest import LEVELS, Knobs, QuestEnv, world_digest
from envgym.types import ConfigError, Stream, Task, TaskError

PRESETS = ("outcome", "dense", "gated", "process")


def play(env, actions):
    """Return (last observation, sum of floats, last info) of a script."""
    total, observation, info = 0.0, "", {}
    for action in actions:
        observation, amount, terminated, truncated, info = env.step(action)
        total += amount
        if terminated or truncated:
            break
    return observation, total, info


def oracle(env):
    while env.state.left:
        yield env.oracle()


@pytest.mark.parametrize("reward", PRESETS)
@pytest.mark.parametrize("level", sorted(LEVELS))
def test_the_oracle_wins_in_the_fewest_commands(level, reward):
    env = QuestEnv(level=level, reward=reward)
    for seed in range(3):
        env.reset(seed=seed)
        _, total, info = play(env, oracle(env))
        assert info["success"] == "yes"
        assert info["turn"] == info["evidence"]["optimal"]
        assert info["evidence"]["progress"] == info["evidence"]["outcome"] == 1.0
        assert total >= 1.0


@pytest.mark.parametrize("reward", PRESETS)
def test_losing_scripts_stay_low(reward):
    env = QuestEnv(level="medium", reward=reward)
    for seed in range(3):
        env.reset(seed=seed)
        won = play(env, oracle(env))[1]
        env.reset(seed=seed)
        for name, script in (env.near_misses() | env.exploits()).items():
            env.reset(seed=seed)
            turns = env.limits.turns
            _, total, info = play(env, [*script, *["look"] * turns][:turns])
            assert info["success"] == "no", name
            assert info["end"] == "budget"
            assert total < won - 1e-9, name


def test_taking_and_dropping_earns_nothing_under_dense():
    env = QuestEnv(reward="dense")
    env.reset(seed=4)
    first = [*oracle_commands(env)]
    until = next(i for i, command in enumerate(first) if command.startswith("take"))
    env.reset(seed=4)
    play(env, first[: until + 1])
    earned = sum(env.step(a)[1] for a in ("drop key", "take key"))
    assert earned == pytest.approx(0.0)


def oracle_commands(env):
    commands = []
    while (command := env.oracle()) is not None:
        commands.append(command)
        env.step(command)
    return commands


def test_noise_never_loses_the_way():
    env = QuestEnv(level="large", max_turns=200)
    for seed in range(5):
        env.reset(seed=seed)
        stream, done = Stream(seed, "test"), False
        while not done:
            noisy = stream.chance(55, 100)
            action = env.random_action(stream) if noisy else env.oracle()
            _, _, terminated, truncated, info = env.step(action)
            assert info["error"] is None
            done = terminated or truncated
        assert info["success"] == "yes"


def test_snapshots_continue_alike_in_another_environment():
    env, other = (QuestEnv(level="medium", reward="process") for _ in range(2))
    env.reset(seed=7)
    commands = oracle_commands(env)
    env.reset(seed=7)
    play(env, commands[:5])
    saved = env.snapshot()
    ends = [play(env, commands[5:])]
    other.reset(seed=1)
    other.restore(saved)
    ends.append(play(other, commands[5:]))
    env.restore(saved)
    ends.append(play(env, commands[5:]))
    assert ends[0] == ends[1] == ends[2]
    assert len(saved) < 20_000  # the world is rebuilt from its seed, not pickled


def test_state_is_small_and_picklable():
    env = QuestEnv(level="large")
    env.reset(seed=0)
    assert pickle.loads(pickle.dumps(env.state)) == env.state
    assert len(pickle.dumps(env.state)) < 2_000


def test_a_mistake_costs_a_turn_and_shows_where_things_are():
    env = QuestEnv()
    before, _ = env.reset(seed=0)
    observation, _, _, _, info = env.step("unlock door")
    assert info["error"] == observation
    assert info["evidence"]["errors"] == 1
    assert "Nothing happened." in observation
    assert observation.endswith(before.partition(". ")[2])


def test_a_tool_call_and_a_plain_line_are_the_same_command():
    env = QuestEnv()
    env.reset(seed=0)
    move = next(c for c in ("go north", "go south") if "cannot" not in env.step(c)[0])
    ends = []
    for text in (
        move,
        f'<tool_call>{{"name": "do", "arguments": {{"command": "{move}"}}}}</tool_call>',
        f"<think>The way is clear.</think>{move}",
    ):
        env.reset(seed=0)
        ends.append((env.step(text)[0], env.state.now))
    assert ends[0] == ends[1] == ends[2]


def test_without_hints_only_what_is_here_is_told():
    env = QuestEnv(hint=False)
    observation, _ = env.reset(seed=0)
    assert "north" not in observation
    commands = oracle_commands(env)
    env.reset(seed=0)
    seen = [env.step(command)[0] for command in commands]
    assert any("The key is here." in text for text in seen)


def test_coordinates():
    env = QuestEnv(observation="coordinates")
    observation, _ = env.reset(seed=0)
    assert "You are at " in observation
    assert "The key is at " in observation


def test_task_files_carry_the_whole_world():
    env = QuestEnv(level="medium")
    env.reset(options={"task": "test/5"})
    there = env.task
    assert there.params["held_out"] is True
    small = QuestEnv(tasks=[there, {"id": "plain", "params": {"world": 3}}], split="test")
    small.reset(options={"task": "test/5"})
    assert small.state == env.state
    assert world_digest(small.task) == world_digest(there)
    observation, _ = small.reset(options={"task": "plain"})
    assert observation.startswith("Take the key and unlock the door.")


def test_splits_share_no_layout():
    tasks = QuestEnv().tasks
    test = {world_digest(task) for task in tasks.split("test")[:64]}
    train = {world_digest(task) for task in tasks.split("train")[:600]}
    assert not test & train


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({}, "world"),
        ({"world": -1}, "world"),
        ({"world": 1, "widht": 3}, "widht"),
        ({"world": 1, "width": 99}, "width must be an integer from 2 to 10, got 99"),
        ({"world": 1, "goal": "store"}, "needs containers"),
    ],
)
def test_bad_params_name_the_field(params, sentence):
    with pytest.raises(TaskError, match=sentence):
        QuestEnv(tasks=[Task(id="x", params=params)])


def test_bad_arguments_fail_at_make():
    with pytest.raises(ConfigError, match="coordinates, relational"):
        QuestEnv(observation="pixels")
    with pytest.raises(ConfigError, match="hint must be True or False, got 1"):
        QuestEnv(hint=1)


def test_a_knob_replaces_its_level_value():
    env = QuestEnv(level="large", width=5, max_steps=60)
    assert env.knobs.width == 5
    assert env.knobs.height == LEVELS["large"].height
    assert env.limits.turns == 80
    assert QuestEnv(max_steps=14).limits.turns == 14
    assert QuestEnv(max_turns=5).limits.turns == 5
    assert Knobs() == LEVELS["small"]
