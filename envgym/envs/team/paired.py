"""PAIRED on Quest: a designer makes worlds, an antagonist and a protagonist play them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any

from pydantic import Field

from envgym.envs.quest import QuestEnv
from envgym.envs.quest.knobs import Goal
from envgym.envs.quest.rules import Refused, apply
from envgym.envs.quest.world import draw_world
from envgym.envs.team.paired_design import Design, random_design, reference_design
from envgym.envs.team.paired_evidence import (
    AGENTS,
    ANTAGONIST,
    DECLARED,
    DESIGNER,
    PROTAGONIST,
    Score,
    facts,
    final_facts,
)
from envgym.rewards import Program, Source
from envgym.rewards.presets import standard_presets
from envgym.runtime.multi.env import TeamEnv
from envgym.runtime.tools import ToolSpec, collect, help_text, tool
from envgym.types import ConfigError, Evidence, Stream, Task, ToolError, Value

_NO_COMMAND = ("Unknown command", "Say a command")
"""How Quest's refusals of what is no command at all begin."""


@dataclass(slots=True)
class Paired:
    """One episode. The running quest is kept beside it; ``inner`` holds it in snapshots."""

    scores: dict[str, Score]
    """Of the antagonist and the protagonist."""
    design: Design | None = None
    optimal: int = 0
    """Commands of the world's best solution."""
    shown: dict[str, str] = field(default_factory=dict)
    """What each player was told last."""
    commands: int = 0
    """Carried out so far, in all plays."""
    forfeited: str | None = None
    inner: bytes | None = field(default=None, repr=False)


class PairedEnv(TeamEnv):
    """A designer makes quests that an antagonist solves and a protagonist does not yet.

    Observation: str, at most 8,192 characters. The designer is told what it may choose; then the
        antagonist and after it the protagonist read what Quest shows, in the same world, and
        nothing of each other. At the end the designer is told how both fared.
    Action: str, the whole message. Tools: design (designer), do (players; also a bare command).
        What is no command is asked for again; a command that cannot be carried out costs a turn.
    Rewards and evidence: regret is the antagonist's best outcome minus the protagonist's mean
        outcome. outcome pays the designer the regret and each player Quest's outcome; regret
        pays designer and antagonist the regret and the protagonist the opposite; dense, gated
        and process add progress. Evidence: progress, steps_left, plays, outcome, regret, stake,
        antagonist_outcome, protagonist_outcome, optimal, and the design.
    Starting state: no world; the designer's choice is the world, nothing else is drawn.
    End of episode: when all plays are over, each by its goal or after ``turns`` commands; a
        forfeit ends it for everybody, with regret 0.
    Arguments: antagonist_plays, protagonist_plays (int, 1-8, default 1); turns (int, 12-200,
        default 30), commands of one play and longest allowed solution; observation
        ("relational" or "coordinates") and hint (bool), as in Quest; and those of every
        environment of several agents.
    Version history: v0, first release.
    """

    metadata: dict[str, Any] = {
        **TeamEnv.metadata,
        "name": "paired",
        "stream": "paired",
        "version": "0",
        "proof": "reference",
        "cost": "cheap",
        "command_tool": "do",
    }
    declares: tuple[Evidence, ...] = DECLARED
    state: Paired

    def __init__(
        self,
        *,
        antagonist_plays: int = 1,
        protagonist_plays: int = 1,
        turns: int = 30,
        observation: str = "relational",
        hint: bool = True,
        **arguments: Any,
    ) -> None:
        for name, value, low, high in (
            ("antagonist_plays", antagonist_plays, 1, 8),
            ("protagonist_plays", protagonist_plays, 1, 8),
            ("turns", turns, 12, 200),
        ):
            if type(value) is not int or not low <= value <= high:
                raise ConfigError(
                    f"paired: {name} must be a whole number from {low} to {high}, got {value!r}."
                )
        self._plays = {ANTAGONIST: antagonist_plays, PROTAGONIST: protagonist_plays}
        self._turns = turns
        style: Any = observation  # checked by Quest
        self._quest = QuestEnv(max_turns=turns, observation=style, hint=hint)
        own = {
            "antagonist_plays": antagonist_plays,
            "protagonist_plays": protagonist_plays,
            "turns": turns,
            "observation": observation,
            "hint": hint,
        }
        given = {k: v for k, v in arguments.items() if k not in ("record", "append")}
        # Every message may need all retries, so that a budget never cuts an episode.
        budget = (1 + sum(self._plays.values()) * turns) * 101
        self.metadata = {**type(self).metadata, "max_turns": budget}
        super().__init__(AGENTS, spec=("paired", {**own, **given}), **arguments)
        self.resources.callback(self._quest.close)

    # -- Tools ----------------------------------------------------------------------------

    @tool
    def design(
        self,
        width: Annotated[int, Field(ge=2, le=6), "rooms from west to east"],
        height: Annotated[int, Field(ge=2, le=6), "rooms from south to north"],
        goal: Annotated[Goal, "exit: find the way out; bring, store: carry a thing; any: one"],
        doors: Annotated[int, Field(ge=0, le=2), "locked doors"],
        containers: Annotated[int, Field(ge=0, le=3), "closed containers; store needs one"],
        objects: Annotated[int, Field(ge=0, le=6), "things that only distract"],
        openness: Annotated[int, Field(ge=0, le=100), "percent of open walls; 0 is a maze"],
        world: Annotated[int, Field(ge=0, le=9_999), "which of these worlds"],
    ) -> str:
        """Make the world that both players will play."""
        state = self.state
        made = Design(
            width=width,
            height=height,
            goal=goal,
            doors=doors,
            containers=containers,
            objects=objects,
            openness=openness,
            world=world,
        )
        made.check(self._turns)
        state.design = made
        self._open(ANTAGONIST)
        return ""

    @tool
    def do(
        self,
        command: Annotated[
            str,
            "one of: go DIRECTION, take THING, drop THING, open CONTAINER, unlock DOOR,"
            " put THING in CONTAINER, look, inventory",
        ],
    ) -> str:
        """Carry out one command of the quest."""
        state, agent, quest = self.state, self.agent_selection, self._quest
        now = quest.state
        try:
            apply(draw_world(now.knobs, now.seed, now.held_out), now.now, command)
        except Refused as refused:
            if str(refused).startswith(_NO_COMMAND):
                raise ToolError(str(refused)) from None
        # The message itself: Quest reads it as it was read here.
        text, _, terminated, truncated, info = quest.step(self.message)
        state.commands += 1
        state.shown[agent] = text
        score = state.scores[agent]
        score.follow(info["evidence"])
        if terminated or truncated:
            score.close(info["evidence"])
            if len(score.outcomes) < self._plays[agent]:
                self._open(agent)
            elif agent == ANTAGONIST:
                self._open(PROTAGONIST)
        return ""

    def _open(self, player: str) -> None:
        """Begin a play of ``player``: the same world from the start."""
        state = self.state
        assert state.design is not None  # the designer moves first
        task = {"id": "design", "params": state.design.params(self._turns)}
        text, info = self._quest.reset(seed=0, options={"task": task})
        score = state.scores[player]
        number, plays = len(score.outcomes) + 1, self._plays[player]
        state.optimal = info["evidence"]["optimal"]
        score.open(info["evidence"])
        heading = f"Play {number} of {plays}.\n" if plays > 1 else ""
        before = f"{state.shown[player]}\n\n" if number > 1 else ""
        state.shown[player] = f"{before}{heading}{text}"

    # -- Hooks ----------------------------------------------------------------------------

    def tools_of(self, agent: str) -> Mapping[str, ToolSpec]:
        """Return design for the designer, do for a player."""
        name = "design" if agent == DESIGNER else "do"
        return {name: collect(type(self))[name]}

    def presets(self) -> Mapping[str, Program]:
        """Return outcome, dense, gated, process and regret.

        The gate's gap is one play of the protagonist's, by which its mean and the regret move.
        """
        outcome = Source("outcome", "episode", -1.0, 1.0)
        stake = Program("regret", Source("stake", "episode", -1.0, 1.0))
        gap = 1.0 / self._plays[PROTAGONIST]
        return {**standard_presets(outcome=outcome, gap=gap), "regret": stake}

    def begin(self, task: Task, stream: Stream) -> None:
        """Wait for a design."""
        self.state = Paired({player: Score(plays) for player, plays in self._plays.items()})

    def movers(self) -> Sequence[str]:
        """Return the designer, then whichever player has plays left."""
        state = self.state
        if state.forfeited is not None:
            return ()
        if state.design is None:
            return (DESIGNER,)
        left = [p for p, score in state.scores.items() if not score.finished]
        return left[:1]

    def role(self, agent: str) -> str:
        """Return who the agent is, what it is paid for, and its tool."""
        if agent == DESIGNER:
            told = (
                "You are the designer. You make a quest: a small world of rooms, doors and keys. "
                "An antagonist and a protagonist will each play it. You are paid for the regret: "
                "the antagonist's best result minus the protagonist's mean result. So make worlds "
                "that can be solved, and that the protagonist cannot solve yet."
            )
        else:
            plays = self._plays[agent]
            told = (
                f"You are the {agent}. Another agent has made a quest. Solve it: you have "
                f"{self._turns} commands"
                + (f" in each of {plays} plays of the same world." if plays > 1 else ".")
            )
        return f"{told}\n\n{help_text(self.tools_of(agent), command_tool='do')}"

    def see(self, agent: str) -> str:
        """Return what Quest showed the player; for the designer what it is to do, or the result."""
        state = self.state
        over = not self.movers()
        gone = f"{state.forfeited} had no move and forfeits." if state.forfeited else ""
        if agent != DESIGNER:
            waits = "Wait for your turn." if not over else "You did not play."
            shown = state.shown.get(agent, waits)
            return f"{shown}\n\n{gone}" if gone else shown
        if state.design is None and not over:
            return "Make the world."
        if not over:
            return "They are playing."
        if gone:
            return gone
        best, mean = (state.scores[p].result(p) for p in (ANTAGONIST, PROTAGONIST))
        return (
            f"The best solution takes {state.optimal} commands. The antagonist's best result is "
            f"{best:g}, the protagonist's mean result {mean:g}: regret {best - mean:g}."
        )

    def forfeit(self, agent: str) -> None:
        """End the episode: there is no regret without both players' results."""
        self.state.forfeited = agent

    def facts(self, agent: str) -> dict[str, Value]:
        """Return progress and the state of the agent's plays."""
        state = self.state
        return facts(agent, state.scores, state.forfeited)

    def final_facts(self, agent: str) -> dict[str, Value]:
        """Return outcome, regret, stake, both results and the design."""
        state = self.state
        design = None if state.design is None else asdict(state.design)
        return final_facts(agent, state.scores, state.forfeited, design, state.optimal)

    def succeeded(self, agent: str) -> bool:
        """Return the verdict; nobody succeeds in an episode that was cut short.

        Designer: a positive regret. Players: as in Quest, the antagonist in one of its plays, the
        protagonist in all.
        """
        state = self.state
        if state.forfeited is not None or not all(s.finished for s in state.scores.values()):
            return False
        best, mean = (state.scores[p].result(p) for p in (ANTAGONIST, PROTAGONIST))
        if agent == DESIGNER:
            return best > mean
        return (best if agent == ANTAGONIST else mean) == 1.0

    # -- Policies -------------------------------------------------------------------------

    def oracle(self, agent: str) -> str | None:
        """Return the reference design, or the next command of a shortest solution.

        None for an agent that is not asked now.
        """
        if agent not in self.movers():
            return None
        if agent == DESIGNER:
            return _call(reference_design(Stream(self.seed, "paired", "reference")))
        return self._quest.oracle()

    def random_action(self, agent: str, stream: Stream) -> str:
        """Return a random design that has a world, or a command that is possible here."""
        if agent == DESIGNER:
            return _call(random_design(stream, self._turns))
        return self._quest.random_action(stream) if agent in self.movers() else "look"

    # -- Snapshots ------------------------------------------------------------------------

    def snapshot(self) -> bytes:
        """Return the running episode whole, the running quest included."""
        playing = self._live and self.state.design is not None
        if not playing:
            return super().snapshot()
        self.state.inner = self._quest.snapshot()
        try:
            return super().snapshot()
        finally:
            self.state.inner = None

    def restore(self, snapshot: bytes) -> None:
        """Continue from a snapshot; as for every environment of several agents."""
        super().restore(snapshot)
        if self.state.inner is not None:
            self._quest.restore(self.state.inner)
            self.state.inner = None


def _call(design: Design) -> str:
    told = json.dumps({"name": "design", "arguments": asdict(design)})
    return f"<tool_call>{told}</tool_call>"
