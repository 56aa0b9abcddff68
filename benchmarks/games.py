"""Games, solvers and their text views against OpenSpiel, PettingZoo's classics and TextArena.

    python benchmarks/games.py [--repeats 5] [--seconds 0.1] [--json]

Four tables, all in units per second of CPU time. Contenders of a table take turns; a figure is the
median over repeats, a ratio the median over repeats of the ratio to the table's first row. What is
not installed is named and left out (``pip install open_spiel 'pettingzoo[classic]' textarena``).

Stepping: decisions per second of the AEC form, ``last()`` then ``step(action)``; steps of agents
that are out are not played. Aim: 50,000 in Kuhn poker.
Random play: games per second, every legal action equally likely.
Text: messages per second through an environment in words, each observation read.
Leduc: iterations per second of CFR. Aims: 500 times OpenSpiel's Python, 50 times its C++, with an
exploitability after 100 iterations that is equal to 1e-6.
"""

import argparse
import importlib
import json
import os
import platform
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from envgym.agents.solvers.best_response import quality
from envgym.agents.solvers.level_form import LevelForm
from envgym.agents.solvers.minimise import Minimiser
from envgym.agents.solvers.sequence_form import SequenceForm
from envgym.agents.solvers.sequences import sequences
from envgym.agents.solvers.solve import find_algorithm
from envgym.runtime.games.random_play import Method, random_play
from envgym.runtime.games.registry import make_aec, make_game, make_text
from envgym.runtime.games.tree import flatten

Work = Callable[[int], int]
"""Does about so many units, returns how many it did."""
LIBRARIES = ("open_spiel", "pettingzoo", "textarena", "numpy", "scipy")
SPIEL = {
    "kuhn": "kuhn_poker", "tic_tac_toe": "tic_tac_toe", "leduc": "leduc_poker",
    "connect_four": "connect_four",
}  # fmt: skip
CLASSIC = {
    "tic_tac_toe": "tictactoe_v3", "leduc": "leduc_holdem_v4", "connect_four": "connect_four_v3",
}  # fmt: skip
ARENA = {"kuhn": "KuhnPoker-v0", "tic_tac_toe": "TicTacToe-v0"}


@dataclass(frozen=True)
class Row:
    """One contender of a table."""

    name: str
    rate: float
    """Median of units per CPU second."""
    ratio: float
    """Median over repeats of the ratio to the first row."""
    least: float
    most: float


def race(contenders: Mapping[str, Work], repeats: int, seconds: float) -> list[Row]:
    """Return a row per contender; they take turns, each for about ``seconds`` at a time."""
    sizes = {name: _size(work, seconds) for name, work in contenders.items()}
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(repeats):
        for name, work in contenders.items():
            begin = time.process_time()
            done = work(sizes[name])
            rates[name].append(done / (time.process_time() - begin))
    base = next(iter(rates.values()))
    return [
        Row(
            name,
            statistics.median(found),
            statistics.median(a / b for a, b in zip(found, base, strict=True)),
            min(found),
            max(found),
        )
        for name, found in rates.items()
    ]


def _size(work: Work, seconds: float) -> int:
    """Return how many units take about so long, after a warm-up."""
    work(1)  # trees are flattened and games solved once per process
    units = 1
    while True:
        begin = time.process_time()
        work(units)
        spent = time.process_time() - begin
        if spent > seconds / 2:
            return max(1, round(units * seconds / spent))
        units *= 4 if spent > seconds / 40 else 16


def dice(size: int = 1 << 16) -> Iterator[float]:
    """Yield uniform numbers for ever, drawn before they are needed: the players cost nothing."""
    numbers = np.random.Generator(np.random.PCG64(0)).random(size).tolist()
    while True:
        yield from numbers


# -- Stepping and random play ---------------------------------------------------------------


def aec_steps(env: Any, seeded: bool, count: int) -> int:
    """Play ``count`` decisions and finish the last game; return the decisions."""
    luck, done, number = dice(), 0, 0
    env.reset(seed=0)
    while done < count:
        env.reset(seed=number if seeded else None)
        number += 1
        seen, _, over, _, _ = env.last()
        while not over:
            legal = np.flatnonzero(seen["action_mask"])
            env.step(int(legal[int(next(luck) * len(legal))]))
            done += 1
            seen, _, over, _, _ = env.last()
    return done


def aec_games(env: Any, count: int) -> int:
    """Play ``count`` games of any AEC environment by its masks, without the steps after the end."""
    luck = dice()
    env.reset(seed=0)
    for _ in range(count):
        env.reset()
        while True:
            seen, _, terminated, truncated, _ = env.last()
            if terminated or truncated:
                break
            legal = np.flatnonzero(seen["action_mask"])
            env.step(int(legal[int(next(luck) * len(legal))]))
    return count


def spiel_games(name: str, count: int) -> int:
    """Play ``count`` games of OpenSpiel's own state objects."""
    import pyspiel

    luck, game = dice(), pyspiel.load_game(name)
    for _ in range(count):
        state = game.new_initial_state()
        while not state.is_terminal():
            if state.is_chance_node():
                point, action = next(luck), -1
                for outcome, chance in state.chance_outcomes():
                    action, point = outcome, point - chance
                    if point < 0.0:
                        break
                state.apply_action(action)
            else:
                legal = state.legal_actions()
                state.apply_action(legal[int(next(luck) * len(legal))])
        state.returns()
    return count


def ours(game: Any, method: Method, count: int) -> int:
    """Play ``count`` games with ``random_play``."""
    random_play(game, count, 0, method)
    return count


def random_tables(missing: dict[str, str]) -> Iterator[tuple[str, dict[str, Work]]]:
    """Yield a table per game."""
    for name, theirs in SPIEL.items():
        game = make_game(name)
        rows: dict[str, Work] = {
            "envgym, vectorised": partial(ours, game, "auto"),
            "envgym, one by one": partial(ours, game, "scalar"),
            "envgym, AEC": partial(aec_games, make_aec(name)),
        }
        if "pyspiel" not in missing:
            rows["OpenSpiel, raw states"] = partial(spiel_games, theirs)
        if name in CLASSIC:
            module = imported(f"pettingzoo.classic.{CLASSIC[name]}", missing)
            if module is not None:
                rows["PettingZoo classic, raw_env"] = partial(aec_games, module.raw_env())
                rows["PettingZoo classic, env"] = partial(aec_games, module.env())
        yield f"random play, {name}: games/s", rows


# -- Text ------------------------------------------------------------------------------------


def text_messages(env: Any, count: int) -> int:
    """Send ``count`` random legal messages and finish the last game, reading every observation."""
    luck, done = dice(), 0
    while done < count:
        env.reset(seed=done)
        while not env.last()[2]:
            position = env.position
            legal = position.legal()
            env.step(f"[[{position.action_text(legal[int(next(luck) * len(legal))])}]]")
            done += 1
    return done


def arena_messages(make: Callable[[], Any], count: int) -> int:
    """The same for TextArena; what is legal is read off its state, which costs it nothing."""
    luck, done = dice(), 0
    while done < count:
        env = make()
        env.reset(num_players=2, seed=done)
        state, over = env.state.game_state, False
        while not over:
            env.get_observation()
            if "board" in state:
                flat = [cell for row in state["board"] for cell in row]
                legal = [place for place, cell in enumerate(flat) if not cell]
            else:
                legal = list(state["current_legal_action_tree"])
            over, _ = env.step(f"[{legal[int(next(luck) * len(legal))]}]")
            done += 1
        env.close()
    return done


def text_tables(folder: Path, missing: dict[str, str]) -> Iterator[tuple[str, dict[str, Work]]]:
    """Yield a table per game."""
    arena = imported("textarena", missing)
    for name, theirs in ARENA.items():
        written = make_text(name, record=folder / name)
        rows: dict[str, Work] = {
            "envgym": partial(text_messages, make_text(name)),
            "envgym, dense reward": partial(text_messages, make_text(name, reward="dense")),
            "envgym, one write per message": partial(text_messages, written),
        }
        if arena is not None:
            # Wrapped ones are made anew for each game: the wrapper keeps all earlier games' text.
            for kind, suffix in (("raw", "-raw"), ("wrapped", "")):
                made = partial(arena.make, f"{theirs}{suffix}")
                rows[f"TextArena, {kind}"] = partial(arena_messages, made)
        yield f"text, {name}: messages/s", rows
        written.close()


# -- Solvers ---------------------------------------------------------------------------------


def loop(form: str, algorithm: str) -> Minimiser:
    """Return a fresh run of ours in Leduc poker."""
    parts = sequences(flatten(make_game("leduc")))
    made = SequenceForm(parts) if form == "sequence" else LevelForm(parts)
    return Minimiser(made, find_algorithm(algorithm)(parts, 100))


def iterate(step: Callable[[], Any], count: int) -> int:
    """Do ``count`` iterations of a solver that has begun."""
    for _ in range(count):
        step()
    return count


def spiel_solvers(algorithm: str) -> tuple[Any, Any]:
    """Return OpenSpiel's solvers for Leduc poker, in Python and in C++."""
    import pyspiel

    python = importlib.import_module("open_spiel.python.algorithms.cfr")
    game = pyspiel.load_game("leduc_poker")
    if algorithm == "cfr":
        return python.CFRSolver(game), pyspiel.CFRSolver(game)
    return python.CFRPlusSolver(game), pyspiel.CFRPlusSolver(game)


def solver_table(algorithm: str, missing: dict[str, str]) -> dict[str, Work]:
    """Return the contenders of one algorithm."""
    rows: dict[str, Work] = {
        "envgym, sequence form": partial(iterate, loop("sequence", algorithm).iterate),
        "envgym, level form": partial(iterate, loop("level", algorithm).iterate),
    }
    if "pyspiel" not in missing:
        python, native = spiel_solvers(algorithm)
        rows["OpenSpiel, Python"] = partial(iterate, python.evaluate_and_update_policy)
        rows["OpenSpiel, C++"] = partial(iterate, native.evaluate_and_update_policy)
    return rows


def exploitabilities(algorithm: str, missing: dict[str, str]) -> dict[str, float]:
    """Return the exploitability in Leduc poker after 100 iterations, as each side measures it."""
    found, tree = {}, flatten(make_game("leduc"))
    for form in ("sequence", "level"):
        run = loop(form, algorithm)
        iterate(run.iterate, 100)
        found[f"envgym, {form} form"] = quality(tree, run.average()).exploitability
    if "pyspiel" not in missing:
        import pyspiel

        _, native = spiel_solvers(algorithm)
        iterate(native.evaluate_and_update_policy, 100)
        game = pyspiel.load_game("leduc_poker")
        found["OpenSpiel, C++"] = pyspiel.exploitability(game, native.average_policy())
    return found


# -- The whole -------------------------------------------------------------------------------


def imported(name: str, missing: dict[str, str]) -> Any:
    """Return a module; None, with the reason in ``missing``, where it cannot be imported."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        missing[name] = str(error)
        return None


def versions() -> dict[str, str]:
    """Return the versions of what was compared."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5, help="alternated [default: 5]")
    parser.add_argument(
        "--seconds", type=float, default=0.1, help="per contender and repeat [default: 0.1]"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    args = parser.parse_args()
    warnings.simplefilter("ignore")  # other people's
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    missing: dict[str, str] = {}
    imported("pyspiel", missing)
    run = partial(race, repeats=args.repeats, seconds=args.seconds)
    tables: dict[str, list[Row]] = {}
    for name in ("kuhn", "tic_tac_toe"):
        rows: dict[str, Work] = {
            "resets without a seed": partial(aec_steps, make_aec(name), False),
            "a seed for every reset": partial(aec_steps, make_aec(name), True),
        }
        tables[f"AEC, {name}: decisions/s"] = run(rows)
    for title, rows in random_tables(missing):
        tables[title] = run(rows)
    with tempfile.TemporaryDirectory() as folder:
        for title, rows in text_tables(Path(folder), missing):
            tables[title] = run(rows)
    exact: dict[str, dict[str, float]] = {}
    for algorithm in ("cfr", "cfr+"):
        tables[f"Leduc, {algorithm}: iterations/s"] = run(solver_table(algorithm, missing))
        exact[algorithm] = exploitabilities(algorithm, missing)
    report(args, tables, exact, missing)


def report(
    args: argparse.Namespace,
    tables: Mapping[str, list[Row]],
    exact: Mapping[str, Mapping[str, float]],
    missing: Mapping[str, str],
) -> None:
    """Print everything."""
    load = os.getloadavg()[0]
    if args.json:
        found = {title: [vars(row) for row in rows] for title, rows in tables.items()}
        json.dump(
            {
                "versions": versions(),
                "load": load,
                "missing": dict(missing),
                "tables": found,
                "exploitability_100": {k: dict(v) for k, v in exact.items()},
            },
            sys.stdout,
            indent=1,
        )
        print()
        return
    print(", ".join(f"{name} {found}" for name, found in versions().items()))
    print(f"CPU time, medians of {args.repeats} alternated repeats; load average {load:.1f}")
    for name, reason in missing.items():
        print(f"left out: {name} ({reason})")
    for title, rows in tables.items():
        print(f"\n{title:34}{'median':>12}{'lowest':>12}{'highest':>12}  ratio")
        for row in rows:
            print(
                f"  {row.name:32}{row.rate:12,.0f}{row.least:12,.0f}{row.most:12,.0f}"
                f"  {row.ratio:.4g}"
            )
        if "iterations" in title and "pyspiel" not in missing:
            mine = {row.name: 1 / row.ratio for row in rows}
            print(
                f"  sequence form: {mine['OpenSpiel, Python']:,.0f} times OpenSpiel's Python (aim "
                f"500), {mine['OpenSpiel, C++']:,.0f} times its C++ (aim 50)"
            )
    print("\nexploitability in Leduc poker after 100 iterations")
    for algorithm, sides in exact.items():
        spread = max(sides.values()) - min(sides.values())
        for name, value in sides.items():
            print(f"  {algorithm:6}{name:26}{value:.10f}")
        print(f"  {algorithm:6}largest difference {spread:.1e} (aim: 1e-6)")


if __name__ == "__main__":
    main()
