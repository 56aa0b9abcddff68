"""A model behind an OpenAI-compatible chat completions endpoint."""

import json
import os
import re
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx

from envgym.agents.policies.chat import ChatHistory, message_text
from envgym.types import ConfigError, Reply, Request

_RETRY = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_REFUSED = frozenset({401, 403, 404})
_LONGEST_PAUSE = 30.0
"""Seconds between two tries, at most."""
_SHOWN = 300
"""Characters of a server's answer that an error message quotes."""


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why one try brought no reply, and whether and when to try again."""

    problem: str
    again: bool = True
    pause: float = 0.0


class OpenAIPolicy:
    """Ask an endpoint for replies; any server that speaks ``POST /chat/completions``.

    Tools are passed natively. A native tool call becomes a ``<tool_call>`` tag in the reply's
    text, so environments and recordings see one form; towards the endpoint the history keeps
    the native form, and the next message answers the call.

    Busy or failing servers (408, 409, 425, 429, 5xx, 529, timeouts, broken connections,
    answers that are no chat completion) are asked again, twice as late each time or as late as
    Retry-After says. After the last try the reply has ``finish="error"``: the episode is
    invalid, never a reward of 0. A conversation that has become too long for the model
    (``context_length_exceeded``) is the agent's limit: an empty reply with "length".

    Args:
        model: Name sent to the server.
        url: Base address, for example ``http://127.0.0.1:8000/v1``.
        key_env: Environment variable that holds the key; read for each call, never kept,
            printed or recorded. Unset or empty: no key is sent.
        temperature: Sent where given; None leaves it to the server.
        max_tokens: Longest reply, sent where given.
        timeout: Seconds for one answer.
        retries: Further tries after a failure, 0 or more.
        backoff: Seconds before the first further try; doubles, at most 30.
        concurrency: Calls at a time.
        seeded: Send each request's seed (cut to 31 bits).
        extra: Further JSON fields of the request body.
        sleep: Waits between tries; for tests.

    Raises:
        ConfigError: ``url`` is no address; from ``act``, where the key is no printable ASCII or
            the server refuses key, address or model (401, 403, 404).
    """

    def __init__(
        self,
        model: str,
        url: str = "https://api.openai.com/v1",
        *,
        key_env: str = "OPENAI_API_KEY",
        temperature: float | None = None,
        max_tokens: int | None = None,
        timeout: float = 120.0,
        retries: int = 4,
        backoff: float = 0.5,
        concurrency: int = 16,
        seeded: bool = True,
        extra: Mapping[str, Any] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not re.match(r"https?://[^/\s]", url):
            raise ConfigError(f"url must be http://HOST or https://HOST, got '{url}'")
        try:
            httpx.URL(url)
        except httpx.InvalidURL as error:
            raise ConfigError(f"url '{url}' is no address: {error}") from None
        if httpx.URL(url).userinfo or httpx.URL(url).query:
            # The address is part of the policy's name, which recordings hold.
            raise ConfigError(
                "the address of an endpoint must hold no password and no query, because files name "
                f"it; the key belongs into the environment variable {key_env}"
            )
        for field, value, least in (("retries", retries, 0), ("concurrency", concurrency, 1)):
            if value < least:
                raise ConfigError(f"{field} must be at least {least}, got {value}")
        self.name = f"openai:{model}@{url}"
        self.model, self.url = model, url.rstrip("/")
        self.key_env = key_env
        self.retries, self.backoff, self.concurrency = retries, backoff, concurrency
        self.seeded = seeded
        self._body: dict[str, Any] = {"model": model, **(extra or {})}
        if temperature is not None:
            self._body["temperature"] = temperature
        if max_tokens is not None:
            self._body["max_tokens"] = max_tokens
        self._sleep = sleep
        self._client = httpx.Client(timeout=timeout)
        weakref.finalize(self, self._client.close)
        self._sessions: dict[str, ChatHistory] = {}

    def act(self, requests: Sequence[Request]) -> list[Reply]:
        """Return one reply per request, in order; up to ``concurrency`` calls at a time."""
        if len(requests) == 1 or self.concurrency == 1:
            return [self._answer(request) for request in requests]
        with ThreadPoolExecutor(min(self.concurrency, max(1, len(requests)))) as pool:
            return list(pool.map(self._answer, requests))

    def close(self, sessions: Sequence[str]) -> None:
        """Forget the history of these sessions."""
        for session in sessions:
            self._sessions.pop(session, None)

    def _answer(self, request: Request) -> Reply:
        history = self._sessions.setdefault(request.session, ChatHistory(request.tools))
        history.add(request.messages)
        body = {**self._body, "messages": history.messages}
        if history.tools:
            body["tools"] = list(history.tools)
        if self.seeded:
            body["seed"] = request.seed & 0x7FFFFFFF
        start = time.monotonic()
        attempt = 0
        while isinstance(outcome := self._try(body), _Failure):
            attempt += 1
            if not outcome.again or attempt > self.retries:
                text = f"{self.name} gave no reply: {outcome.problem}"
                return Reply(text=text, finish="error", info={"tries": attempt})
            pause = max(self.backoff * 2 ** (attempt - 1), outcome.pause)
            self._sleep(min(_LONGEST_PAUSE, pause))
        if isinstance(outcome, Reply):
            return outcome
        choice = outcome["choices"][0]
        history.reply(choice["message"])
        return Reply(
            text=message_text(choice["message"]),
            finish="length" if choice.get("finish_reason") == "length" else "stop",
            info={
                "model": outcome.get("model") or self.model,
                "usage": outcome.get("usage") or {},
                "seconds": round(time.monotonic() - start, 3),
                "tries": attempt + 1,
            },
        )

    def _try(self, body: Mapping[str, Any]) -> "dict[str, Any] | Reply | _Failure":
        """Return the server's chat completion, a reply that needs none, or what went wrong."""
        try:
            response = self._client.post(
                f"{self.url}/chat/completions",
                # A lone surrogate, which JSON can hold and UTF-8 cannot, is sent as "?".
                content=json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"),
                headers=self._headers(),
            )
        except (httpx.HTTPError, UnicodeError) as error:
            return _Failure(f"{type(error).__name__}: {error}")
        if response.status_code in _REFUSED:
            raise ConfigError(f"{self.name} refused the request: {self._quote(response)}")
        if response.status_code != 200:
            if "context_length_exceeded" in response.text:
                return Reply(text="", finish="length", info={"context_full": True})
            again = response.status_code in _RETRY
            return _Failure(self._quote(response), again, _retry_after(response))
        try:
            answer: dict[str, Any] = response.json()
            message_text(answer["choices"][0]["message"])
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return _Failure(f"no chat completion in {self._quote(response)}")
        return answer

    def _headers(self) -> dict[str, str]:
        made = {"Content-Type": "application/json"}
        if key := self._key():
            made["Authorization"] = f"Bearer {key}"
        return made

    def _key(self) -> str:
        """Return the key, or "" if none is set; the HTTP library would quote a malformed one."""
        key = os.environ.get(self.key_env, "").strip()
        if not (key.isascii() and key.isprintable()):
            raise ConfigError(
                f"the key in {self.key_env} must be printable ASCII characters, and is not"
            )
        return key

    def _quote(self, response: httpx.Response) -> str:
        """Return status and the start of the answer, without the key should it be echoed."""
        text = " ".join(response.text.split())
        key = self._key()
        if key:
            text = text.replace(key, "***")
        return f"HTTP {response.status_code} {text[:_SHOWN]}".rstrip()


def _retry_after(response: httpx.Response) -> float:
    """Return the seconds that the server asks for; 0 where it names none or a date."""
    try:
        return max(0.0, float(response.headers.get("retry-after", "0")))
    except ValueError:
        return 0.0
