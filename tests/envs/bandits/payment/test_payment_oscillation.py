"""Retraining on a short memory makes later generations worse at times: an oscillation [50]."""

import numpy as np
from numpy.random import PCG64, Generator

from envgym.envs.bandits.payment.core import PaymentBanditCore
from envgym.runtime.numeric.arrays import NUMPY
from envgym.runtime.numeric.noise import BatchNoise

WORLDS, BATCH, GENERATIONS = 12, 300, 20


def _ridge(contexts, actions, rewards, count):
    """Return coefficients [B, A, d] of one ridge regression per action (penalty 1)."""
    chosen = (actions[:, :, None] == np.arange(count)).astype(float)
    moments = np.einsum("tba,tbi,tbj->baij", chosen, contexts, contexts, optimize=True)
    sums = np.einsum("tba,tbi,tb->bai", chosen, contexts, rewards, optimize=True)
    return np.linalg.solve(moments + np.eye(contexts.shape[2]), sums[..., None])[..., 0]


def _generations(core, memory, seed):
    """Return the exact success of each generation's policy on fixed requests, [G, WORLDS].

    Every generation plays one batch: uniformly at first, then greedily but for 5 %, with
    regressions fitted to the latest ``memory`` revealed batches.
    """
    noise = BatchNoise(Generator(PCG64(seed)))
    own = np.random.default_rng(seed)
    state = core.start(WORLDS, noise, NUMPY)
    state["t"] = np.zeros(WORLDS, dtype=np.int64)
    # A fixed set of requests judges all generations, so that only the policy moves.
    raw = own.standard_normal((WORLDS, 400, core.features))
    judged = raw * np.sqrt(core.features) / np.linalg.norm(raw, axis=2, keepdims=True)
    truth = 1 / (1 + np.exp(-core.intercept - np.einsum("bnd,bad->bna", judged, state["theta"])))
    judged = np.concatenate((np.ones((WORLDS, 400, 1)), judged), axis=2)
    usable = own.random(truth.shape) < core.available
    usable[..., 0] |= ~usable.any(axis=2)
    fit = None
    contexts, actions, rewards, found = [], [], [], []
    for _ in range(GENERATIONS * BATCH):
        context, valid = core.observe(state, NUMPY)["context"], core.mask(state, NUMPY)
        score = own.random(valid.shape)
        if fit is not None:
            explore = own.random((WORLDS, 1)) < 0.05
            score = np.where(explore, score, np.einsum("bad,bd->ba", fit, context))
        action = np.where(valid, score, -np.inf).argmax(axis=1)
        contexts.append(context)
        after, facts = core.advance(state, action, noise, NUMPY)
        revealed = core.reveal(state, action, facts, NUMPY)
        actions += [outcome.action for outcome in revealed]
        rewards += [outcome.reward for outcome in revealed]
        state = {**after, "t": state["t"] + 1}
        if revealed:
            last = slice(-memory * BATCH, None)
            known = (np.array(part[last]) for part in (contexts, actions, rewards))
            fit = _ridge(*known, core.actions)
            greedy = np.where(usable, np.einsum("bad,bnd->bna", fit, judged), -np.inf)
            best = greedy.argmax(axis=2)
            found.append(np.take_along_axis(truth, best[..., None], axis=2).mean(axis=(1, 2)))
    return np.array(found)


def test_a_short_memory_multiplies_the_movement_between_generations():
    core = PaymentBanditCore(batch=BATCH, horizon=GENERATIONS * BATCH)
    short, long = _generations(core, 1, 7), _generations(core, 10, 7)
    # The first generations still learn; from the tenth on the long memory is full.
    movement = [np.abs(np.diff(part[9:], axis=0)).mean() for part in (short, long)]
    assert movement[0] > 3 * movement[1]
    assert (np.diff(short[9:].mean(axis=1)) < 0).any()
    assert short[9:].mean() < long[9:].mean() < core.optimum + 0.02
