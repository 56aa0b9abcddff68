import json

import pytest

from envgym.runtime.episodes import EpisodeWriter, read_episodes, verify
from envgym.types import ConfigError, EpisodeFileError


def edit(folder, change):
    """Apply ``change`` to each line of a recording, as an object."""
    path = folder / "episodes.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        change(line)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_a_recording_agrees_with_itself(record):
    folder = record("a b stop", "blush mute stop", "a a a a a a", "a b")
    report = verify(folder)
    assert report.difference is None
    assert (report.ok, report.episodes, report.events) == (True, 4, 14)
    assert report.notes == ()
    assert str(report) == "verified: 4 episodes, 14 events, no difference"
    assert [episode.cause for episode in read_episodes(folder)] == [
        "task", "task", "budget", "external",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("place", "value", "field", "recorded", "now"),
    [
        (("obs", "agent"), "You said c.", "/obs/agent", '"You said c."', '"You said b."'),
        (("ev", "agent", "progress"), 0.5, "/ev/agent/progress", "0.5", "0.6666666666666666"),
        (("ev", "agent", "more"), 1, "/ev/agent/more", "1", "nothing"),
        (("ev", "agent", "said"), ["a"], "/ev/agent/said", "1 items", "2 items"),
        (("pay", "agent"), 0.25, "/pay/agent", "0.25", "0.0"),
        (("ended",), {"agent": "terminated"}, "/ended/agent", '"terminated"', "null"),
    ],
)
def test_the_first_difference_is_named(record, place, value, field, recorded, now):
    folder = record("a stop", "a b stop")

    def change(line):
        if line["kind"] == "e" and line["e"] == 1 and "-s1-" in line["ep"]:
            for key in place[:-1]:
                line = line[key]
            line[place[-1]] = value

    edit(folder, change)
    found = verify(folder).difference
    assert found.episode.endswith("-s1-g0-a0")
    assert (found.event, found.field, found.recorded, found.now) == (1, field, recorded, now)
    assert f"event 1: {field}: recorded {recorded}, now {now}" in str(found)


def test_a_difference_at_the_reset(record):
    folder = record("stop")
    edit(folder, lambda line: line.update(seed=77) if line["kind"] == "head" else None)
    found = verify(folder).difference
    assert (found.event, found.field) == (-1, "/obs/agent")


def test_volatile_evidence_and_masks_do_not_count(record):
    folder = record("a stop")
    head = read_episodes(folder)[0].head
    assert head.volatile == ("/ev/agent/clock",)

    def change(line):
        if line["kind"] == "head":
            line["masks"] = [r"luck \d+"]
        if line["kind"] == "reset":
            line["obs"]["agent"] = line["obs"]["agent"].split("luck")[0] + "luck 123456."

    edit(folder, change)
    assert verify(folder).ok
    edit(folder, lambda line: line.update(volatile=[]) if line["kind"] == "head" else None)
    assert verify(folder).difference.field == "/ev/agent/clock"


def test_wall_clock_budgets_come_from_the_file(record):
    cut = record("a a stop", folder="cut", max_seconds=1e-9)
    assert read_episodes(cut)[0].cuts == {0: "seconds"}
    assert read_episodes(cut)[0].cause == "budget"
    assert verify(cut).ok

    def hurry(line):
        if line["kind"] == "head":
            line["config"]["max_seconds"] = 1e-9

    calm = record("a a stop", folder="calm", max_seconds=1e9)
    edit(calm, hurry)
    assert verify(calm).ok


def test_late_evidence_is_not_the_environments(record):
    folder = record("a stop")
    name = read_episodes(folder).names[0]
    with EpisodeWriter(folder, append=True) as writer:
        writer.late(name, 0, "agent", {"judge": 1.0, "style": 0.5}, "judge:fake")
        writer.late(name, -1, "agent", {"prior": 0.5}, "judge:fake")
    assert verify(folder).ok


def test_our_own_failure_is_not_repeated(record):
    folder = record("a crash")
    episode = read_episodes(folder)[0]
    assert (episode.cause, episode.end.reason) == ("invalid", "disk")
    report = verify(folder)
    assert (report.ok, report.events) == (True, 1)


def test_a_child_runs_through_its_parent(tmp_path, tell_tale):
    import gymnasium

    call = '<tool_call>{{"name": "say", "arguments": {{"word": "{}"}}}}</tool_call>'.format
    env = gymnasium.make(tell_tale, record=tmp_path / "told", disable_env_checker=True)
    env.reset(seed=0)
    env.step(call("a"))
    snapshot = env.unwrapped.snapshot()
    env.step(call("b"))
    env.unwrapped.restore(snapshot)
    env.step(call("stop"))
    env.close()
    parent, child = read_episodes(tmp_path / "told")
    assert (child.first, len(child.turns), child.cause) == (1, 1, "task")
    assert parent.cause == "external"
    report = verify(tmp_path / "told")
    assert (report.ok, report.episodes, report.events) == (True, 2, 3)
    assert verify(tmp_path / "told", only=child.name).events == 1


def test_other_versions_are_noted(record):
    folder = record("stop")

    def age(line):
        if line["kind"] == "head":
            line["libs"]["numpy"] = "0.1"
            line["version"] = "old"

    edit(folder, age)
    report = verify(folder)
    assert report.ok
    assert any("recorded with numpy 0.1, now" in note for note in report.notes)
    assert "recorded with version old of tests/TellTale-v0, now 0" in report.notes


def test_what_cannot_be_made_says_so(record):
    folder = record("stop")

    def confuse(line):
        if line["kind"] == "head":
            line["config"]["gravity"] = 9.8

    edit(folder, confuse)
    with pytest.raises(EpisodeFileError, match=r"cannot be made from the recorded conf.*gravity"):
        verify(folder)
    edit(
        folder,
        lambda line: line.update(env="tests/TellTall-v0") if line["kind"] == "head" else None,
    )
    with pytest.raises(ConfigError, match=r"TellTall-v0"):
        verify(folder)


def test_a_damaged_file_is_verified_as_far_as_it_goes(record):
    folder = record("a stop", "a b stop")
    path = folder / "episodes.jsonl"
    path.write_bytes(path.read_bytes()[:-400])
    report = verify(folder)
    assert report.ok
    assert report.episodes == 2
    assert "the last line is cut off" in report.notes[0]


def test_guess_number(tmp_path):
    import gymnasium

    import envgym  # noqa: F401 - registers the ids

    env = gymnasium.make("envgym/GuessNumber-v0", record=tmp_path / "run", reward="dense", high=50)
    for seed in (2**62, 3):
        env.reset(seed=seed)
        done = False
        while not done:
            _, _, terminated, truncated, _ = env.step(env.unwrapped.oracle())
            done = terminated or truncated
    env.close()
    assert read_episodes(tmp_path / "run")[0].head.seed == 2**62
    assert verify(tmp_path / "run").ok
