"""Tokens per CPU-second: keys and values kept between turns against ``generate`` anew each turn.

    python benchmarks/generation.py

Both sides hold the same six-turn conversations token by token (prompt 200, replies 12,
observations 60 tokens; 16 at a time) with the same random Qwen2 of about 0.9 M parameters, one
thread, float32. Repeats alternate; CPU time of the process counts, so a busy machine disturbs
little. Aim: a median ratio of at least 2.5.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from envgym.agents.codec import ChatCodec
from envgym.agents.policies.transformers import TransformersPolicy
from envgym.agents.tiny import tiny_qwen, tiny_tokenizer
from envgym.types import Message, Request, Stream


class FixedLengths(ChatCodec):
    """A codec whose blocks have exact lengths and whose replies never stop early."""

    def __init__(self, tokenizer: Any, prompt: int, observation: int) -> None:
        super().__init__(tokenizer)
        self.prompt, self.observation = prompt, observation
        self.stop_ids = frozenset()

    def open(self, messages: Sequence[Message], tools: Sequence[dict[str, Any]] = ()) -> list[int]:
        """Return ``prompt`` ids."""
        return self._draw(messages[0].content, self.prompt)

    def suffix(self, messages: Sequence[Message], *, after: int | None) -> list[int]:
        """Return ``observation`` ids."""
        return self._draw(messages[0].content, self.observation)

    def _draw(self, name: str, count: int) -> list[int]:
        stream = Stream(0, "generation", name)
        return [stream.integers(3, len(self.tokenizer) - 1) for _ in range(count)]


def kept(policy: TransformersPolicy, batch: int, turns: int) -> int:
    """Play with the slot cache; return the tokens sampled."""
    names = [str(row) for row in range(batch)]
    tokens = 0
    for turn in range(turns):
        requests = [
            Request(session=name, messages=(Message("user", f"{turn}/{name}"),)) for name in names
        ]
        tokens += sum(len(reply.token_ids) for reply in policy.act(requests))
    policy.close(names)
    return tokens


def prefilled(policy: TransformersPolicy, batch: int, turns: int, action: int) -> int:
    """Play with ``generate``, which reads the whole conversation again each turn."""
    codec = policy.codec
    contexts: list[list[int]] = [[] for _ in range(batch)]
    tokens = 0
    for turn in range(turns):
        for row, context in enumerate(contexts):
            news = (Message("user", f"{turn}/{row}"),)
            context += codec.suffix(news, after=None) if turn else codec.open(news)
        ids = torch.tensor(contexts)
        output = policy.model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            do_sample=True,
            top_k=0,
            max_new_tokens=action,
            min_new_tokens=action,
        )
        contexts = output.tolist()
        tokens += batch * action
    return tokens


def rate(play: Callable[[], int]) -> float:
    """Return tokens per CPU-second of one run."""
    start = time.process_time()
    tokens = play()
    return tokens / (time.process_time() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--batch", type=int, default=16, help="Conversations at a time.")
    parser.add_argument("--turns", type=int, default=6, help="Replies per conversation.")
    parser.add_argument("--prompt", type=int, default=200, help="Tokens before the first reply.")
    parser.add_argument("--observation", type=int, default=60, help="Tokens before the others.")
    parser.add_argument("--action", type=int, default=12, help="Tokens per reply.")
    parser.add_argument("--repeats", type=int, default=5, help="Alternated pairs of runs.")
    parser.add_argument("--json", action="store_true", help="Print one JSON object.")
    args = parser.parse_args()

    torch.set_num_threads(1)
    tokenizer = tiny_tokenizer(["go north"], vocab_size=600)
    model = tiny_qwen(tokenizer, hidden=128, layers=4)
    policy = TransformersPolicy(
        model,
        tokenizer,
        max_new_tokens=args.action,
        codec=FixedLengths(tokenizer, args.prompt, args.observation),
    )
    ours: list[float] = []
    theirs: list[float] = []
    for repeat in range(args.repeats + 1):
        one = rate(lambda: kept(policy, args.batch, args.turns))
        other = rate(lambda: prefilled(policy, args.batch, args.turns, args.action))
        if repeat:  # the first pair warms up
            ours.append(one)
            theirs.append(other)
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    result = {
        "parameters": sum(p.numel() for p in model.parameters()),
        "kept_tokens_per_cpu_s": round(statistics.median(ours)),
        "generate_tokens_per_cpu_s": round(statistics.median(theirs)),
        "ratio": round(ratio, 2),
        "aim": 2.5,
    }
    if args.json:
        print(json.dumps(result))
        return
    print(f"model: Qwen2, {result['parameters']:,} parameters, one thread, float32")
    print(f"kept cache      {result['kept_tokens_per_cpu_s']:>6} tokens per CPU-second")
    print(f"generate anew   {result['generate_tokens_per_cpu_s']:>6} tokens per CPU-second")
    print(f"ratio           {ratio:>6.2f}  (median of {args.repeats} pairs; aim: at least 2.5)")


if __name__ == "__main__":
    main()
