"""The judge of a training run, admitted before the first rollout."""

from pathlib import Path

from envgym.agents.train.config import JudgeConfig
from envgym.types import Comparator


def admitted(config: JudgeConfig, out: Path) -> Comparator | None:
    """Return the comparator that the run's reward asks; None if the config names no judge.

    Its probes run now unless ``out`` remembers that this judge passed them under these prompts.

    Raises:
        ConfigError: the judge cannot be made, or failed a probe; names it, metric and limit.
    """
    if not config.spec:
        return None
    from envgym.agents.judges import GatedJudge, JudgeComparator, resolve_judge
    from envgym.agents.probes.admission import gatekeeper, judge_gate

    judge = resolve_judge(config.spec, cache=config.cache or None)
    if config.gate:
        out.mkdir(parents=True, exist_ok=True)
        gated = GatedJudge(judge, judge_gate(gatekeeper(file=out / "judge_passes.json")))
        gated.admit()
        judge = gated
    return JudgeComparator(judge)
