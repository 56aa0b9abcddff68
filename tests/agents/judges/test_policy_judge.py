"""A policy as a judge: retries, failures, time, and the endpoint over real HTTP."""

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.agents.judges import PolicyJudge, load_template
from envgym.agents.judges.verdict import Judge, Verdict
from envgym.agents.policies.human import HumanPolicy
from envgym.agents.policies.openai import OpenAIPolicy
from envgym.types import ConfigError, InfraError, Reply


def test_it_asks_once_and_reads_the_score(scripted, ask):
    policy = scripted(lambda request: "Fine.\nSCORE: 7")
    judge = PolicyJudge(policy)
    assert isinstance(judge, Judge)
    assert judge.name == "scripted"
    verdict = judge.judge([ask("a")])[0]
    assert verdict == Verdict(values=(7.0,), text="Fine.\nSCORE: 7")
    assert verdict.calls == 1
    assert policy.open == set()
    assert [m.role for m in policy.requests[0].messages] == ["system", "user"]
    assert judge.judge([]) == []


def test_unreadable_replies_are_asked_again_with_another_seed_and_a_reminder(scripted, ask):
    policy = scripted(lambda request: "SCORE: 4" if len(policy.requests) == 3 else "Hm.")
    verdict = PolicyJudge(policy).judge([ask("a")])[0]
    assert (verdict.value, verdict.calls, verdict.reason) == (4.0, 3, None)
    assert len({request.seed for request in policy.requests}) == 3
    first, second, _ = (request.messages[1].content for request in policy.requests)
    assert second.startswith(first)
    assert "Answer once more" in second


@pytest.mark.parametrize("tries", [1, 10])
def test_after_the_last_try_it_is_invalid_never_0(scripted, ask, tries):
    policy = scripted(lambda request: "Hm.")
    verdict = PolicyJudge(policy, tries=tries).judge([ask("a")])[0]
    assert (verdict.values, verdict.value, verdict.reason) == (None, None, "parse")
    assert verdict.calls == len(policy.requests) == tries
    assert verdict.text == "Hm."


def test_a_tie_is_in_the_middle_of_its_grid(scripted, pair):
    template = replace(load_template("pairwise"), lo=1, hi=4)
    question = template.ask(instruction="i", first="a", second="b")
    judge = PolicyJudge(scripted(lambda request: "PATH A: 0"), tries=1, tie_on_failure=True)
    assert judge.judge([question])[0].values == (2.5,) * 4


def test_a_tie_stands_in_only_if_asked_and_is_marked(scripted, pair, ask):
    policy = scripted(lambda request: "Hm.")
    assert PolicyJudge(policy, tries=2).judge([pair("a", "b")])[0].values is None
    judge = PolicyJudge(policy, tries=2, tie_on_failure=True)
    assert judge.judge([pair("a", "b")])[0] == Verdict(
        values=(5.0, 5.0, 5.0, 5.0), reason="parse", text="Hm."
    )
    assert judge.judge([ask("a")])[0].values is None
    failing = scripted(lambda request: Reply(text="down", finish="error"))
    judge = PolicyJudge(failing, tie_on_failure=True)
    assert judge.judge([pair("a", "b")])[0].values is None


@pytest.mark.parametrize(
    ("reply", "reason", "calls"),
    [
        (Reply(text="no reply: HTTP 500", finish="error"), "policy", 1),
        (Reply(text="no reply: ReadTimeout: timed out", finish="error"), "timeout", 1),
        (Reply(text="I quote SCORE: 10\nSCORE: 10", finish="length"), "cut", 4),
        (Reply(text="", finish="length", info={"context_full": True}), "context", 1),
    ],
)
def test_failures_have_their_reason(scripted, ask, reply, reason, calls):
    verdict = PolicyJudge(scripted(lambda request: reply), tries=4).judge([ask("a")])[0]
    assert (verdict.values, verdict.reason, verdict.calls) == (None, reason, calls)
    assert verdict.text == reply.text


def test_an_infrastructure_error_is_invalid_and_closes_sessions(scripted, ask):
    def fail(request):
        raise InfraError("gpu", "gone")

    policy = scripted(fail)
    verdicts = PolicyJudge(policy).judge([ask("a"), ask("b")])
    assert [(v.values, v.reason, v.text) for v in verdicts] == [(None, "policy", "gpu: gone")] * 2
    assert policy.open == set()


def test_other_errors_are_not_swallowed_and_sessions_are_closed(scripted, ask):
    def fail(request):
        raise ConfigError("no such model")

    policy = scripted(fail)
    with pytest.raises(ConfigError, match="no such model"):
        PolicyJudge(policy).judge([ask("a")])
    assert policy.open == set()


def test_the_total_time_is_kept_between_batches(scripted, ask):
    now = [0.0]

    def say(request):
        now[0] += 1.0
        return "SCORE: 7"

    policy = scripted(say)
    judge = PolicyJudge(policy, batch=2, timeout=3.0, clock=lambda: now[0])
    verdicts = judge.judge([ask(str(i)) for i in range(7)])
    assert [v.value for v in verdicts] == [7.0] * 4 + [None] * 3
    assert {v.reason for v in verdicts[4:]} == {"timeout"}
    assert verdicts[-1].text == "no time left of 3 seconds"
    assert policy.sizes == [2, 2]
    assert verdicts[0].seconds == 1.0


def test_retries_stop_when_time_is_up(scripted, ask):
    now = [0.0]

    def say(request):
        now[0] += 1.0
        return "Hm."

    judge = PolicyJudge(scripted(say), timeout=2.5, clock=lambda: now[0])
    verdict = judge.judge([ask("a")])[0]
    assert (verdict.reason, verdict.calls) == ("timeout", 3)


@given(st.permutations(range(6)), st.integers(1, 6), st.integers(0, 3))
def test_answers_depend_on_neither_order_nor_batch(order, batch, seed):
    def say(request):
        return f"SCORE: {request.seed % 11}" if request.seed % 3 else "Hm."

    class Seeded:
        name = "seeded"

        def act(self, requests):
            return [Reply(text=say(request)) for request in requests]

        def close(self, sessions):
            pass

    ask = load_template("pointwise").ask
    questions = [ask(instruction="i", transcript=str(place)) for place in range(6)]
    judge = PolicyJudge(Seeded(), batch=batch, seed=seed, tries=3)
    alone = [PolicyJudge(Seeded(), seed=seed, tries=3).judge([q])[0] for q in questions]
    found = judge.judge([questions[place] for place in order])
    assert found == [alone[place] for place in order]
    assert judge.name == ("seeded" if seed == 0 else f"seeded#seed={seed}")


def test_a_person_can_judge(ask):
    lines = iter(["It looks fine.\\", "SCORE: 6"])
    judge = PolicyJudge(HumanPolicy(read=lambda prompt: next(lines), show=lambda *shown: None))
    verdict = judge.judge([ask("a")])[0]
    assert (judge.name, verdict.value) == ("human", 6.0)


def test_a_policy_that_miscounts_is_named(ask):
    class Short:
        name = "short"

        def act(self, requests):
            return []

        def close(self, sessions):
            pass

    with pytest.raises(ConfigError, match="'short' returned 0 replies to 1 requests"):
        PolicyJudge(Short()).judge([ask("a")])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tries": 0}, "tries must be at least 1, got 0"),
        ({"batch": 0}, "batch must be at least 1, got 0"),
        ({"timeout": 0}, "timeout must be above 0 seconds or None, got 0"),
    ],
)
def test_arguments_out_of_range(scripted, options, message):
    with pytest.raises(ConfigError, match=message):
        PolicyJudge(scripted(str), **options)


@contextmanager
def serving(script):
    """Answer ``POST`` with (status, seconds to wait, content) by what was asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            status, wait, content = script(body)
            time.sleep(wait)
            answer = {"choices": [{"message": {"content": content}, "finish_reason": "stop"}]}
            data = json.dumps(answer).encode()
            try:
                self.send_response(status)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            except (BrokenPipeError, ConnectionResetError):
                pass

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_an_endpoint_over_http(monkeypatch, ask):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    lock = threading.Lock()
    seen = []

    def script(body):
        with lock:
            seen.append(body)
        text = body["messages"][1]["content"]
        if "answers late" in text:
            return 200, 1.5, "SCORE: 1"
        if "breaks the server" in text:
            return 500, 0, ""
        if "needs a reminder" in text and "Answer once more" not in text:
            return 200, 0, "I would say good."
        return 200, 0, "Good enough.\nSCORE: 8/10"

    with serving(script) as url:
        policy = OpenAIPolicy("m", url, timeout=0.4, retries=1, backoff=0.0, concurrency=4)
        words = ["is plain", "needs a reminder", "answers late", "breaks the server", "SCORE: 10"]
        verdicts = PolicyJudge(policy, tries=3).judge([ask(word) for word in words])
    assert [v.value for v in verdicts] == [8.0, 8.0, None, None, 8.0]
    assert [v.reason for v in verdicts] == [None, None, "timeout", "policy", None]
    assert [v.calls for v in verdicts] == [1, 2, 2, 2, 1]  # the endpoint's retries are paid too
    assert "HTTP 500" in verdicts[3].text
    assert all(body["messages"][0]["role"] == "system" for body in seen)
    assert len({body["seed"] for body in seen}) == 6
