"""The five-state chain: small enough to check by hand, rich enough to break most shapings."""

from collections.abc import Sequence

from envgym.rewards.fold.g_ra import g_ra
from envgym.rewards.map.clip import cap
from envgym.rewards.map.clip_process import clip_process
from envgym.rewards.map.lookahead_delta import LookaheadDelta
from envgym.rewards.map.potential import Potential
from envgym.rewards.map.progress_delta import ProgressDelta
from envgym.rewards.program import Program
from envgym.rewards.reduce.sum import ReduceSum
from envgym.rewards.shaping.mdp import Action, FiniteMDP, Outcome, State
from envgym.rewards.source import Source
from envgym.types.errors import ConfigError

PHI = (5.0, 0.2, 0.9, 0.1, 3.0)
"""A misleading potential: highest at the losing end."""
PROGRESS = (0.0, 0.25, 0.5, 0.75, 1.0)


def five_state_chain(
    gamma: float = 0.9,
    horizon: int | None = None,
    *,
    slip: float = 0.0,
    phi: Sequence[float] = PHI,
) -> FiniteMDP:
    """Return a chain of states 0 to 4 that starts in the middle; both ends are final.

    Actions are "left", "right" and "wait". Only state 4 is won, so under ``won`` the best policy
    goes right everywhere, and a discount makes it hurry.

    Evidence, which a program may read:
        won: bool, whether the chain ended in state 4; at a budget's end False.
        progress: position divided by 4.
        phi: a potential per state, by default a misleading one.
        waited: bool, whether the last action was "wait".
        position: 0 to 4.

    Args:
        gamma: discount, below 1 without a horizon.
        horizon: events after which a budget ends the episode; None: never.
        slip: probability that a move goes the other way, 0 to below 0.5.
        phi: five numbers.

    Raises:
        ConfigError: for a slip or potential that does not fit.

    >>> chain = five_state_chain()
    >>> [outcome.state for outcome in chain.check(2, "right")]
    [3]
    """
    if not 0 <= slip < 0.5:
        raise ConfigError(f"five_state_chain.slip must be from 0 to below 0.5, got {slip!r}.")
    if len(phi) != 5:
        raise ConfigError(f"five_state_chain.phi needs five numbers, got {len(phi)}.")

    def evidence(state: int, waited: bool) -> dict[str, float]:
        return {
            "won": state == 4,
            "progress": PROGRESS[state],
            "phi": float(phi[state]),
            "waited": waited,
            "position": state,
        }

    def outcomes(state: State, action: Action) -> Sequence[Outcome]:
        assert isinstance(state, int)
        if action == "wait":
            return (Outcome(1.0, state, evidence(state, True)),)
        way = 1 if action == "right" else -1
        moves = [(1.0 - slip, state + way), (slip, state - way)]
        return [Outcome(p, to, evidence(to, False), to in (0, 4)) for p, to in moves if p > 0]

    return FiniteMDP(
        start=2,
        reset=evidence(2, False),
        actions=lambda _: ("left", "right", "wait"),
        outcomes=outcomes,
        gamma=gamma,
        horizon=horizon,
        name="five_state_chain",
    )


def chain_shapings() -> dict[str, Program]:
    """Return well-known shapings of the chain's ``won``, by name, to compare with "outcome".

    >>> from envgym.rewards.shaping.verify import verify_shaping
    >>> programs = chain_shapings()
    >>> outcome = programs.pop("outcome")
    >>> chain = five_state_chain(horizon=6)
    >>> [name for name in programs if verify_shaping(chain, outcome, programs[name]).keeps]
    ['potential', 'lookahead_delta', 'small_sum', 'capped_gate', 'clip_process']
    """
    won = Source("won", "episode", lo=0, hi=1)
    phi = Source("phi", lo=0, hi=5)
    progress = Source("progress", lo=0, hi=1)
    steps = ReduceSum(progress)
    found = {
        "outcome": won,
        "potential": won + Potential(phi, gamma=0.9),
        "potential_without_terminal_zero": won + ProgressDelta(phi),
        "lookahead_delta": won + LookaheadDelta(progress),
        "raw_sum": won + progress,
        "small_sum": won + 0.05 * progress,
        "loose_gate": g_ra([won, steps], [-0.5]),
        "capped_gate": g_ra([won, cap(steps, 0.4)], [0.5]),
        "clip_process": won + clip_process(progress, 0.85),
    }
    return {name: Program(name, root) for name, root in found.items()}
