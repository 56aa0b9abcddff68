"""Any game as text: the view that language models play, with evidence and rewards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from envgym.rewards import Program
from envgym.runtime.games.chance import after_chance, chance_stream
from envgym.runtime.games.presets import GAME, REGRET, game_presets
from envgym.runtime.games.reference import Reference, reference_of
from envgym.runtime.games.talk import Utterance
from envgym.runtime.games.view import position_text, read_move, role_text, speech
from envgym.runtime.multi.env import TeamEnv
from envgym.runtime.settings import check_choice
from envgym.runtime.tasks import ListTasks, TaskSet
from envgym.runtime.tools import tool
from envgym.types import ConfigError, Stream, Task, Value
from envgym.types.game import OVER, Game, State

TALK = 280
"""Characters of a message that the others hear, where a game has talk."""
_ROUNDED = 6
"""Decimal places of solved values: the last bits of a solver differ between machines."""


@dataclass(slots=True)
class Table:
    """A game in progress."""

    position: State
    chance: Stream
    said: list[Utterance] = field(default_factory=list)
    """Everything that was said aloud, in order."""
    seen: dict[str, int] = field(default_factory=dict)
    """Lines of its log that each agent has been shown."""
    released: int = 0
    """Utterances that may be shown: what is said in a simultaneous move is heard after it."""
    heard: dict[str, int] = field(default_factory=dict)
    """Utterances that each agent has been shown."""
    regret: dict[str, float] = field(default_factory=dict)
    """Equilibrium regret of the latest event, by its agent."""
    forfeited: str | None = None


class GameText(TeamEnv):
    """A game of several players in words.

    Agents are player_0, player_1 and so on. A message's last move in double brackets counts.

    Args:
        game: the rules.
        history: "delta" shows each agent what is new since its last message, "full" everything
            it has seen.
        legal_actions: whether observations list the legal actions.
        talk: characters around a move that the others hear; None: 280 in games with talk, else 0.
        **arguments: those of ``TeamEnv``.

    Raises (from the constructor): ConfigError or EvidenceError, one sentence.
    """

    short_tool = "play"

    def __init__(
        self,
        game: Game,
        *,
        history: str = "delta",
        legal_actions: bool = True,
        talk: int | None = None,
        **arguments: Any,
    ) -> None:
        self.game = game
        check_choice(game.name, "history", history, ("delta", "full"))
        if not isinstance(legal_actions, bool):
            raise ConfigError(f"{game.name}: legal_actions must be true or false.")
        if talk is None:
            talk = TALK if getattr(game, "talks", False) else 0
        if isinstance(talk, bool) or not isinstance(talk, int) or not 0 <= talk <= 10_000:
            raise ConfigError(f"{game.name}: talk must be from 0 to 10000, got {talk!r}.")
        self._whole, self._legal, self._talk = history == "full", legal_actions, talk
        self._scale = max(map(abs, game.utility)) or 1.0
        self.reference: Reference | None = reference_of(game)
        own = tuple(getattr(game, "declares", ()))
        self.declares = (*GAME, *((REGRET,) if self.reference else ()), *own)
        # Every message may need all retries, so that a budget never cuts a game that goes on.
        budget = (game.max_decisions + 1) * 101
        self.metadata = {
            **type(self).metadata,
            "name": game.name,
            "stream": f"game:{game.name}",
            "version": str(getattr(game, "version", "0")),
            "proof": "equilibrium" if self.reference is not None else "reference",
            "command_tool": "play",
            "max_turns": budget,
        }
        given = {k: v for k, v in arguments.items() if k not in ("record", "append")}
        options = {"history": history, "legal_actions": legal_actions, "talk": talk, **given}
        agents = [f"player_{player}" for player in range(game.players)]
        self._player = {agent: player for player, agent in enumerate(agents)}
        self._roles: dict[str, str] = {}
        # Returns of the latest position that anybody asked about: every agent's evidence needs them.
        self._counted: tuple[State, str | None, tuple[float, ...]] | None = None
        super().__init__(agents, spec=(game.name, {**game.params, **options}), **arguments)

    @property
    def position(self) -> State:
        """The current position."""
        state: State = self.state.position
        return state

    @tool
    def play(self, action: str) -> str:
        """Play one of your legal actions.

        Args:
            action: the action's word, such as those listed as legal.
        """
        table: Table = self.state
        agent, position = self.agent_selection, table.position
        chosen = read_move(self.game, position, action)
        if "regret" in self._costly and self.reference is not None:
            values = self.reference.action_values(position)
            loss = max(values) - values[position.legal().index(chosen)]
            table.regret = {agent: round(min(loss / self._scale, 2.0), _ROUNDED)}
        if self._talk:
            words = speech(self.message, self._talk)
            # A message that is nothing but its move says nothing.
            if words and words.lower() != " ".join(action.lower().split()):
                made = len(position.history) + 1
                table.said.append(Utterance(len(table.said), agent, words, made))
        self._advance(chosen)
        return ""

    def _advance(self, action: int) -> None:
        """Make a move; what was said is heard once nobody else is still to choose."""
        table: Table = self.state
        if len(table.position.movers()) == 1:
            table.released = len(table.said)
        table.position = after_chance(table.position.apply(action), table.chance)

    # -- Hooks ----------------------------------------------------------------------------

    def builtin_tasks(self) -> TaskSet:
        """Return the one task: the game itself."""
        return ListTasks([Task(id=self.game.name, params=dict(self.game.params))])

    def presets(self) -> Mapping[str, Program]:
        """Return outcome, dense, gated, process, delta, where it is solved regret, and its own."""
        own = getattr(self.game, "presets", None)
        unit = float(getattr(self.game, "unit", 1.0))
        found = game_presets(self._scale, self.reference is not None, unit)
        return {**found, **own()} if own is not None else found

    def begin(self, task: Task, stream: Stream) -> None:
        """Deal; the same seed deals the same in every form of the game."""
        chance = chance_stream(self.game, self.seed)
        self.state = Table(after_chance(self.game.initial(), chance), chance)

    def movers(self) -> Sequence[str]:
        """Return the players who have to choose."""
        if self.state.forfeited is not None:
            return ()
        return [self.possible_agents[p] for p in self.state.position.movers()]

    def role(self, agent: str) -> str:
        """Return the rules as told to this player."""
        if agent not in self._roles:
            self._roles[agent] = role_text(self.game, self._player[agent], self._talk)
        return self._roles[agent]

    def see(self, agent: str) -> str:
        """Return the news, what others said, the situation and the legal actions."""
        table: Table = self.state
        since = 0 if self._whole else table.seen.get(agent, 0)
        heard = 0 if self._whole else table.heard.get(agent, 0)
        said = [
            f'{one.agent} says: "{one.text}"'
            for one in table.said[heard : table.released]
            if one.agent != agent
        ]
        shown = position_text(
            table.position,
            self._player[agent],
            since,
            said=said,
            legal=self._legal and table.forfeited is None,
        )
        if table.forfeited is not None:
            shown = f"{shown}\n\n{table.forfeited} had no legal move and forfeits."
        return shown

    def turned(self, agent: str) -> None:
        """Note what the agent has been shown."""
        table: Table = self.state
        table.regret = {}
        table.seen[agent] = len(table.position.log(self._player[agent]))
        table.heard[agent] = table.released

    def forfeit(self, agent: str) -> None:
        """End the game: the agent gets the lowest return, the others what they have."""
        self.state.forfeited = agent

    def has_noop(self) -> bool:
        """Return whether the game has an action that does nothing."""
        return getattr(self.game, "noop", None) is not None

    def noop(self, agent: str) -> None:
        """Play the game's own action that does nothing."""
        self._advance(self.game.noop)  # type: ignore[attr-defined]

    def returns(self) -> tuple[float, ...]:
        """Return what each player has won so far, in the game's unit; a forfeit is paid for.

        Whoever forfeits gets the game's lowest return and never more than 0; the others keep what
        they had, so that nobody is paid for another's broken message.
        """
        table: Table = self.state
        key = table.position, table.forfeited
        if self._counted is not None and self._counted[0] is key[0] and self._counted[1] is key[1]:
            return self._counted[2]
        found = list(table.position.returns())
        if table.forfeited is not None:
            player = self._player[table.forfeited]
            found[player] = min(self.game.utility[0], 0.0, found[player])
        self._counted = (*key, tuple(found))
        return self._counted[2]

    def facts(self, agent: str) -> dict[str, Value]:
        """Return the payoff so far."""
        return {"payoff": self.returns()[self._player[agent]] / self._scale}

    def costly_facts(self, agent: str, keys: Sequence[str]) -> dict[str, Value]:
        """Return the expected payoff and the regret of the event's action."""
        found: dict[str, Value] = {}
        if "value" in keys:
            found["value"] = self._value(self._player[agent])
        if "regret" in keys:
            found["regret"] = self.state.regret.get(agent, 0.0)
        return found

    def _value(self, player: int) -> float:
        table: Table = self.state
        if table.forfeited is not None or not table.position.movers():
            return self.returns()[player] / self._scale
        if self.reference is not None:
            share = self.reference.value(table.position, player) / self._scale
        else:
            rough = self.game.advantage(table.position, player)
            share = self.returns()[player] / self._scale if rough is None else rough
        return round(max(-1.0, min(1.0, share)), _ROUNDED) + 0.0

    def final_facts(self, agent: str) -> dict[str, Value]:
        """Return the outcome, the verdict and what the game itself reports."""
        final, player = self.returns(), self._player[agent]
        found: dict[str, Value] = {
            "outcome": final[player] / self._scale,
            "won": self._won(final, player),
        }
        report = getattr(self.game, "final_facts", None)
        if report is not None:
            found.update(report(self.state.position, player, tuple(self.state.said)))
        return found

    def _won(self, final: Sequence[float], player: int) -> bool:
        others = [x for p, x in enumerate(final) if p != player]
        # Being ahead where a budget cuts the game is no win.
        played_out = self.state.position.current_player == OVER
        return played_out and bool(others) and all(final[player] > x for x in others)

    def succeeded(self, agent: str) -> bool | None:
        """Return whether the game was played out and the agent ended strictly above all others.

        None in a game of one player: its return alone says nothing of success.
        """
        if self.game.players == 1:
            return None
        return self._won(self.returns(), self._player[agent])

    # -- Policies -------------------------------------------------------------------------

    def oracle(self, agent: str) -> str | None:
        """Return the reference policy's move: the solved profile's, else the game's expert's.

        None for an agent that is not asked now. Mixed policies draw from a stream of (seed,
        event), so asking twice gives one answer.
        """
        position = self.state.position
        if self._player[agent] != position.current_player:
            return None
        legal = position.legal()
        if self.reference is not None:
            point = Stream(self.seed, f"game:{self.game.name}", "oracle", self._event).uniform()
            chosen = legal[-1]
            for action, chance in zip(legal, self.reference.policy(position), strict=True):
                point -= chance
                if point < 0.0:
                    chosen = action
                    break
        else:
            found = self.game.expert(position)
            if found is None:
                raise ConfigError(
                    f"{self.game.name} is too large to be solved with {dict(self.game.params)} and "
                    "has no expert: choose another agent, for instance random or mccfr:10000."
                )
            chosen = found
        return f"[[{position.action_text(chosen)}]]"

    def random_action(self, agent: str, stream: Stream) -> str:
        """Return a uniformly drawn legal move."""
        position = self.state.position
        return f"[[{position.action_text(stream.choice(position.legal()))}]]"
