"""Messages to token ids, each message once.

A conversation is a growing list of ids: the opening prompt, the sampled reply, the ids of the
next messages, the next reply, and so on. Nothing is decoded and encoded again, so the ids that
were sampled are the ids that the model sees later and the ids a trainer learns from. (Byte pair
encoding is not a bijection: text -> ids of sampled ids differs now and then.)

The ids of later messages come from the template itself: a dummy conversation with a marked
reply is rendered, and what the template writes after the mark is encoded on its own. That is
exact because it starts with the special token that ends a reply, where every tokenizer splits.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from envgym.types import ConfigError, Message

_MARK = "envgymreplygoeshere"
"""Stands for a reply in dummy conversations; plain letters, so no template rewrites it."""


class ChatCodec:
    """Encodes chat messages for one tokenizer with a chat template.

    Special tokens inside a message's content are defused ("<|im_end|>" becomes
    "< |im_end|>"): an observation cannot end its own message and speak for another role.

    Args:
        tokenizer: Any Hugging Face tokenizer with ``chat_template``.
        template_args: Passed to every ``apply_chat_template``, for example
            ``{"enable_thinking": False}``.

    Raises:
        ConfigError: No chat template, replies do not end with a special token, or the
            template words a message differently depending on what came before it.
    """

    def __init__(self, tokenizer: Any, *, template_args: dict[str, Any] | None = None) -> None:
        self.tokenizer = tokenizer
        self.name = str(getattr(tokenizer, "name_or_path", "") or type(tokenizer).__name__)
        self._template_args = dict(template_args or {})
        self._special = tuple(
            sorted({str(token) for token in tokenizer.all_special_tokens if len(str(token)) > 1})
        )
        if not getattr(tokenizer, "chat_template", None):
            raise ConfigError(f"tokenizer {self.name} has no chat_template; set one first")
        end = self._encode(self._after_reply(()))
        special_ids = set(tokenizer.all_special_ids)
        if not end or end[0] not in special_ids:
            raise ConfigError(
                f"the chat template of {self.name} does not end a reply with a special token, "
                "so later messages cannot be appended to sampled ids"
            )
        self.stop_id: int = end[0]
        """The id that ends a reply."""
        stops = {self.stop_id, tokenizer.eos_token_id}
        self.stop_ids: frozenset[int] = frozenset(i for i in stops if i is not None)
        """Ids at which sampling stops."""
        self._check_append_only()

    def open(self, messages: Sequence[Message], tools: Sequence[dict[str, Any]] = ()) -> list[int]:
        """Return the ids of a conversation's first prompt, up to where the reply starts."""
        text = self._render(self._chat(messages), prompt=True, tools=tools)
        return self._encode(text)

    def suffix(self, messages: Sequence[Message], *, after: int | None) -> list[int]:
        """Return the ids to append after a reply so that the next one can start.

        Args:
            messages: What was said since the reply.
            after: Last id of the context. If it is not ``stop_id`` (the reply was cut), the
                ids that close the reply come first.
        """
        ids = self._encode(self._after_reply(messages))
        return ids[1:] if after == self.stop_id else ids

    def reply(self, text: str) -> list[int]:
        """Return the ids of a reply that was not sampled (an expert's), stop id included."""
        return [*self._encode(self._defuse(text)), self.stop_id]

    def text(self, ids: Sequence[int]) -> str:
        """Return the text of a sampled reply, without the stop id and other special tokens."""
        return str(self.tokenizer.decode(list(ids), skip_special_tokens=True))

    def conversation(
        self, messages: Sequence[Message], tools: Sequence[dict[str, Any]] = ()
    ) -> tuple[list[int], list[bool]]:
        """Return the ids of a finished conversation and which of them the assistant wrote.

        Built from ``open``, ``reply`` and ``suffix`` exactly as sampling builds it, so a model
        trained on these ids meets the same ids when it acts. Ends with the last reply; must
        start with another role and hold at least one reply.
        """
        ids: list[int] = []
        mine: list[bool] = []
        waiting: list[Message] = []
        for message in messages:
            if message.role != "assistant":
                waiting.append(message)
                continue
            prompt = self.open(waiting, tools) if not ids else self.suffix(waiting, after=ids[-1])
            said = self.reply(message.content)
            ids += prompt + said
            mine += [False] * len(prompt) + [True] * len(said)
            waiting = []
        if not ids:
            raise ConfigError("a conversation to train on needs at least one assistant message")
        return ids, mine

    @staticmethod
    def extends(longer: Sequence[int], shorter: Sequence[int]) -> bool:
        """Return whether ``longer`` starts with ``shorter``: one context grew from the other."""
        return list(longer[: len(shorter)]) == list(shorter)

    def _after_reply(self, messages: Sequence[Message], turns: int = 1) -> str:
        """Return what the template writes after a reply, given the messages that follow it."""
        base: list[dict[str, str]] = []
        for _ in range(turns):
            base.append({"role": "user", "content": "hello"})
            base.append({"role": "assistant", "content": "yes"})
        base[-1]["content"] = _MARK
        text = self._render([*base, *self._chat(messages)], prompt=bool(messages))
        if text.count(_MARK) != 1:
            raise ConfigError(
                f"the chat template of {self.name} drops or repeats replies; it cannot be "
                "used for conversations of several turns"
            )
        return text.split(_MARK)[1]

    def _check_append_only(self) -> None:
        news = (Message("user", "news"),)
        prompt = self._render([{"role": "user", "content": "hello"}], prompt=True)
        grown = self._render(
            [
                {"role": "user", "content": "hello"},
                {"role": "assistant", "content": _MARK},
                *self._chat(news),
            ],
            prompt=True,
        )
        once = self._after_reply(news)
        if not grown.startswith(prompt + _MARK) or once != self._after_reply(news, turns=2):
            raise ConfigError(
                f"the chat template of {self.name} is not append-only: it rewrites earlier "
                "messages when new ones arrive. Use a template that only appends, or pass "
                "template_args that make it do so"
            )

    def _chat(self, messages: Iterable[Message]) -> list[dict[str, str]]:
        return [{"role": m.role, "content": self._defuse(m.content)} for m in messages]

    def _defuse(self, text: str) -> str:
        for token in self._special:
            if token in text:
                text = text.replace(token, f"{token[0]} {token[1:]}")
        return text

    def _render(
        self,
        chat: Sequence[dict[str, str]],
        *,
        prompt: bool,
        tools: Sequence[dict[str, Any]] = (),
    ) -> str:
        try:
            text = self.tokenizer.apply_chat_template(
                list(chat),
                tools=list(tools) or None,
                tokenize=False,
                add_generation_prompt=prompt,
                **self._template_args,
            )
        except Exception as error:  # jinja2 errors: raise_exception() in templates
            roles = ", ".join(message["role"] for message in chat)
            raise ConfigError(
                f"the chat template of {self.name} refused the roles {roles}: {error}"
            ) from error
        return str(text)

    def _encode(self, text: str) -> list[int]:
        return list(self.tokenizer.encode(text, add_special_tokens=False))
