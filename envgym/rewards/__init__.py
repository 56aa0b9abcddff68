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
    from envgym.rewards.fold.g_ra import g_ra
    from envgym.rewards.fold.gate import Gate
    from envgym.rewards.fold.mean import Mean
    from envgym.rewards.fold.product import Product
    from envgym.rewards.fold.sum import Sum
    from envgym.rewards.group.groupmap import Group, GroupMap, GroupUnary, Member
    from envgym.rewards.group.normalise import dr_grpo, grpo, normalise, rloo
    from envgym.rewards.group.normalised import GroupNormalised
    from envgym.rewards.kinds import Fold, Map, Reduce, Spread
    from envgym.rewards.map.above import Above
    from envgym.rewards.map.affine import Affine
    from envgym.rewards.map.clip import Clip, cap
    from envgym.rewards.map.curve import Curve
    from envgym.rewards.map.lookahead_delta import LookaheadDelta
    from envgym.rewards.map.on_invalid import OnInvalid
    from envgym.rewards.map.potential import Potential
    from envgym.rewards.map.power import Power
    from envgym.rewards.map.progress_delta import ProgressDelta
    from envgym.rewards.map.scale import Scale
    from envgym.rewards.node import Direction, Node
    from envgym.rewards.phases import Phase
    from envgym.rewards.presets import charge, standard_presets
    from envgym.rewards.probe.dominance import Dominance
    from envgym.rewards.probe.report import Probe, Report
    from envgym.rewards.program import Program
    from envgym.rewards.reading import Reading
    from envgym.rewards.reduce.discounted import ReduceDiscounted
    from envgym.rewards.reduce.last import ReduceLast
    from envgym.rewards.reduce.mean import ReduceMean
    from envgym.rewards.reduce.min import ReduceMin
    from envgym.rewards.reduce.sum import ReduceSum
    from envgym.rewards.resolving import resolve
    from envgym.rewards.scoring import GroupScore, Score, score
    from envgym.rewards.settled import Settled
    from envgym.rewards.signal import Bounds, InvalidSignal, Signal
    from envgym.rewards.source import Constant, Source
    from envgym.rewards.spread.every import Every
    from envgym.rewards.spread.last import SpreadLast
    from envgym.rewards.spread.uniform import SpreadUniform
    from envgym.rewards.spread.weights import SpreadWeights

_HOMES: dict[str, tuple[str, ...]] = {
    "envgym.rewards.fold.blend": ("blend", "two_returns",),
    "envgym.rewards.fold.carl": ("carl",),
    "envgym.rewards.fold.cascade": ("cascade",),
    "envgym.rewards.fold.count_bonus": ("count_bonus",),
    "envgym.rewards.fold.ensemble": ("uwo", "wco",),
    "envgym.rewards.fold.firm": ("firm",),
    "envgym.rewards.fold.heron": ("heron",),
    "envgym.rewards.fold.hrm": ("hrm",),
    "envgym.rewards.fold.lagrangian": ("lagrangian", "usefulness",),
    "envgym.rewards.fold.min": ("Min",),
    "envgym.rewards.fold.partial_credit": ("partial_credit",),
    "envgym.rewards.fold.preference": ("per_user", "preference", "user_variance",),
    "envgym.rewards.fold.search_llm": ("search_llm",),
    "envgym.rewards.fold.targets": ("min_with_targets", "threshold_and",),
    "envgym.rewards.fold.variance": ("Variance",),
    "envgym.rewards.fold.weaver": ("weaver",),
    "envgym.rewards.fold.weak_verifiers": ("estimate_rates",),
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
    "envgym.rewards.group.reference": ("Reference",),
    "envgym.rewards.group.tournament": ("Tournament",),
    "envgym.rewards.group.win_rate": ("Opponents", "WinRate",),
    "envgym.rewards.tournament.engine": ("Rules", "run_tournament",),
    "envgym.rewards.tournament.exact": ("ExactComparator", "by_value",),
    "envgym.rewards.tournament.export": ("large_margin",),
    "envgym.rewards.tournament.fake": ("FakeComparator",),
    "envgym.rewards.tournament.ledger": ("Logged", "MatchLog",),
    "envgym.rewards.group.copeland": ("Copeland",),
    "envgym.rewards.map.calibration": ("ppo_c", "rlcr",),
    "envgym.rewards.map.clip_process": ("clip_process",),
    "envgym.rewards.map.difficulty": ("difficulty_scaled", "questioner",),
    "envgym.rewards.map.length": ("crf", "laser", "length_cap",),
    "envgym.rewards.map.par": ("par",),
    "envgym.rewards.map.renorm": ("renorm",),
    "envgym.rewards.map.soft_and": ("centred_log_sigmoid", "reference_level", "soft_and",),
    "envgym.rewards.map.soft_gate": ("SoftGate",),
    "envgym.rewards.map.uncertainty": ("discounted_by", "lower_bound", "pairwise_logit",),
    "envgym.rewards.read.set_value": ("SetValue", "set_gain",),
    "envgym.rewards.reduce.softmin": ("ReduceSoftmin",),
    "envgym.rewards.shaping.chain": ("chain_shapings", "five_state_chain",),
    "envgym.rewards.shaping.mdp": ("FiniteMDP",),
    "envgym.rewards.shaping.verify": ("ShapingReport", "verify_shaping",),
    "envgym.rewards.state.ema": ("Ema",),
    "envgym.rewards.state.extent": ("Extent",),
    "envgym.rewards.state.multiplier": ("Multiplier",),
    "envgym.rewards.state.schedule": ("Exponential", "Linear", "Schedule", "Stepwise",),
    "envgym.rewards.state.tuner": ("BlendTuner",),
    "envgym.rewards.state.welford": ("Welford",),
    "envgym.rewards.books": ("Books",),
    "envgym.rewards.credit.calm": ("calm",),
    "envgym.rewards.credit.mira": ("mira",),
    "envgym.rewards.credit.spa": ("spa",),
    "envgym.rewards.spread.duration": ("DurationWeighted",),
    "envgym.rewards.spread.peak": ("Peak",),
    "envgym.rewards.spread.progress": ("SpreadProgress",),
    "envgym.rewards.spread.turning_points": ("TurningPoints",),
    "envgym.rewards.spread.windows": ("Windows",),
    "envgym.rewards.fold.g_ra": ("g_ra",),
    "envgym.rewards.fold.gate": ("Gate",),
    "envgym.rewards.fold.mean": ("Mean",),
    "envgym.rewards.fold.product": ("Product",),
    "envgym.rewards.fold.sum": ("Sum",),
    "envgym.rewards.group.absolute": ("anchored",),
    "envgym.rewards.group.amplified": ("Amplified",),
    "envgym.rewards.group.bnpo": (
        "BetaNormalised",
        "BetaShape",
        "bnpo",
    ),
    "envgym.rewards.group.density_weights": ("density_weights",),
    "envgym.rewards.group.grpo_lambda": ("grpo_lambda",),
    "envgym.rewards.group.laser_d": (
        "LaserTargets",
        "laser_d",
    ),
    "envgym.rewards.group.length": ("GroupLength",),
    "envgym.rewards.group.mean": ("GroupMean",),
    "envgym.rewards.group.pairing": ("Paired",),
    "envgym.rewards.group.signed": ("signed",),
    "envgym.rewards.group.trust_grpo": ("TrustGRPO",),
    "envgym.rewards.group.turn_normalised": ("TurnNormalised",),
    "envgym.rewards.group.unlikeliness": ("Unlikeliness",),
    "envgym.rewards.group.verpo": (
        "CalibratedTests",
        "verpo",
    ),
    "envgym.rewards.group.weighted_tests": ("WeightedTests",),
    "envgym.rewards.group.groupmap": (
        "Group",
        "GroupMap",
        "GroupUnary",
        "Member",
    ),
    "envgym.rewards.group.normalise": (
        "dr_grpo",
        "grpo",
        "normalise",
        "rloo",
    ),
    "envgym.rewards.group.normalised": ("GroupNormalised",),
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
    "envgym.rewards.map.clip": (
        "Clip",
        "cap",
    ),
    "envgym.rewards.map.curve": ("Curve",),
    "envgym.rewards.map.lookahead_delta": ("LookaheadDelta",),
    "envgym.rewards.map.on_invalid": ("OnInvalid",),
    "envgym.rewards.map.potential": ("Potential",),
    "envgym.rewards.map.power": ("Power",),
    "envgym.rewards.map.progress_delta": ("ProgressDelta",),
    "envgym.rewards.map.scale": ("Scale",),
    "envgym.rewards.node": (
        "Direction",
        "Node",
    ),
    "envgym.rewards.phases": ("Phase",),
    "envgym.rewards.presets": (
        "charge",
        "standard_presets",
    ),
    "envgym.rewards.probe.dominance": ("Dominance",),
    "envgym.rewards.probe.adaptive": ("VerifierDrift", "VerifierLine", "retraining_set",),
    "envgym.rewards.probe.consistency": ("JudgeConsistency",),
    "envgym.rewards.probe.correlated": ("CorrelatedProxy", "chi2_estimate", "occupancy_penalty",),
    "envgym.rewards.probe.divergence": ("Divergence", "DivergenceMonitor", "Evaluation",),
    "envgym.rewards.probe.examinee": ("Examinee",),
    "envgym.rewards.probe.expressivity": ("Expressivity", "OrderedMilestones", "express",),
    "envgym.rewards.probe.faithfulness": ("Faithfulness", "HintAcknowledged",),
    "envgym.rewards.probe.gatekeeper": ("Gatekeeper",),
    "envgym.rewards.probe.goodhart": ("GoodhartCurve",),
    "envgym.rewards.probe.miracle": ("MiracleSteps",),
    "envgym.rewards.probe.noise": ("Noise", "NoiseRobustness",),
    "envgym.rewards.probe.one_token": ("OneToken",),
    "envgym.rewards.probe.safety": ("SafetyTest",),
    "envgym.rewards.probe.smoothness": ("Smoothness",),
    "envgym.rewards.probe.stability": ("RankStability", "kendall_tau",),
    "envgym.rewards.probe.starc": ("StarcDistance", "TabularMDP", "starc_distance",),
    "envgym.rewards.probe.starc_programs": ("starc_programs",),
    "envgym.rewards.probe.report": (
        "Probe",
        "Report",
    ),
    "envgym.rewards.program": ("Program",),
    "envgym.rewards.reading": ("Reading",),
    "envgym.rewards.reduce.discounted": ("ReduceDiscounted",),
    "envgym.rewards.reduce.last": ("ReduceLast",),
    "envgym.rewards.reduce.mean": ("ReduceMean",),
    "envgym.rewards.reduce.min": ("ReduceMin",),
    "envgym.rewards.reduce.sum": ("ReduceSum",),
    "envgym.rewards.resolving": ("resolve",),
    "envgym.rewards.scoring": (
        "GroupScore",
        "Score",
        "score",
    ),
    "envgym.rewards.settled": ("Settled",),
    "envgym.rewards.signal": (
        "Bounds",
        "InvalidSignal",
        "Signal",
    ),
    "envgym.rewards.source": (
        "Constant",
        "Source",
    ),
    "envgym.rewards.spread.every": ("Every",),
    "envgym.rewards.spread.last": ("SpreadLast",),
    "envgym.rewards.spread.uniform": ("SpreadUniform",),
    "envgym.rewards.spread.weights": ("SpreadWeights",),
    "envgym.rewards.read.agreement": ("Agreement", "option_shuffle"),
    "envgym.rewards.read.answer": ("Answer",),
    "envgym.rewards.read.cheapness": ("PriceWindow", "cheapness", "router_r1"),
    "envgym.rewards.read.checklist": ("Checklist",),
    "envgym.rewards.read.embeddings": ("bmas", "goal_similarity"),
    "envgym.rewards.read.evidence_rewards": ("label_and_evidence", "veri_r1"),
    "envgym.rewards.read.format_length": ("format_length",),
    "envgym.rewards.read.grounding": ("Grounding", "long_rlvr"),
    "envgym.rewards.read.implicit_feedback": ("propensity_weighted",),
    "envgym.rewards.read.in_box": ("InBox", "ui_r1"),
    "envgym.rewards.read.inverse_specification": ("InverseSpecification",),
    "envgym.rewards.read.ladder": ("Ladder",),
    "envgym.rewards.read.length": ("Length",),
    "envgym.rewards.read.lookup": ("Lookup", "VisitCounts"),
    "envgym.rewards.read.milestones": ("Milestones", "progress_labels"),
    "envgym.rewards.read.overlap": ("Overlap",),
    "envgym.rewards.read.patch_similarity": ("PatchSimilarity",),
    "envgym.rewards.read.rubric": ("Rubric",),
    "envgym.rewards.read.same": ("Same",),
    "envgym.rewards.read.search_outcomes": ("prorag_outcome", "search_r1", "vrag_rl"),
    "envgym.rewards.read.tag_format": ("TagFormat",),
    "envgym.rewards.read.tool_calls": ("ToolCalls", "tool_rl"),
    "envgym.rewards.group.majority": ("Majority", "co_reward"),
    "envgym.rewards.read.reasoning_sql": ("reasoning_sql",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Above",
    "Affine",
    "Books",
    "Bounds",
    "Clip",
    "Constant",
    "Curve",
    "Direction",
    "Dominance",
    "Every",
    "Fold",
    "Gate",
    "Group",
    "GroupMap",
    "GroupNormalised",
    "GroupScore",
    "GroupUnary",
    "InvalidSignal",
    "LookaheadDelta",
    "Map",
    "Mean",
    "Member",
    "Node",
    "OnInvalid",
    "Phase",
    "Potential",
    "Power",
    "Probe",
    "Product",
    "Program",
    "ProgressDelta",
    "Reading",
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


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'envgym.rewards' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
