import pytest

from envgym.runtime.episodes import read_episodes


@pytest.fixture
def played(tmp_path, envgym):
    """Return a folder with four recorded episodes of the random policy."""
    folder = tmp_path / "episodes"
    done = envgym(
        "run", "envgym/Quest-v0", "--agent", "random", "--episodes", 4, "--out", folder, "--json"
    )
    assert done.code == 0
    return folder


def grade(envgym, *args):
    return envgym("rewards", "grade", *args)


def test_answers_become_evidence_once(envgym, played):
    done = grade(envgym, played, "--judge", "fake")
    assert (done.code, done.out) == (0, "4 episodes got judge.quality from fake\n")
    assert all("judge.quality" in episode.records[-1] for episode in read_episodes(played))
    before = (played / "episodes.jsonl").read_bytes()
    again = grade(envgym, played, "--judge", "fake")
    assert (again.code, again.out.splitlines()[1]) == (0, "not asked: 4 (it has an answer)")
    other = grade(envgym, played, "--judge", "fake:seed=2")
    assert "not asked: 4 (it has an answer of fake/pointwise-v1-" in other.out
    assert (played / "episodes.jsonl").read_bytes() == before
    assert grade(envgym, played, "--judge", "fake:seed=2", "--redo", "all").code == 0


def test_no_answer_is_exit_code_1_and_asked_again(envgym, played):
    done = grade(envgym, played, "--judge", "fake:failures=1", "--json")
    assert (done.code, done.json["invalid"]) == (1, {"policy": 4})
    assert grade(envgym, played, "--judge", "fake", "--json").json["answered"] == 4


def test_recorded_answers_replay_without_the_judge(envgym, played, tmp_path):
    tape = tmp_path / "tape.jsonl"
    more = ("--samples", 3, "--json")
    live = grade(envgym, played, "--judge", "fake:noise=0.3", "--record", tape, *more)
    replay = grade(envgym, played, "--judge", f"cassette:{tape}", "--name", "again", *more)
    assert (live.json["answered"], replay.json["judge"]) == (4, live.json["judge"])
    for episode in read_episodes(played):
        last = episode.records[-1]
        assert last["judge.quality"] == last["judge.again"]


def test_criteria_make_a_rubric(envgym, played):
    args = ("--name", "both", "--criterion", "It is short.", "--criterion", "It is kind.")
    assert grade(envgym, played, "--judge", "fake", *args).code == 0
    assert len(read_episodes(played)[0].records[-1]["judge.both"]) == 2
    assert grade(envgym, played, "--judge", "fake", "--prompt", "pointwise", *args[2:]).code == 0


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--judge", "fkae"), "Did you mean 'fake'?"),
        (("--judge", "fake", "--prompt", "pairwise"), "compares two attempts"),
        (("--judge", "fake", "--prompt", "rubric"), "needs the field 'criteria'"),
        (("--judge", "fake", "--name", "A B"), "name must be lower-case"),
        (("--judge", "cassette:nowhere"), "cannot be read"),
        (("--judge", "openai:m@http://me:hidden@127.0.0.1:9/v1"), "no password and no query"),
    ],
)
def test_wrong_input_is_one_sentence(envgym, played, args, message):
    done = grade(envgym, played, *args)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert len(done.err.splitlines()) == 1
    assert "hidden" not in done.err
