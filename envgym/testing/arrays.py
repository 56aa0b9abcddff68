"""Laws of numeric environments as arrays: rows, batches, PyTorch and single ones tell one story."""

import math
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from numpy.typing import NDArray

from envgym.runtime.numeric.arrays import NUMPY, Arrays, arrays
from envgym.runtime.numeric.noise import RowNoise, generator
from envgym.runtime.numeric.vector import NumericVectorEnv
from envgym.testing.subject import Subject
from envgym.testing.trace import as_json
from envgym.types import ConfigError, Stream
from envgym.types.bandit import Outcome

CLOSE = {"float64": 1e-12, "float32": 1e-5}
"""Relative tolerance by float type."""
_ROWS = 5
_STEPS = 60
_SAMPLE = 400
"""Episodes per side when two ways of drawing are compared in distribution."""
_BEST = 200
"""Paired episodes of the proof."""


def rows_equal_single(subject: Subject) -> None:
    """With ``streams="rows"`` a row is what the single environment with its seed is.

    Observations, floats, ends, masks, evidence and what is revealed agree to 1e-12, invalid actions
    included, under every preset that has an array form.
    """
    for preset in subject.cls.presets():
        try:
            vector = _vector(subject, _ROWS, streams="rows", reward=preset)
        except ConfigError:
            continue  # a program that only single environments pay
        singles = [subject.make(reward=preset).unwrapped for _ in range(_ROWS)]
        try:
            _side_by_side(subject, f"reward={preset}", vector, singles)
        finally:
            for env in (vector, *singles):
                env.close()


def _side_by_side(subject: Subject, where: str, vector: Any, singles: list[Any]) -> None:
    obs, infos = vector.reset(seed=7)
    over = [False] * _ROWS
    for i, env in enumerate(singles):
        alone, info = env.reset(seed=7 + i)
        _close(subject, f"{where}: row {i} at reset", _row(obs, i), alone)
        _evidence(subject, f"{where}: row {i} at reset", infos, i, info)
    draws = [Stream(i, "conformance", "rows") for i in range(_ROWS)]
    for step in range(_STEPS):
        if any(over):
            return
        actions = []
        for i, env in enumerate(singles):
            wild = draws[i].chance(1, 8)
            actions.append(wild_action(env) if wild else env.random_action(draws[i]))
        obs, rewards, terminated, truncated, infos = vector.step(np.asarray(actions))
        for i, env in enumerate(singles):
            at = f"{where}: row {i}, step {step}"
            alone, reward, ended, cut, info = env.step(actions[i])
            _close(subject, f"{at}: observation", _row(obs, i), alone)
            _close(subject, f"{at}: reward", float(rewards[i]), reward)
            subject.require(
                (bool(terminated[i]), bool(truncated[i])) == (ended, cut), f"{at}: the ends differ"
            )
            wrong = bool(infos["error"][i]) if "error" in infos else False
            subject.require(wrong == (info["error"] is not None), f"{at}: error differs")
            _evidence(subject, at, infos, i, info)
            _revealed(subject, at, infos["revealed"], i, info["revealed"])
            if "mask" in info:
                _close(subject, f"{at}: mask", infos["mask"][i], np.asarray(info["mask"]))
            over[i] = ended


def batch_in_distribution(subject: Subject) -> None:
    """One generator for the batch gives the same distribution of outcomes as one per row."""
    samples = []
    for streams in ("batch", "rows"):
        vector = _vector(subject, _SAMPLE, streams=streams)
        try:
            samples.append(_totals(vector, 11, "random"))
        finally:
            vector.close()
    found = _distance(*samples)
    limit = 1.63 * math.sqrt(2 / _SAMPLE)  # Kolmogorov-Smirnov at p = 0.01
    subject.require(
        found <= limit,
        f"batch and rows differ in distribution: distance {found:.3f}, at most {limit:.3f}",
    )


def same_vector_same_bytes(subject: Subject) -> None:
    """The same seeds give the same arrays, whatever was played before."""
    first, again = _vector(subject, _ROWS), _vector(subject, _ROWS)
    try:
        one = _totals(first, 3, "random")
        _totals(first, 4, "random")
        for vector in (first, again):
            subject.require(
                np.array_equal(one, _totals(vector, 3, "random")),
                "a vector's seed is not its bytes",
            )
    finally:
        first.close()
        again.close()


def torch_equals_numpy(subject: Subject) -> None:
    """On the same draws PyTorch's arrays equal NumPy's: 1e-12 in float64, 1e-5 in float32."""
    core = subject.cls.core_class(**subject.kwargs)
    if not getattr(core, "torch_ok", True) or find_spec("torch") is None:
        return
    for dtype, tolerance in CLOSE.items():
        ar = arrays("torch", dtype, None, subject.env_id)
        state, twin = (_start(core, each) for each in (NUMPY, ar))
        noise = _rounds(core)
        mirrored = _Mirrored(_rounds(core), ar)
        stream = Stream(0, "conformance", "torch")
        for step in range(min(core.horizon, _STEPS)):
            where = f"torch {dtype}, step {step}"
            _tree(subject, where, core.observe(state, NUMPY), core.observe(twin, ar), ar, tolerance)
            actions = _valid(core, state, stream)
            state, facts = _advance(core, state, actions, noise, NUMPY)
            twin, found = _advance(core, twin, ar.asarray(actions), mirrored, ar)
            over = facts.pop("over", None)
            found.pop("over", None)
            _tree(subject, where, facts, found, ar, tolerance)
            _tree(subject, where, state, twin, ar, tolerance)
            if over is not None and bool(over.any()):
                break


def autoreset_modes(subject: Subject) -> None:
    """NEXT_STEP spends a step on the reset, SAME_STEP keeps ``final_obs``, DISABLED waits."""
    plain, same, still = (
        _vector(subject, _ROWS, streams="rows", autoreset_mode=mode)
        for mode in (AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP, AutoresetMode.DISABLED)
    )
    try:
        for vector in (plain, same, still):
            vector.reset(seed=5)
        done = np.zeros(_ROWS, dtype=bool)
        stream = Stream(5, "conformance", "autoreset")
        for _ in range(plain.core.horizon):
            actions = np.asarray([draw_action(plain, i, stream) for i in range(_ROWS)])
            obs, _, done, _, _ = plain.step(actions)
            fresh, _, ended, _, infos = same.step(actions)
            last, _, _, _, _ = still.step(actions)
            if done.any():
                break
        subject.require(bool(done.any()), "no episode ends at the horizon")
        subject.require(bool((done == ended).all()), "SAME_STEP ends other episodes")
        for i in np.nonzero(done)[0]:
            _close(subject, "SAME_STEP: final_obs", _row(infos["final_obs"], i), _row(obs, i))
            _close(subject, "DISABLED: the last observation", _row(last, i), _row(obs, i))
        try:
            still.step(actions)
        except ResetNeeded:
            pass
        else:
            subject.require(False, "DISABLED steps on after an end")
        again, rewards, ends, _, infos = plain.step(actions)
        for i in np.nonzero(done)[0]:
            subject.require(rewards[i] == 0 and not ends[i], "NEXT_STEP pays for the reset")
            subject.require(int(infos["turn"][i]) == 0, "NEXT_STEP counts the reset as a turn")
            _close(subject, "NEXT_STEP: the new episode", _row(again, i), _row(fresh, i))
    finally:
        for vector in (plain, same, still):
            vector.close()


def nonsense_is_paid_nothing(subject: Subject) -> None:
    """Under every preset that pays as it goes, an invalid action after a good one earns nothing."""
    for preset, program in subject.cls.presets().items():
        if program.terminal:
            continue
        env = subject.make(reward=preset)
        try:
            for seed in range(3):
                env.reset(seed=seed)
                if env.step(env.unwrapped.oracle())[2]:
                    continue
                _, reward, ended, _, _ = env.step(wild_action(env.unwrapped))
                subject.require(
                    ended or reward <= 0.0, f"reward={preset} pays {reward} for an invalid action"
                )
        finally:
            env.close()


def gymnasium_vector(subject: Subject) -> None:
    """Gymnasium's ``SyncVectorEnv`` of single environments passes evidence on untouched."""
    envs = SyncVectorEnv([subject.make for _ in range(3)])
    alone = [subject.make().unwrapped for _ in range(3)]
    stream = Stream(0, "conformance", "sync")
    try:
        envs.reset(seed=[0, 1, 2])
        for i, env in enumerate(alone):
            env.reset(seed=i)
        for step in range(min(alone[0].core.horizon - 1, 10)):
            actions = [env.random_action(stream) for env in alone]
            obs, rewards, _, _, infos = envs.step(np.asarray(actions))
            over = False
            for i, env in enumerate(alone):
                shown, reward, ended, _, info = env.step(actions[i])
                where = f"SyncVectorEnv: copy {i}, step {step}"
                _close(subject, f"{where}: observation", _row(obs, i), shown)
                _close(subject, f"{where}: reward", float(rewards[i]), reward)
                subject.require(
                    infos["evidence"][i] == info["evidence"], f"{where}: evidence differs"
                )
                over = over or ended
            if over:
                return
    finally:
        for env in (envs, *alone):
            env.close()


def expert_beats_random(subject: Subject) -> None:
    """Over paired seeds the oracle's mean outcome lies three standard errors above random play's.

    Invalid actions, which never move the world, gain nothing over it.
    """
    vector = _vector(subject, _BEST, streams="rows")
    try:
        if not hasattr(vector.core, "expert"):
            subject.require(False, "the core names no expert action")
        plain = _totals(vector, 21, "random", outcome=True)
        best = _totals(vector, 21, "expert", outcome=True)
        idle = _totals(vector, 21, "wild", outcome=True)
    finally:
        vector.close()
    for name, sample, sign in (("the oracle", best, 1.0), ("invalid actions", idle, -1.0)):
        gap = sample - plain
        error = float(gap.std(ddof=1)) / math.sqrt(len(gap))
        mean = float(gap.mean())
        holds = mean > 3 * error if sign > 0 else mean <= 3 * error
        subject.require(
            holds, f"{name}: mean outcome {mean:g} above random play's, standard error {error:g}"
        )


# -- Playing -------------------------------------------------------------------------------


def _vector(subject: Subject, count: int, **more: Any) -> NumericVectorEnv:
    return NumericVectorEnv(subject.cls, count, **{**subject.kwargs, **more})


def _totals(vector: Any, seed: int, style: str, *, outcome: bool = False) -> NDArray[Any]:
    """Return the summed rewards, or the outcomes, of one episode per row."""
    vector.reset(seed=seed)
    count = vector.num_envs
    total, ended = np.zeros(count), np.zeros(count, dtype=bool)
    streams = [Stream(i, "conformance", "play") for i in range(count)]
    wild = np.asarray([wild_action(vector)] * count)
    for _ in range(vector.core.horizon):
        if style == "random":
            actions = np.asarray([draw_action(vector, i, streams[i]) for i in range(count)])
        else:
            actions = vector.expert_actions() if style == "expert" else wild
        _, rewards, done, _, infos = vector.step(actions)
        if outcome:
            if "outcome" in infos:
                total = np.where(ended | ~done, total, infos["outcome"])
        else:
            total += np.where(ended, 0.0, rewards)
        ended = ended | done
        if ended.all():
            break
    return total


def draw_action(vector: Any, row: int, stream: Stream) -> Any:
    """Return a valid action for one row, drawn from ``stream``."""
    masks = vector.action_masks()
    space = vector.single_action_space
    if masks is not None:
        return stream.choice(np.nonzero(masks[row])[0].tolist())
    if hasattr(space, "n"):
        return stream.below(int(space.n))
    return _free(space, stream)


def _free(space: Any, stream: Stream) -> Any:
    from envgym.runtime.numeric.actions import random_valid

    return random_valid(stream, space, None, None)


def wild_action(env: Any) -> Any:
    """Return an action outside the space."""
    space = getattr(env, "single_action_space", env.action_space)
    if hasattr(space, "n"):
        return -1
    return np.full(space.shape, -1, dtype=space.dtype)


def _valid(core: Any, state: Any, stream: Stream) -> NDArray[Any]:
    mask, space = core.mask(state, NUMPY), core.action_space
    rows = len(state["t"])
    if mask is not None:
        return np.asarray([stream.choice(np.nonzero(m)[0].tolist()) for m in mask])
    if hasattr(space, "n"):
        return np.asarray([stream.below(int(space.n)) for _ in range(rows)])
    return np.asarray([_free(space, stream) for _ in range(rows)])


def _start(core: Any, ar: Arrays) -> Any:
    noise = RowNoise([generator(seed, core.stream, "world") for seed in range(_ROWS)])
    state = core.start(_ROWS, noise if ar is NUMPY else _Mirrored(noise, ar), ar)
    state["t"] = ar.ints((_ROWS,), 0)
    return state


def _rounds(core: Any) -> RowNoise:
    return RowNoise([generator(seed, core.stream, "rounds") for seed in range(_ROWS)])


def _advance(core: Any, state: Any, actions: Any, noise: Any, ar: Arrays) -> tuple[Any, Any]:
    after, facts = core.advance(state, actions, noise, ar)
    after["t"] = state["t"] + 1
    return after, facts


class _Mirrored:
    """NumPy's draws as tensors."""

    def __init__(self, noise: Any, ar: Arrays) -> None:
        self._noise, self._ar = noise, ar

    def uniform(self, shape: tuple[int, ...]) -> Any:
        return self._ar.asarray(self._noise.uniform(shape))

    def normal(self, shape: tuple[int, ...]) -> Any:
        return self._ar.asarray(self._noise.normal(shape))

    def binomial(self, n: Any, p: Any) -> Any:
        trials = n if isinstance(n, int | float) else self._ar.numpy(n)
        # A probability rounded to float32 may leave [0, 1] or change a draw: NumPy's own decides.
        chances = np.clip(self._ar.numpy(p).astype(np.float64), 0.0, 1.0)
        return self._ar.asarray(self._noise.binomial(trials, chances))

    def integers(self, high: int, shape: tuple[int, ...]) -> Any:
        return self._ar.asarray(self._noise.integers(high, shape))

    def pick(self, rows: Any) -> "_Mirrored":
        return _Mirrored(self._noise.pick(rows), self._ar)


# -- Comparing -----------------------------------------------------------------------------


def _row(obs: Any, i: Any) -> Any:
    if isinstance(obs, Mapping):
        return {key: value[i] for key, value in obs.items()}
    return obs[i]


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key in sorted(value):  # Gymnasium sorts the keys of a Dict space
            yield from _leaves(value[key], f"{name}/{key}")
    else:
        yield name, value


def _close(subject: Subject, where: str, found: Any, expected: Any) -> None:
    for (name, one), (_, other) in zip(_leaves(found), _leaves(expected), strict=True):
        a, b = np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64)
        same = a.shape == b.shape and np.allclose(a, b, rtol=1e-12, atol=1e-12)
        subject.require(
            same, f"{where}{name}: {as_json(one, ())!r:.80}, not {as_json(other, ())!r:.80}"
        )


def _tree(
    subject: Subject, where: str, found: Any, expected: Any, ar: Arrays, tolerance: float
) -> None:
    kept = dict(_leaves(expected))
    for name, value in _leaves(found):
        twin = kept[name]
        other = twin if isinstance(twin, float) else ar.numpy(twin)  # a float: that of all rows
        same = np.allclose(np.asarray(value), other, rtol=tolerance, atol=tolerance)
        subject.require(same, f"{where}: '{name.lstrip('/')}' differs")


def _evidence(subject: Subject, where: str, infos: Any, i: int, info: Any) -> None:
    batch = infos["evidence"]
    for key, value in info["evidence"].items():
        if key in batch and isinstance(value, int | float):
            _close(subject, f"{where}: evidence '{key}'", batch[key][i], value)


def _revealed(subject: Subject, where: str, batch: Any, i: int, alone: Any) -> None:
    shown = [Outcome(*(_of_row(part, i) for part in outcome)) for outcome in batch]
    shown = [outcome for outcome in shown if outcome.round >= 0]
    single = [outcome for outcome in alone if outcome.round >= 0]
    subject.require(len(shown) == len(single), f"{where}: {len(shown)} outcomes are revealed")
    for one, other in zip(shown, single, strict=True):
        parts: list[tuple[str, Any, Any]] = list(zip(Outcome._fields, one, other, strict=True))
        for name, a, b in parts:
            if name == "residuals":
                subject.require(len(a) == len(b), f"{where}: revealed residuals")
                for x, y in zip(a, b, strict=True):
                    _close(subject, f"{where}: revealed residual", x, y)
            else:
                _close(subject, f"{where}: revealed {name}", a, b)


def _of_row(part: Any, i: int) -> Any:
    return tuple(each[i] for each in part) if isinstance(part, tuple) else part[i]


def _distance(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Return the Kolmogorov-Smirnov distance of two samples."""
    points = np.sort(np.concatenate([a, b]))
    shares = [np.searchsorted(np.sort(x), points, side="right") / len(x) for x in (a, b)]
    return float(np.abs(shares[0] - shares[1]).max())
