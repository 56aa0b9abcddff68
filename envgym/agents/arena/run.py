"""run_arena: a tournament of players over a game, its ratings and what they are worth."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from envgym.agents.arena.ledger import GameLog
from envgym.agents.arena.playing import Play
from envgym.agents.arena.pool import Pool
from envgym.agents.arena.seating import Table, tables
from envgym.agents.arena.settings import Settings
from envgym.agents.ratings.results import GameResult
from envgym.agents.ratings.returns import MeanReturn, mean_returns, merged
from envgym.agents.ratings.summary import Method, Ratings, comparisons, rate, seat_scores
from envgym.rewards.tournament.engine import run_tournament
from envgym.rewards.tournament.ranking import Ranking
from envgym.types.compare import Match

LEDGER = "games.jsonl"
"""Name of the ledger in an arena's folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArenaResult:
    """What an arena found."""

    settings: Settings
    ranking: Ranking
    """The format's own order; ``triads`` counts cycles of three."""
    results: tuple[GameResult, ...]
    """All games, in the order of the schedule; invalid ones too."""
    ratings: Ratings
    compared: tuple[GameResult, ...]
    """What the ratings compare: games, or those of one seed together; see ``Settings.score``."""
    returns: Mapping[str, MeanReturn | None]
    """What each player won per game, in the game's own unit; None: it never played."""
    seats: tuple[float | None, ...]
    """Mean score of each seat over single games; 0.5: the seat is no advantage."""
    played: int
    """Games played by this run; the rest was in the ledger."""

    def warnings(self) -> list[str]:
        """Return a sentence for each reason not to take the ratings at their word."""
        found = []
        ratings = self.ratings
        if ratings.cyclic:
            found.append(
                f"the field is cyclic: only {ratings.transitive:.0%} of who beats whom is "
                "transitive, so no rating tells who wins against whom."
            )
        if ratings.separated:
            found.append(
                "some players never scored against some others: their distance is decided by the "
                "prior; play more games or add players in between."
            )
        if all(row.won + row.lost == 0 for row in ratings.rows):
            found.append("nobody won a game: all ratings are equal.")
        failed = sum(not game.valid for game in self.results)
        if failed:
            found.append(
                f"{failed} of {len(self.results)} games failed on our side and do not count; a "
                "rerun plays them again."
            )
        return found

    def to_json(self) -> dict[str, Any]:
        """Return settings, ratings and order as a JSON-ready dict."""
        return {
            "settings": self.settings.to_json(),
            "games": len(self.results),
            "played": self.played,
            "ranks": dict(self.ranking.ranks),
            "byes": [list(bye) for bye in self.ranking.byes],
            "triads": self.ranking.triads,
            "orders_disagreed": self.ranking.disagreement,
            "ratings": self.ratings.to_json(),
            "mean_returns": {
                id: None if each is None else [each.mean, each.low, each.high]
                for id, each in self.returns.items()
            },
            "seat_scores": list(self.seats),
            "warnings": self.warnings(),
        }


def run_arena(
    settings: Settings,
    play: Play,
    *,
    workers: int = 1,
    out: str | Path | None = None,
    method: Method = "davidson",
    forfeits: bool = True,
    bootstrap: int = 0,
    progress: Callable[[int], None] | None = None,
) -> ArenaResult:
    """Return the ranking and ratings of a tournament.

    A pairing is ``settings.games`` seeds, each in every rotation of the seats, so that neither a
    seat nor a seed favours anybody; the pairing's winner is who has the higher mean score. The
    games depend on the settings alone, whatever the number of workers and however often the run
    was killed and continued.

    Args:
        settings: game, players, format, seed and so on.
        play: plays one game; picklable if there is more than one worker.
        workers: processes; 1: this one.
        out: folder of the ledger, continued if its settings are the same; None: none is kept.
        method: of the ratings; see ``rate``.
        forfeits: whether games decided by forfeit count for ratings; they always count for the
            format, which must go on.
        bootstrap: of the ratings; see ``davidson``.
        progress: called with the number of games done after each.

    Raises:
        ConfigError: workers below 1, a method or bootstrap that ``rate`` refuses, or a ledger of
            other settings.
        MissingExtraError: the method's library is not installed.
        InfraError: the ledger cannot be written.
    """
    specs = settings.ids
    # What ratings cannot be asked for is said before the games, not after them.
    rate((), method=method, bootstrap=bootstrap, players=tuple(specs))
    log = GameLog(None if out is None else Path(out) / LEDGER, settings.to_json())
    done: dict[str, dict[tuple[str, ...], GameResult]] = {}
    count = played = 0
    with Pool(play, settings.game, settings.params, specs, workers) as pool:

        def compare(pairs: Sequence[tuple[str, str]]) -> list[Match]:
            nonlocal count, played
            needed: list[list[Table]] = [
                tables(
                    pair,
                    tuple(specs),
                    seats=settings.seats,
                    games=settings.games,
                    seed=settings.seed,
                )
                for pair in pairs
            ]
            missing = [table for each in needed for table in each if log.get(table) is None]
            fresh = pool.play(missing)
            matches = []
            for pair, each in zip(pairs, needed, strict=True):
                found: list[GameResult] = []
                for table in each:
                    result = log.get(table)
                    if result is None:
                        result = next(islice(fresh, 1))
                        log.put(result)
                        played += 1
                    found.append(result)
                    done.setdefault(table.cluster, {})[table.seats] = result
                    count += 1
                    if progress is not None:
                        progress(count)
                matches.append(match_of(pair, found, settings.score))
            return matches

        ranking = run_tournament(tuple(specs), compare, settings.rules(), seed=settings.seed)
    results = tuple(result for each in done.values() for result in each.values())
    duplicate = settings.score == "duplicate"
    ratings = rate(
        results,
        method=method,
        forfeits=forfeits,
        bootstrap=bootstrap,
        seed=settings.seed,
        players=tuple(specs),
        duplicate=duplicate,
    )
    return ArenaResult(
        settings=settings,
        ranking=ranking,
        results=results,
        ratings=ratings,
        compared=tuple(comparisons(results, duplicate=duplicate, forfeits=forfeits)),
        returns=mean_returns(results, players=tuple(specs)),
        seats=seat_scores(results),
        played=played,
    )


def match_of(pair: tuple[str, str], results: Sequence[GameResult], score: str = "game") -> Match:
    """Return the match of two players from their games: p is the first's mean score.

    Games that are invalid do not count; without any other there is no answer. ``agreed`` says
    whether the first had as good a result in the earlier seat as in the later.

    Args:
        pair: two ids.
        results: their games.
        score: "game" or "duplicate"; see ``Settings.score``.

    >>> games = [GameResult(players=seats, returns=(1.0, -1.0)) for seats in ("ab", "ba")]
    >>> match = match_of(("a", "b"), games)
    >>> match.p, match.agreed
    (0.5, False)
    """
    every = _scores(pair, merged(results) if score == "duplicate" else results)
    told = every[True] + every[False]
    if not told:
        return Match(p=None, calls=len(results))
    p = sum(told) / len(told)
    agreed = None
    seats = _scores(pair, results)
    if seats[True] and seats[False]:
        ahead = [sum(each) / len(each) - 0.5 for each in seats.values()]
        agreed = (ahead[0] > 0) == (ahead[1] > 0) and (ahead[0] < 0) == (ahead[1] < 0)
    return Match(p=p, scores=(p, 1.0 - p), calls=len(results), agreed=agreed)


def _scores(pair: tuple[str, str], results: Sequence[GameResult]) -> dict[bool, list[float]]:
    """Return the scores of the pair's first, by whether it sat in the earlier seat."""
    found: dict[bool, list[float]] = {True: [], False: []}
    for game in results:
        if not game.valid:
            continue
        for first, second, score, _ in game.pairs():
            if {first, second} == set(pair):
                found[first == pair[0]].append(score if first == pair[0] else 1.0 - score)
    return found
