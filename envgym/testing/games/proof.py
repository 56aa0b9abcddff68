"""The proof that a game's reference policy is good: by equilibrium, or against random play.

``equilibrium``: the game is solved; the profile's NashConv is at most 1e-3 of the largest return,
and mean returns of games sampled from it lie within three standard errors of the game's value.
``reference``: a named policy, the oracle, beats random play by three standard errors in every
seat, and inaction does not. A solved game of three or more players, or whose returns do not sum to
0, has no promise of an equilibrium: where NashConv is larger, ``reference`` is checked instead.
"""

import math
from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

from envgym.runtime.games.chance import after_chance
from envgym.runtime.games.reference import reference_of
from envgym.testing.games.subject import GameSubject
from envgym.testing.games.trace import advance, begin, expert_of
from envgym.types import Stream
from envgym.types.game import OVER

NASH_CONV = 1e-3
"""Most that all players together could gain by deviating, as a share of the largest return."""
ERRORS = 3.0
"""Standard errors."""
_NEAR = 1e-9


def proved(subject: GameSubject) -> None:
    """The reference profile is an equilibrium, or the reference policy beats random play."""
    kind = proof_kind(subject)
    if kind == "equilibrium":
        _equilibrium(subject)
    else:
        _reference(subject)


def inaction_loses(subject: GameSubject) -> None:
    """An agent that says nothing does not beat random play in any seat."""
    rivals = _means(subject, {"random": "random", "null": "null"})
    for seat, found in enumerate(zip(rivals["random"], rivals["null"], strict=True)):
        usual, silent = found
        gain = fmean(silent) - fmean(usual)
        subject.require(
            gain <= ERRORS * _error(silent, usual) + _NEAR,
            f"player_{seat} gains {gain:g} by saying nothing instead of playing at random",
        )


def oracle_only_looks(subject: GameSubject) -> None:
    """Asking the oracle changes nothing: the same answer twice, and a legal move."""
    env, twin = subject.make(), subject.make()
    try:
        for seed in range(subject.effort.seeds):
            trace, plain = begin(env, seed), begin(twin, seed)
            stream = Stream(seed, "conformance", "looks")
            while not plain.over and len(plain.messages) < subject.effort.turns:
                agent = env.agent_selection
                answers = expert_of(env, agent), expert_of(env, agent)
                subject.require(answers[0] == answers[1], f"seed {seed}: the oracle wavers")
                message = answers[0]
                if message is None:
                    message = twin.random_action(agent, stream)
                advance(env, trace, message)
                advance(twin, plain, message)
                subject.require(
                    env.mistake is None, f"seed {seed}: {message!r} is refused: {env.mistake}"
                )
            subject.require(trace.text == plain.text, f"seed {seed}: asking changes the episode")
    finally:
        env.close()
        twin.close()


def proof_kind(subject: GameSubject) -> str:
    """Return which proof applies: "equilibrium" or "reference".

    Raises:
        LawError: a two-player zero-sum game is solved, but not closely enough; or the game is
            neither solved nor has an expert.
    """
    game, solved = subject.game, reference_of(subject.game)
    if solved is None:
        start = after_chance(game.initial(), Stream(0, "conformance", "proof"))
        known = game.expert(start) is not None
        subject.require(known, "there is neither a solved profile nor an expert to prove it by")
        return "reference"
    share = solved.nash_conv / (max(map(abs, game.utility)) or 1.0)
    if share <= NASH_CONV:
        return "equilibrium"
    subject.require(
        game.players > 2 or not game.zero_sum,
        f"the reference '{solved.name}' has NashConv {solved.nash_conv:g}, a share of {share:g}"
        f" of the largest return; at most {NASH_CONV:g} is an equilibrium",
    )
    return "reference"


def _equilibrium(subject: GameSubject) -> None:
    solved = reference_of(subject.game)
    assert solved is not None  # proof_kind looked
    start = subject.game.initial()
    env = subject.make()
    returns: list[tuple[float, ...]] = []
    try:
        for seed in range(subject.effort.matches):
            env.reset(seed=seed)
            while env.position.current_player != OVER:
                env.step(env.oracle(env.agent_selection))
            returns.append(tuple(env.position.returns()))
    finally:
        env.close()
    for seat in range(subject.game.players):
        seen = [each[seat] for each in returns]
        value = solved.value(start, seat)
        gap = abs(fmean(seen) - value)
        # A profile that is pure leaves nothing to chance, and then only rounding.
        limit = ERRORS * stdev(seen) / math.sqrt(len(seen)) + 1e-3 * max(1.0, abs(value))
        subject.require(
            gap <= limit,
            f"player_{seat} returns {fmean(seen):g} in {len(seen)} games of the reference"
            f" profile, its value is {value:g} (three standard errors: {limit:g})",
        )


def _reference(subject: GameSubject) -> None:
    rivals = _means(subject, {"random": "random", "oracle": "oracle"})
    gains = []
    for seat, (usual, expert) in enumerate(zip(rivals["random"], rivals["oracle"], strict=True)):
        gain, error = fmean(expert) - fmean(usual), _error(expert, usual)
        gains.append(gain > ERRORS * error)
        subject.require(
            gain > -ERRORS * error - _NEAR,
            f"player_{seat}'s oracle returns {-gain:g} less than random play",
        )
    together = [fmean(seats) for seats in zip(*rivals["oracle"], strict=True)]
    usually = [fmean(seats) for seats in zip(*rivals["random"], strict=True)]
    gain = fmean(together) - fmean(usually)
    subject.require(
        all(gains) or gain > ERRORS * _error(together, usually),
        f"the oracle beats random play by {gain:g} a game, less than three standard errors"
        f" ({ERRORS * _error(together, usually):g})",
    )


def _means(
    subject: GameSubject, styles: Mapping[str, str]
) -> Mapping[str, Sequence[Sequence[float]]]:
    """Return per style and seat the returns of one such player among random ones, seed by seed."""
    env = subject.make()
    try:
        count = subject.effort.matches // len(env.possible_agents)
        return {
            name: [
                [_match(env, seed, seat, style) for seed in range(count)]
                for seat in range(len(env.possible_agents))
            ]
            for name, style in styles.items()
        }
    finally:
        env.close()


def _match(env: Any, seed: int, seat: int, style: str) -> float:
    """Return what one player returns whose moves follow ``style``, the others moving at random."""
    stream = Stream(seed, "conformance", "match", seat)
    env.reset(seed=seed)
    while env.position.current_player != OVER and env.forfeited is None:
        agent = env.agent_selection
        message = env.random_action(agent, stream)
        if agent == env.possible_agents[seat]:
            if style == "null":
                message = ""
            elif style == "oracle":
                message = env.oracle(agent)
        env.step(message)
    return float(env.returns()[seat])


def _error(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the standard error of the difference of two means over the same seeds."""
    gaps = [a - b for a, b in zip(one, other, strict=True)]
    return stdev(gaps) / math.sqrt(len(gaps))
