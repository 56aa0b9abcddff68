"""The relay: a speaker reasons, listeners read the beginning and go on."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field

from envgym.envs.team.relay_scripts import honest_trace
from envgym.envs.team.relay_trace import MASK, Kept, kept_part
from envgym.envs.team.relay_world import SPLITS, Params, Problem, problem_of
from envgym.rewards import Program, Source
from envgym.rewards.presets import standard_presets
from envgym.runtime.multi.env import TeamEnv
from envgym.runtime.settings import check_choice
from envgym.runtime.tasks import ProceduralTasks, TaskSet
from envgym.runtime.tools import ToolSpec, collect, help_text, tool
from envgym.types import ConfigError, Evidence, Stream, Task, Value

SPEAKER = "speaker"
LONGEST = 4000
"""Characters of a trace at most."""
_MOST = 1_000_000_000

Answer = Annotated[int, Field(ge=-_MOST, le=_MOST)]


def _episode(key: str, type_: Any, help: str, **more: Any) -> Evidence:
    return Evidence(key=key, type=type_, scope="episode", help=help, **more)


_SHARE = {"unit": "share", "lo": 0.0, "hi": 1.0}


@dataclass(slots=True)
class Relay:
    """One episode."""

    problem: Problem
    percents: dict[str, int]
    """Per listener the part of the trace that it is shown."""
    trace: str | None = None
    said: int | None = None
    """The speaker's answer."""
    kept: dict[str, Kept] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    """Of the listeners who have answered."""
    forfeited: str | None = None


class RelayEnv(TeamEnv):
    """A speaker reasons aloud; listeners who see only the beginning carry on to an answer.

    Observation: str, at most 8,192 characters. The speaker is shown the question; a listener the
        question and the first words of the speaker's trace, the answer masked, and nothing of
        the other listeners. At the end everybody is told the answer.
    Action: str, the whole message. Tools: explain (speaker), answer (listeners; also [[42]]).
    Rewards and evidence: the speaker's outcome is ``correctness`` for a correct answer plus
        1 - ``correctness`` times the share of listeners who give the same answer as it does;
        a listener's is 1.0 for the correct answer, or with listener_reward="agreement" for the
        speaker's. dense, gated and process add progress: the share of listeners who agree so
        far, a listener's own success; agreement pays that share alone. Evidence: progress,
        listeners_answered, trace_words, kept_words, answer_leaked, correct, agreed, agreement,
        listeners_correct, outcome.
    Starting state: a question whose answer takes ``steps`` computations, drawn from the task. No
        question of the split "eval" occurs in "train". What each listener is shown is drawn
        from the seed.
    End of episode: when all listeners have answered; a forfeit ends it for everybody.
    Arguments: listeners (int, 1-8, default 3); steps (int, 2-12, default 5); distractors (int,
        0-6, default 2); keep_low, keep_high (int, 0-100, default 25 and 75): percent of the
        trace's words that a listener is shown, drawn between them; correctness (float, above 0
        and below 1, default 0.5); listener_reward ("correct" or "agreement", default
        "correct"); split ("train" or "eval", default "train"); and those of every environment
        of several agents.
    Version history: v0, first release.
    """

    metadata: dict[str, Any] = {  # as PettingZoo declares it
        **TeamEnv.metadata,
        "name": "relay",
        "stream": "relay",
        "version": "0",
        "proof": "reference",
        "cost": "cheap",
    }
    short_tool: ClassVar[str | None] = "answer"
    declares: tuple[Evidence, ...] = (
        Evidence(
            key="progress",
            type="float",
            help="speaker: share of listeners who agree so far; listener: outcome of its answer",
            **_SHARE,  # type: ignore[arg-type]  # three fields of two types
        ),
        Evidence(key="listeners_answered", type="int", unit="listeners", lo=0, help="so far"),
        Evidence(key="trace_words", type="int", unit="words", lo=0, help="words of the trace"),
        Evidence(
            key="kept_words",
            type="int",
            unit="words",
            lo=0,
            help="words of the trace that the listener is shown; speaker: all listeners together",
        ),
        Evidence(
            key="answer_leaked",
            type="int",
            unit="places",
            lo=0,
            help="places where the speaker's answer stood in those words and was masked",
        ),
        _episode("correct", "bool", "whether its own answer is right"),
        _episode("agreed", "bool", "listener: gave the speaker's answer; speaker: all did"),
        _episode("agreement", "float", "share of listeners with the speaker's answer", **_SHARE),
        _episode("listeners_correct", "float", "share of listeners who are right", **_SHARE),
        _episode("outcome", "float", "what its role is paid for", **_SHARE),
    )
    state: Relay

    def __init__(
        self,
        *,
        listeners: int = 3,
        steps: int = 5,
        distractors: int = 2,
        keep_low: int = 25,
        keep_high: int = 75,
        correctness: float = 0.5,
        listener_reward: str = "correct",
        split: str = "train",
        **arguments: Any,
    ) -> None:
        for name, value, low, high in (
            ("listeners", listeners, 1, 8),
            ("steps", steps, 2, 12),
            ("distractors", distractors, 0, 6),
            ("keep_low", keep_low, 0, 100),
            ("keep_high", keep_high, 0, 100),
        ):
            if type(value) is not int or not low <= value <= high:
                raise ConfigError(
                    f"relay: {name} must be a whole number from {low} to {high}, got {value!r}."
                )
        if keep_high < keep_low:
            raise ConfigError(
                f"relay: keep_high must be at least keep_low ({keep_low}), got {keep_high}."
            )
        if type(correctness) is not float or not 0.0 < correctness < 1.0:
            raise ConfigError(
                f"relay: correctness must be a number above 0 and below 1, got {correctness!r}."
            )
        check_choice("relay", "listener_reward", listener_reward, ("correct", "agreement"))
        check_choice("relay", "split", split, tuple(SPLITS))
        self._steps, self._distractors, self._split = steps, distractors, split
        self._keep = keep_low, keep_high
        self._correctness, self._follow = correctness, listener_reward == "agreement"
        self.listeners = [f"listener_{i}" for i in range(listeners)]
        own = {
            "listeners": listeners,
            "steps": steps,
            "distractors": distractors,
            "keep_low": keep_low,
            "keep_high": keep_high,
            "correctness": correctness,
            "listener_reward": listener_reward,
            "split": split,
        }
        given = {k: v for k, v in arguments.items() if k not in ("record", "append")}
        # Every message may need all retries, so that a budget never cuts an episode.
        self.metadata = {**type(self).metadata, "max_turns": (1 + listeners) * 101}
        super().__init__([SPEAKER, *self.listeners], spec=("relay", {**own, **given}), **arguments)

    # -- Tools ----------------------------------------------------------------------------

    @tool
    def explain(
        self,
        trace: Annotated[
            str, Field(min_length=1, max_length=LONGEST), "your reasoning, step by step"
        ],
        answer: Annotated[Answer, "your answer"],
    ) -> str:
        """Write your reasoning, of which listeners will see the beginning, and your answer."""
        state = self.state
        state.trace, state.said = trace, answer
        state.kept = {
            listener: kept_part(trace, percent, answer)
            for listener, percent in state.percents.items()
        }
        return ""

    @tool
    def answer(self, value: Annotated[Answer, "the number that is asked for"]) -> str:
        """Give your answer to the question."""
        self.state.answers[self.agent_selection] = value
        return ""

    # -- Hooks ----------------------------------------------------------------------------

    def tools_of(self, agent: str) -> Mapping[str, ToolSpec]:
        """Return explain for the speaker, answer for a listener."""
        name = "explain" if agent == SPEAKER else "answer"
        return {name: collect(type(self))[name]}

    def builtin_tasks(self) -> TaskSet:
        """Return a million questions to train on and ten thousand held out ones."""
        first = {self._split: SPLITS[self._split]}
        return ProceduralTasks({**first, **SPLITS}, self._task)

    def _task(self, split: str, index: int) -> Task:
        return Task(
            id=f"{split}/{index}",
            split=split,
            params={
                "world": index,
                "held_out": split == "eval",
                "steps": self._steps,
                "distractors": self._distractors,
            },
            difficulty="easy" if self._steps <= 3 else "medium" if self._steps <= 6 else "hard",
        )

    @classmethod
    def params_model(cls) -> type[BaseModel]:
        """Return what a task decides: the question's seed and its sizes."""
        return Params

    def presets(self) -> Mapping[str, Program]:
        """Return outcome, dense, gated, process and agreement.

        The gate's gap is the speaker's, for whom a success is a correct answer that all listeners
        give too: what lies just below is one listener missing, or a wrong answer of all.
        """
        correctness = self._correctness
        gap = min((1.0 - correctness) / len(self.listeners), correctness)
        agreement = Program("agreement", Source("agreement", "episode", 0.0, 1.0))
        return {**standard_presets(gap=gap), "agreement": agreement}

    def begin(self, task: Task, stream: Stream) -> None:
        """Draw where each listener's part of the trace ends."""
        low, high = self._keep
        percents = {
            listener: stream.child("cut", number).integers(low, high)
            for number, listener in enumerate(self.listeners)
        }
        self.state = Relay(problem_of(task), percents)

    def movers(self) -> Sequence[str]:
        """Return the speaker, then the listeners who have not answered."""
        state = self.state
        if state.forfeited is not None:
            return ()
        if state.trace is None:
            return (SPEAKER,)
        return [listener for listener in self.listeners if listener not in state.answers]

    def role(self, agent: str) -> str:
        """Return who the agent is, what it is paid for, and its tool."""
        low, high = self._keep
        if agent == SPEAKER:
            count = len(self.listeners)
            told = (
                "You are the speaker. You are asked a question. Write down your reasoning step by "
                f"step, and your answer. Each of {count} listeners is shown the question and the "
                f"first {low} to {high} percent of your words, without your answer, and goes on "
                "from there. You are paid for being right, and for every listener who comes to "
                "your answer."
            )
        else:
            told = (
                "You are a listener. You are shown a question and the beginning of a speaker's "
                f"reasoning; {MASK} stands where its answer was taken out. Go on from there "
                "and give your answer, for instance [[7]]. You are paid for "
                f"{'the answer that the speaker gave' if self._follow else 'the right answer'}."
            )
        return f"{told}\n\n{help_text(self.tools_of(agent))}"

    def see(self, agent: str) -> str:
        """Return the question, for a listener its part of the trace, at the end the answer."""
        state = self.state
        shown = [state.problem.question]
        kept = state.kept.get(agent)
        if kept is not None:
            shown.append(f"The speaker's first {kept.words} words:\n{kept.text}")
        if not self.movers():
            shown.append(f"The answer is {state.problem.answer}.{self._result(agent)}")
        elif agent == SPEAKER and state.trace is not None:
            shown.append("The listeners are at work.")
        elif agent != SPEAKER and state.trace is None:
            shown.append("The speaker is at work.")
        return "\n\n".join(shown)

    def _result(self, agent: str) -> str:
        mine = self._given(agent)
        own = " You gave none." if mine is None else f" You said {mine}."
        if agent == SPEAKER:
            agree = sum(map(self._agrees, self.listeners))
            own += f" {agree} of {len(self.listeners)} listeners said the same."
        gone = self.state.forfeited
        return f"{own} {gone} had no answer and forfeits." if gone is not None else own

    def _given(self, agent: str) -> int | None:
        return self.state.said if agent == SPEAKER else self.state.answers.get(agent)

    def _right(self, agent: str) -> bool:
        return self._given(agent) == self.state.problem.answer

    def _agrees(self, listener: str) -> bool:
        given = self.state.answers.get(listener)
        return given is not None and given == self.state.said

    def _paid(self, listener: str) -> bool:
        return self._agrees(listener) if self._follow else self._right(listener)

    def _share(self, listeners: Sequence[bool]) -> float:
        return sum(listeners) / len(self.listeners)

    def forfeit(self, agent: str) -> None:
        """End the episode: an answer is missing."""
        self.state.forfeited = agent

    def facts(self, agent: str) -> dict[str, Value]:
        """Return progress and what was said, kept and masked so far."""
        state = self.state
        if agent == SPEAKER:
            progress = self._share([self._agrees(each) for each in self.listeners])
            kept = list(state.kept.values())
        else:
            progress = float(self._paid(agent))
            kept = [state.kept[agent]] if agent in state.kept else []
        return {
            "progress": progress,
            "listeners_answered": len(state.answers),
            "trace_words": len((state.trace or "").split()),
            "kept_words": sum(part.words for part in kept),
            "answer_leaked": sum(part.leaks for part in kept),
        }

    def final_facts(self, agent: str) -> dict[str, Value]:
        """Return who was right, who agreed, and the outcome of the agent's role."""
        agreement = self._share([self._agrees(each) for each in self.listeners])
        right = self._right(agent)
        weight = self._correctness
        if agent == SPEAKER:
            outcome = weight * right + (1.0 - weight) * agreement
        else:
            outcome = float(self._paid(agent))
        return {
            "correct": right,
            "agreed": agreement == 1.0 if agent == SPEAKER else self._agrees(agent),
            "agreement": agreement,
            "listeners_correct": self._share([self._right(each) for each in self.listeners]),
            "outcome": outcome,
        }

    def succeeded(self, agent: str) -> bool:
        """Return the verdict; nobody succeeds where an answer is missing.

        Speaker: right, and all listeners agree. Listener: what it is paid for.
        """
        if len(self.state.answers) < len(self.listeners):
            return False
        if agent == SPEAKER:
            return self._right(agent) and all(map(self._agrees, self.listeners))
        return self._paid(agent)

    def oracle(self, agent: str) -> str | None:
        """Return the solution, or the right answer; None for an agent that is not asked now."""
        if agent not in self.movers():
            return None
        problem = self.state.problem
        if agent == SPEAKER:
            return call("explain", trace=honest_trace(problem), answer=problem.answer)
        return call("answer", value=problem.answer)


def call(tool_name: str, **arguments: Any) -> str:
    """Return a message that is one tagged call."""
    told = json.dumps({"name": tool_name, "arguments": arguments})
    return f"<tool_call>{told}</tool_call>"
