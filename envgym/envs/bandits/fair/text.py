"""envgym/FairThresholdText-v0."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from envgym.envs.bandits.fair.core import FairThresholdCore
from envgym.envs.bandits.fair.env import DECLARES, fair_presets
from envgym.rewards import Program
from envgym.runtime.numeric.core import Core, Facts
from envgym.runtime.numeric.memory import Column, Memory
from envgym.runtime.numeric.text import NumericText
from envgym.runtime.tools import tool
from envgym.types import Evidence, Stream, Task

STORY = (
    "You set the score from which a lender accepts applicants, anew in each of {horizon} rounds."
    " There are {k} thresholds, 0 (accepts everybody) to {top} (accepts hardly anybody); both"
    " groups, A and B, share the one you choose. A round brings {n} applicants. The reward is"
    " {benefit:g} for each accepted one who repays, minus {cost:g} for each who does not, divided by"
    " {n}. Two rules: the acceptance rates of group A and group B differ by at most {epsilon:g}, and"
    " at least {share} of the applicants are served. The mix of the groups follows slowly from"
    " whom you accept. Earn the most while keeping the rules.",
    "Lending, {horizon} rounds. Each round {n} people of group A or group B apply, and you name the"
    " threshold, 0 to {top}, that all of them must reach; 0 lets everybody through, {top} almost"
    " nobody. Per applicant, an accepted one who pays back is worth {benefit:g}, one who does not"
    " costs {cost:g}. Keep the gap between the groups' acceptance rates within {epsilon:g} and serve"
    " {share} of the applicants or more. Who applies next depends on earlier decisions. Collect"
    " as much reward as these rules allow.",
    "Task: choose a cut-off for loans, {horizon} times. Cut-offs are numbered 0 (all are accepted)"
    " to {top} (next to none), the same for group A and group B. {n} applications come per round."
    " Reward: ({benefit:g} x repaid - {cost:g} x not repaid) / {n}, counted over accepted"
    " applications. Limits: |acceptance of B - acceptance of A| <= {epsilon:g}; share accepted >="
    " {share}. Your choices shift the share of each group slowly. Maximise the total reward"
    " within the limits.",
)
PLAIN = (
    "A bandit with {k} arms, 0 to {top}, and {horizon} rounds. Each round you play one arm and see"
    " a reward and two noisy measures, x and y. On average x must stay within -{epsilon:g} and"
    " {epsilon:g}, and y must be at least {floor:g}. What an arm gives changes slowly with what was"
    " played before. Earn the most while keeping both limits.",
    "{horizon} rounds, {k} arms numbered 0 to {top}. An arm returns a reward, a number x and a"
    " number y, all noisy. Limits on their means: |x| at most {epsilon:g}, y at least {floor:g}."
    " Arms drift slowly in response to your play. Collect as much reward as the limits allow.",
    "Task: maximise the sum of rewards over {horizon} plays of the arms 0 to {top}, such that the"
    " mean of x lies between -{epsilon:g} and {epsilon:g} and the mean of y is {floor:g} or more."
    " You see noisy values of reward, x and y of the arm you play; they depend a little on earlier"
    " plays.",
)
ANSWER = (
    "Answer with the number in tags, like <action>{half}</action>. Any other reply costs a round"
    " that earns nothing.",
    "Reply <action>{half}</action> to play number {half}. A reply without a valid number loses the"
    " round and its reward.",
    "Write your choice as <action>{half}</action>, one number per reply; anything else uses up a"
    " round for no reward.",
)


class FairThresholdText(NumericText):
    """Set a lender's threshold round by round, within limits on gap and service [7].

    Observation: str, at most 8,192 characters. The last round's reward, gap between the groups and
        served share, each marked ok or over the limit, then the tried thresholds with counts, means
        and intervals. Groups are called A and B; nobody is shown as an individual.
    Action: str, the whole message. Tools: choose. A missing or bad call costs a turn that earns
        nothing, leaves the world as it is, and never raises.
    Rewards and evidence: outcome pays the mean utility per turn over benefit, rounds of a
        violation above 0.02 counting 0, within 0 and 1, at the end; default. utility pays each round's reward at once; dense subtracts violations;
        gated pays rounds within that tolerance only; lagrangian prices the realised residuals; process
        adds shrinking intervals to the outcome; count and distillation add a bonus for novelty;
        potential adds the way towards the oracle's fixed point. Evidence: dp_gap, served,
        dp_residual, gap_high_residual, gap_low_residual, service_residual, share, shortfall,
        potential, rounds, visits, utility, expected, violation, progress, novelty, outcome.
    Starting state: half of the applicants are of group B; the episode's seed drives who applies.
    End of episode: terminated after horizon turns.
    Arguments: horizon (int, default 50) and thresholds (int, default 11), and with the numeric
        environment's defaults regime, applicants, epsilon, floor, kappa, decay, benefit, cost,
        absolute, feedback, delay, noise and data; memory ("none", "table" or "raw", default
        "table"): what is repeated of past rounds; names ("shown" or "hidden", default "shown"): the
        lending story, or a pure bandit; wording (0, 1 or 2, default 0): which paraphrase; and those
        of every text environment.
    Version history: v0, first release.
    """

    metadata: dict[str, Any] = {
        **NumericText.metadata,
        "stream": FairThresholdCore.stream,
        "version": "0",
        "cost": "cheap",
    }
    core_class: ClassVar[type[Core]] = FairThresholdCore
    core: FairThresholdCore
    declares: ClassVar[tuple[Evidence, ...]] = DECLARES
    defaults: ClassVar[Mapping[str, Any]] = {"horizon": 50, "thresholds": 11}

    @classmethod
    def presets(cls) -> Mapping[str, Program]:
        return fair_presets()

    def begin(self, task: Task, stream: Stream) -> str:
        told = super().begin(task, stream)
        # Tables show gap and served share, which are residuals shifted by this episode's limits.
        gap, served = ("gap", "served") if self.shown else ("x", "y")
        core = self.core
        columns = (
            Column("reward"),
            Column(gap, "gap_high_residual", shift=core.limit),
            Column(served, "service_residual", sign=-1.0, shift=core.least),
        )
        self.state.memory = Memory(self.problem, columns)
        return told

    def rules(self) -> str:
        core = self.core
        numbers = {
            "horizon": core.horizon,
            "k": core.thresholds,
            "top": core.thresholds - 1,
            "n": core.applicants,
            "benefit": core.benefit,
            "cost": core.loss,
            "epsilon": core.limit,
            "floor": core.least,
            "share": f"{100 * core.least:g}%",
        }
        told = [(STORY if self.shown else PLAIN)[self.wording].format(**numbers)]
        if core.absolute:
            told.append(f"Only the size of the {'gap' if self.shown else 'x'} is shown.")
        if core.delay:
            rounds = "round" if core.delay == 1 else "rounds"
            told.append(f"The result of a round is known {core.delay} {rounds} later.")
        if core.full:
            told.append("Each result comes with what every other number would have given.")
        told.append(ANSWER[self.wording].format(half=core.thresholds // 2))
        return " ".join(told)

    def situation(self) -> str:
        core = self.core
        if self.shown:
            return (
                f"Thresholds 0 to {core.thresholds - 1}. Rule: gap at most {core.limit:g}, serve at"
                f" least {100 * core.least:g}%."
            )
        return f"Arms 0 to {core.thresholds - 1}. Limits: |x| at most {core.limit:g}, y at least {core.least:g}."

    def result(self, action: Any, facts: Facts) -> str:
        core, scalar = self.core, self.play.scalar
        what = "Threshold" if self.shown else "Arm"
        number = scalar.t - 1 - core.delay
        if number < 0:
            return f"{what} {action} is set. No result is known yet."
        seen = scalar.observe()
        k = core.thresholds
        played = round(float(seen[0]) * (k - 1))
        told = self._told(seen[1:4])
        if core.delay:
            told = f"{what} {action} is set. Round {number + 1}, {played}, gave {told}."
        else:
            told = f"{what} {played} gave {told}."
        if core.full:
            rows = zip(*(seen[4 + k * i : 4 + k * (i + 1)] for i in range(3)), strict=True)
            told += "\nWhat each would have given:\n" + "\n".join(
                f"{place}: {self._told(row)}" for place, row in enumerate(rows)
            )
        return told

    def _told(self, values: Sequence[float]) -> str:
        """Return reward, gap and served share in words, each rule marked."""
        core = self.core
        reward, gap, served = (float(value) for value in values)
        near = "ok" if abs(gap) <= core.limit else "over the limit"
        enough = "ok" if served >= core.least else "under the limit"
        sign = "" if core.absolute else "+"
        if not self.shown:
            return f"reward {reward:.3f}, x {gap:{sign}.3f} ({near}), y {served:.3f} ({enough})"
        return f"reward {reward:.3f}, gap {gap:{sign}.3f} ({near}), served {served:.1%} ({enough})"

    def expert(self) -> int:
        return self.core.swept.best

    @tool
    def choose(self, action: Annotated[int, Field(ge=0), "number of the action"]) -> str:
        """Play one round with an action."""
        return self.play_round(action)
