"""A judge on a transformers model: its reply parsed, or its score read off the logits."""

import time
from collections.abc import Callable, Sequence
from hashlib import blake2b
from inspect import signature
from typing import Any, Literal, Self

import torch

from envgym.agents.codec import ChatCodec
from envgym.agents.judges.policy import PolicyJudge
from envgym.agents.judges.readout import Readout, probabilities, readout_for
from envgym.agents.judges.template import Question, Template
from envgym.agents.judges.verdict import Verdict
from envgym.agents.policies.transformers import TransformersPolicy
from envgym.rewards.judging.expected import expected_score
from envgym.types import ConfigError
from envgym.types.errors import unknown

_READOUTS = ("parsed", "expected")
_PICKED = 16
"""Numbers of a weight that its digest reads: training moves nearly all of them."""
_DIGITS = 6
"""Probabilities are rounded: their last bits depend on which questions share a batch."""


class LocalJudge:
    """Judge with a causal language model of transformers, on the CPU or one GPU.

    "parsed" samples a reply and reads it, as ``PolicyJudge`` does, for every kind of prompt.
    "expected" opens the reply with the answer line and weighs each possible answer by its
    probability, without sampling: finer than the grid, one or two short passes per question, and
    no reasons given. A score is sum_s s p(s), a yes_no answer P(yes), a choice P(A), each over
    the mass on well-formed answers; ``spread`` is the standard deviation over the grid.

    Args:
        model: A causal language model; used in eval mode without gradients.
        tokenizer: Its tokenizer, with a chat template.
        name: Identifies weights and settings; the read-out is added to it.
        readout: "parsed" or "expected".
        batch: Most questions per pass.
        timeout: Seconds for one call of ``judge``; what was not reached by then is invalid.
        clock: Returns seconds; for tests.
        **options: For "parsed": arguments of ``TransformersPolicy``, and ``tries``,
            ``tie_on_failure`` and ``seed`` of ``PolicyJudge``.

    Raises:
        ConfigError: An argument is out of range; from ``judge`` with "expected", a prompt with
            several answers per reply.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        name: str = "hf",
        readout: Literal["parsed", "expected"] = "expected",
        batch: int = 16,
        timeout: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        **options: Any,
    ) -> None:
        if readout not in _READOUTS:
            raise ConfigError(unknown("readout", readout, _READOUTS))
        if batch < 1:
            raise ConfigError(f"batch must be at least 1, got {batch}")
        if timeout is not None and not timeout > 0:
            raise ConfigError(f"timeout must be above 0 seconds or None, got {timeout}")
        self.model, self.tokenizer = model, tokenizer
        self.batch, self.timeout, self._clock = batch, timeout, clock
        self.name = f"{name}+{readout}"
        self._parsed: PolicyJudge | None = None
        if readout == "parsed":
            asking = {
                key: options.pop(key)
                for key in ("tries", "tie_on_failure", "seed")
                if key in options
            }
            policy = TransformersPolicy(model, tokenizer, name=name, **options)
            # Equal names must mean equal answers.
            words = [f"{key}={options[key]}" for key in sorted(options)]
            words += [f"seed={asking['seed']}"] if asking.get("seed") else []
            self.name += f"#{','.join(words)}" if words else ""
            self._parsed = PolicyJudge(
                policy, name=self.name, batch=batch, timeout=timeout, clock=clock, **asking
            )
            return
        if options:
            raise ConfigError(
                f"the expected read-out samples nothing and takes no {', '.join(sorted(options))}"
            )
        self.codec = ChatCodec(tokenizer)
        inner = model.get_base_model() if hasattr(model, "get_base_model") else model
        self._keeps_logits = "logits_to_keep" in signature(inner.forward).parameters
        limit = getattr(model.config.get_text_config(), "max_position_embeddings", 0)
        self.max_context = int(limit or 1 << 31)
        self._readouts: dict[Template, Readout] = {}

    @classmethod
    def from_pretrained(
        cls, path: str, *, dtype: str = "auto", device: str = "auto", **options: Any
    ) -> Self:
        """Load a model folder, a hub name or a LoRA adapter; arguments as for the policy.

        The name holds a digest of the weights: a folder that was trained on is another judge to
        caches, recordings and gatekeepers.
        """
        from envgym.agents.policies.loading import load

        model, tokenizer = load(path, dtype=dtype, device=device)
        return cls(model, tokenizer, **{"name": f"hf:{path}@{_digest(model)}", **options})

    def judge(self, questions: Sequence[Question]) -> list[Verdict]:
        """Return one verdict per question, in order."""
        if self._parsed is not None:
            return self._parsed.judge(questions)
        started = self._clock()
        readouts = [self._readout(question.template) for question in questions]
        prompts = [
            [*self.codec.open(question.messages()), *readout.lead]
            for question, readout in zip(questions, readouts, strict=True)
        ]
        found: dict[int, Verdict] = {}
        # Alike lengths share a pass, so that little of it is padding.
        order = sorted(range(len(prompts)), key=lambda place: (-len(prompts[place]), place))
        for first in range(0, len(order), self.batch):
            places = order[first : first + self.batch]
            began = self._clock()
            if self.timeout is not None and began - started >= self.timeout:
                text = f"no time left of {self.timeout:g} seconds"
                found |= {place: Verdict(reason="timeout", text=text) for place in places}
                continue
            fits = [p for p in places if len(prompts[p]) + _deepest(readouts[p]) < self.max_context]
            rows = self._weigh([prompts[p] for p in fits], [readouts[p] for p in fits])
            seconds = (self._clock() - began) / len(places)
            for place in set(places) - set(fits):
                found[place] = Verdict(
                    reason="context",
                    text=f"{len(prompts[place])} tokens, the model has {self.max_context}",
                )
            for place, weights in zip(fits, rows, strict=True):
                found[place] = _verdict(readouts[place], weights, seconds)
        return [found[place] for place in range(len(questions))]

    def _readout(self, template: Template) -> Readout:
        if template not in self._readouts:
            self._readouts[template] = readout_for(template, self.tokenizer)
        return self._readouts[template]

    def _weigh(
        self, prompts: Sequence[list[int]], readouts: Sequence[Readout]
    ) -> list[list[float]]:
        """Return the probability of every answer to every prompt."""
        rows = [
            (place, [*prompt, *fork.path], list(fork.next))
            for place, (prompt, readout) in enumerate(zip(prompts, readouts, strict=True))
            for fork in readout.forks
        ]
        known: list[list[dict[int, float]]] = [[] for _ in prompts]
        for first in range(0, len(rows), self.batch):
            part = rows[first : first + self.batch]
            table = self._next([ids for _, ids, _ in part])
            for row, (place, _, tokens) in enumerate(part):
                picked = table[row, tokens].tolist()
                known[place].append(dict(zip(tokens, picked, strict=True)))
        return [probabilities(r, k) for r, k in zip(readouts, known, strict=True)]

    def _next(self, rows: Sequence[list[int]]) -> torch.Tensor:
        """Return float64 log-probabilities of the token after each row, on the host."""
        device = next(iter(self.model.parameters())).device
        width = max(map(len, rows))
        # Padding on the left puts every row's last token in the last column.
        ids = torch.tensor([[0] * (width - len(row)) + row for row in rows], device=device)
        mask = torch.tensor(
            [[0] * (width - len(row)) + [1] * len(row) for row in rows], device=device
        )
        options: dict[str, Any] = {"logits_to_keep": 1} if self._keeps_logits else {}
        training = self.model.training
        self.model.eval()
        try:
            with torch.no_grad():
                output = self.model(
                    input_ids=ids,
                    attention_mask=mask,
                    position_ids=(mask.cumsum(1) - 1).clamp(min=0),
                    use_cache=False,
                    **options,
                )
        finally:
            self.model.train(training)
        logits: torch.Tensor = output.logits[:, -1]
        return logits.double().log_softmax(-1).cpu()


def _digest(model: Any) -> str:
    """Return eight hexadecimal digits over some numbers of every weight."""
    hashed = blake2b(digest_size=4, person=b"envgym-judge-v1")
    for name, weight in model.named_parameters():
        flat = weight.detach().flatten()
        picked = flat[:: max(1, flat.numel() // _PICKED)][:_PICKED].double().tolist()
        hashed.update(f"{name} {tuple(weight.shape)} {picked}".encode())
    return hashed.hexdigest()


def _deepest(readout: Readout) -> int:
    return max(len(fork.path) for fork in readout.forks)


def _verdict(readout: Readout, weights: Sequence[float], seconds: float) -> Verdict:
    mass = sum(weights)
    if not mass > 0.0:  # every answer underflowed, or the model returned NaN
        text = "no probability on any answer"
        return Verdict(reason="parse", text=text, calls=1, seconds=seconds)
    shares = tuple(round(weight / mass, _DIGITS) for weight in weights)
    expected = expected_score(shares, readout.grid)
    return Verdict(
        values=(round(expected.mean, _DIGITS),),
        text=f"probability on well-formed answers: {mass:.3g}",
        probabilities=shares,
        spread=round(expected.spread, _DIGITS),
        calls=1,
        seconds=seconds,
    )
