"""envgym/BlackBoxText-v0."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from envgym.envs.bandits.black_box.core import BlackBoxCore
from envgym.envs.bandits.black_box.env import DECLARES, black_box_presets
from envgym.rewards import Program
from envgym.runtime.numeric.core import Core, Facts
from envgym.runtime.numeric.text import Column, NumericText
from envgym.runtime.tools import tool
from envgym.types import Evidence, ToolError

STORY = (
    "You tune a machine with {settings}, each from 0 to 1. {horizon} trials, one per round: give the"
    " settings, and the measured quality comes back. The best settings have quality 1, the worst 0;"
    " quality changes smoothly, over distances of about {length:g}. {noise} Your score is the mean"
    " quality of all trials, so find good settings early and use them.",
    "A machine has {settings} between 0 and 1. In each of {horizon} rounds you set it and read its"
    " quality, which is 0 at the worst setting, 1 at the best, and alike for settings less than"
    " about {length:g} apart. {noise} What counts is the average quality over all rounds.",
    "Task: run a machine for {horizon} rounds at the highest average quality. Choose {settings}, each"
    " in [0, 1]; the quality is then measured. It ranges from 0 to 1 over all settings, both are"
    " reached, and it varies on a scale of about {length:g}. {noise}",
)
PLAIN = (
    "An unknown smooth function on [0, 1]^{dims} has lowest value 0 and highest value 1. In each of"
    " {horizon} rounds name a point; its value is the reward. Values are alike within a distance of"
    " about {length:g}. {noise} Earn as much as you can.",
    "A continuous bandit: {horizon} rounds, actions in [0, 1]^{dims}, a fixed smooth reward function"
    " with minimum 0, maximum 1 and length scale about {length:g}. {noise} Collect the most reward.",
    "Maximise the sum of f(x) over {horizon} rounds, x in [0, 1]^{dims} of your choice each time. f is"
    " unknown, smooth with length scale about {length:g}, and spans exactly 0 to 1. {noise}",
)


class BlackBoxText(NumericText):
    """Tune a machine by trial: find where an unknown function is highest [38].

    Observation: str, at most 8,192 characters. The line on the last round, the points tried so far
        with their values, and the best of them.
    Action: str, the whole message. Tools: choose. A missing or bad call costs a turn and never
        raises.
    Rewards and evidence: outcome pays the mean value per turn at the end; default. utility pays
        each point's noisy value at once; dense and gated are the same here, where nothing is
        constrained; regret pays -simple_regret every round, improvement what simple_regret fell by;
        process adds the potential of progress to the outcome; count and distillation add a bonus
        for novelty. Evidence: rounds, visits, utility, expected, violation, shortfall,
        simple_regret, regret, progress, novelty, outcome.
    Starting state: the function from the task's world, noise from the seed.
    End of episode: terminated after horizon turns.
    Arguments: dims (int, 1-3, default 2), horizon (int, default 50), length (float, default 0.25),
        features (int, default 32), noise (float, default 0.05): as in the numeric environment;
        memory ("none", "table" or "raw", default "table"): what is repeated of past rounds; names
        ("shown" or "hidden", default "shown"): the story, or a pure bandit; wording (0, 1 or 2,
        default 0): which paraphrase; and those of every text environment.
    Version history: v0, first release.
    """

    metadata: dict[str, Any] = {
        **NumericText.metadata,
        "stream": BlackBoxCore.stream,
        "version": "0",
        "cost": "cheap",
    }
    core_class: ClassVar[type[Core]] = BlackBoxCore
    core: BlackBoxCore
    declares: ClassVar[tuple[Evidence, ...]] = DECLARES
    defaults: ClassVar[Mapping[str, Any]] = {"horizon": 50}
    columns: ClassVar[tuple[Column, ...]] = (Column("value"),)

    @classmethod
    def presets(cls) -> Mapping[str, Program]:
        return black_box_presets()

    def rules(self) -> str:
        core, noise = self.core, "Values are exact."
        if core.noise > 0.0:
            noise = f"Each value has noise of standard deviation {core.noise:g} added."
        told = (STORY if self.shown else PLAIN)[self.wording].format(
            horizon=core.horizon,
            dims=core.dims,
            settings=f"{core.dims} dial{'s' if core.dims > 1 else ''}",
            length=core.length,
            noise=noise,
        )
        call = {"name": "choose", "arguments": {"x": [0.2, 0.7, 0.4][: core.dims]}}
        return (
            f"{told}\nReply with <tool_call>{json.dumps(call)}</tool_call>, where x is a list of"
            f" {core.dims} number{'s' if core.dims > 1 else ''} from 0 to 1. Any other reply costs a"
            " round that earns nothing."
        )

    def situation(self) -> str:
        scalar: Any = self.play.scalar
        # With memory="none" the agent has to remember by itself.
        if not scalar.t or self.memory == "none":
            return ""
        return f"Best so far: {self.word(scalar.best_x)} with {scalar.best_value:.3f}."

    def result(self, action: Any, facts: Facts) -> str:
        noun = "quality" if self.shown else "reward"
        return f"{self.word(action)}: {noun} {facts['utility']:.3f}."

    def word(self, action: Any) -> str:
        return f"[{', '.join(f'{float(part):.3f}' for part in action)}]"

    def expert(self) -> Any:
        scalar: Any = self.play.scalar
        return scalar.expert()

    @tool
    def choose(
        self,
        x: Annotated[
            list[Annotated[float, Field(ge=0, le=1)]],
            Field(min_length=1, max_length=3, examples=[[0.2, 0.7]]),
            "the point, one number from 0 to 1 per dimension",
        ],
    ) -> str:
        """Try a point and read its value."""
        dims = self.core.dims
        if len(x) != dims:
            raise ToolError(
                f"x must have {dims} number{'s' if dims > 1 else ''}, got {len(x)}."
                " The world did not move; the turn is spent."
            )
        return self.play_round(x)
