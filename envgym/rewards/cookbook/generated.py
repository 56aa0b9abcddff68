"""Section (f), generated rewards: F1 to F7."""

from envgym.rewards.cookbook.item import Item

_VALUE = "envgym.rewards.generated"
_LOOPS = "envgym.agents.reward_writers"
_TESTS = "tests/agents/reward_writers"

ITEMS: tuple[Item, ...] = (
    Item(
        id="F1",
        title="Eureka, candidates and reflection",
        formula="best of rounds x K candidates by true fitness; statistics per component go back",
        homes=(
            f"{_LOOPS}.eureka:eureka",
            f"{_LOOPS}.grading:RecordedGrader",
            f"{_VALUE}.value:GeneratedReward",
            f"{_VALUE}.checks:examine",
            f"{_VALUE}.statistics:component_statistics",
            f"{_VALUE}.fitness:ranking",
        ),
        tag="recalled",
        runs="loop",
        seeds=(71,),
        page="generated",
        tests=(
            f"{_TESTS}/test_eureka.py::test_cookbook_f1",
            "tests/rewards/generated/test_evaluate.py::test_cookbook_f_dominance",
        ),
        arxiv="2310.12931~",
    ),
    Item(
        id="F2",
        title="Text2Reward, typed description and feedback",
        formula="draft from a typed class; repair until it runs; edit as a person asks",
        homes=(f"{_LOOPS}.text2reward:text2reward", f"{_VALUE}.schema:ObservationSchema"),
        tag="inferred",
        runs="loop",
        seeds=(184,),
        page="generated",
        tests=(f"{_TESTS}/test_text2reward.py::test_cookbook_f2",),
    ),
    Item(
        id="F3",
        title="Auto MC-Reward, designer critic analyser",
        formula="design -> critic (syntax, schema, consistency, range) -> failure causes -> design",
        homes=(f"{_LOOPS}.auto_mc:auto_mc_reward", f"{_VALUE}.checks:examine"),
        tag="inferred",
        runs="loop",
        seeds=(178,),
        page="generated",
        tests=(f"{_TESTS}/test_auto_mc.py::test_cookbook_f3",),
    ),
    Item(
        id="F4",
        title="Language to Rewards, parameters only",
        formula="R = sum_k w_k x_k, or w_k [x_k > target_k]; the writer sets w and target",
        homes=(
            f"{_LOOPS}.language:language_to_reward",
            f"{_VALUE}.terms:FixedTerms",
            f"{_VALUE}.terms:Term",
        ),
        tag="inferred",
        runs="loop",
        seeds=(99,),
        page="generated",
        tests=("tests/rewards/generated/test_terms.py::test_cookbook_f4",),
    ),
    Item(
        id="F5",
        title="MPO, an evolving judge prompt",
        formula="every n steps: analyse the scores, refine the points, merge the proposals",
        homes=(f"{_LOOPS}.mpo:MetaPolicy", f"{_LOOPS}.mpo:judge_scores"),
        tag="inferred",
        runs="loop",
        seeds=(225,),
        page="generated",
        tests=(f"{_TESTS}/test_mpo.py::test_cookbook_f5",),
    ),
    Item(
        id="F6",
        title="RewardHarness, a library that evolves",
        formula="accept an edit of skills and tools only if held-out agreement rises",
        homes=(
            f"{_LOOPS}.reward_harness:reward_harness",
            f"{_LOOPS}.reward_harness:LibraryJudge",
        ),
        tag="inferred",
        runs="loop",
        seeds=(240,),
        page="generated",
        tests=(f"{_TESTS}/test_reward_harness.py::test_cookbook_f6",),
    ),
    Item(
        id="F7",
        title="ONI, labels that arrive later",
        formula="r = label [label >= eps] / N^beta; label from a table, classifier or ranking model",
        homes=(
            f"{_LOOPS}.oni:LabelStore",
            f"{_LOOPS}.oni:oni_evidence",
            f"{_LOOPS}.text_model:TextModel",
            "envgym.rewards.fold.count_bonus:count_bonus",
        ),
        tag="inferred",
        runs="loop",
        seeds=(123,),
        page="generated",
        tests=(f"{_TESTS}/test_oni.py::test_cookbook_f7",),
    ),
)
