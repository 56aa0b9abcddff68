"""run_study: play what is missing, here or in worker processes, and return all totals."""

import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from envgym.agents.study.play import check_agent, play_shard
from envgym.agents.study.settings import Settings, Shard
from envgym.agents.study.store import load, save, shard_path
from envgym.agents.study.tally import Totals
from envgym.types import ConfigError, InfraError

Progress = Callable[[int, int], None]
"""Called with how many shards are there and how many there are to be."""


def run_study(
    settings: Settings,
    *,
    out: str | Path | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> dict[str, tuple[Totals, ...]]:
    """Return every agent's totals, in the order of its seeds.

    Numbers depend on the settings alone, whatever the workers and however often a study was
    interrupted and continued. A shard whose file is there is not played again; other settings have
    other files, so nothing is ever overwritten.

    Args:
        settings: environment, agents, seeds.
        out: folder that keeps the shards; None: nothing is kept.
        workers: processes; 1: this one.
        progress: called at the start and after each shard.

    Raises:
        ConfigError: workers below 1, an agent that is unknown or does not fit, or a damaged file.
        InfraError: a shard cannot be written, or a worker died.
    """
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        raise ConfigError(f"study: workers must be 1 or more, got {workers!r}.")
    for agent in settings.agents:
        check_agent(settings.shards[0], agent)  # before anything is played
    folder = None if out is None else Path(out)
    shards = settings.shards
    found: dict[int, Totals] = {}
    for i, shard in enumerate(shards):
        if folder is not None and (path := shard_path(folder, shard)).exists():
            found[i] = load(path, shard)
    missing = [i for i in range(len(shards)) if i not in found]
    if progress is not None:
        progress(len(found), len(shards))
    for i, totals in _play(shards, missing, folder, workers):
        found[i] = totals
        if progress is not None:
            progress(len(found), len(shards))
    return {
        agent: tuple(found[i] for i, shard in enumerate(shards) if shard.agent == agent)
        for agent in settings.agents
    }


def _play(
    shards: Sequence[Shard], missing: Sequence[int], folder: Path | None, workers: int
) -> Iterator[tuple[int, Totals]]:
    """Yield the missing shards as they are done."""
    workers = min(workers, len(missing))
    if workers < 2:
        for i in missing:
            yield i, _one(shards[i], folder)
        return
    # Spawned, not forked: libraries with threads of their own do not survive a fork.
    context = get_context("spawn")
    # No lock: a second Ctrl-C could come while it is held, and nobody would ever stop.
    stop = context.RawValue("b", 0)
    pool = ProcessPoolExecutor(workers, context, _begin, (stop,))
    try:
        waiting = {pool.submit(_one, shards[i], folder): i for i in missing}
        for each in as_completed(waiting):
            yield waiting[each], each.result()
    except BrokenProcessPool:
        raise InfraError("worker", "a process of the study died; run it again to go on") from None
    finally:
        # Reached with shards left only after Ctrl-C or an error: workers give up soon.
        stop.value = 1
        pool.shutdown(cancel_futures=True)


_told: dict[str, Any] = {}
"""In a worker: "stop", a shared flag that ends it."""


def _begin(stop: Any) -> None:
    """Begin a worker: Ctrl-C is the parent's business, which sets ``stop``."""
    _told["stop"] = stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _one(shard: Shard, folder: Path | None) -> Totals:
    """Play a shard and keep it."""
    stop = _told.get("stop")
    totals = play_shard(shard, None if stop is None else lambda: bool(stop.value))
    if folder is not None:
        save(shard_path(folder, shard), shard, totals)
    return totals
