"""The pipe that untrusted code shares: nothing that comes through it may surprise the host."""

from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.runtime.sandbox_code import seccomp
from envgym.runtime.sandbox_code.answers import Answers

NONCE = "0f" * 16


def lines(*texts):
    return b"".join(f"{NONCE} {text}\n".encode() for text in texts)


def read(data, count=2, limit=1000, code=0, ended="", cuts=()):
    answers, at = Answers(NONCE, count, limit), 0
    for cut in (*sorted(cuts), len(data)):
        answers.take(data[at:cut])
        at = cut
    return answers.verdict(code, ended)


GOOD = lines("ready", "0 [1]", '1 {"a": 2}', "end")


@given(st.lists(st.integers(0, len(GOOD)), max_size=8))
def test_pieces_change_nothing(cuts):
    assert read(GOOD, cuts=cuts) == ("ok", "", ([1], {"a": 2}))


@settings(max_examples=200)
@given(st.binary(max_size=200), st.integers(0, len(GOOD)))
def test_bytes_put_anywhere_never_raise_and_never_add_an_answer(noise, at):
    status, error, values = read(GOOD[:at] + noise + GOOD[at:])
    if status == "ok":
        assert len(values) == 2
    else:
        assert values == ()
        assert error


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            [
                "ready",
                "end",
                "0 1",
                "1 2",
                "2 3",
                "0",
                "-1 1",
                "error",
                "error memory 3",
                'error error "x"',
                "0 {",
                "x",
            ]
        )
    )
)
def test_true_lines_in_any_order_never_raise(texts):
    status, error, values = read(lines(*texts))
    answered = [t for t in texts if t != "ready"]
    assert (status == "ok") == (answered[:3] == ["0 1", "1 2", "end"])
    assert values == ((1, 2) if status == "ok" else ())
    assert bool(error) == (status != "ok")


def test_verdicts_by_how_it_ended():
    begun = lines("ready", "0 1")
    assert read(begun, ended="timeout")[:2] == ("timeout", "out of time after 1 of 2 answers")
    assert read(begun, code=152)[0] == "timeout"  # bubblewrap passes SIGXCPU on like this
    assert read(begun, code=-24)[0] == "timeout"
    assert "was killed by signal 9" in read(begun, code=137)[1]
    assert "was killed by signal 9" in read(begun, code=-9)[1]
    assert "exited with code 3" in read(begun, code=3)[1]
    assert read(begun, ended="output")[0] == "output"
    assert read(lines("ready", "0 1", "end"))[1] == "1 of 2 inputs were answered"
    assert read(lines("ready", '0 "' + "x" * 2000 + '"'))[0] == "output"
    assert read(lines("ready") + b"x" * 10_000)[0] == "output"
    assert read(lines("ready", "0 " + "[" * 900))[0] == "error"
    assert read(lines("ready", 'error memory "MemoryError: "'))[:2] == ("memory", "MemoryError: ")


def test_the_filter_is_whole_instructions_and_unknown_machines_have_none():
    for machine in ("x86_64", "aarch64"):
        data = seccomp.program(machine)
        count = len(data) // 8
        assert len(data) % 8 == 0 and 80 < count < 512
        for at in range(count):  # every jump lands inside, the last line returns
            code, yes, no = data[at * 8], data[at * 8 + 2], data[at * 8 + 3]
            assert code == 0x06 or at + 1 + max(yes, no) < count
        assert data[-8] == 0x06
    assert seccomp.program("riscv64") == b""
