"""What every code runner promises: answers, ends, limits."""

from dataclasses import replace

import pytest

from envgym.types import CodeLimits, CodeRunner, ConfigError


def call(runner, source, limits, *inputs, function="f"):
    return runner.call(source, function, inputs or ({},), limits)


def test_it_is_a_code_runner(runner):
    assert isinstance(runner, CodeRunner)


def test_answers_come_in_the_order_of_the_inputs_from_one_process(runner, limits):
    source = "import os\ncount = 0\ndef f(x):\n global count\n count += 1\n return [x, count, os.getpid()]"
    result = call(runner, source, limits, *({"x": i} for i in range(50)))
    assert (result.status, result.error) == ("ok", "")
    assert [x for x, _, _ in result.values] == list(range(50))
    assert [count for _, count, _ in result.values] == list(range(1, 51))
    assert len({pid for _, _, pid in result.values}) == 1


def test_no_input_is_no_answer(runner, limits):
    assert runner.call("def f(): return 1", "f", [], limits).values == ()


def test_json_of_every_kind_survives(runner, limits):
    value = {"n": None, "t": True, "i": 2**62, "f": 0.1, "s": "ä☃𝄞\x00\n", "l": [1, [2]], "": {}}
    assert call(runner, "def f(v): return v", limits, {"v": value}).values == (value,)


def test_large_inputs_and_results_pass_the_pipes(runner, limits):
    wide = replace(limits, output_bytes=3_000_000)
    text = "x" * 1_000_000
    assert call(runner, "def f(v): return v + v", wide, {"v": text}).values == (text * 2,)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("raise ValueError('no')", "ValueError: no"),
        ("return g()", "name 'g' is not defined"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("return {1, 2}", "set is not JSON serializable"),
        ("return float('nan')", "not JSON compliant"),
        ("return [float('-inf')]", "not JSON compliant"),
        ("return 10 ** 5000", "4300"),
        ("return '\\ud800'", "no JSON that can be read"),
        ("import os; os._exit(0)", "exited with code 0 after 0 of 1 answers"),
        ("import os; os._exit(7)", "exited with code 7"),
        ("import os; os.kill(os.getpid(), 9)", "killed by signal 9"),
        ("import os; os.close(0); os.close(1); os.close(2); raise OSError('x')", "OSError: x"),
        ("return f()", "RecursionError"),
        ("a = []; a.append(a); return a", "Circular reference"),
    ],
)
def test_what_the_code_does_wrong_is_an_error(runner, limits, body, error):
    result = call(runner, f"def f():\n {body}", limits)
    assert result.status == "error"
    assert error in result.error
    assert result.values == ()
    assert "\n" not in result.error


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("def f(:", "SyntaxError"),
        ("x = 1", "defines no function 'f'"),
        ("f = 3", "defines no function 'f'"),
        ("1 / 0", "ZeroDivisionError"),
        ("def f(a): pass", "missing 1 required positional argument"),
        ("\x00", "null bytes"),
    ],
)
def test_code_that_cannot_start_is_an_error(runner, limits, source, error):
    result = call(runner, source, limits)
    assert result.status == "error"
    assert error in result.error


def test_the_traceback_is_on_stderr(runner, limits):
    result = call(runner, "def f(x):\n return 1 / x", limits, {"x": 1}, {"x": 0})
    assert "input 1:" in result.stderr
    assert "line 2, in f" in result.stderr


def test_an_error_whose_text_raises_is_an_error(runner, limits):
    source = "class E(Exception):\n def __str__(self): raise SystemExit\ndef f(): raise E"
    assert call(runner, source, limits).error == "E"


@pytest.mark.parametrize("body", ["while True: pass", "import time; time.sleep(60)"])
def test_an_endless_run_is_a_timeout(runner, limits, body):
    result = call(runner, f"def f():\n {body}", replace(limits, seconds=0.5))
    assert result.status == "timeout"
    assert result.error == "out of time after 0 of 1 answers"


def test_an_endless_run_that_catches_everything_is_a_timeout(runner, limits):
    source = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ndef f():\n while True:\n  try:\n   while True: pass\n  except BaseException: pass"
    assert call(runner, source, replace(limits, seconds=0.5)).status == "timeout"


@pytest.mark.parametrize(
    "body", ["return len('x' * 2**33)", "a = []\n while True: a.append('x' * 10**6)"]
)
def test_a_memory_bomb_is_memory(runner, limits, body):
    result = call(runner, f"def f():\n {body}", limits)
    assert result.status == "memory"
    assert "MemoryError" in result.error


def test_a_flood_is_cut_and_the_answer_stays(runner, limits):
    source = (
        "import sys\ndef f():\n print('o' * 50_000)\n sys.stderr.write('e' * 50_000)\n return 1"
    )
    result = call(runner, source, limits)
    assert (result.status, result.values) == ("ok", (1,))
    assert (len(result.stdout), len(result.stderr)) == (20_000, 20_000)


def test_an_endless_flood_is_output(runner, limits):
    result = call(runner, "def f():\n while True: print('o' * 1000)", limits)
    assert result.status == "output"
    assert len(result.stdout) == 20_000


def test_a_result_beyond_the_limit_is_output(runner, limits):
    assert call(runner, "def f(): return 'x' * 30_000", limits).status == "output"
    many = call(runner, "def f(x): return 'x' * 3_000", limits, *({"x": i} for i in range(10)))
    assert many.status == "output"


def test_bytes_that_are_no_text_are_shown_with_signs(runner, limits):
    source = "import os\ndef f():\n os.write(1, b'\\xff\\xfe ok \\xc3')\n return 1"
    assert call(runner, source, limits).stdout == "\ufffd\ufffd ok \ufffd"


def test_printed_results_are_only_printed(runner, limits):
    source = "def f():\n print('0 {\"score\": 1}')\n print('ready'); print('end')\n return 0.25"
    result = call(runner, source, limits)
    assert result.values == (0.25,)
    assert '"score"' in result.stdout


def test_lines_forged_on_every_descriptor_spoil_the_run_and_never_count(runner, limits):
    source = (
        "import os\ndef f():\n for fd in range(3, 64):\n  try: os.write(fd, b'0 1.0\\nend\\n')\n"
        "  except OSError: pass\n return 0.25"
    )
    result = call(runner, source, limits)
    assert result.status == "error"
    assert result.values == ()
    assert result.error == "the code wrote to the answers' pipe"


def test_a_forked_copy_answers_nothing(runner, limits):
    source = "import os\ndef f(x):\n return [x, os.fork() == 0]"
    result = call(runner, source, limits, {"x": 1}, {"x": 2})
    assert result.values == ([1, False], [2, False])


@pytest.mark.parametrize(
    "harm",
    [
        "import json; json.dumps = lambda *a, **k: '9'",
        "import json.encoder as e; e.JSONEncoder.encode = lambda *a: '9'",
        "import json, sys; sys.modules['json'] = None",
        "import os; os.write = os.getpid = None",
        "import sys; sys.stdout = sys.stderr = None",
        "import sys; sys.settrace(lambda *a: 1 / 0)",
        "import builtins; builtins.callable = lambda x: True",
    ],
)
def test_harm_to_the_modules_changes_no_answer(runner, limits, harm):
    source = f"{harm}\ndef f(x): return x"
    result = call(runner, source, limits, {"x": 0.25})
    assert result.values in {(), (0.25,)}
    assert (result.status == "ok") == bool(result.values)


@pytest.mark.parametrize(
    "wrong",
    [
        {"seconds": 0},
        {"seconds": float("nan")},
        {"memory_mb": 1},
        {"output_bytes": 0},
        {"processes": 0},
    ],
)
def test_limits_that_make_no_sense_are_refused(runner, wrong):
    with pytest.raises(ConfigError, match=f"CodeLimits.{next(iter(wrong))} must be"):
        call(runner, "def f(): return 1", CodeLimits(**wrong))


def test_a_function_name_is_a_name(runner, limits):
    with pytest.raises(ConfigError, match="function name"):
        call(runner, "", limits, function="f()")


def test_input_that_is_no_json_is_refused(runner, limits):
    with pytest.raises(ConfigError, match="input 0"):
        call(runner, "def f(x): return 1", limits, {"x": float("nan")})
    with pytest.raises(ConfigError, match="input 1"):
        call(runner, "def f(x): return 1", limits, {"x": 1}, {"x": object()})
