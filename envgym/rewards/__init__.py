"""The reward algebra: pure functions from evidence to reward, and the ledger they write."""

if __name__ != "envgym.rewards":
    raise ImportError(
        f"this folder is the package envgym.rewards and cannot be imported as '{__name__}'; "
        "write `import envgym.rewards`"
    )

from envgym.rewards.books import Books
from envgym.rewards.fold.g_ra import g_ra
from envgym.rewards.fold.gate import Gate
from envgym.rewards.fold.mean import Mean
from envgym.rewards.fold.product import Product
from envgym.rewards.fold.sum import Sum
from envgym.rewards.group.normalise import dr_grpo, grpo, normalise, rloo
from envgym.rewards.group.normalised import GroupNormalised
from envgym.rewards.kinds import Fold, Map, Reduce, Spread
from envgym.rewards.map.above import Above
from envgym.rewards.map.affine import Affine
from envgym.rewards.map.clip import Clip, cap
from envgym.rewards.map.lookahead_delta import LookaheadDelta
from envgym.rewards.map.on_invalid import OnInvalid
from envgym.rewards.map.potential import Potential
from envgym.rewards.map.progress_delta import ProgressDelta
from envgym.rewards.map.scale import Scale
from envgym.rewards.node import Direction, Node
from envgym.rewards.phases import Phase
from envgym.rewards.presets import charge, standard_presets
from envgym.rewards.probe.dominance import Dominance
from envgym.rewards.probe.report import Probe, Report
from envgym.rewards.program import Program
from envgym.rewards.reduce.discounted import ReduceDiscounted
from envgym.rewards.reduce.last import ReduceLast
from envgym.rewards.reduce.mean import ReduceMean
from envgym.rewards.reduce.min import ReduceMin
from envgym.rewards.reduce.sum import ReduceSum
from envgym.rewards.resolving import resolve
from envgym.rewards.scoring import Score, score
from envgym.rewards.settled import Settled
from envgym.rewards.signal import Bounds, InvalidSignal, Signal
from envgym.rewards.source import Constant, Source
from envgym.rewards.spread.last import SpreadLast
from envgym.rewards.spread.uniform import SpreadUniform
from envgym.rewards.spread.weights import SpreadWeights

__all__ = [
    "Above",
    "Affine",
    "Books",
    "Bounds",
    "Clip",
    "Constant",
    "Direction",
    "Dominance",
    "Fold",
    "Gate",
    "GroupNormalised",
    "InvalidSignal",
    "LookaheadDelta",
    "Map",
    "Mean",
    "Node",
    "OnInvalid",
    "Phase",
    "Potential",
    "Probe",
    "Product",
    "Program",
    "ProgressDelta",
    "Reduce",
    "ReduceDiscounted",
    "ReduceLast",
    "ReduceMean",
    "ReduceMin",
    "ReduceSum",
    "Report",
    "Scale",
    "Score",
    "Settled",
    "Signal",
    "Source",
    "Spread",
    "SpreadLast",
    "SpreadUniform",
    "SpreadWeights",
    "Sum",
    "cap",
    "charge",
    "dr_grpo",
    "g_ra",
    "grpo",
    "normalise",
    "resolve",
    "rloo",
    "score",
    "standard_presets",
]
