"""A tabular self-play learner: policy gradients from sampled games, averaged over training."""

from dataclasses import dataclass, field

import numpy as np
from numpy.random import PCG64, Generator

from envgym.agents.selfplay.role_baseline import RoleBaseline
from envgym.agents.selfplay.sampler import Batch, TreeSampler
from envgym.agents.solvers.level_form import Form
from envgym.agents.solvers.mixtures import (
    fastest_form,
    mixed_nash_conv,
    mixed_profile,
    uniform_plans,
)
from envgym.agents.solvers.sequences import Floats, sequences
from envgym.agents.solvers.table import PolicyTable, from_profile
from envgym.runtime.games.tree import GameTree, flatten
from envgym.types.errors import ConfigError
from envgym.types.game import Game
from envgym.types.stream import derive


@dataclass(frozen=True)
class SelfPlay:
    """How ``self_play`` learns."""

    updates: int = 2_000
    """Policy updates, 1 or more."""
    games: int = 128
    """Games sampled per update, 1 or more; those against the pool are among them."""
    learning_rate: float = 2.0
    """Step of the logits per unit of mean advantage per game; returns are scaled to max |u| = 1."""
    entropy: float = 0.01
    """Weight of the policy's entropy, in nats per decision, 0 or more."""
    decay: float | None = 0.95
    """Decay of the role baseline; None: none is subtracted."""
    pool_share: float = 0.0
    """Share of games in which one seat learns against a past policy in the others, 0 to 1."""
    pool_every: int = 50
    """Updates between two snapshots for the pool."""
    pool_size: int = 20
    """Snapshots kept, the oldest goes first."""

    def __post_init__(self) -> None:
        for name in ("updates", "games", "pool_every", "pool_size"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} must be at least 1, got {getattr(self, name)!r}.")
        if not self.learning_rate > 0.0:
            raise ConfigError(f"learning_rate must be more than 0, got {self.learning_rate!r}.")
        if not self.entropy >= 0.0:
            raise ConfigError(f"entropy must be 0 or more, got {self.entropy!r}.")
        if not 0.0 <= self.pool_share <= 1.0:
            raise ConfigError(f"pool_share must be from 0 to 1, got {self.pool_share!r}.")


@dataclass(frozen=True)
class Learnt:
    """What self-play came to."""

    average: PolicyTable = field(repr=False)
    """The policies of all updates, averaged by each player's own reach: what nears equilibrium."""
    current: PolicyTable = field(repr=False)
    """The last policy; in games with cycles it keeps circling."""
    curve: tuple[tuple[int, float, float], ...]
    """(updates so far, NashConv of the average, of the current policy), in the game's unit."""
    baseline: RoleBaseline = field(repr=False)
    """At the end; empty without one. In units of the largest return."""
    games: int
    """Games sampled in all."""

    @property
    def nash_conv(self) -> float:
        """NashConv of the averaged policy."""
        return self.curve[-1][1]


def self_play(
    game: Game, config: SelfPlay | None = None, *, seed: int = 0, every: int | None = None
) -> Learnt:
    """Return what a softmax policy per information set learns from its own sampled games.

    Formula: at each decision of a game, A = r_seat - baseline(seat), read before this batch goes
             into it; logits += learning_rate * mean over games of sum over decisions of
             A grad log pi + entropy * grad H(pi)
    Source:  REINFORCE in self-play with role baselines (SPIRAL, games 3, seen); the average over
             training is fictitious play's and CFR's (recalled)
    Laws:    same game, settings and seed: same result, bit for bit. For two players and zero
             sums the average nears equilibrium up to the entropy's pull and sampling noise;
             otherwise nothing is guaranteed.

    The tree serves as the simulator and to measure ``curve``; learning sees sampled ends only.

    Args:
        game: any game small enough to flatten.
        config: how to learn; defaults that suit Kuhn poker.
        seed: of the samples.
        every: updates between two points of the curve; None: the start and the end only.

    Raises:
        ConfigError: the tree is too large, or ``every`` is below 1.
    """
    config = SelfPlay() if config is None else config
    if every is not None and every < 1:
        raise ConfigError(f"every must be at least 1, got {every!r}.")
    learner = _Learner(flatten(game), config, seed)
    total = [np.zeros_like(plan) for plan in learner.plans()]
    start = mixed_nash_conv(learner.form, uniform_plans(learner.form.game))
    curve = [(0, start, start)]
    for update in range(1, config.updates + 1):
        for summed, plan in zip(total, learner.plans(), strict=True):
            summed += plan
        learner.update()
        if update == config.updates or (every is not None and update % every == 0):
            mean = [summed / update for summed in total]
            now = mixed_nash_conv(learner.form, learner.plans())
            curve.append((update, mixed_nash_conv(learner.form, mean), now))
    profile = mixed_profile(learner.form.game, [summed / config.updates for summed in total])
    return Learnt(
        average=from_profile(learner.tree, profile, "selfplay:average"),
        current=from_profile(learner.tree, learner.policy(), "selfplay:current"),
        curve=tuple(curve),
        baseline=learner.baseline,
        games=config.updates * config.games,
    )


class _Learner:
    def __init__(self, tree: GameTree, config: SelfPlay, seed: int) -> None:
        self.tree, self.config = tree, config
        self.form: Form = fastest_form(sequences(tree))
        self.sampler = TreeSampler(tree)
        self.rng = Generator(PCG64(derive(seed, "selfplay", "games")))
        self.pool_rng = Generator(PCG64(derive(seed, "selfplay", "pool")))
        self.logits = np.zeros(int(tree.offset[-1]))
        self.starts = tree.offset[:-1]
        self.sets = np.repeat(np.arange(len(self.starts)), np.diff(tree.offset))
        self.owner = tree.infoset_player.astype(np.int64)[self.sets]
        self.baseline = RoleBaseline(decay=0.0 if config.decay is None else config.decay)
        self.pool: list[Floats] = []
        self.done = 0

    def policy(self) -> Floats:
        """Return the current policy as a profile of the tree."""
        top = np.maximum.reduceat(self.logits, self.starts)
        powers = np.exp(self.logits - top[self.sets])
        return np.asarray(powers / np.add.reduceat(powers, self.starts)[self.sets])

    def plans(self) -> list[Floats]:
        """Return the current policy's plans."""
        return self.form.game.plans(self.policy())

    def update(self) -> None:
        """Sample, learn, keep a snapshot where one is due."""
        config, policy, players = self.config, self.policy(), self.tree.game.players
        if config.pool_share and self.done % config.pool_every == 0:
            self.pool = [*self.pool, policy][-config.pool_size :]
        apart = round(config.games * config.pool_share)
        parts: list[tuple[Batch, tuple[int, ...]]] = []
        if config.games > apart:
            batch = self.sampler.play(policy, config.games - apart, self.rng)
            parts.append((batch, tuple(range(players))))
        for seat in range(players):
            count = apart // players + (seat < apart % players)
            if count:
                past = self.pool[int(self.pool_rng.integers(len(self.pool)))]
                mixed = np.where(self.owner == seat, policy, past)
                parts.append((self.sampler.play(mixed, count, self.rng), (seat,)))
        self.logits += (config.learning_rate / config.games) * self._slope(policy, parts)
        self.done += 1

    def _slope(self, policy: Floats, parts: list[tuple[Batch, tuple[int, ...]]]) -> Floats:
        """Return the summed gradient of all games; the baseline is read, then updated."""
        name, players = self.tree.game.name, self.tree.game.players
        known = np.array([self.baseline.read(name, role) for role in range(players)])
        seen: list[list[Floats]] = [[] for _ in range(players)]
        slope = np.zeros(len(policy))
        for batch, seats in parts:
            returns = batch.returns / self.form.game.scale
            for seat in seats:
                seen[seat].append(returns[:, seat])
            role = self.owner[batch.pair]
            mine = np.isin(role, seats)
            pair, role, episode = batch.pair[mine], role[mine], batch.episode[mine]
            advantage = returns[episode, role] - known[role]
            here = self.sets[pair]
            slope += np.bincount(pair, advantage, len(policy))
            slope -= policy * np.bincount(here, advantage, len(self.starts))[self.sets]
            if self.config.entropy:
                visits = np.bincount(here, minlength=len(self.starts))[self.sets]
                logs = np.log(np.maximum(policy, 1e-300))
                mean_log = np.add.reduceat(policy * logs, self.starts)[self.sets]
                slope -= self.config.entropy * visits * policy * (logs - mean_log)
        if self.config.decay is not None:
            for seat, values in enumerate(seen):
                if values:
                    mean = float(np.mean(np.concatenate(values)))
                    self.baseline = self.baseline.update(name, seat, mean)
        return slope
