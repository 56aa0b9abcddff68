"""The transformer behind ``DecisionTransformerLearner``: a small GPT-2 over rounds, in PyTorch.

Each round is three tokens: the two returns to go with the share of the horizon that has passed, the
observation, the action. The action is predicted from the observation's place. The balance of the
two returns is user-specific (inferred): w = 2 softmax(W o + c) of the current observation o scales
(immediate, retention) before they are embedded; the weights sum to 2 and start at (1, 1).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envgym.agents.learners.decision_transformer import Trajectories
from envgym.types import ConfigError, MissingExtraError
from envgym.types.errors import near_file

try:
    import torch
    from transformers import GPT2Config, GPT2Model
except ImportError:
    raise MissingExtraError("the decision transformer", "train") from None

_FIELDS_MIN = {
    "actions": 1,
    "features": 0,
    "slots": 1,
    "window": 1,
    "hidden": 1,
    "layers": 1,
    "heads": 1,
}


_SCALES = ("mean", "std", "scale", "best")
"""Arrays that a file keeps beside the weights."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Sizes of a decision transformer."""

    actions: int
    """A: actions per slot."""
    features: int
    """d: numbers in an observation; may be 0."""
    slots: int = 1
    """Items per action."""
    window: int = 20
    """Rounds that it looks back on, the current one included."""
    hidden: int = 64
    """Width; a multiple of ``heads``."""
    layers: int = 2
    heads: int = 2
    dropout: float = 0.1
    """Share of activations dropped in training, 0 to below 1."""
    balance: bool = True
    """Whether the observation weighs the two returns; False: both count as they are."""

    def __post_init__(self) -> None:
        for name, least in _FIELDS_MIN.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ConfigError(f"{name} must be an integer of {least} or more, got {value!r}.")
        if self.hidden % self.heads:
            raise ConfigError(f"hidden={self.hidden} must be a multiple of heads={self.heads}.")
        if self.slots > self.actions:
            raise ConfigError(f"slots={self.slots} is more than actions={self.actions}.")
        if not 0 <= self.dropout < 1:
            raise ConfigError(f"dropout must be at least 0 and below 1, got {self.dropout!r}.")


class DecisionTransformer:
    """A network with the scales of its training data; made by ``train`` or ``load``."""

    def __init__(
        self,
        shape: Shape,
        network: "Network",
        *,
        mean: NDArray[Any],
        std: NDArray[Any],
        scale: NDArray[Any],
        best: NDArray[Any],
        losses: tuple[float, ...] = (),
    ) -> None:
        self.shape, self.network = shape, network
        self.mean, self.std, self.scale, self.best = mean, std, scale, best
        self.losses = losses
        """Mean cross-entropy per slot in nats, of each epoch."""

    def logits(
        self,
        obs: NDArray[Any],
        actions: NDArray[Any],
        returns: NDArray[Any],
        now: int,
        horizon: int,
    ) -> NDArray[Any]:
        """Return float64 [B, slots, A] for the last of K rounds.

        Args:
            obs: [B, K, d].
            actions: int [B, K, slots]; the last round's are not looked at.
            returns: [B, K, 2], still to come before each round.
            now: Number of the last round, from 0.
            horizon: Rounds per episode.

        Raises:
            ConfigError: observations of another length than in training.
        """
        batch, length, width = obs.shape
        if width != self.shape.features:
            raise ConfigError(
                f"observations have {width} numbers, the model was trained on "
                f"{self.shape.features}."
            )
        clock = np.tile(np.arange(now - length + 1, now + 1) / horizon, (batch, 1))
        self.network.eval()
        with torch.no_grad():
            found = self.network(*self._inputs(obs, actions, returns, clock))
        last: NDArray[Any] = found[:, -1].cpu().double().numpy()
        return last

    def weights(self, obs: NDArray[Any]) -> NDArray[Any]:
        """Return the balance (immediate, retention) for observations [B, d]: [B, 2], sum 2."""
        scaled = torch.as_tensor((obs - self.mean) / self.std, dtype=torch.float32)
        with torch.no_grad():
            found: NDArray[Any] = self.network.weigh(scaled).double().numpy()
        return found

    def save(self, path: str | Path) -> None:
        """Write everything to one file."""
        kept = {name: torch.as_tensor(getattr(self, name)) for name in _SCALES}
        torch.save(
            {"shape": asdict(self.shape), "network": self.network.state_dict(), **kept}, path
        )

    def _inputs(
        self,
        obs: NDArray[Any],
        actions: NDArray[Any],
        returns: NDArray[Any],
        clock: NDArray[Any],
    ) -> tuple[torch.Tensor, ...]:
        scaled = (obs - self.mean) / self.std
        return (
            torch.as_tensor(scaled, dtype=torch.float32),
            torch.as_tensor(actions, dtype=torch.int64),
            torch.as_tensor(returns / self.scale, dtype=torch.float32),
            torch.as_tensor(clock, dtype=torch.float32),
        )


class Network(torch.nn.Module):
    """Embeddings, a GPT-2 body without a vocabulary, and a head per slot."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        width = shape.hidden
        self.gate = torch.nn.Linear(shape.features + 1, 2, bias=False)
        torch.nn.init.zeros_(self.gate.weight)
        self.embed_returns = torch.nn.Linear(3, width)
        # A constant beside the observation keeps the layer whole where there are no numbers.
        self.embed_obs = torch.nn.Linear(shape.features + 1, width)
        self.embed_action = torch.nn.Embedding(shape.slots * shape.actions, width)
        self.norm = torch.nn.LayerNorm(width)
        self.body = GPT2Model(
            GPT2Config(
                vocab_size=1,
                n_positions=3 * shape.window,
                n_embd=width,
                n_layer=shape.layers,
                n_head=shape.heads,
                resid_pdrop=shape.dropout,
                embd_pdrop=shape.dropout,
                attn_pdrop=shape.dropout,
                use_cache=False,
                bos_token_id=0,
                eos_token_id=0,
            )
        )
        self.head = torch.nn.Linear(width, shape.slots * shape.actions)

    def weigh(self, obs: torch.Tensor) -> torch.Tensor:
        """Return the balance [..., 2] for scaled observations [..., d]."""
        found: torch.Tensor = 2.0 * torch.softmax(self.gate(_with_one(obs)), dim=-1)
        return found

    def forward(
        self,
        obs: torch.Tensor,
        actions: torch.Tensor,
        returns: torch.Tensor,
        clock: torch.Tensor,
    ) -> torch.Tensor:
        """Return logits [B, K, slots, A] from [B, K, d], [B, K, slots], [B, K, 2] and [B, K]."""
        batch, length, slots = actions.shape
        if self.shape.balance:
            returns = returns * self.weigh(obs)
        offsets = torch.arange(slots) * self.shape.actions
        parts = (
            self.embed_returns(torch.cat([returns, clock[..., None]], -1)),
            self.embed_obs(_with_one(obs)),
            self.embed_action(actions + offsets).sum(dim=2),
        )
        tokens = self.norm(torch.stack(parts, dim=2).reshape(batch, 3 * length, -1))
        hidden = self.body(inputs_embeds=tokens).last_hidden_state
        found: torch.Tensor = self.head(hidden.reshape(batch, length, 3, -1)[:, :, 1])
        return found.reshape(batch, length, slots, self.shape.actions)


def _with_one(obs: torch.Tensor) -> torch.Tensor:
    return torch.cat([obs, obs.new_ones((*obs.shape[:-1], 1))], -1)


def train(
    data: Trajectories,
    *,
    horizon: int,
    window: int = 20,
    hidden: int = 64,
    layers: int = 2,
    heads: int = 2,
    dropout: float = 0.1,
    balance: bool = True,
    epochs: int = 10,
    batch: int = 64,
    lr: float = 3e-4,
    weight_decay: float = 0.1,
    seed: int = 0,
) -> DecisionTransformer:
    """Return a decision transformer trained to tell what was played, given what came of it.

    AdamW on the cross-entropy of the actions, gradients clipped to norm 1, on the CPU; the same
    data and seed give the same weights on one machine. An epoch draws as many windows as cover the
    rounds once.

    Args:
        data: Logged trajectories.
        horizon: Rounds per episode of the problem, which the clock is a share of.
        window: As in ``Shape``.
        hidden: As in ``Shape``.
        layers: As in ``Shape``.
        heads: As in ``Shape``.
        dropout: As in ``Shape``.
        balance: As in ``Shape``.
        epochs: 1 or more.
        batch: Windows per step, 1 or more.
        lr: Learning rate, above 0.
        weight_decay: 0 or more.
        seed: Of weights, windows and dropout; 0 or more.

    Raises:
        ConfigError: a number outside its range.
    """
    shape = Shape(
        actions=data.count,
        features=data.obs.shape[2],
        slots=data.actions.shape[2],
        window=window,
        hidden=hidden,
        layers=layers,
        heads=heads,
        dropout=dropout,
        balance=balance,
    )
    for name, value, good in (
        ("horizon", horizon, horizon >= 1),
        ("epochs", epochs, epochs >= 1),
        ("batch", batch, batch >= 1),
        ("lr", lr, 0 < lr < float("inf")),
        ("weight_decay", weight_decay, 0 <= weight_decay < float("inf")),
        ("seed", seed, seed >= 0),
    ):
        if not good:
            raise ConfigError(f"decision transformer: {name} is out of range, got {value!r}.")
    real = np.arange(data.obs.shape[1]) < data.lengths[:, None]
    seen = data.obs[real]
    std = seen.std(axis=0)
    starting = data.returns[:, 0]
    with _seeded(seed):
        model = DecisionTransformer(
            shape,
            Network(shape),
            mean=seen.mean(axis=0),
            std=np.where(std > 1e-8, std, 1.0),
            scale=np.maximum(np.abs(data.returns).max(axis=(0, 1)), 1e-8),
            best=starting[starting.sum(axis=1).argmax()],
        )
        model.losses = _fit(model, data, horizon, epochs, batch, lr, weight_decay, seed)
    return model


def load(path: str | Path) -> DecisionTransformer:
    """Return what ``DecisionTransformer.save`` wrote.

    Raises:
        ConfigError: there is no such file.
    """
    if not Path(path).is_file():
        raise ConfigError(f"{path}: there is no such file.{near_file(Path(path))}")
    kept = torch.load(path, weights_only=True)
    shape = Shape(**kept["shape"])
    with _seeded(0):
        network = Network(shape)
    network.load_state_dict(kept["network"])
    return DecisionTransformer(shape, network, **{name: kept[name].numpy() for name in _SCALES})


def _fit(
    model: DecisionTransformer,
    data: Trajectories,
    horizon: int,
    epochs: int,
    batch: int,
    lr: float,
    weight_decay: float,
    seed: int,
) -> tuple[float, ...]:
    network, span = model.network, min(model.shape.window, data.obs.shape[1])
    rng = np.random.default_rng(seed)
    optimizer = torch.optim.AdamW(network.parameters(), lr=lr, weight_decay=weight_decay)
    share = data.lengths / data.lengths.sum()
    windows = -(-int(data.lengths.sum()) // span)
    losses = []
    network.train()
    for _ in range(epochs):
        rows = rng.choice(len(share), size=windows, p=share)
        starts = rng.integers(0, np.maximum(data.lengths[rows] - span, 0) + 1)
        total, rounds = 0.0, 0
        for at in range(0, windows, batch):
            row, step = rows[at : at + batch, None], starts[at : at + batch, None] + np.arange(span)
            played = torch.as_tensor(step < data.lengths[row])
            inputs = model._inputs(
                data.obs[row, step],
                data.actions[row, step],
                data.returns[row, step],
                step / horizon,
            )
            logits = network(*inputs)[played]
            loss = torch.nn.functional.cross_entropy(
                logits.flatten(0, 1), inputs[1][played].flatten()
            )
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            total += loss.item() * len(logits)
            rounds += len(logits)
        losses.append(total / rounds)
    network.eval()
    return tuple(losses)


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seed PyTorch's CPU generator inside and put it back afterwards."""
    # Only the CPU generator is used, so only it is saved: fork_rng would start CUDA.
    before = torch.default_generator.get_state()
    torch.default_generator.manual_seed(seed)
    try:
        yield
    finally:
        torch.default_generator.set_state(before)
