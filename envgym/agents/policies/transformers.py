"""A local language model: batched sampling with keys and values kept between turns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import torch

from envgym.agents.cache import SlotCache
from envgym.agents.cached_model import CachedModel
from envgym.agents.codec import ChatCodec
from envgym.agents.sampling import Sampling, pick, points
from envgym.types import ConfigError, Reply, Request

_PREFILL_TOKENS = 16_384
"""Tokens of one prefill pass, padding included: bounds the memory of activations and masks."""


@dataclass(slots=True)
class _Session:
    """One conversation. ``ids[:cached]`` have their keys and values in the cache."""

    ids: list[int] = field(default_factory=list)
    cached: int = 0
    turns: int = 0
    full: bool = False


@dataclass(slots=True)
class _Turn:
    """One reply in the making."""

    name: str
    session: _Session
    prompt: list[int]
    limit: int
    points: np.ndarray[tuple[int], np.dtype[np.float64]]
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    fed: int = 0
    stopped: bool = False

    @property
    def done(self) -> bool:
        return self.stopped or len(self.tokens) >= self.limit


class TransformersPolicy:
    """Sample replies from a transformers causal language model.

    Any decoder-only model whose layers use full or sliding-window attention, on the CPU or one
    GPU. Sessions may come and go: each ``act`` may name other sessions than the last one, and a
    conversation's keys and values wait in its slot. Nothing is ever re-tokenised.

    What a reply holds: ``prompt_ids`` (ids that the request appended), ``token_ids`` (sampled,
    the stop id included) and ``logprobs`` of the sampled ids under the distribution they were
    drawn from, that is after temperature, top_k and top_p. At the defaults this is the model's
    own distribution, equal to a full forward pass over the same ids to 1e-4 in float32.

    ``finish`` is "stop" at the template's end of a reply or the tokenizer's eos token, and
    "length" at ``max_new_tokens`` or where the context is full. A request whose messages do not
    fit into the context any more gets an empty reply with "length" and appends nothing; so do
    all later requests of the session. That is the agent's limit, never an exception.

    Randomness: every token's random number follows from (request.seed, agent, turn,
    position) alone; no generator is shared or moved. Logits depend in the last bits on which
    sessions share a batch, so equal samples are promised for equal batches.

    Args:
        model: A causal language model, a peft model included. Used in eval mode without
            gradients; its training flag is put back after each call.
        tokenizer: Its tokenizer, with a chat template.
        name: For reports.
        max_new_tokens: Longest reply.
        sampling: Temperature, top_k, top_p; default: the model's distribution.
        max_context: Longest conversation in tokens; default and most: the model's own limit.
        codec: Default ``ChatCodec(tokenizer)``.
        check_every: Decoding steps between looks at stop tokens. Default 1 on the CPU and 4 on
            a GPU, where each look waits for the device; what was sampled past a stop is dropped.

    Raises:
        ConfigError: An attention implementation or a kind of layer that cannot be used, or a
            chat template that cannot be appended to.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        name: str = "hf",
        max_new_tokens: int = 256,
        sampling: Sampling | None = None,
        max_context: int | None = None,
        codec: ChatCodec | None = None,
        check_every: int | None = None,
    ) -> None:
        for argument, value in (("max_new_tokens", max_new_tokens), ("check_every", check_every)):
            if value is not None and value < 1:
                raise ConfigError(f"{argument} must be at least 1, got {value}")
        self.name = name
        self.model = model
        self.codec = codec or ChatCodec(tokenizer)
        self.max_new_tokens = max_new_tokens
        self.sampling = sampling or Sampling()
        self.check_every = check_every
        self.version = 0
        """Counts ``sync`` calls: which weights a reply was sampled from."""
        self.reader = CachedModel(model)
        most = self.reader.max_context
        self.max_context = min(max_context or most, most)
        self._sessions: dict[str, _Session] = {}
        self._cache: SlotCache | None = None

    @classmethod
    def from_pretrained(
        cls, path: str, *, dtype: str = "auto", device: str = "auto", **options: Any
    ) -> Self:
        """Load a model folder, a hub name or a LoRA adapter folder.

        Args:
            path: As for ``AutoModelForCausalLM.from_pretrained``; a folder with
                ``adapter_config.json`` is loaded over its base model through peft.
            dtype: "auto" (as saved; float32 on the CPU where it is half), "float32", "bfloat16".
            device: "auto" (GPU if there is one), "cpu", "cuda", "cuda:1".
            **options: As for the class.

        Raises:
            ConfigError: Nothing can be loaded from there.
        """
        from envgym.agents.policies.loading import load

        model, tokenizer = load(path, dtype=dtype, device=device)
        return cls(model, tokenizer, **{"name": f"hf:{path}", **options})

    @property
    def device(self) -> torch.device:
        """Where the model's parameters are now."""
        device: torch.device = next(iter(self.model.parameters())).device
        return device

    def act(self, requests: Sequence[Request]) -> list[Reply]:
        """Return one reply per request, in order; all are sampled as one batch."""
        names = [request.session for request in requests]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise ConfigError(f"session '{twice}' appears twice in one batch of requests")
        turns = [self._turn(request) for request in requests]
        work = {turn.name: turn for turn in turns if turn is not None}
        if work:
            training = self.model.training
            self.model.eval()
            try:
                with torch.no_grad():
                    self._sample(work)
            finally:
                self.model.train(training)
        return [self._reply(turn) for turn in turns]

    def close(self, sessions: Sequence[str]) -> None:
        """Forget these sessions; their slots are used again."""
        for name in sessions:
            if self._sessions.pop(name, None) is not None and self._cache is not None:
                self._cache.free(name)

    def sync(self) -> None:
        """Say that the model's weights have changed: cached keys and values are stale.

        Open sessions stay open and are read anew at their next turn. Without open sessions the
        cache's memory is given back.
        """
        self.version += 1
        for session in self._sessions.values():
            session.cached = 0
        if not self._sessions:
            self._cache = None

    def context(self, session: str) -> tuple[int, ...]:
        """Return all ids of an open session so far, in order."""
        return tuple(self._sessions[session].ids)

    def _turn(self, request: Request) -> _Turn | None:
        """Append the request's ids to its session; None where they do not fit any more."""
        if not request.messages:
            raise ConfigError(f"the request of session '{request.session}' has no messages")
        session = self._sessions.setdefault(request.session, _Session())
        if session.full:
            return None
        if session.ids:
            prompt = self.codec.suffix(request.messages, after=session.ids[-1])
        else:
            prompt = self.codec.open(request.messages, request.tools)
        limit = min(self.max_new_tokens, self.max_context - len(session.ids) - len(prompt))
        if limit < 1:
            session.full = True
            return None
        path = ("policy", "sampling", request.agent, session.turns)
        session.turns += 1
        session.ids += prompt
        return _Turn(
            name=request.session,
            session=session,
            prompt=prompt,
            limit=limit,
            points=points(limit, request.seed, *path),
        )

    def _reply(self, turn: _Turn | None) -> Reply:
        if turn is None:
            info = {"version": self.version, "context_full": True}
            return Reply(text="", finish="length", info=info)
        return Reply(
            text=self.codec.text(turn.tokens),
            token_ids=tuple(turn.tokens),
            logprobs=tuple(turn.logprobs),
            prompt_ids=tuple(turn.prompt),
            finish="stop" if turn.stopped else "length",
            info={"version": self.version},
        )

    def _sample(self, work: dict[str, _Turn]) -> None:
        device = self.device
        if self._cache is None or self._cache.device != device:
            self._cache = SlotCache(self.reader.layers, device)
            for session in self._sessions.values():
                session.cached = 0
        cache = self._cache
        every = self.check_every or (1 if device.type == "cpu" else 4)
        longest = max(turn.limit for turn in work.values())
        block = max(len(turn.session.ids) - turn.session.cached for turn in work.values())
        most = max(len(turn.session.ids) for turn in work.values())
        rows = [work[name] for name in cache.front(list(work), most + max(block, longest + every))]
        logits = self._prefill(cache, rows)
        lengths = torch.tensor([len(turn.session.ids) for turn in rows], device=device)
        numbers = torch.zeros(len(rows), longest + every, dtype=torch.float64)
        for row, turn in enumerate(rows):
            numbers[row, : turn.limit] = torch.from_numpy(turn.points)
        numbers = numbers.to(device)

        step, fresh_ids, fresh_logprobs = 0, [], []
        while True:
            log_probs = self.sampling.log_probs(logits)
            ids = pick(log_probs, numbers[:, step])
            fresh_ids.append(ids)
            fresh_logprobs.append(log_probs.gather(1, ids[:, None])[:, 0])
            step += 1
            if step % every == 0:
                self._harvest(rows, fresh_ids, fresh_logprobs)
                fresh_ids, fresh_logprobs = [], []
                alive = [turn for turn in rows if not turn.done]
                if not alive:
                    break
                # Finished rows ride along, at the price of their share of each step, until
                # half of the batch is finished: moving rows costs copies.
                if 2 * len(alive) <= len(rows):
                    row_of = {turn.name: row for row, turn in enumerate(rows)}
                    order = cache.front([turn.name for turn in alive], 0)
                    keep = torch.tensor([row_of[name] for name in order], device=device)
                    rows = [work[name] for name in order]
                    ids, lengths, numbers = ids[keep], lengths[keep], numbers[keep]
            for turn in rows:
                turn.fed += 1
            width = most + step
            logits = self.reader.logits(cache, range(len(rows)), ids[:, None], lengths, width, None)
            lengths = lengths + 1

        for turn in work.values():
            session = turn.session
            session.cached = len(session.ids) + min(turn.fed, len(turn.tokens))
            session.ids += turn.tokens

    def _harvest(
        self, rows: list[_Turn], ids: list[torch.Tensor], logprobs: list[torch.Tensor]
    ) -> None:
        """Bring sampled tokens to the host; what follows a row's end is dropped."""
        new_ids = torch.stack(ids, 1).tolist()
        new_logprobs = torch.stack(logprobs, 1).tolist()
        stops = self.codec.stop_ids
        for turn, row_ids, row_logprobs in zip(rows, new_ids, new_logprobs, strict=True):
            for token, logprob in zip(row_ids, row_logprobs, strict=True):
                if turn.done:
                    break
                turn.tokens.append(token)
                turn.logprobs.append(logprob)
                turn.stopped = token in stops

    def _prefill(self, cache: SlotCache, rows: list[_Turn]) -> torch.Tensor:
        """Feed what is not cached yet; return the logits after each row's last id."""
        blocks = [turn.session.ids[turn.session.cached :] for turn in rows]
        device = cache.device
        parts, places = [], []
        for slots in _portions([len(block) for block in blocks]):
            part = [blocks[slot] for slot in slots]
            tokens = max(len(block) for block in part)
            # Padding on the right lands beyond the row's last id, where the row's next tokens
            # overwrite it. Its id does not matter.
            ids = torch.tensor([block + [0] * (tokens - len(block)) for block in part])
            lengths = torch.tensor([rows[slot].session.cached for slot in slots])
            width = int(lengths.max()) + tokens
            ends = torch.tensor([len(block) - 1 for block in part])
            logits = self.reader.logits(
                cache, slots, ids.to(device), lengths.to(device), width, ends
            )
            parts.append(logits)
            places += slots
        if len(parts) == 1:
            return parts[0]
        back = torch.tensor(places, device=device).argsort()
        return torch.cat(parts)[back]


def _portions(sizes: Sequence[int]) -> list[list[int]]:
    """Split rows into prefill passes: at most half of a pass is padding, and each is bounded.

    New conversations bring long prompts while running ones bring short observations; in one
    pass all would cost as much as the longest.
    """
    portions: list[list[int]] = []
    longest = 0
    for row in sorted(range(len(sizes)), key=lambda row: -sizes[row]):
        fits = portions and (len(portions[-1]) + 1) * longest <= _PREFILL_TOKENS
        if not fits or 2 * sizes[row] < longest:
            portions.append([])
            longest = sizes[row]
        portions[-1].append(row)
    return [sorted(portion) for portion in portions]
