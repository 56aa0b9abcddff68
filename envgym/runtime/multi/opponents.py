"""Who plays the other seats when one agent is looked at: names, policies, a league's draw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable
from weakref import WeakValueDictionary

from envgym.runtime.multi.asking import wrong_replies
from envgym.types import ConfigError, InfraError, Message, Policy, Request, Stream

if TYPE_CHECKING:
    from envgym.runtime.multi.env import TeamEnv

Player = str | Policy
"""An agent string, as ``envgym.agents.resolve_agent`` takes it, or a policy."""


@runtime_checkable
class Pool(Protocol):
    """A population that opponents are drawn from, one per episode: a league."""

    def draw(self, stream: Stream) -> tuple[str, Player]:
        """Return (id, who plays under it); the same stream draws the same."""
        ...


class Drawn(NamedTuple):
    """Who plays a seat in one episode."""

    agent: str
    name: str
    """The agent string, the policy's name or the pool's id."""
    player: Player

    @property
    def lasting(self) -> bool:
        """Whether a snapshot can hold it: it has a name that makes it again, and no memory."""
        return _lasts(self.player)


@dataclass(eq=False)
class _Shared:
    """A policy that several environments of this process ask, one at a time."""

    policy: Policy
    lock: Lock
    looks: bool = False
    """Whether it was named and looks at the environment: then it keeps nothing in between."""


_known: "WeakValueDictionary[str | int, _Shared]" = WeakValueDictionary()
"""Policies in use, by agent string or by the id of the object: a model is loaded once."""
_numbers = count()
KEPT = 4
"""Policies that a pool drew last and that stay loaded in an environment."""


def _shared(player: Player) -> _Shared:
    key = player if isinstance(player, str) else id(player)
    found = _known.get(key)
    if found is None:
        if isinstance(player, str):
            # By name, because policies live above this floor.
            policy: Policy = import_module("envgym.agents").resolve_agent(player)
            found = _Shared(policy, Lock(), looks=hasattr(policy, "attach"))
        else:
            found = _Shared(player, Lock())
        _known[key] = found
    return found


def _lasts(player: Player) -> bool:
    return isinstance(player, str) and _shared(player).looks


@dataclass(eq=False)
class _Chair:
    """A seat's player in the running episode and, where it has one, its conversation."""

    name: str
    shared: _Shared
    session: str = ""


class Opponents:
    """The players of all seats but one, for one environment.

    A named policy that looks at the environment (random, oracle, a table, a solver) is asked anew
    at each decision, with a seed of the episode and the decision; every other policy has one
    conversation per episode and seat.

    Args:
        given: an agent string, a policy or a ``Pool`` for all seats; or one of these for each, as
            a list in seat order or a mapping of seats (1, "1" or "player_1").
        where: whose argument it is, for errors.

    Raises:
        ConfigError: it is none of these, or names an agent that there is not.
        MissingExtraError: a named policy's libraries are not installed.
    """

    def __init__(self, given: Any, where: str) -> None:
        self._where = where
        self._chairs: dict[str, _Chair] = {}
        self._each: dict[int, Any] | None = None
        if isinstance(given, Mapping):
            if set(given) == {"object"}:
                raise ConfigError(
                    f"{where}: opponent was a live object ({given['object']}), which no file can "
                    "hold; give an agent string to run such episodes again."
                )
            self._each = {self._seat(key): value for key, value in given.items()}
        elif isinstance(given, list | tuple):
            self._each = dict(enumerate(given))
        sources = [given] if self._each is None else list(self._each.values())
        if not sources:
            raise ConfigError(f"{where}: opponent names nobody.")
        self._given = given
        # Held from now on: a wrong name is told when the environment is made, not mid-training.
        self._held = [_shared(one) for one in map(self._source, sources) if one is not None]
        self._recent: list[_Shared] = []
        self.lasting = all(isinstance(one, Pool) or _lasts(one) for one in sources)
        """Whether snapshots can hold every episode; a pool's draws are judged when drawn."""

    def _seat(self, key: Any) -> int:
        text = str(key).removeprefix("player_")
        if isinstance(key, bool) or not text.isascii() or not text.isdigit():
            raise ConfigError(
                f"{self._where}: opponent must be given by seat, such as 1 or 'player_1', "
                f"got {key!r}."
            )
        return int(text)

    def _source(self, given: Any) -> Player | None:
        """Return a player; None for a pool, which draws one later."""
        if isinstance(given, str):
            return given
        if isinstance(given, Pool):
            return None
        if isinstance(given, Policy) and not isinstance(given, type):
            return given
        raise ConfigError(
            f"{self._where}: opponent must be an agent string, a policy, a league, or one of these "
            f"per seat, got {given!r:.80}."
        )

    def check(self, players: int, own: int | None) -> None:
        """Refuse players for seats that there are not, and seats without a player.

        Args:
            players: of the game.
            own: the seat that needs no opponent; None: any may be it, so all need one.

        Raises:
            ConfigError: naming the first such seat.
        """
        if self._each is None:
            return
        for seat in self._each:
            if seat >= players:
                raise ConfigError(
                    f"{self._where}: opponent names seat {seat}, the seats are 0 to {players - 1}."
                )
        for seat in range(players):
            if seat != own and seat not in self._each:
                raise ConfigError(f"{self._where}: opponent lacks a player for seat {seat}.")

    def draw(self, stream: Stream, agents: Sequence[str], own: int) -> tuple[Drawn, ...]:
        """Return who plays the seats other than ``own`` in a new episode.

        One pool for all seats is asked once: one snapshot plays them all.
        """
        self.check(len(agents), own)
        once: tuple[str, Player] | None = None
        found = []
        for seat, agent in enumerate(agents):
            if seat == own:
                continue
            source = self._given if self._each is None else self._each[seat]
            if not isinstance(source, Pool):
                drawn = (source if isinstance(source, str) else str(source.name), source)
            elif self._each is None:
                drawn = once = once or source.draw(stream)
            else:
                drawn = source.draw(stream.child("seat", seat))
            found.append(Drawn(agent, *drawn))
        return tuple(found)

    def sit(self, drawn: Sequence[Drawn]) -> None:
        """Let these play from now on; earlier conversations are closed.

        Raises:
            ConfigError: a pool drew an agent string that nobody knows.
        """
        chairs = {one.agent: _Chair(one.name, _shared(one.player)) for one in drawn}
        self.leave()
        self._chairs = chairs
        for shared in {id(chair.shared): chair.shared for chair in chairs.values()}.values():
            if shared not in self._held:
                others = [one for one in self._recent if one is not shared]
                self._recent = [*others, shared][-KEPT:]

    def ask(self, env: "TeamEnv", seed: int) -> str:
        """Return the message of the agent that ``env`` waits for.

        Args:
            env: where it sits.
            seed: of the episode; drives the sampling of policies that can be seeded.

        Raises:
            InfraError: the policy failed; the reason is "opponent".
            ConfigError: it gave something else than one reply of text.
        """
        agent = env.agent_selection
        chair = self._chairs[agent]
        policy, looks = chair.shared.policy, chair.shared.looks
        first = not chair.session
        if first:
            chair.session = f"opponent:{next(_numbers)}:{agent}"
            attach = getattr(policy, "attach", None)
            if attach is not None:
                attach(chair.session, env.seat(agent))
        shown = Message("user", env.observe(agent))
        opening = (Message("system", env.role(agent)),) if first and not looks else ()
        turn = (env.tallies[agent].turn,) if looks else ()
        request = Request(
            session=chair.session,
            messages=(*opening, shown),
            agent=agent,
            tools=tuple(s.schema for s in env.tools_of(agent).values()) if opening else (),
            seed=Stream(seed, "opponent", agent, *turn).word() >> 1,
        )
        with chair.shared.lock:
            replies = policy.act([request])
            if looks:
                policy.close([chair.session])
                chair.session = ""
        if (wrong := wrong_replies(replies, 1)) is not None:
            raise ConfigError(f"{self._where}: opponent {chair.name} gave {wrong}.")
        reply = replies[0]
        if reply.finish == "error":
            raise InfraError("opponent", f"{chair.name}: {reply.text}")
        return reply.text

    def leave(self) -> None:
        """Close the conversations of the running episode; idempotent."""
        chairs, self._chairs = self._chairs, {}
        for chair in chairs.values():
            if chair.session:
                with chair.shared.lock:
                    chair.shared.policy.close([chair.session])


def label(drawn: Sequence[Drawn]) -> str:
    """Return the opponents' names: one if they are all the same, else by agent.

    >>> label([Drawn("player_1", "main@2", "random"), Drawn("player_2", "main@2", "random")])
    'main@2'
    >>> label([Drawn("player_0", "random", "random"), Drawn("player_2", "oracle", "oracle")])
    'player_0=random, player_2=oracle'
    """
    names = {one.name for one in drawn}
    if len(names) <= 1:
        return "".join(names)
    return ", ".join(f"{one.agent}={one.name}" for one in drawn)
