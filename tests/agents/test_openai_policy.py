"""The endpoint policy against a real HTTP server on the loopback address."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from envgym.agents.policies.openai import OpenAIPolicy
from envgym.types import ConfigError, Message, Request

Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]]
SECRET = "sk-a-secret-that-nobody-may-see"
TOOLS = ({"type": "function", "function": {"name": "go", "parameters": {"type": "object"}}},)


class Server:
    """Answers ``POST /v1/chat/completions`` by a script; keeps what it was sent."""

    def __init__(self, script: Callable[[int, dict[str, Any]], Answer]) -> None:
        self.script = script
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.most_at_once = self.now = 0
        self.lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                with outer.lock:
                    number = len(outer.bodies)
                    outer.bodies.append(body)
                    outer.keys.append(self.headers["authorization"])
                    outer.now += 1
                    outer.most_at_once = max(outer.most_at_once, outer.now)
                status, answer, *headers = outer.script(number, body)
                with outer.lock:
                    outer.now -= 1
                if self.path != "/v1/chat/completions":
                    status, answer = 404, {"error": "no such path"}
                data = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
                try:
                    self.send_response(status)
                    for name, value in (headers[0] if headers else {}).items():
                        self.send_header(name, value)
                    self.send_header("content-length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # the client's patience ended, as the test wants

            def log_message(self, *args: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1"


@contextmanager
def serving(script: Callable[[int, dict[str, Any]], Answer]) -> Iterator[Server]:
    server = Server(script)
    thread = threading.Thread(target=server.http.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.http.shutdown()
        server.http.server_close()
        thread.join()


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)


def completion(content: str | None, calls: Any = None, finish: str = "stop") -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": content}
    if calls is not None:
        message["tool_calls"] = [
            {"id": f"c{i}", "type": "function", "function": {"name": n, "arguments": a}}
            for i, (n, a) in enumerate(calls)
        ]
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return {"model": "served", "choices": [choice], "usage": {"total_tokens": 7}}


def say(text: str, session: str = "a", **fields: Any) -> Request:
    return Request(session=session, messages=(Message("user", text),), **fields)


def policy_for(server: Server, pauses: list[float] | None = None, **options: Any) -> OpenAIPolicy:
    sleep = (pauses if pauses is not None else []).append
    return OpenAIPolicy("m", server.url, **{"sleep": sleep, **options})


def test_history_tools_and_key():
    with serving(lambda n, body: (200, completion(f"reply {n}"))) as server:
        policy = policy_for(server, temperature=0.5, max_tokens=9, extra={"top_p": 0.9})
        first = policy.act([say("hello", tools=TOOLS, seed=1 << 40)])[0]
        second = policy.act([say("next")])[0]
    assert (first.text, second.text, first.finish) == ("reply 0", "reply 1", "stop")
    assert first.info["model"] == "served"
    assert first.info["usage"] == {"total_tokens": 7}
    one, two = server.bodies
    assert one["tools"] == two["tools"] == list(TOOLS)
    assert one["seed"] == (1 << 40) & 0x7FFFFFFF
    assert (one["temperature"], one["max_tokens"], one["top_p"]) == (0.5, 9, 0.9)
    assert two["messages"] == [
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": "reply 0"},
        {"role": "user", "content": "next"},
    ]
    assert server.keys == [f"Bearer {SECRET}"] * 2
    assert SECRET not in repr(vars(policy)) + repr(first)


def test_no_key_no_header(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    with serving(lambda n, body: (200, completion("x"))) as server:
        policy_for(server).act([say("hello")])
    assert server.keys == [None]


def test_native_calls_become_tags_and_are_answered_by_id():
    calls = [("look", ""), ("go", '{"to": "</tool_call>"}')]

    def script(n: int, body: dict[str, Any]) -> Answer:
        return 200, completion("Let me see.", calls, "tool_calls") if n == 0 else completion("ok")

    with serving(script) as server:
        policy = policy_for(server)
        reply = policy.act([say("hello", tools=TOOLS)])[0]
        policy.act([say("You are north.")])
    assert reply.text == (
        "Let me see.\n"
        '<tool_call>{"name": "look", "arguments": {}}</tool_call>\n'
        '<tool_call>{"name": "go", "arguments": {"to": "<\\/tool_call>"}}</tool_call>'
    )
    assistant, other, last = server.bodies[1]["messages"][1:]
    assert [call["id"] for call in assistant["tool_calls"]] == ["c0", "c1"]
    assert (other["role"], other["tool_call_id"]) == ("tool", "c0")
    assert last == {"role": "tool", "tool_call_id": "c1", "content": "You are north."}


def test_arguments_that_are_no_json_reach_the_environment():
    with serving(lambda n, body: (200, completion(None, [("go", "{oops")]))) as server:
        reply = policy_for(server).act([say("hello")])[0]
    assert reply.text == '<tool_call>{"name": "go", "arguments": {oops}</tool_call>'
    assert reply.finish == "stop"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_busy_servers_are_asked_again(status):
    def script(n: int, body: dict[str, Any]) -> Answer:
        return (status, "busy") if n < 2 else (200, completion("at last"))

    pauses: list[float] = []
    with serving(script) as server:
        reply = policy_for(server, pauses).act([say("hello")])[0]
    assert (reply.text, reply.info["tries"]) == ("at last", 3)
    assert pauses == [0.5, 1.0]
    assert server.bodies[0] == server.bodies[2]


def test_retry_after_is_kept():
    def script(n: int, body: dict[str, Any]) -> Answer:
        return (429, "busy", {"retry-after": "7"}) if n == 0 else (200, completion("ok"))

    pauses: list[float] = []
    with serving(script) as server:
        policy_for(server, pauses).act([say("hello")])
    assert pauses == [7.0]


@pytest.mark.parametrize(
    ("answer", "tries"),
    [((500, f"broken {SECRET}"), 3), ((200, "no json"), 3), ((200, {"choices": []}), 3), ((422, "what?"), 1)],
)  # fmt: skip
def test_failures_become_error_replies(answer, tries):
    with serving(lambda n, body: answer) as server:
        reply = policy_for(server, retries=2).act([say("hello")])[0]
    assert reply.finish == "error"
    assert f"HTTP {answer[0]}" in reply.text
    assert SECRET not in reply.text
    assert len(server.bodies) == reply.info["tries"] == tries


def test_timeout_and_closed_port():
    def script(n: int, body: dict[str, Any]) -> Answer:
        time.sleep(0.3)
        return 200, completion("late")

    with serving(script) as server:
        reply = policy_for(server, retries=1, timeout=0.05).act([say("hello")])[0]
        assert (reply.finish, len(server.bodies)) == ("error", 2)
        assert "Timeout" in reply.text
    reply = policy_for(server, retries=1, timeout=0.5).act([say("hello")])[0]
    assert reply.finish == "error"
    assert "ConnectError" in reply.text


@pytest.mark.parametrize("status", [401, 404])
def test_refusals_are_configuration_errors(status):
    with serving(lambda n, body: (status, f"bad key {SECRET}")) as server:
        with pytest.raises(
            ConfigError, match=f"refused the request: HTTP {status} bad key"
        ) as info:
            policy_for(server).act([say("hello")])
        assert SECRET not in str(info.value)


def test_full_context_and_cut_reply_are_the_agents_limits():
    def script(n: int, body: dict[str, Any]) -> Answer:
        if n == 0:
            return 200, completion("half a", finish="length")
        return 400, {"error": {"code": "context_length_exceeded"}}

    with serving(script) as server:
        policy = policy_for(server)
        replies = [policy.act([say("hello")])[0] for _ in range(2)]
    assert [(r.text, r.finish) for r in replies] == [("half a", "length"), ("", "length")]


def test_many_sessions_at_once_in_order():
    def script(n: int, body: dict[str, Any]) -> Answer:
        time.sleep(0.05)
        return 200, completion(f"to {body['messages'][-1]['content']}")

    with serving(script) as server:
        policy = policy_for(server, concurrency=4)
        replies = policy.act([say(f"q{i}", f"s{i}") for i in range(10)])
        policy.close(["s0"])
        policy.act([say("again", "s0")])
    assert [r.text for r in replies] == [f"to q{i}" for i in range(10)]
    assert 1 < server.most_at_once <= 4
    assert server.bodies[-1]["messages"] == [{"role": "user", "content": "again"}]


def test_bad_arguments():
    with pytest.raises(ConfigError, match="url must be"):
        OpenAIPolicy("m", "localhost:8000")
    with pytest.raises(ConfigError, match="retries must be at least 0, got -1"):
        OpenAIPolicy("m", retries=-1)


def test_a_lone_surrogate_does_not_end_the_run():
    with serving(lambda n, body: (200, completion("a\ud800b"))) as server:
        policy = OpenAIPolicy("m", server.url, retries=0)
        for _ in range(2):
            (reply,) = policy.act([Request(session="s", messages=(Message("user", "q\udc00"),))])
            assert reply.finish == "stop"
        assert server.bodies[1]["messages"][1]["content"] == "a?b"


@pytest.mark.parametrize("key", ["k\u00e9y", "ab\ncd"])
def test_a_malformed_key_is_refused_and_not_shown(monkeypatch, key):
    monkeypatch.setenv("OPENAI_API_KEY", key)
    policy = OpenAIPolicy("m", "http://127.0.0.1:9/v1", retries=0)
    with pytest.raises(ConfigError, match="OPENAI_API_KEY") as caught:
        policy.act([Request(session="s", messages=(Message("user", "q"),))])
    assert key not in str(caught.value)


def test_an_address_with_a_bad_port_is_refused():
    with pytest.raises(ConfigError, match="is no address"):
        OpenAIPolicy("m", "http://host:abc")


@pytest.mark.parametrize("url", ["http://me:hidden@127.0.0.1:9/v1", "http://127.0.0.1:9/v1?key=x"])
def test_an_address_with_a_secret_is_refused_without_repeating_it(url):
    with pytest.raises(ConfigError, match="no password and no query") as caught:
        OpenAIPolicy("m", url)
    assert "hidden" not in str(caught.value)
