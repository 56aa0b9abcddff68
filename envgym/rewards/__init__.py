"""The reward algebra: pure functions from evidence to reward, and the ledger they write.

Names are imported when first used: a program of five nodes must not wait for the whole cookbook.
"""

if __name__ != "envgym.rewards":
    raise ImportError(
        f"this folder is the package envgym.rewards and cannot be imported as '{__name__}'; "
        "write `import envgym.rewards`"
    )

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from envgym.rewards.books import Books
    from envgym.rewards.credit.calm import calm
    from envgym.rewards.credit.mira import mira
    from envgym.rewards.credit.spa import spa
    from envgym.rewards.fold.blend import blend, two_returns
    from envgym.rewards.fold.carl import carl
    from envgym.rewards.fold.cascade import cascade
    from envgym.rewards.fold.count_bonus import count_bonus
    from envgym.rewards.fold.ensemble import uwo, wco
    from envgym.rewards.fold.firm import firm
    from envgym.rewards.fold.g_ra import g_ra
    from envgym.rewards.fold.gate import Gate
    from envgym.rewards.fold.heron import heron
    from envgym.rewards.fold.hrm import hrm
    from envgym.rewards.fold.lagrangian import lagrangian, usefulness
    from envgym.rewards.fold.mean import Mean
    from envgym.rewards.fold.min import Min
    from envgym.rewards.fold.partial_credit import partial_credit
    from envgym.rewards.fold.preference import per_user, preference, user_variance
    from envgym.rewards.fold.product import Product
    from envgym.rewards.fold.search_llm import search_llm
    from envgym.rewards.fold.sum import Sum
    from envgym.rewards.fold.targets import min_with_targets, threshold_and
    from envgym.rewards.fold.variance import Variance
    from envgym.rewards.fold.weak_verifiers import estimate_rates
    from envgym.rewards.fold.weaver import weaver
    from envgym.rewards.generated.checks import examine
    from envgym.rewards.generated.code import from_code
    from envgym.rewards.generated.evaluate import annotated
    from envgym.rewards.generated.pin import pin_for_group
    from envgym.rewards.generated.schema import ObservationSchema, schema_of
    from envgym.rewards.generated.terms import FixedTerms, Term
    from envgym.rewards.generated.value import GeneratedReward
    from envgym.rewards.group.absolute import anchored
    from envgym.rewards.group.amplified import Amplified
    from envgym.rewards.group.bnpo import BetaNormalised, BetaShape, bnpo
    from envgym.rewards.group.copeland import Copeland
    from envgym.rewards.group.density_weights import density_weights
    from envgym.rewards.group.groupmap import Group, GroupMap, GroupUnary, Member
    from envgym.rewards.group.grpo_lambda import grpo_lambda
    from envgym.rewards.group.laser_d import LaserTargets, laser_d
    from envgym.rewards.group.length import GroupLength
    from envgym.rewards.group.majority import Majority, co_reward
    from envgym.rewards.group.mean import GroupMean
    from envgym.rewards.group.normalise import dr_grpo, grpo, normalise, rloo
    from envgym.rewards.group.normalised import GroupNormalised
    from envgym.rewards.group.pairing import Paired
    from envgym.rewards.group.reference import Reference
    from envgym.rewards.group.signed import signed
    from envgym.rewards.group.tournament import Tournament
    from envgym.rewards.group.trust_grpo import TrustGRPO
    from envgym.rewards.group.turn_normalised import TurnNormalised
    from envgym.rewards.group.unlikeliness import Unlikeliness
    from envgym.rewards.group.verpo import CalibratedTests, verpo
    from envgym.rewards.group.win_rate import Opponents, WinRate
    from envgym.rewards.judging.collapse import score_band
    from envgym.rewards.judging.expected import expected_score
    from envgym.rewards.judging.votes import vote
    from envgym.rewards.kinds import Fold, Map, Reduce, Spread
    from envgym.rewards.map.above import Above
    from envgym.rewards.map.affine import Affine
    from envgym.rewards.map.calibration import ppo_c, rlcr
    from envgym.rewards.map.clip import Clip, cap
    from envgym.rewards.map.clip_process import clip_process
    from envgym.rewards.map.curve import Curve
    from envgym.rewards.map.difficulty import difficulty_scaled, questioner
    from envgym.rewards.map.length import crf, laser, length_cap
    from envgym.rewards.map.lookahead_delta import LookaheadDelta
    from envgym.rewards.map.on_invalid import OnInvalid
    from envgym.rewards.map.par import par
    from envgym.rewards.map.peak import Peak
    from envgym.rewards.map.potential import Potential
    from envgym.rewards.map.power import Power
    from envgym.rewards.map.progress_delta import ProgressDelta
    from envgym.rewards.map.renorm import renorm
    from envgym.rewards.map.scale import Scale
    from envgym.rewards.map.soft_and import centred_log_sigmoid, reference_level, soft_and
    from envgym.rewards.map.soft_gate import SoftGate
    from envgym.rewards.map.uncertainty import discounted_by, lower_bound, pairwise_logit
    from envgym.rewards.node import Direction, Node
    from envgym.rewards.phases import Phase
    from envgym.rewards.presets import charge, standard_presets
    from envgym.rewards.probe.adaptive import VerifierDrift, VerifierLine, retraining_set
    from envgym.rewards.probe.consistency import JudgeConsistency
    from envgym.rewards.probe.correlated import CorrelatedProxy, chi2_estimate, occupancy_penalty
    from envgym.rewards.probe.divergence import Divergence, DivergenceMonitor, Evaluation
    from envgym.rewards.probe.dominance import Dominance
    from envgym.rewards.probe.examinee import Examinee
    from envgym.rewards.probe.expressivity import Expressivity, OrderedMilestones, express
    from envgym.rewards.probe.faithfulness import Faithfulness, HintAcknowledged
    from envgym.rewards.probe.gatekeeper import Gatekeeper
    from envgym.rewards.probe.goodhart import GoodhartCurve
    from envgym.rewards.probe.miracle import MiracleSteps
    from envgym.rewards.probe.noise import Noise, NoiseRobustness
    from envgym.rewards.probe.one_token import OneToken
    from envgym.rewards.probe.report import Probe, Report
    from envgym.rewards.probe.safety import SafetyTest
    from envgym.rewards.probe.smoothness import Smoothness
    from envgym.rewards.probe.stability import RankStability, kendall_tau
    from envgym.rewards.probe.starc import StarcDistance, TabularMDP, starc_distance
    from envgym.rewards.probe.starc_programs import starc_programs
    from envgym.rewards.program import Program
    from envgym.rewards.read.agreement import Agreement, option_shuffle
    from envgym.rewards.read.answer import Answer
    from envgym.rewards.read.cheapness import PriceWindow, cheapness, router_r1
    from envgym.rewards.read.checklist import Checklist
    from envgym.rewards.read.embeddings import bmas, goal_similarity
    from envgym.rewards.read.evidence_rewards import label_and_evidence, veri_r1
    from envgym.rewards.read.format_length import format_length
    from envgym.rewards.read.grounding import Grounding, long_rlvr
    from envgym.rewards.read.implicit_feedback import propensity_weighted
    from envgym.rewards.read.in_box import InBox, ui_r1
    from envgym.rewards.read.inverse_specification import InverseSpecification
    from envgym.rewards.read.ladder import Ladder
    from envgym.rewards.read.length import Length
    from envgym.rewards.read.lookup import Lookup, VisitCounts
    from envgym.rewards.read.milestones import Milestones, progress_labels
    from envgym.rewards.read.overlap import Overlap
    from envgym.rewards.read.patch_similarity import PatchSimilarity
    from envgym.rewards.read.reasoning_sql import reasoning_sql
    from envgym.rewards.read.rubric import Rubric
    from envgym.rewards.read.same import Same
    from envgym.rewards.read.search_outcomes import prorag_outcome, search_r1, vrag_rl
    from envgym.rewards.read.set_value import SetValue, set_gain
    from envgym.rewards.read.tag_format import TagFormat
    from envgym.rewards.read.tool_calls import ToolCalls, tool_rl
    from envgym.rewards.read.weighted_tests import WeightedTests
    from envgym.rewards.reading import Reading
    from envgym.rewards.reduce.discounted import ReduceDiscounted
    from envgym.rewards.reduce.last import ReduceLast
    from envgym.rewards.reduce.mean import ReduceMean
    from envgym.rewards.reduce.min import ReduceMin
    from envgym.rewards.reduce.softmin import ReduceSoftmin
    from envgym.rewards.reduce.sum import ReduceSum
    from envgym.rewards.resolving import resolve
    from envgym.rewards.scoring import GroupScore, Score, score
    from envgym.rewards.settled import Settled
    from envgym.rewards.shaping.chain import chain_shapings, five_state_chain
    from envgym.rewards.shaping.mdp import FiniteMDP
    from envgym.rewards.shaping.verify import ShapingReport, verify_shaping
    from envgym.rewards.signal import Bounds, InvalidSignal, Signal
    from envgym.rewards.source import Constant, Source
    from envgym.rewards.spread.duration import DurationWeighted
    from envgym.rewards.spread.every import Every
    from envgym.rewards.spread.last import SpreadLast
    from envgym.rewards.spread.progress import SpreadProgress
    from envgym.rewards.spread.turning_points import TurningPoints
    from envgym.rewards.spread.uniform import SpreadUniform
    from envgym.rewards.spread.weights import SpreadWeights
    from envgym.rewards.spread.windows import Windows
    from envgym.rewards.state.ema import Ema
    from envgym.rewards.state.extent import Extent
    from envgym.rewards.state.multiplier import Multiplier
    from envgym.rewards.state.schedule import Exponential, Linear, Schedule, Stepwise
    from envgym.rewards.state.tuner import BlendTuner
    from envgym.rewards.state.welford import Welford
    from envgym.rewards.tournament.engine import Rules, run_tournament
    from envgym.rewards.tournament.exact import ExactComparator, by_value
    from envgym.rewards.tournament.export import large_margin
    from envgym.rewards.tournament.fake import FakeComparator
    from envgym.rewards.tournament.ledger import Logged, MatchLog

_HOMES: dict[str, tuple[str, ...]] = {
    "envgym.rewards.books": ("Books",),
    "envgym.rewards.credit.calm": ("calm",),
    "envgym.rewards.credit.mira": ("mira",),
    "envgym.rewards.credit.spa": ("spa",),
    "envgym.rewards.fold.blend": (
        "blend",
        "two_returns",
    ),
    "envgym.rewards.fold.carl": ("carl",),
    "envgym.rewards.fold.cascade": ("cascade",),
    "envgym.rewards.fold.count_bonus": ("count_bonus",),
    "envgym.rewards.fold.ensemble": (
        "uwo",
        "wco",
    ),
    "envgym.rewards.fold.firm": ("firm",),
    "envgym.rewards.fold.g_ra": ("g_ra",),
    "envgym.rewards.fold.gate": ("Gate",),
    "envgym.rewards.fold.heron": ("heron",),
    "envgym.rewards.fold.hrm": ("hrm",),
    "envgym.rewards.fold.lagrangian": (
        "lagrangian",
        "usefulness",
    ),
    "envgym.rewards.fold.mean": ("Mean",),
    "envgym.rewards.fold.min": ("Min",),
    "envgym.rewards.fold.partial_credit": ("partial_credit",),
    "envgym.rewards.fold.preference": (
        "per_user",
        "preference",
        "user_variance",
    ),
    "envgym.rewards.fold.product": ("Product",),
    "envgym.rewards.fold.search_llm": ("search_llm",),
    "envgym.rewards.fold.sum": ("Sum",),
    "envgym.rewards.fold.targets": (
        "min_with_targets",
        "threshold_and",
    ),
    "envgym.rewards.fold.variance": ("Variance",),
    "envgym.rewards.fold.weak_verifiers": ("estimate_rates",),
    "envgym.rewards.fold.weaver": ("weaver",),
    "envgym.rewards.generated.checks": ("examine",),
    "envgym.rewards.generated.code": ("from_code",),
    "envgym.rewards.generated.evaluate": ("annotated",),
    "envgym.rewards.generated.pin": ("pin_for_group",),
    "envgym.rewards.generated.schema": (
        "ObservationSchema",
        "schema_of",
    ),
    "envgym.rewards.generated.terms": (
        "FixedTerms",
        "Term",
    ),
    "envgym.rewards.generated.value": ("GeneratedReward",),
    "envgym.rewards.group.absolute": ("anchored",),
    "envgym.rewards.group.amplified": ("Amplified",),
    "envgym.rewards.group.bnpo": (
        "BetaNormalised",
        "BetaShape",
        "bnpo",
    ),
    "envgym.rewards.group.copeland": ("Copeland",),
    "envgym.rewards.group.density_weights": ("density_weights",),
    "envgym.rewards.group.groupmap": (
        "Group",
        "GroupMap",
        "GroupUnary",
        "Member",
    ),
    "envgym.rewards.group.grpo_lambda": ("grpo_lambda",),
    "envgym.rewards.group.laser_d": (
        "LaserTargets",
        "laser_d",
    ),
    "envgym.rewards.group.length": ("GroupLength",),
    "envgym.rewards.group.majority": (
        "Majority",
        "co_reward",
    ),
    "envgym.rewards.group.mean": ("GroupMean",),
    "envgym.rewards.group.normalise": (
        "dr_grpo",
        "grpo",
        "normalise",
        "rloo",
    ),
    "envgym.rewards.group.normalised": ("GroupNormalised",),
    "envgym.rewards.group.pairing": ("Paired",),
    "envgym.rewards.group.reference": ("Reference",),
    "envgym.rewards.group.signed": ("signed",),
    "envgym.rewards.group.tournament": ("Tournament",),
    "envgym.rewards.group.trust_grpo": ("TrustGRPO",),
    "envgym.rewards.group.turn_normalised": ("TurnNormalised",),
    "envgym.rewards.group.unlikeliness": ("Unlikeliness",),
    "envgym.rewards.group.verpo": (
        "CalibratedTests",
        "verpo",
    ),
    "envgym.rewards.group.win_rate": (
        "Opponents",
        "WinRate",
    ),
    "envgym.rewards.judging.collapse": ("score_band",),
    "envgym.rewards.judging.expected": ("expected_score",),
    "envgym.rewards.judging.votes": ("vote",),
    "envgym.rewards.kinds": (
        "Fold",
        "Map",
        "Reduce",
        "Spread",
    ),
    "envgym.rewards.map.above": ("Above",),
    "envgym.rewards.map.affine": ("Affine",),
    "envgym.rewards.map.calibration": (
        "ppo_c",
        "rlcr",
    ),
    "envgym.rewards.map.clip": (
        "Clip",
        "cap",
    ),
    "envgym.rewards.map.clip_process": ("clip_process",),
    "envgym.rewards.map.curve": ("Curve",),
    "envgym.rewards.map.difficulty": (
        "difficulty_scaled",
        "questioner",
    ),
    "envgym.rewards.map.length": (
        "crf",
        "laser",
        "length_cap",
    ),
    "envgym.rewards.map.lookahead_delta": ("LookaheadDelta",),
    "envgym.rewards.map.on_invalid": ("OnInvalid",),
    "envgym.rewards.map.par": ("par",),
    "envgym.rewards.map.peak": ("Peak",),
    "envgym.rewards.map.potential": ("Potential",),
    "envgym.rewards.map.power": ("Power",),
    "envgym.rewards.map.progress_delta": ("ProgressDelta",),
    "envgym.rewards.map.renorm": ("renorm",),
    "envgym.rewards.map.scale": ("Scale",),
    "envgym.rewards.map.soft_and": (
        "centred_log_sigmoid",
        "reference_level",
        "soft_and",
    ),
    "envgym.rewards.map.soft_gate": ("SoftGate",),
    "envgym.rewards.map.uncertainty": (
        "discounted_by",
        "lower_bound",
        "pairwise_logit",
    ),
    "envgym.rewards.node": (
        "Direction",
        "Node",
    ),
    "envgym.rewards.phases": ("Phase",),
    "envgym.rewards.presets": (
        "charge",
        "standard_presets",
    ),
    "envgym.rewards.probe.adaptive": (
        "VerifierDrift",
        "VerifierLine",
        "retraining_set",
    ),
    "envgym.rewards.probe.consistency": ("JudgeConsistency",),
    "envgym.rewards.probe.correlated": (
        "CorrelatedProxy",
        "chi2_estimate",
        "occupancy_penalty",
    ),
    "envgym.rewards.probe.divergence": (
        "Divergence",
        "DivergenceMonitor",
        "Evaluation",
    ),
    "envgym.rewards.probe.dominance": ("Dominance",),
    "envgym.rewards.probe.examinee": ("Examinee",),
    "envgym.rewards.probe.expressivity": (
        "Expressivity",
        "OrderedMilestones",
        "express",
    ),
    "envgym.rewards.probe.faithfulness": (
        "Faithfulness",
        "HintAcknowledged",
    ),
    "envgym.rewards.probe.gatekeeper": ("Gatekeeper",),
    "envgym.rewards.probe.goodhart": ("GoodhartCurve",),
    "envgym.rewards.probe.miracle": ("MiracleSteps",),
    "envgym.rewards.probe.noise": (
        "Noise",
        "NoiseRobustness",
    ),
    "envgym.rewards.probe.one_token": ("OneToken",),
    "envgym.rewards.probe.report": (
        "Probe",
        "Report",
    ),
    "envgym.rewards.probe.safety": ("SafetyTest",),
    "envgym.rewards.probe.smoothness": ("Smoothness",),
    "envgym.rewards.probe.stability": (
        "RankStability",
        "kendall_tau",
    ),
    "envgym.rewards.probe.starc": (
        "StarcDistance",
        "TabularMDP",
        "starc_distance",
    ),
    "envgym.rewards.probe.starc_programs": ("starc_programs",),
    "envgym.rewards.program": ("Program",),
    "envgym.rewards.read.agreement": (
        "Agreement",
        "option_shuffle",
    ),
    "envgym.rewards.read.answer": ("Answer",),
    "envgym.rewards.read.cheapness": (
        "PriceWindow",
        "cheapness",
        "router_r1",
    ),
    "envgym.rewards.read.checklist": ("Checklist",),
    "envgym.rewards.read.embeddings": (
        "bmas",
        "goal_similarity",
    ),
    "envgym.rewards.read.evidence_rewards": (
        "label_and_evidence",
        "veri_r1",
    ),
    "envgym.rewards.read.format_length": ("format_length",),
    "envgym.rewards.read.grounding": (
        "Grounding",
        "long_rlvr",
    ),
    "envgym.rewards.read.implicit_feedback": ("propensity_weighted",),
    "envgym.rewards.read.in_box": (
        "InBox",
        "ui_r1",
    ),
    "envgym.rewards.read.inverse_specification": ("InverseSpecification",),
    "envgym.rewards.read.ladder": ("Ladder",),
    "envgym.rewards.read.length": ("Length",),
    "envgym.rewards.read.lookup": (
        "Lookup",
        "VisitCounts",
    ),
    "envgym.rewards.read.milestones": (
        "Milestones",
        "progress_labels",
    ),
    "envgym.rewards.read.overlap": ("Overlap",),
    "envgym.rewards.read.patch_similarity": ("PatchSimilarity",),
    "envgym.rewards.read.reasoning_sql": ("reasoning_sql",),
    "envgym.rewards.read.rubric": ("Rubric",),
    "envgym.rewards.read.same": ("Same",),
    "envgym.rewards.read.search_outcomes": (
        "prorag_outcome",
        "search_r1",
        "vrag_rl",
    ),
    "envgym.rewards.read.set_value": (
        "SetValue",
        "set_gain",
    ),
    "envgym.rewards.read.tag_format": ("TagFormat",),
    "envgym.rewards.read.tool_calls": (
        "ToolCalls",
        "tool_rl",
    ),
    "envgym.rewards.read.weighted_tests": ("WeightedTests",),
    "envgym.rewards.reading": ("Reading",),
    "envgym.rewards.reduce.discounted": ("ReduceDiscounted",),
    "envgym.rewards.reduce.last": ("ReduceLast",),
    "envgym.rewards.reduce.mean": ("ReduceMean",),
    "envgym.rewards.reduce.min": ("ReduceMin",),
    "envgym.rewards.reduce.softmin": ("ReduceSoftmin",),
    "envgym.rewards.reduce.sum": ("ReduceSum",),
    "envgym.rewards.resolving": ("resolve",),
    "envgym.rewards.scoring": (
        "GroupScore",
        "Score",
        "score",
    ),
    "envgym.rewards.settled": ("Settled",),
    "envgym.rewards.shaping.chain": (
        "chain_shapings",
        "five_state_chain",
    ),
    "envgym.rewards.shaping.mdp": ("FiniteMDP",),
    "envgym.rewards.shaping.verify": (
        "ShapingReport",
        "verify_shaping",
    ),
    "envgym.rewards.signal": (
        "Bounds",
        "InvalidSignal",
        "Signal",
    ),
    "envgym.rewards.source": (
        "Constant",
        "Source",
    ),
    "envgym.rewards.spread.duration": ("DurationWeighted",),
    "envgym.rewards.spread.every": ("Every",),
    "envgym.rewards.spread.last": ("SpreadLast",),
    "envgym.rewards.spread.progress": ("SpreadProgress",),
    "envgym.rewards.spread.turning_points": ("TurningPoints",),
    "envgym.rewards.spread.uniform": ("SpreadUniform",),
    "envgym.rewards.spread.weights": ("SpreadWeights",),
    "envgym.rewards.spread.windows": ("Windows",),
    "envgym.rewards.state.ema": ("Ema",),
    "envgym.rewards.state.extent": ("Extent",),
    "envgym.rewards.state.multiplier": ("Multiplier",),
    "envgym.rewards.state.schedule": (
        "Exponential",
        "Linear",
        "Schedule",
        "Stepwise",
    ),
    "envgym.rewards.state.tuner": ("BlendTuner",),
    "envgym.rewards.state.welford": ("Welford",),
    "envgym.rewards.tournament.engine": (
        "Rules",
        "run_tournament",
    ),
    "envgym.rewards.tournament.exact": (
        "ExactComparator",
        "by_value",
    ),
    "envgym.rewards.tournament.export": ("large_margin",),
    "envgym.rewards.tournament.fake": ("FakeComparator",),
    "envgym.rewards.tournament.ledger": (
        "Logged",
        "MatchLog",
    ),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Above",
    "Affine",
    "Agreement",
    "Amplified",
    "Answer",
    "BetaNormalised",
    "BetaShape",
    "BlendTuner",
    "Books",
    "Bounds",
    "CalibratedTests",
    "Checklist",
    "Clip",
    "Constant",
    "Copeland",
    "CorrelatedProxy",
    "Curve",
    "Direction",
    "Divergence",
    "DivergenceMonitor",
    "Dominance",
    "DurationWeighted",
    "Ema",
    "Evaluation",
    "Every",
    "ExactComparator",
    "Examinee",
    "Exponential",
    "Expressivity",
    "Extent",
    "Faithfulness",
    "FakeComparator",
    "FiniteMDP",
    "FixedTerms",
    "Fold",
    "Gate",
    "Gatekeeper",
    "GeneratedReward",
    "GoodhartCurve",
    "Grounding",
    "Group",
    "GroupLength",
    "GroupMap",
    "GroupMean",
    "GroupNormalised",
    "GroupScore",
    "GroupUnary",
    "HintAcknowledged",
    "InBox",
    "InvalidSignal",
    "InverseSpecification",
    "JudgeConsistency",
    "Ladder",
    "LaserTargets",
    "Length",
    "Linear",
    "Logged",
    "LookaheadDelta",
    "Lookup",
    "Majority",
    "Map",
    "MatchLog",
    "Mean",
    "Member",
    "Milestones",
    "Min",
    "MiracleSteps",
    "Multiplier",
    "Node",
    "Noise",
    "NoiseRobustness",
    "ObservationSchema",
    "OnInvalid",
    "OneToken",
    "Opponents",
    "OrderedMilestones",
    "Overlap",
    "Paired",
    "PatchSimilarity",
    "Peak",
    "Phase",
    "Potential",
    "Power",
    "PriceWindow",
    "Probe",
    "Product",
    "Program",
    "ProgressDelta",
    "RankStability",
    "Reading",
    "Reduce",
    "ReduceDiscounted",
    "ReduceLast",
    "ReduceMean",
    "ReduceMin",
    "ReduceSoftmin",
    "ReduceSum",
    "Reference",
    "Report",
    "Rubric",
    "Rules",
    "SafetyTest",
    "Same",
    "Scale",
    "Schedule",
    "Score",
    "SetValue",
    "Settled",
    "ShapingReport",
    "Signal",
    "Smoothness",
    "SoftGate",
    "Source",
    "Spread",
    "SpreadLast",
    "SpreadProgress",
    "SpreadUniform",
    "SpreadWeights",
    "StarcDistance",
    "Stepwise",
    "Sum",
    "TabularMDP",
    "TagFormat",
    "Term",
    "ToolCalls",
    "Tournament",
    "TrustGRPO",
    "TurnNormalised",
    "TurningPoints",
    "Unlikeliness",
    "Variance",
    "VerifierDrift",
    "VerifierLine",
    "VisitCounts",
    "WeightedTests",
    "Welford",
    "WinRate",
    "Windows",
    "anchored",
    "annotated",
    "blend",
    "bmas",
    "bnpo",
    "by_value",
    "calm",
    "cap",
    "carl",
    "cascade",
    "centred_log_sigmoid",
    "chain_shapings",
    "charge",
    "cheapness",
    "chi2_estimate",
    "clip_process",
    "co_reward",
    "count_bonus",
    "crf",
    "density_weights",
    "difficulty_scaled",
    "discounted_by",
    "dr_grpo",
    "estimate_rates",
    "examine",
    "expected_score",
    "express",
    "firm",
    "five_state_chain",
    "format_length",
    "from_code",
    "g_ra",
    "goal_similarity",
    "grpo",
    "grpo_lambda",
    "heron",
    "hrm",
    "kendall_tau",
    "label_and_evidence",
    "lagrangian",
    "large_margin",
    "laser",
    "laser_d",
    "length_cap",
    "long_rlvr",
    "lower_bound",
    "min_with_targets",
    "mira",
    "normalise",
    "occupancy_penalty",
    "option_shuffle",
    "pairwise_logit",
    "par",
    "partial_credit",
    "per_user",
    "pin_for_group",
    "ppo_c",
    "preference",
    "progress_labels",
    "propensity_weighted",
    "prorag_outcome",
    "questioner",
    "reasoning_sql",
    "reference_level",
    "renorm",
    "resolve",
    "retraining_set",
    "rlcr",
    "rloo",
    "router_r1",
    "run_tournament",
    "schema_of",
    "score",
    "score_band",
    "search_llm",
    "search_r1",
    "set_gain",
    "signed",
    "soft_and",
    "spa",
    "standard_presets",
    "starc_distance",
    "starc_programs",
    "threshold_and",
    "tool_rl",
    "two_returns",
    "ui_r1",
    "usefulness",
    "user_variance",
    "uwo",
    "veri_r1",
    "verify_shaping",
    "verpo",
    "vote",
    "vrag_rl",
    "wco",
    "weaver",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'envgym.rewards' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
