"""The update: log-probabilities, gradients, micro-batches."""

from typing import Any

import numpy as np
import pytest
import torch
from transformers import Qwen2Config, Qwen2ForCausalLM

from envgym.agents.train.batch import Batch, reinforce_batch
from envgym.agents.train.scoring import score
from envgym.agents.train.trajectory import Trajectory, from_replies
from envgym.agents.train.update import Loss, Tally, take_step
from envgym.types import Reply


@pytest.fixture(scope="module")
def model() -> Any:
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=50, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=1, tie_word_embeddings=True,
    )  # fmt: skip
    return Qwen2ForCausalLM(config).eval()


def episodes(count: int = 4, observation: int = 5) -> list[Trajectory]:
    draw = np.random.Generator(np.random.PCG64(3))
    made = []
    for i in range(count):
        replies = [
            Reply(
                text="",
                prompt_ids=tuple(draw.integers(0, 50, observation + i).tolist()),
                token_ids=tuple(draw.integers(0, 50, 3).tolist()),
                logprobs=(-3.9, -3.9, -3.9),
            )
            for _ in range(1 + i % 3)
        ]
        rewards = (0.0,) * (i % 3) + (float(i % 2),)
        made.append(from_replies(replies, group=i // 2, rewards=rewards))
    return made


def gradients(model: Any) -> list[torch.Tensor]:
    return [p.grad.clone() for p in model.parameters() if p.grad is not None]


def step(model: Any, batch: Batch, loss: Loss, micro: int) -> list[torch.Tensor]:
    """Return the gradient of a step that moves nothing."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    take_step(model, optimizer, batch, loss, Tally(), micro_tokens=micro, clip_norm=0.0)
    return gradients(model)


def test_scores_equal_one_forward_pass_per_sequence(model: Any) -> None:
    batch = reinforce_batch(episodes())
    scores = score(model, batch, temperature=0.7, device="cpu")
    at = 0
    for t in batch.sequences:
        ids = torch.from_numpy(t.ids)[None]
        logp = torch.log_softmax(model(ids).logits[0] / 0.7, -1)
        places = np.flatnonzero(t.model)
        expected = logp[torch.from_numpy(places - 1), ids[0, places]]
        found = scores.logprobs[at : at + places.size]
        torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)
        at += places.size
    assert at == scores.logprobs.numel()


@pytest.mark.parametrize("aggregation", ["token_global", "sequence_mean", "constant"])
def test_micro_batches_give_the_gradient_of_the_whole(model: Any, aggregation: Any) -> None:
    batch = reinforce_batch(episodes(6), aggregation=aggregation)
    loss = Loss(kind="ppo_clip", entropy=0.01)
    whole, parts = step(model, batch, loss, 10**6), step(model, batch, loss, 20)
    for a, b in zip(whole, parts, strict=True):
        torch.testing.assert_close(a, b, atol=1e-7, rtol=1e-4)


@pytest.mark.parametrize("kind", ["ppo_clip", "logprob"])
def test_masked_positions_get_exactly_no_direct_gradient(model: Any, kind: str) -> None:
    """The loss's derivative by the logits is 0 wherever the next token is not the model's."""
    batch = reinforce_batch(episodes())
    caught: list[torch.Tensor] = []

    class Spy(torch.nn.Module):
        """Computes all logits, keeps their gradient, and hands out the columns asked for."""

        def forward(self, logits_to_keep: torch.Tensor, **inputs: Any) -> Any:
            whole = model(**inputs)
            whole.logits.retain_grad()
            caught.append(whole.logits)
            whole.logits = whole.logits[:, logits_to_keep]
            return whole

    spy = Spy()
    spy.inner = model
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    loss = Loss(kind=kind, entropy=0.1)
    take_step(spy, optimizer, batch, loss, Tally(), micro_tokens=10**6, clip_norm=0.0)
    (logits,) = caught
    assert logits.grad is not None
    order = sorted(range(len(batch.sequences)), key=lambda i: -batch.sequences[i].ids.size)
    reached = 0
    for row, i in enumerate(order):
        t = batch.sequences[i]
        mine = np.zeros(logits.shape[1], bool)
        mine[np.flatnonzero(t.model) - 1] = True
        assert (logits.grad[row, ~mine] == 0).all()
        reached += int((logits.grad[row, mine] != 0).any(-1).sum())
    assert reached > 0


def test_zero_advantages_move_nothing(model: Any) -> None:
    same = [from_replies(t_replies(), group=0, rewards=(1.0,)) for _ in range(3)]
    batch = reinforce_batch(same)
    for gradient in step(model, batch, Loss(kind="ppo_clip"), 10**6):
        assert (gradient == 0).all()


def t_replies() -> list[Reply]:
    return [Reply(text="", prompt_ids=(1, 2), token_ids=(3, 4), logprobs=(-4.0, -4.0))]


def test_clip_fraction_mismatch_and_kl_are_reported(model: Any) -> None:
    tally = Tally()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    batch = reinforce_batch(episodes())
    loss = Loss(kind="ppo_clip")
    take_step(model, optimizer, batch, loss, tally, micro_tokens=999, clip_norm=1.0)
    report = tally.report()
    assert set(report) >= {"entropy", "clip_fraction", "kl_behaviour", "mismatch_max", "grad_norm"}
    assert 0 < report["entropy"] <= np.log(50) + 1e-6
    assert 0 <= report["clip_fraction"] <= 1
    assert report["mismatch_max"] < 1.0
