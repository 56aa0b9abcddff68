"""The league: members join and freeze, opponents are drawn, results come in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

from envgym.agents.league import journal
from envgym.agents.league.member import Member, Role
from envgym.agents.league.results import Results, check_score
from envgym.agents.league.strategies import Strategy, parse_strategy
from envgym.types import ConfigError, Policy, Stream
from envgym.types.errors import unknown


class League:
    """A population of agents and their past, for ``SelfPlayEnv(opponent=league)``.

    Who is drawn depends on the stream, the members and the results so far, on nothing else: do
    not ``report`` while episodes are collected that should be repeatable, but after them.

    Args:
        strategy: how opponents are weighed where nothing else is said; see ``FORMS``.
        fallback: an agent string or policy that stands in while a learner has nobody to meet;
            None: drawing then raises.
        prior: see ``Results``.

    >>> league = League(strategy="latest", fallback="random")
    >>> _ = league.add("main")
    >>> league.sample("main", Stream(0, "docs")).id
    'fallback'
    >>> _ = league.freeze("main", "table:step-1.json")
    >>> league.sample("main", Stream(0, "docs")).id
    'main@1'
    """

    def __init__(
        self,
        *,
        strategy: str | Strategy = "pfsp",
        fallback: str | Policy | None = None,
        prior: float = 2.0,
    ) -> None:
        self.strategy = parse_strategy(strategy)
        self.fallback: Member | None = None
        if fallback is not None:
            self.fallback = Member(id="fallback", player=fallback, role="past", created=-1)
        self.results = Results(prior)
        self._members: dict[str, Member] = {}
        self._log: list[dict[str, Any]] = []

    # -- Members --------------------------------------------------------------------------

    @property
    def members(self) -> tuple[Member, ...]:
        """Everybody, in the order of joining."""
        return tuple(self._members.values())

    def member(self, id: str) -> Member:
        """Return a member.

        Raises:
            ConfigError: there is no such id.
        """
        if id not in self._members:
            raise ConfigError(f"league: {unknown('member', str(id), self._members)}")
        return self._members[id]

    def add(self, id: str, player: str | Policy | None = None, role: Role = "main") -> Member:
        """Let somebody join.

        Args:
            id: unique; not "fallback".
            player: agent string or policy; None: it learns and is not met itself.
            role: see ``Role``; "past" for a fixed opponent.

        Raises:
            ConfigError: the id is taken, the role unknown, or a past member has no player.
        """
        if id in self._members or id == "fallback":
            raise ConfigError(f"league: '{id}' is taken.")
        return self._join(Member(id=id, player=player, role=role, created=len(self._members)))

    def freeze(
        self, learner: str, player: str | Policy | None = None, *, id: str | None = None
    ) -> Member:
        """Keep a snapshot of a learner as a past member, called "learner@1", "@2" and so on.

        Args:
            learner: whose.
            player: where it is kept, such as "hf:runs/a/step-20"; None: the learner's own player.
            id: another name.

        Raises:
            ConfigError: the learner is unknown or past itself, has no player and none is given,
                or the id is taken.
        """
        of = self.member(learner)
        if of.frozen:
            raise ConfigError(f"league: '{learner}' is past; there is nothing to freeze.")
        kept = of.player if player is None else player
        if kept is None:
            raise ConfigError(f"league: freeze('{learner}') needs a player, such as hf:PATH.")
        number = 1 + sum(member.parent == learner for member in self._members.values())
        while id is None and f"{learner}@{number}" in self._members:
            number += 1  # somebody was given that name
        name = f"{learner}@{number}" if id is None else id
        if name in self._members or name == "fallback":
            raise ConfigError(f"league: '{name}' is taken.")
        created = len(self._members)
        return self._join(
            Member(id=name, player=kept, role="past", created=created, parent=learner)
        )

    def update(self, id: str, player: str | Policy | None) -> Member:
        """Let a living member be played by something newer.

        Raises:
            ConfigError: the id is unknown, or the member is past.
        """
        old = self.member(id)
        if old.frozen:
            raise ConfigError(f"league: '{id}' is past and does not change; add another.")
        self._members[id] = new = replace(old, player=player)
        self._log.append({"change": "update", "member": new})
        return new

    def _join(self, member: Member) -> Member:
        self._members[member.id] = member
        self._log.append({"change": "join", "member": member})
        return member

    # -- Results --------------------------------------------------------------------------

    def report(self, id: str, opponent: str, score: float, games: int = 1) -> None:
        """Count games of a member against another.

        Args:
            id: a member.
            opponent: another, as ``info["evidence"]["opponent"]`` names it; results against the
                fallback are left out.
            score: the sum of ``id``'s scores, each 1 for a win, 0.5 for a draw, 0 for a loss, or
                an outcome of ``envgym/SelfPlay-v0`` between; 0 to ``games``.
            games: 1 or more.

        Raises:
            ConfigError: one of these is not so.
        """
        self.member(id)
        check_score(score, games)
        if opponent == "fallback":
            return
        self.member(opponent)
        score = float(score)
        self.results.add(id, opponent, score, games)
        self._log.append(
            {"change": "games", "id": id, "opponent": opponent, "score": score, "games": games}
        )

    def win_rate(self, id: str, opponent: str) -> float:
        """Return ``Results.win_rate`` of two members."""
        return self.results.win_rate(self.member(id).id, self.member(opponent).id)

    # -- Drawing --------------------------------------------------------------------------

    def candidates(self, learner: str) -> tuple[Member, ...]:
        """Return whom a member may meet, in the order of joining.

        A main agent and a league exploiter meet all past members, a main exploiter the living
        main agents that have a player.
        """
        if self.member(learner).role == "main_exploiter":
            return tuple(m for m in self.members if m.role == "main" and m.player is not None)
        return tuple(m for m in self.members if m.frozen and m.id != learner)

    def weights(self, learner: str, strategy: str | Strategy | None = None) -> Mapping[str, float]:
        """Return how likely each candidate is to be drawn, by id; {} if there are none."""
        found = self.candidates(learner)
        if not found:
            return {}
        rule = self.strategy if strategy is None else parse_strategy(strategy)
        chances = rule.weights(found, self.results, learner)
        return {member.id: chance for member, chance in zip(found, chances, strict=True)}

    def sample(
        self, learner: str, stream: Stream, strategy: str | Strategy | None = None
    ) -> Member:
        """Return whom ``learner`` meets next; takes one word of the stream.

        Raises:
            ConfigError: nobody is there to be met and the league has no fallback.
        """
        point = stream.uniform()
        chances = self.weights(learner, strategy)
        if not chances:
            if self.fallback is not None:
                return self.fallback
            whom = "main agent" if self.member(learner).role == "main_exploiter" else "past member"
            raise ConfigError(
                f"league: there is no {whom} for '{learner}' to meet yet: add or freeze one, or "
                "make the league with a fallback."
            )
        chosen = ""
        for id, chance in chances.items():
            if chance > 0.0:
                chosen = id  # the last possible one, should rounding leave the sum below 1
                point -= chance
                if point < 0.0:
                    break
        return self._members[chosen]

    def opponents(self, learner: str, strategy: str | Strategy | None = None) -> "LeagueOpponents":
        """Return what ``SelfPlayEnv(opponent=...)`` draws from for a learner."""
        self.member(learner)
        return LeagueOpponents(
            self, learner, None if strategy is None else parse_strategy(strategy)
        )

    def draw(self, stream: Stream) -> tuple[str, str | Policy]:
        """Return (id, player) of an opponent for the league's only main agent.

        Raises:
            ConfigError: there is no main agent or there are several; or as ``sample``.
        """
        mains = [m.id for m in self.members if m.role == "main"]
        if len(mains) != 1:
            raise ConfigError(
                f"league: it has {len(mains)} main agents; say whose opponents are meant with "
                "league.opponents(ID)."
            )
        return self.opponents(mains[0]).draw(stream)

    # -- The file -------------------------------------------------------------------------

    def save(self, path: str | PathLike[str]) -> None:
        """Write the league, or append what is new to an earlier ``save`` of it.

        Strategy and fallback are no part of the file.

        Raises:
            ConfigError: a member is a live policy, or the file is something else; nothing is
                written.
            InfraError: it cannot be written.
        """
        head = {"envgym_league": journal.FORMAT, "prior": self.results.prior}
        lines = [
            {**line, "member": line["member"].to_json()} if "member" in line else line
            for line in self._log
        ]
        journal.append(Path(path), [head, *lines])

    @classmethod
    def load(
        cls,
        path: str | PathLike[str],
        *,
        strategy: str | Strategy = "pfsp",
        fallback: str | Policy | None = None,
    ) -> "League":
        """Return the league in a file that ``save`` wrote.

        Raises:
            ConfigError: it is no such file; names the line.
            InfraError: it cannot be read.
        """
        (_, head), *lines = journal.read(Path(path))
        league = cls(strategy=strategy, fallback=fallback, prior=head.get("prior", 2.0))
        for number, line in lines:
            try:
                league._replay(line)
            except ConfigError as error:
                raise ConfigError(f"{path}:{number}: {error}") from None
            except (KeyError, TypeError, ValueError) as error:
                raise ConfigError(f"{path}:{number}: no change of a league: {error!r}.") from None
        return league

    def _replay(self, line: Mapping[str, Any]) -> None:
        match line["change"]:
            case "join":
                member = Member.from_json(line["member"])
                if member.id in self._members or member.created != len(self._members):
                    raise ConfigError(f"league: '{member.id}' is taken or out of order.")
                self._join(member)
            case "update":
                member = Member.from_json(line["member"])
                self.update(member.id, member.player)
            case "games":
                self.report(line["id"], line["opponent"], line["score"], line["games"])
            case other:
                raise ConfigError(
                    f"league: {unknown('change', str(other), ('join', 'update', 'games'))}"
                )


@dataclass(frozen=True, eq=False)
class LeagueOpponents:
    """Opponents for one learner, drawn from a league once per episode."""

    league: League
    learner: str
    strategy: Strategy | None = None
    """None: the league's."""

    def draw(self, stream: Stream) -> tuple[str, str | Policy]:
        """Return (id, player); the id is what the episode records.

        Raises:
            ConfigError: as ``League.sample``.
        """
        member = self.league.sample(self.learner, stream, self.strategy)
        assert member.player is not None  # candidates have one
        return member.id, member.player
