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
    from envgym.rewards.books import Books as Books
    from envgym.rewards.credit.calm import calm as calm
    from envgym.rewards.credit.mira import mira as mira
    from envgym.rewards.credit.spa import spa as spa
    from envgym.rewards.fold.blend import blend as blend
    from envgym.rewards.fold.blend import two_returns as two_returns
    from envgym.rewards.fold.carl import carl as carl
    from envgym.rewards.fold.cascade import cascade as cascade
    from envgym.rewards.fold.count_bonus import count_bonus as count_bonus
    from envgym.rewards.fold.ensemble import uwo as uwo
    from envgym.rewards.fold.ensemble import wco as wco
    from envgym.rewards.fold.firm import firm as firm
    from envgym.rewards.fold.g_ra import g_ra as g_ra
    from envgym.rewards.fold.gate import Gate as Gate
    from envgym.rewards.fold.heron import heron as heron
    from envgym.rewards.fold.hrm import hrm as hrm
    from envgym.rewards.fold.lagrangian import lagrangian as lagrangian
    from envgym.rewards.fold.lagrangian import usefulness as usefulness
    from envgym.rewards.fold.mean import Mean as Mean
    from envgym.rewards.fold.min import Min as Min
    from envgym.rewards.fold.partial_credit import partial_credit as partial_credit
    from envgym.rewards.fold.preference import (
        per_user as per_user,
    )
    from envgym.rewards.fold.preference import (
        preference as preference,
    )
    from envgym.rewards.fold.preference import (
        user_variance as user_variance,
    )
    from envgym.rewards.fold.product import Product as Product
    from envgym.rewards.fold.search_llm import search_llm as search_llm
    from envgym.rewards.fold.sum import Sum as Sum
    from envgym.rewards.fold.targets import (
        min_with_targets as min_with_targets,
    )
    from envgym.rewards.fold.targets import (
        threshold_and as threshold_and,
    )
    from envgym.rewards.fold.variance import Variance as Variance
    from envgym.rewards.fold.weak_verifiers import estimate_rates as estimate_rates
    from envgym.rewards.fold.weaver import weaver as weaver
    from envgym.rewards.generated.checks import examine as examine
    from envgym.rewards.generated.code import from_code as from_code
    from envgym.rewards.generated.evaluate import annotated as annotated
    from envgym.rewards.generated.pin import pin_for_group as pin_for_group
    from envgym.rewards.generated.schema import (
        ObservationSchema as ObservationSchema,
    )
    from envgym.rewards.generated.schema import (
        schema_of as schema_of,
    )
    from envgym.rewards.generated.terms import FixedTerms as FixedTerms
    from envgym.rewards.generated.terms import Term as Term
    from envgym.rewards.generated.value import GeneratedReward as GeneratedReward
    from envgym.rewards.group.absolute import anchored as anchored
    from envgym.rewards.group.amplified import Amplified as Amplified
    from envgym.rewards.group.bnpo import (
        BetaNormalised as BetaNormalised,
    )
    from envgym.rewards.group.bnpo import (
        BetaShape as BetaShape,
    )
    from envgym.rewards.group.bnpo import (
        bnpo as bnpo,
    )
    from envgym.rewards.group.copeland import Copeland as Copeland
    from envgym.rewards.group.density_weights import density_weights as density_weights
    from envgym.rewards.group.groupmap import (
        Group as Group,
    )
    from envgym.rewards.group.groupmap import (
        GroupMap as GroupMap,
    )
    from envgym.rewards.group.groupmap import (
        GroupUnary as GroupUnary,
    )
    from envgym.rewards.group.groupmap import (
        Member as Member,
    )
    from envgym.rewards.group.grpo_lambda import grpo_lambda as grpo_lambda
    from envgym.rewards.group.laser_d import LaserTargets as LaserTargets
    from envgym.rewards.group.laser_d import laser_d as laser_d
    from envgym.rewards.group.length import GroupLength as GroupLength
    from envgym.rewards.group.majority import Majority as Majority
    from envgym.rewards.group.majority import co_reward as co_reward
    from envgym.rewards.group.mean import GroupMean as GroupMean
    from envgym.rewards.group.normalise import (
        dr_grpo as dr_grpo,
    )
    from envgym.rewards.group.normalise import (
        grpo as grpo,
    )
    from envgym.rewards.group.normalise import (
        normalise as normalise,
    )
    from envgym.rewards.group.normalise import (
        rloo as rloo,
    )
    from envgym.rewards.group.normalised import GroupNormalised as GroupNormalised
    from envgym.rewards.group.pairing import Paired as Paired
    from envgym.rewards.group.reference import Reference as Reference
    from envgym.rewards.group.signed import signed as signed
    from envgym.rewards.group.tournament import Tournament as Tournament
    from envgym.rewards.group.trust_grpo import TrustGRPO as TrustGRPO
    from envgym.rewards.group.turn_normalised import TurnNormalised as TurnNormalised
    from envgym.rewards.group.unlikeliness import Unlikeliness as Unlikeliness
    from envgym.rewards.group.verpo import CalibratedTests as CalibratedTests
    from envgym.rewards.group.verpo import verpo as verpo
    from envgym.rewards.group.win_rate import Opponents as Opponents
    from envgym.rewards.group.win_rate import WinRate as WinRate
    from envgym.rewards.judging.collapse import score_band as score_band
    from envgym.rewards.judging.expected import expected_score as expected_score
    from envgym.rewards.judging.votes import vote as vote
    from envgym.rewards.kinds import Fold as Fold
    from envgym.rewards.kinds import Map as Map
    from envgym.rewards.kinds import Reduce as Reduce
    from envgym.rewards.kinds import Spread as Spread
    from envgym.rewards.map.above import Above as Above
    from envgym.rewards.map.affine import Affine as Affine
    from envgym.rewards.map.calibration import ppo_c as ppo_c
    from envgym.rewards.map.calibration import rlcr as rlcr
    from envgym.rewards.map.clip import Clip as Clip
    from envgym.rewards.map.clip import cap as cap
    from envgym.rewards.map.clip_process import clip_process as clip_process
    from envgym.rewards.map.curve import Curve as Curve
    from envgym.rewards.map.difficulty import (
        difficulty_scaled as difficulty_scaled,
    )
    from envgym.rewards.map.difficulty import (
        questioner as questioner,
    )
    from envgym.rewards.map.length import crf as crf
    from envgym.rewards.map.length import laser as laser
    from envgym.rewards.map.length import length_cap as length_cap
    from envgym.rewards.map.lookahead_delta import LookaheadDelta as LookaheadDelta
    from envgym.rewards.map.on_invalid import OnInvalid as OnInvalid
    from envgym.rewards.map.par import par as par
    from envgym.rewards.map.peak import Peak as Peak
    from envgym.rewards.map.potential import Potential as Potential
    from envgym.rewards.map.power import Power as Power
    from envgym.rewards.map.progress_delta import ProgressDelta as ProgressDelta
    from envgym.rewards.map.renorm import renorm as renorm
    from envgym.rewards.map.scale import Scale as Scale
    from envgym.rewards.map.soft_and import (
        centred_log_sigmoid as centred_log_sigmoid,
    )
    from envgym.rewards.map.soft_and import (
        reference_level as reference_level,
    )
    from envgym.rewards.map.soft_and import (
        soft_and as soft_and,
    )
    from envgym.rewards.map.soft_gate import SoftGate as SoftGate
    from envgym.rewards.map.uncertainty import (
        discounted_by as discounted_by,
    )
    from envgym.rewards.map.uncertainty import (
        lower_bound as lower_bound,
    )
    from envgym.rewards.map.uncertainty import (
        pairwise_logit as pairwise_logit,
    )
    from envgym.rewards.node import Direction as Direction
    from envgym.rewards.node import Node as Node
    from envgym.rewards.phases import Phase as Phase
    from envgym.rewards.presets import charge as charge
    from envgym.rewards.presets import standard_presets as standard_presets
    from envgym.rewards.probe.adaptive import (
        VerifierDrift as VerifierDrift,
    )
    from envgym.rewards.probe.adaptive import (
        VerifierLine as VerifierLine,
    )
    from envgym.rewards.probe.adaptive import (
        retraining_set as retraining_set,
    )
    from envgym.rewards.probe.consistency import JudgeConsistency as JudgeConsistency
    from envgym.rewards.probe.correlated import (
        CorrelatedProxy as CorrelatedProxy,
    )
    from envgym.rewards.probe.correlated import (
        chi2_estimate as chi2_estimate,
    )
    from envgym.rewards.probe.correlated import (
        occupancy_penalty as occupancy_penalty,
    )
    from envgym.rewards.probe.divergence import (
        Divergence as Divergence,
    )
    from envgym.rewards.probe.divergence import (
        DivergenceMonitor as DivergenceMonitor,
    )
    from envgym.rewards.probe.divergence import (
        Evaluation as Evaluation,
    )
    from envgym.rewards.probe.dominance import Dominance as Dominance
    from envgym.rewards.probe.examinee import Examinee as Examinee
    from envgym.rewards.probe.expressivity import (
        Expressivity as Expressivity,
    )
    from envgym.rewards.probe.expressivity import (
        OrderedMilestones as OrderedMilestones,
    )
    from envgym.rewards.probe.expressivity import (
        express as express,
    )
    from envgym.rewards.probe.faithfulness import (
        Faithfulness as Faithfulness,
    )
    from envgym.rewards.probe.faithfulness import (
        HintAcknowledged as HintAcknowledged,
    )
    from envgym.rewards.probe.gatekeeper import Gatekeeper as Gatekeeper
    from envgym.rewards.probe.goodhart import GoodhartCurve as GoodhartCurve
    from envgym.rewards.probe.miracle import MiracleSteps as MiracleSteps
    from envgym.rewards.probe.noise import Noise as Noise
    from envgym.rewards.probe.noise import NoiseRobustness as NoiseRobustness
    from envgym.rewards.probe.one_token import OneToken as OneToken
    from envgym.rewards.probe.report import Probe as Probe
    from envgym.rewards.probe.report import Report as Report
    from envgym.rewards.probe.safety import SafetyTest as SafetyTest
    from envgym.rewards.probe.smoothness import Smoothness as Smoothness
    from envgym.rewards.probe.stability import (
        RankStability as RankStability,
    )
    from envgym.rewards.probe.stability import (
        kendall_tau as kendall_tau,
    )
    from envgym.rewards.probe.starc import (
        StarcDistance as StarcDistance,
    )
    from envgym.rewards.probe.starc import (
        TabularMDP as TabularMDP,
    )
    from envgym.rewards.probe.starc import (
        starc_distance as starc_distance,
    )
    from envgym.rewards.probe.starc_programs import starc_programs as starc_programs
    from envgym.rewards.program import Program as Program
    from envgym.rewards.read.agreement import (
        Agreement as Agreement,
    )
    from envgym.rewards.read.agreement import (
        option_shuffle as option_shuffle,
    )
    from envgym.rewards.read.answer import Answer as Answer
    from envgym.rewards.read.cheapness import (
        PriceWindow as PriceWindow,
    )
    from envgym.rewards.read.cheapness import (
        cheapness as cheapness,
    )
    from envgym.rewards.read.cheapness import (
        router_r1 as router_r1,
    )
    from envgym.rewards.read.checklist import Checklist as Checklist
    from envgym.rewards.read.embeddings import bmas as bmas
    from envgym.rewards.read.embeddings import goal_similarity as goal_similarity
    from envgym.rewards.read.evidence_rewards import (
        label_and_evidence as label_and_evidence,
    )
    from envgym.rewards.read.evidence_rewards import (
        veri_r1 as veri_r1,
    )
    from envgym.rewards.read.format_length import format_length as format_length
    from envgym.rewards.read.grounding import Grounding as Grounding
    from envgym.rewards.read.grounding import long_rlvr as long_rlvr
    from envgym.rewards.read.implicit_feedback import propensity_weighted as propensity_weighted
    from envgym.rewards.read.in_box import InBox as InBox
    from envgym.rewards.read.in_box import ui_r1 as ui_r1
    from envgym.rewards.read.inverse_specification import (
        InverseSpecification as InverseSpecification,
    )
    from envgym.rewards.read.ladder import Ladder as Ladder
    from envgym.rewards.read.length import Length as Length
    from envgym.rewards.read.lookup import Lookup as Lookup
    from envgym.rewards.read.lookup import VisitCounts as VisitCounts
    from envgym.rewards.read.milestones import (
        Milestones as Milestones,
    )
    from envgym.rewards.read.milestones import (
        progress_labels as progress_labels,
    )
    from envgym.rewards.read.overlap import Overlap as Overlap
    from envgym.rewards.read.patch_similarity import PatchSimilarity as PatchSimilarity
    from envgym.rewards.read.reasoning_sql import reasoning_sql as reasoning_sql
    from envgym.rewards.read.rubric import Rubric as Rubric
    from envgym.rewards.read.same import Same as Same
    from envgym.rewards.read.search_outcomes import (
        prorag_outcome as prorag_outcome,
    )
    from envgym.rewards.read.search_outcomes import (
        search_r1 as search_r1,
    )
    from envgym.rewards.read.search_outcomes import (
        vrag_rl as vrag_rl,
    )
    from envgym.rewards.read.set_value import SetValue as SetValue
    from envgym.rewards.read.set_value import set_gain as set_gain
    from envgym.rewards.read.tag_format import TagFormat as TagFormat
    from envgym.rewards.read.tool_calls import ToolCalls as ToolCalls
    from envgym.rewards.read.tool_calls import tool_rl as tool_rl
    from envgym.rewards.read.weighted_tests import WeightedTests as WeightedTests
    from envgym.rewards.reading import Reading as Reading
    from envgym.rewards.reduce.discounted import ReduceDiscounted as ReduceDiscounted
    from envgym.rewards.reduce.last import ReduceLast as ReduceLast
    from envgym.rewards.reduce.mean import ReduceMean as ReduceMean
    from envgym.rewards.reduce.min import ReduceMin as ReduceMin
    from envgym.rewards.reduce.softmin import ReduceSoftmin as ReduceSoftmin
    from envgym.rewards.reduce.sum import ReduceSum as ReduceSum
    from envgym.rewards.resolving import resolve as resolve
    from envgym.rewards.scoring import GroupScore as GroupScore
    from envgym.rewards.scoring import Score as Score
    from envgym.rewards.scoring import score as score
    from envgym.rewards.settled import Settled as Settled
    from envgym.rewards.shaping.chain import (
        chain_shapings as chain_shapings,
    )
    from envgym.rewards.shaping.chain import (
        five_state_chain as five_state_chain,
    )
    from envgym.rewards.shaping.mdp import FiniteMDP as FiniteMDP
    from envgym.rewards.shaping.verify import (
        ShapingReport as ShapingReport,
    )
    from envgym.rewards.shaping.verify import (
        verify_shaping as verify_shaping,
    )
    from envgym.rewards.signal import (
        Bounds as Bounds,
    )
    from envgym.rewards.signal import (
        InvalidSignal as InvalidSignal,
    )
    from envgym.rewards.signal import (
        Signal as Signal,
    )
    from envgym.rewards.source import Constant as Constant
    from envgym.rewards.source import Source as Source
    from envgym.rewards.spread.duration import DurationWeighted as DurationWeighted
    from envgym.rewards.spread.every import Every as Every
    from envgym.rewards.spread.last import SpreadLast as SpreadLast
    from envgym.rewards.spread.progress import SpreadProgress as SpreadProgress
    from envgym.rewards.spread.turning_points import TurningPoints as TurningPoints
    from envgym.rewards.spread.uniform import SpreadUniform as SpreadUniform
    from envgym.rewards.spread.weights import SpreadWeights as SpreadWeights
    from envgym.rewards.spread.windows import Windows as Windows
    from envgym.rewards.state.ema import Ema as Ema
    from envgym.rewards.state.extent import Extent as Extent
    from envgym.rewards.state.multiplier import Multiplier as Multiplier
    from envgym.rewards.state.schedule import (
        Exponential as Exponential,
    )
    from envgym.rewards.state.schedule import (
        Linear as Linear,
    )
    from envgym.rewards.state.schedule import (
        Schedule as Schedule,
    )
    from envgym.rewards.state.schedule import (
        Stepwise as Stepwise,
    )
    from envgym.rewards.state.tuner import BlendTuner as BlendTuner
    from envgym.rewards.state.welford import Welford as Welford
    from envgym.rewards.tournament.engine import Rules as Rules
    from envgym.rewards.tournament.engine import run_tournament as run_tournament
    from envgym.rewards.tournament.exact import (
        ExactComparator as ExactComparator,
    )
    from envgym.rewards.tournament.exact import (
        by_value as by_value,
    )
    from envgym.rewards.tournament.export import large_margin as large_margin
    from envgym.rewards.tournament.fake import FakeComparator as FakeComparator
    from envgym.rewards.tournament.ledger import Logged as Logged
    from envgym.rewards.tournament.ledger import MatchLog as MatchLog

# Module below this package to the names that it gives; type checkers read the same above.
_HOMES = {
    "books": "Books",
    "credit.calm": "calm",
    "credit.mira": "mira",
    "credit.spa": "spa",
    "fold.blend": "blend two_returns",
    "fold.carl": "carl",
    "fold.cascade": "cascade",
    "fold.count_bonus": "count_bonus",
    "fold.ensemble": "uwo wco",
    "fold.firm": "firm",
    "fold.g_ra": "g_ra",
    "fold.gate": "Gate",
    "fold.heron": "heron",
    "fold.hrm": "hrm",
    "fold.lagrangian": "lagrangian usefulness",
    "fold.mean": "Mean",
    "fold.min": "Min",
    "fold.partial_credit": "partial_credit",
    "fold.preference": "per_user preference user_variance",
    "fold.product": "Product",
    "fold.search_llm": "search_llm",
    "fold.sum": "Sum",
    "fold.targets": "min_with_targets threshold_and",
    "fold.variance": "Variance",
    "fold.weak_verifiers": "estimate_rates",
    "fold.weaver": "weaver",
    "generated.checks": "examine",
    "generated.code": "from_code",
    "generated.evaluate": "annotated",
    "generated.pin": "pin_for_group",
    "generated.schema": "ObservationSchema schema_of",
    "generated.terms": "FixedTerms Term",
    "generated.value": "GeneratedReward",
    "group.absolute": "anchored",
    "group.amplified": "Amplified",
    "group.bnpo": "BetaNormalised BetaShape bnpo",
    "group.copeland": "Copeland",
    "group.density_weights": "density_weights",
    "group.groupmap": "Group GroupMap GroupUnary Member",
    "group.grpo_lambda": "grpo_lambda",
    "group.laser_d": "LaserTargets laser_d",
    "group.length": "GroupLength",
    "group.majority": "Majority co_reward",
    "group.mean": "GroupMean",
    "group.normalise": "dr_grpo grpo normalise rloo",
    "group.normalised": "GroupNormalised",
    "group.pairing": "Paired",
    "group.reference": "Reference",
    "group.signed": "signed",
    "group.tournament": "Tournament",
    "group.trust_grpo": "TrustGRPO",
    "group.turn_normalised": "TurnNormalised",
    "group.unlikeliness": "Unlikeliness",
    "group.verpo": "CalibratedTests verpo",
    "group.win_rate": "Opponents WinRate",
    "judging.collapse": "score_band",
    "judging.expected": "expected_score",
    "judging.votes": "vote",
    "kinds": "Fold Map Reduce Spread",
    "map.above": "Above",
    "map.affine": "Affine",
    "map.calibration": "ppo_c rlcr",
    "map.clip": "Clip cap",
    "map.clip_process": "clip_process",
    "map.curve": "Curve",
    "map.difficulty": "difficulty_scaled questioner",
    "map.length": "crf laser length_cap",
    "map.lookahead_delta": "LookaheadDelta",
    "map.on_invalid": "OnInvalid",
    "map.par": "par",
    "map.peak": "Peak",
    "map.potential": "Potential",
    "map.power": "Power",
    "map.progress_delta": "ProgressDelta",
    "map.renorm": "renorm",
    "map.scale": "Scale",
    "map.soft_and": "centred_log_sigmoid reference_level soft_and",
    "map.soft_gate": "SoftGate",
    "map.uncertainty": "discounted_by lower_bound pairwise_logit",
    "node": "Direction Node",
    "phases": "Phase",
    "presets": "charge standard_presets",
    "probe.adaptive": "VerifierDrift VerifierLine retraining_set",
    "probe.consistency": "JudgeConsistency",
    "probe.correlated": "CorrelatedProxy chi2_estimate occupancy_penalty",
    "probe.divergence": "Divergence DivergenceMonitor Evaluation",
    "probe.dominance": "Dominance",
    "probe.examinee": "Examinee",
    "probe.expressivity": "Expressivity OrderedMilestones express",
    "probe.faithfulness": "Faithfulness HintAcknowledged",
    "probe.gatekeeper": "Gatekeeper",
    "probe.goodhart": "GoodhartCurve",
    "probe.miracle": "MiracleSteps",
    "probe.noise": "Noise NoiseRobustness",
    "probe.one_token": "OneToken",
    "probe.report": "Probe Report",
    "probe.safety": "SafetyTest",
    "probe.smoothness": "Smoothness",
    "probe.stability": "RankStability kendall_tau",
    "probe.starc": "StarcDistance TabularMDP starc_distance",
    "probe.starc_programs": "starc_programs",
    "program": "Program",
    "read.agreement": "Agreement option_shuffle",
    "read.answer": "Answer",
    "read.cheapness": "PriceWindow cheapness router_r1",
    "read.checklist": "Checklist",
    "read.embeddings": "bmas goal_similarity",
    "read.evidence_rewards": "label_and_evidence veri_r1",
    "read.format_length": "format_length",
    "read.grounding": "Grounding long_rlvr",
    "read.implicit_feedback": "propensity_weighted",
    "read.in_box": "InBox ui_r1",
    "read.inverse_specification": "InverseSpecification",
    "read.ladder": "Ladder",
    "read.length": "Length",
    "read.lookup": "Lookup VisitCounts",
    "read.milestones": "Milestones progress_labels",
    "read.overlap": "Overlap",
    "read.patch_similarity": "PatchSimilarity",
    "read.reasoning_sql": "reasoning_sql",
    "read.rubric": "Rubric",
    "read.same": "Same",
    "read.search_outcomes": "prorag_outcome search_r1 vrag_rl",
    "read.set_value": "SetValue set_gain",
    "read.tag_format": "TagFormat",
    "read.tool_calls": "ToolCalls tool_rl",
    "read.weighted_tests": "WeightedTests",
    "reading": "Reading",
    "reduce.discounted": "ReduceDiscounted",
    "reduce.last": "ReduceLast",
    "reduce.mean": "ReduceMean",
    "reduce.min": "ReduceMin",
    "reduce.softmin": "ReduceSoftmin",
    "reduce.sum": "ReduceSum",
    "resolving": "resolve",
    "scoring": "GroupScore Score score",
    "settled": "Settled",
    "shaping.chain": "chain_shapings five_state_chain",
    "shaping.mdp": "FiniteMDP",
    "shaping.verify": "ShapingReport verify_shaping",
    "signal": "Bounds InvalidSignal Signal",
    "source": "Constant Source",
    "spread.duration": "DurationWeighted",
    "spread.every": "Every",
    "spread.last": "SpreadLast",
    "spread.progress": "SpreadProgress",
    "spread.turning_points": "TurningPoints",
    "spread.uniform": "SpreadUniform",
    "spread.weights": "SpreadWeights",
    "spread.windows": "Windows",
    "state.ema": "Ema",
    "state.extent": "Extent",
    "state.multiplier": "Multiplier",
    "state.schedule": "Exponential Linear Schedule Stepwise",
    "state.tuner": "BlendTuner",
    "state.welford": "Welford",
    "tournament.engine": "Rules run_tournament",
    "tournament.exact": "ExactComparator by_value",
    "tournament.export": "large_margin",
    "tournament.fake": "FakeComparator",
    "tournament.ledger": "Logged MatchLog",
}
_HOME = {
    name: f"envgym.rewards.{module}" for module, names in _HOMES.items() for name in names.split()
}

__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'envgym.rewards' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
