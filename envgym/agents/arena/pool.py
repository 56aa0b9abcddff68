"""Pool: plays tables, here or in worker processes; results come in the order of the tables."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from types import TracebackType
from typing import Any, Self

from envgym.agents.arena.playing import Finished, Play
from envgym.agents.arena.seating import Table
from envgym.agents.ratings.results import GameResult
from envgym.types.errors import ConfigError

_CHUNK = 8
"""Games that a worker is given at once, at most: a game may be as short as a millisecond."""


class Pool:
    """Plays games with a number of workers; a context, which ends them."""

    def __init__(
        self,
        play: Play,
        game: str,
        params: Mapping[str, Any],
        specs: Mapping[str, str],
        workers: int = 1,
    ) -> None:
        """Take ``play`` and the id to spec of all players; 1 worker: this process."""
        if workers < 1:
            raise ConfigError(f"arena.workers must be 1 or more, got {workers}.")
        self._task = (play, game, dict(params), dict(specs))
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def play(self, tables: Sequence[Table]) -> Iterator[GameResult]:
        """Yield one result per table, in order, each as soon as those before it are there."""
        if self._workers == 1:
            for table in tables:
                yield _play(*self._task, table)
            return
        if self._pool is None:
            # Spawned, not forked: libraries with threads of their own do not survive a fork.
            self._pool = ProcessPoolExecutor(self._workers, mp_context=get_context("spawn"))
        # Long games are few: everybody gets some of them.
        size = max(1, min(_CHUNK, len(tables) // (4 * self._workers)))
        waiting: list[Future[list[GameResult]]] = [
            self._pool.submit(_play_all, *self._task, list(tables[k : k + size]))
            for k in range(0, len(tables), size)
        ]
        for each in waiting:
            yield from each.result()


def _play_all(
    play: Play,
    game: str,
    params: Mapping[str, Any],
    specs: Mapping[str, str],
    tables: Sequence[Table],
) -> list[GameResult]:
    return [_play(play, game, params, specs, table) for table in tables]


def _play(
    play: Play, game: str, params: Mapping[str, Any], specs: Mapping[str, str], table: Table
) -> GameResult:
    seats = [specs[id] for id in table.seats]
    found: Finished = play(game, params, seats, table.seed)
    # Where our side failed there is nothing to be had; the ledger has a number per seat all the same.
    returns = found.returns if found.valid else (0.0,) * len(seats)
    if len(returns) != len(seats):
        raise ConfigError(
            f"the play function gave {len(returns)} returns for {len(seats)} seats of {game}."
        )
    forfeit = found.forfeit_by
    return GameResult(
        players=table.seats,
        returns=tuple(float(x) for x in returns),
        cluster=table.cluster,
        forfeit_by=None if forfeit is None else table.seats[forfeit],
        valid=found.valid,
    )
