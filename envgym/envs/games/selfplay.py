"""envgym/SelfPlay-v0."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Unpack

from pydantic import BaseModel

from envgym.envs.games.selfplay_evidence import DECLARES
from envgym.envs.games.selfplay_tasks import SPLITS, Params, deal
from envgym.rewards import Program
from envgym.rewards.presets import standard_presets
from envgym.runtime.env import TaskEnv
from envgym.runtime.games.reference import reference_of
from envgym.runtime.games.registry import make_game, make_text
from envgym.runtime.multi.illegal import IllegalPolicy
from envgym.runtime.multi.opponents import Drawn, Opponents, label
from envgym.runtime.settings import KernelArgs, check_choice, to_json
from envgym.runtime.tasks import ProceduralTasks, TaskSet
from envgym.runtime.tools import tool
from envgym.types import Call, ConfigError, Evidence, InfraError, Stream, Task, TaskError, Value
from envgym.types.game import Game, State

SEATINGS = ("random", "rotate")
GAP = 0.05
"""For ``gated``, which moves outcomes by at most 0.4 of it, 0.02: no more than a win lies above a
draw in games that pay whole units of at most 25."""


@dataclass(slots=True)
class Play:
    """One episode. The position itself is kept by the game's own environment."""

    game: str
    """Name and arguments as JSON."""
    seat: int
    seed: int
    """Of the game; nature's moves and the opponents' choices follow from it."""
    drawn: tuple[Drawn, ...]
    opponent: str
    regret: float | None = None
    """Of the agent's latest move."""
    kept: bytes = b""
    """The game's environment, in snapshots only."""


class SelfPlayEnv(TaskEnv):
    """Play one seat of a game of several players; policies of your choice play the others.

    Observation: str, at most 8,192 characters. What this seat has seen since its last message,
        the situation and its legal actions; after a message that is no legal move, one sentence
        saying why. info["system"] holds the rules as told to this seat.
    Action: str, the whole message. Tools: play; short form [[word]], or the bare word. The last
        move of a message counts. What happens without a legal one is said by ``illegal``; it
        never raises.
    Rewards and evidence: outcome pays (share + 1) / 2, where share is the final return divided by
        the game's largest absolute one: 1.0 for the best result, 0.5 for none, 0.0 for the worst;
        dense adds the changes of progress; gated adds them, clipped to 0.02 either way, only
        above an outcome of 0.5; process shapes by progress. A forfeit counts as the game's lowest
        return, and so does an episode that a budget cuts. Evidence: seat, opponent, payoff,
        invalid, format_errors, retries, value, progress, regret, outcome, won, forfeited,
        by_forfeit.
    Starting state: nature's moves from (seed, deal of the task), the same for every opponent; seat
        and opponent as the arguments say. Where others move first they have moved. The built-in
        tasks number their deals through, test after train; small games repeat all the same.
    End of episode: terminated when the game is over or somebody forfeits, and success is to end
        strictly above all others; truncated at max_turns (default: no limit, since every game
        ends); a failing opponent truncates with valid=False, invalid_reason="opponent".
    Arguments: game (default "kuhn"): a name of envgym.game_names(); params (mapping): its own
        arguments; seat (default "random"): a player's number from 0, "random" (drawn from the
        seed) or "rotate" (seed modulo the number of players); opponent (default "random"): an
        agent string such as random, oracle, cfr:1000, table:PATH or hf:PATH, a policy, a league
        (drawn once per episode), or one of these per seat as a list or mapping; illegal (default
        "retry:2,forfeit"): for every seat, see IllegalPolicy; history (default "delta"): "full"
        shows everything each time; legal_actions (default True): whether they are listed; and
        those of every text environment, calls="all" excepted. Tasks may name game, params and
        seat of their own.
    Version history: v0, first release.
    """

    metadata: dict[str, Any] = {
        **TaskEnv.metadata,
        "stream": "selfplay",
        "version": "0",
        "proof": "reference",
        "cost": "moderate",
        "snapshot": True,
        "command_tool": "play",
        "max_turns": None,
    }
    declares: ClassVar[tuple[Evidence, ...]] = DECLARES
    state: Play

    def __init__(
        self,
        *,
        game: str = "kuhn",
        params: Mapping[str, Any] | None = None,
        seat: int | str = "random",
        opponent: Any = "random",
        illegal: Any = "retry:2,forfeit",
        history: str = "delta",
        legal_actions: bool = True,
        **kernel: Unpack[KernelArgs],
    ) -> None:
        where = type(self).__name__
        if not isinstance(game, str):
            raise ConfigError(f"{where}: game must be a game's name, got {game!r:.80}.")
        if params is not None and not isinstance(params, Mapping):
            raise ConfigError(f"{where}: params must be a mapping or None, got {params!r:.80}.")
        check_choice(where, "calls", kernel.get("calls", "last"), ("last",))
        self._asked = (game, to_json(params or {}))
        rules = make_game(game, **self._asked[1])
        self._seating = _seating(where, seat, rules.players)
        self._opponents = Opponents(opponent, where)
        self._opponents.check(rules.players, seat if isinstance(seat, int) else None)
        self._shown_as = {
            "illegal": str(IllegalPolicy.parse(illegal)),
            "history": history,
            "legal_actions": legal_actions,
        }
        self._games: dict[str, Any] = {}
        super().__init__(**kernel)
        self.metadata = {**type(self).metadata, "snapshot": self._opponents.lasting}
        self.resources.callback(self._opponents.leave)
        self._game_env(*self._asked)
        if "regret" in self.program.needs and reference_of(rules) is None:
            raise ConfigError(
                f"{where}: reward '{self.program.name}' needs the regret of moves, and {game} is "
                "too large to be solved."
            )

    # -- Tasks and presets ----------------------------------------------------------------

    def builtin_tasks(self) -> TaskSet:
        """Return numbered deals of the environment's own game."""
        return ProceduralTasks(SPLITS, deal)

    @classmethod
    def params_model(cls) -> type[BaseModel]:
        """Return what a task may hold."""
        return Params

    @classmethod
    def presets(cls) -> Mapping[str, Program]:
        """Return outcome, dense, gated and process on the outcome scale 0 to 1."""
        return standard_presets(gate=0.5, gap=GAP)

    # -- The running game -----------------------------------------------------------------

    @property
    def inner(self) -> Any:
        """The ``GameText`` in which the episode is played."""
        play = self.state
        env = self._games.get(play.game)
        if env is None:
            env = self._game_env(*json.loads(play.game))
        if play.kept:
            env.restore(play.kept)
            play.kept = b""
            self._opponents.sit(play.drawn)
        return env

    @property
    def game(self) -> Game:
        """The rules of the running episode's game."""
        rules: Game = self.inner.game
        return rules

    @property
    def position(self) -> State:
        """The game's current state."""
        state: State = self.inner.position
        return state

    @property
    def seat(self) -> int:
        """Which player the agent is in the running episode."""
        return self.state.seat

    @property
    def agent(self) -> str:
        """The seat's name in the game, such as "player_1"."""
        return f"player_{self.state.seat}"

    def begin(self, task: Task, stream: Stream) -> str:
        """Seat the agent, draw the opponents, deal, and let those move who move first."""
        params = task.params
        name = params.get("game")
        chosen = self._asked if name is None else (name, params.get("params") or {})
        env = self._game_env(*chosen)
        agents, dealt = env.possible_agents, int(params.get("deal", 0))
        seat = self._seat(params.get("seat", self._seating), len(agents), stream, dealt)
        drawn = self._opponents.draw(stream.child("opponent"), agents, seat)
        self._opponents.sit(drawn)
        seed = stream.child("game", dealt).word() >> 1
        self.state = Play(_key(*chosen), seat, seed, drawn, label(drawn))
        env.reset(seed=seed)
        self._system = env.role(self.agent)
        self.state.regret = None if env.reference is None else 0.0
        self._let_others_move(env)
        shown = env.observe(self.agent)
        return f"{task.instruction}\n\n{shown}" if task.instruction else shown

    @tool
    def play(self, action: str) -> str:
        """Play one of your legal actions.

        Args:
            action: the action's word, such as those listed as legal.
        """
        return self._act(f"[[{action}]]", [])[0]

    def _act(self, text: str, calls: list[Call]) -> tuple[str, str | None]:
        """Hand the whole message to the game, which reads it as it reads everybody's."""
        env, me = self.inner, self.agent
        error: str | None = None
        # An opponent may have forfeited before this seat's first move.
        if not self._over(env):
            env.step(text)
            error = env.mistake
            calls += [Call(str(c["name"]), dict(c["args"])) for c in env.infos[me]["calls"]]
            tally = env.tallies[me]
            self._errors, self._extra = tally.format_errors + tally.invalid, tally.extra_calls
            self.state.regret = env.latest_evidence(me).get("regret")
            self._let_others_move(env)
        if self._over(env):
            self.finish(bool(env.latest_evidence(me)["won"]))
            self._opponents.leave()
        return self._shown(env.observe(me)), None if error is None else self._shown(error)

    def _let_others_move(self, env: Any) -> None:
        me = self.agent
        try:
            while not self._over(env) and env.agent_selection != me:
                env.step(self._opponents.ask(env, self.state.seed))
        except InfraError:
            self._opponents.leave()
            raise

    def _over(self, env: Any) -> bool:
        return bool(env.terminations[self.agent] or env.truncations[self.agent])

    def _game_env(self, name: str, params: Mapping[str, Any]) -> Any:
        """Return the environment of a game, made when it is first played."""
        key = _key(name, params)
        if key not in self._games:
            options = {**self._shown_as, "max_obs_chars": self._max_obs}
            made = make_text(name, **params, **options)
            self.resources.callback(made.close)
            self._games[key] = made
        return self._games[key]

    def _seat(self, wanted: int | str, players: int, stream: Stream, dealt: int) -> int:
        if wanted == "random":
            return stream.child("seat", dealt).below(players)
        if wanted == "rotate":
            return self.seed % players
        seat = int(wanted)
        if not 0 <= seat < players:
            raise TaskError(
                f"task '{self.task.id}': seat must be from 0 to {players - 1}, got {seat}."
            )
        return seat

    # -- Evidence -------------------------------------------------------------------------

    def facts(self) -> dict[str, Value]:
        """Return seat, opponent, payoff and the counters of broken messages."""
        known = self.inner.latest_evidence(self.agent)
        counted: dict[str, Value] = {
            key: known[key] for key in ("payoff", "invalid", "format_errors", "retries")
        }
        return {"seat": self.state.seat, "opponent": self.state.opponent, **counted}

    def final_facts(self) -> dict[str, Value]:
        """Return the outcome and the verdict; a game that a budget cut counts as forfeited."""
        env, me = self.inner, self.agent
        known = env.latest_evidence(me)
        if self._over(env):
            final = float(known["outcome"])
            told = {key: bool(known[key]) for key in ("won", "forfeited", "by_forfeit")}
        else:
            low = min(env.game.utility[0], 0.0) / (max(map(abs, env.game.utility)) or 1.0)
            final = min(low, float(known["payoff"]))
            told = dict.fromkeys(("won", "forfeited", "by_forfeit"), False)
        return {"outcome": (final + 1.0) / 2.0, **told}

    def costly_facts(self, keys: Sequence[str]) -> dict[str, Value]:
        """Return value, progress and the regret of the agent's latest move."""
        value = float(self.inner.latest_evidence(self.agent)["value"])
        found: dict[str, Value] = {
            "value": value,
            "progress": (value + 1.0) / 2.0,
            "regret": self.state.regret,
        }
        return {key: found[key] for key in keys}

    # -- Policies and proofs --------------------------------------------------------------

    def oracle(self) -> str | None:
        """Return the reference profile's move for this seat, else the game's expert's."""
        env = self.inner
        found: str | None = None if self._over(env) else env.oracle(self.agent)
        return found

    def random_action(self, stream: Stream) -> str:
        """Return a uniformly drawn legal move."""
        env = self.inner
        return "" if self._over(env) else str(env.random_action(self.agent, stream))

    def exploits(self) -> dict[str, list[str]]:
        """Return messages that claim, ask or hide instead of moving."""
        return {
            "claims the win": ["I win.", "Player 1 forfeits. Result: player 0 +2."] * 4,
            "plays for the others": ['play(action="pass", player=1)'] * 8,
            "moves in its thoughts only": ["<think>[[bet]]</think>"] * 8,
        }

    # -- Snapshots ------------------------------------------------------------------------

    def snapshot(self) -> bytes:
        """Return the running episode whole, the game's environment included.

        Raises:
            ResetNeeded: no episode is running.
            ConfigError: an opponent is a live policy or holds a conversation.
        """
        if not self._live:
            return super().snapshot()  # which says so
        env = self.inner
        if not all(one.lasting for one in self.state.drawn):
            raise ConfigError(
                f"{type(self).__name__} cannot take snapshots: '{self.state.opponent}' is a live "
                "policy or holds a conversation."
            )
        if self._over(env):
            raise ConfigError(f"{type(self).__name__}: the game is over; send the next message.")
        self.state.kept = env.snapshot()
        try:
            return super().snapshot()
        finally:
            self.state.kept = b""

    def _abandon(self) -> None:
        super()._abandon()
        self._opponents.leave()


def _key(name: str, params: Mapping[str, Any]) -> str:
    return json.dumps([name, dict(params)], sort_keys=True)


def _seating(where: str, seat: Any, players: int) -> int | str:
    """Return a checked seat argument.

    Raises:
        ConfigError: neither a seat of the game nor one of ``SEATINGS``.
    """
    if isinstance(seat, str):
        check_choice(where, "seat", seat, (*SEATINGS, *map(str, range(players))))
        return seat if seat in SEATINGS else int(seat)
    if isinstance(seat, bool) or not isinstance(seat, int) or not 0 <= seat < players:
        raise ConfigError(
            f"{where}: seat must be from 0 to {players - 1}, 'random' or 'rotate', got {seat!r}."
        )
    return seat
