"""``envgym arena``: let players meet in a game and rate them."""

import json
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console

from envgym.agents.arena.playing import load_play
from envgym.agents.arena.run import LEDGER, ArenaResult, run_arena
from envgym.agents.arena.settings import Settings
from envgym.agents.ratings.returns import MeanReturn
from envgym.cli import screen
from envgym.cli.arena_figure import check_figure, draw
from envgym.runtime.games.registry import make_game
from envgym.types import ConfigError

Format = Literal["round_robin", "swiss", "single", "seeded", "double", "sparse_bt"]
Method = Literal["davidson", "elo", "glicko2", "weng_lin"]
Score = Literal["duplicate", "game"]

BIASED = 0.1
"""Distance of a seat's mean score from 1/2 from which it is pointed out."""


def arena(
    players: Annotated[
        str,
        typer.Option(
            metavar="SPEC,SPEC,...",
            help="Let these meet, two or more: random, oracle, cfr:1000, hf:PATH and so on; a"
            " player may be given twice.",
        ),
    ],
    game: Annotated[
        str, typer.Option(metavar="NAME", help="Play this game, such as leduc.")
    ] = "leduc",
    param: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUE", help="Set an argument of the game, such as players=3; repeatable."
        ),
    ] = None,
    form: Annotated[
        Format,
        typer.Option(
            "--format",
            metavar="NAME",
            help="Pair by round_robin, swiss, single, seeded, double or sparse_bt.",
        ),
    ] = "round_robin",
    games: Annotated[
        int,
        typer.Option(
            metavar="N", help="Play N seeds per pairing, each once per rotation of seats.", min=1
        ),
    ] = 50,
    rounds: Annotated[
        int, typer.Option(metavar="N", help="Rounds of swiss; 0: log2 of the players.", min=0)
    ] = 0,
    degree: Annotated[
        int, typer.Option(metavar="N", help="Give each player N opponents in sparse_bt.", min=2)
    ] = 4,
    seed: Annotated[int, typer.Option(metavar="N", help="Drive all draws.", min=0)] = 0,
    workers: Annotated[int, typer.Option(metavar="N", help="Play in N processes.", min=1)] = 1,
    illegal: Annotated[
        str | None,
        typer.Option(
            metavar="POLICY", help="What an illegal move means; the game's own by default."
        ),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="Let a player that gives no answer in time forfeit. [default: no limit]",
            min=0.001,
        ),
    ] = None,
    score: Annotated[
        Score,
        typer.Option(
            metavar="NAME",
            help="Compare players by duplicate (who won more over all seat orders of one seed) or"
            " by each game.",
        ),
    ] = "duplicate",
    method: Annotated[
        Method,
        typer.Option(
            "--ratings", metavar="NAME", help="Rate by davidson, elo, glicko2 or weng_lin."
        ),
    ] = "davidson",
    bootstrap: Annotated[
        int,
        typer.Option(
            metavar="N", help="Take intervals of davidson from N resamples; 0: by formula.", min=0
        ),
    ] = 0,
    without_forfeits: Annotated[
        bool, typer.Option("--without-forfeits", help="Leave forfeited games out of the ratings.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Keep every game here; the same command continues a killed run."
        ),
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw ratings and scores: .png, .svg or .pdf."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a JSON object instead of tables.")
    ] = False,
) -> None:
    """Play a tournament between players and print their ratings.

    Every pairing is played on the same seeds in every seat order, so that neither a seat nor a
    seed decides. The seed and the options decide every game; the number of workers does not.
    """
    params = parsed(param or [])
    given = {"illegal": illegal, "timeout": timeout}
    options = {name: value for name, value in given.items() if value is not None}
    settings = Settings(
        game=game,
        players=tuple(each.strip() for each in players.split(",")),
        params=params,
        seats=make_game(game, **params).players,
        format=form,
        games=games,
        rounds=rounds,
        degree=degree,
        seed=seed,
        score=score,
        options=options,
    )
    if figure is not None:
        check_figure(figure)
    play: Any = load_play()
    found = run_arena(
        settings,
        partial(play, **options) if options else play,
        workers=workers,
        out=out,
        method=method,
        forfeits=not without_forfeits,
        bootstrap=bootstrap,
    )
    if as_json:
        screen.print_json(found.to_json())
    else:
        show(screen.console(), found)
    for sentence in found.warnings():
        screen.errors().print(f"envgym: {sentence}", soft_wrap=True)
    if figure is not None:
        draw(found, figure)
        screen.errors().print(f"drawn in {figure}", soft_wrap=True)
    if out is not None:
        screen.errors().print(
            f"{found.played} games played, {len(found.results)} in {out / LEDGER}", soft_wrap=True
        )


def parsed(given: list[str]) -> dict[str, Any]:
    """Return KEY=VALUE texts as a dict; values are JSON, else texts.

    Raises:
        ConfigError: no "=", or a key given twice.
    """
    found: dict[str, Any] = {}
    for each in given:
        key, equals, text = each.partition("=")
        if not equals or not key:
            raise ConfigError(f"--param must be KEY=VALUE, such as players=3, got '{each}'.")
        if key in found:
            raise ConfigError(f"--param {key} is given twice.")
        try:
            found[key] = json.loads(text)
        except ValueError:
            found[key] = text
    return found


def show(page: Console, found: ArenaResult) -> None:
    """Print the table of ratings and what they are worth."""
    ratings, settings = found.ratings, found.settings
    # Elo points are whole; the scale of Weng-Lin is finer.
    shown = (lambda x: x) if ratings.method == "weng_lin" else _whole
    rows = [
        [
            place,
            row.player,
            shown(row.rating),
            None if row.low is None else shown(row.low),
            None if row.high is None else shown(row.high),
            _within(found.returns.get(row.player)),
            row.games,
            row.won,
            row.drew,
            row.lost,
            row.forfeits,
        ]
        for place, row in enumerate(ratings.rows, 1)
    ]
    percent = f"{ratings.confidence:.0%}"
    what = "seeds" if settings.score == "duplicate" else "games"
    columns = ("", "player", "rating", f"{percent} from", "to", "per game", what, "won", "drew",
               "lost", "forfeits")  # fmt: skip
    page.print(screen.table(columns, rows, title=f"{settings.game}, {settings.format}"))
    order = sorted((rank, id) for id, rank in found.ranking.ranks.items() if rank is not None)
    ranked = ", ".join(f"{1 + rank:g} {id}" for rank, id in order)
    page.print(f"{settings.format} order: {ranked}", soft_wrap=True)
    facts = [f"transitive share {ratings.transitive:.2f}"]
    if found.ranking.triads:
        facts.append(f"{found.ranking.triads} cycles of three")
    seats = [f"seat {k} {x:.3f}" for k, x in enumerate(found.seats) if x is not None]
    if seats:
        facts.append(f"mean score of {', '.join(seats)}")
    if ratings.first_move is not None and settings.seats == 2:
        facts.append(f"first move {ratings.first_move:+.2f} logits")
    if found.ranking.disagreement is not None:
        facts.append(f"seat orders disagreed in {found.ranking.disagreement:.0%} of pairings")
    page.print("; ".join(facts), soft_wrap=True)
    biased = [k for k, x in enumerate(found.seats) if x is not None and abs(x - 0.5) >= BIASED]
    if biased:
        which = ", ".join(map(str, biased))
        page.print(
            f"position bias: seat {which}; all seats were played equally often.", soft_wrap=True
        )


def _within(found: MeanReturn | None) -> str | None:
    """Return a mean return with half its interval's width."""
    if found is None:
        return None
    if found.high is None:
        return f"{found.mean:+.3f}"
    return f"{found.mean:+.3f} ± {found.high - found.mean:.3f}"


def _whole(x: float) -> int:
    return round(x)
