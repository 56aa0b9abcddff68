"""Negotiation with private goals: divide a pile of items before the time is up.

Players: 2 or 3. Nature first draws each player's private profile: what one piece of each kind is
worth to it (every profile values the whole pile at ``total``), and where the game has them a side
goal (a kind of item that pays a bonus to whoever gets every piece of it) and a secret word (which
pays nothing; whether talk gives it away is measured by ``negotiation_leaks``).

Moves: offer number t (from 0) is made by player t modulo players: it proposes a split of the whole
pile, or leaves. The others answer in seat order: accept, reject or leave. All accept: the deal
stands. One rejects: the next player makes the next offer. After the last offer, or when somebody
leaves, there is no deal. Every move is public.

Returns: discount ** t times the worth of one's own share, side goal included; 0 for everybody
without a deal. Not zero-sum. Default: 2 players, 1 book, 2 hats, 1 ball, 3 valuations each,
3 offers: 12 splits, 69,250 nodes, 6,123 information sets. Talk is not part of the position: it
binds nobody and the text view alone carries it.

Source: alternating offers after Rubinstein (recalled); piles and private values in the manner of
"Deal or No Deal" (recalled); profiles as draws from finite lists, side goals and secrets ours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import comb, prod
from typing import ClassVar, cast

from envgym.envs.games import negotiation_view as view
from envgym.envs.games.base import Position, Rules, check_whole, pettingzoo_forms
from envgym.envs.games.negotiation_evidence import DECLARED, final_facts, presets
from envgym.envs.games.negotiation_rules import (
    ACCEPT,
    LEAVE,
    MOST_SECRETS,
    MOST_SPLITS,
    PROPOSE,
    REJECT,
    WORDS,
    Profile,
    Share,
    Split,
    check_counts,
    check_valuations,
    profiles,
    split_alias,
    split_text,
    splits,
    spread_valuations,
    worth,
)
from envgym.rewards import Program
from envgym.runtime.games.talk import Utterance
from envgym.types import ConfigError, Evidence, Value
from envgym.types.game import CHANCE, OVER, State


@dataclass(frozen=True)
class Negotiation(Rules):
    """Divide a pile of items that each player values in a way of its own.

    Raises:
        ConfigError: an argument is not allowed.

    >>> game = Negotiation(counts=(1, 1), types=1, deadline=1)
    >>> state = game.initial().apply(0).apply(0)
    >>> [state.action_text(action) for action in state.legal()][:3]
    ['leave', 'propose 0 books, 0 hats', 'propose 0 books, 1 hat']
    >>> state.apply(5).apply(0).returns()
    (1.0, 9.0)
    """

    name: ClassVar[str] = "negotiation"
    zero_sum: ClassVar[bool] = False
    simultaneous: ClassVar[bool] = False
    talks: ClassVar[bool] = True
    """Free text beside a move is carried to the other players by the text view."""
    declares: ClassVar[tuple[Evidence, ...]] = DECLARED
    """What the text view reports at the end, for each player."""

    players: int = 2
    """2 or 3."""
    counts: tuple[int, ...] = (1, 2, 1)
    """Pieces of each kind: 1 to 6 kinds, 1 to 9 pieces."""
    deadline: int = 3
    """Most offers, 1 to 50."""
    discount: float = 0.9
    """What each rejected offer leaves of a deal's worth: above 0, at most 1."""
    types: int = 3
    """Valuations that nature draws from for each player, 1 to 50; unused with ``valuations``."""
    total: int = 10
    """Worth of the whole pile to everybody, 1 to 1,000."""
    bonus: int = 0
    """What reaching the side goal adds, 0 to 1,000; 0: no side goals."""
    secrets: int = 0
    """Secret words that each player may draw, 0 to 8; 0: no secrets."""
    valuations: tuple[tuple[tuple[int, ...], ...], ...] | None = None
    """Per player the valuations to draw from; None: ``spread_valuations`` for everybody."""

    def __post_init__(self) -> None:
        check_whole("negotiation", "players", self.players, 2, 3)
        object.__setattr__(self, "counts", check_counts(self.counts))
        check_whole("negotiation", "deadline", self.deadline, 1, 50)
        if type(self.discount) not in (int, float) or not 0.0 < self.discount <= 1.0:
            raise ConfigError(
                f"negotiation: discount must be a number above 0 and at most 1, "
                f"got {self.discount!r}."
            )
        object.__setattr__(self, "discount", float(self.discount))
        check_whole("negotiation", "types", self.types, 1, 50)
        check_whole("negotiation", "total", self.total, 1, 1_000)
        check_whole("negotiation", "bonus", self.bonus, 0, 1_000)
        check_whole("negotiation", "secrets", self.secrets, 0, MOST_SECRETS)
        ways = prod(comb(count + self.players - 1, self.players - 1) for count in self.counts)
        if ways > MOST_SPLITS:
            raise ConfigError(
                f"negotiation: counts={self.counts} can be split in {ways} ways among "
                f"{self.players} players; at most {MOST_SPLITS} are allowed."
            )
        if self.valuations is None:
            spread_valuations(self.counts, self.total, self.types)
        else:
            given = check_valuations(self.valuations, self.players, self.counts, self.total)
            object.__setattr__(self, "valuations", given)

    @cached_property
    def splits(self) -> tuple[Split, ...]:
        """Every split in the order of the actions ``PROPOSE + i``."""
        return splits(self.counts, self.players)

    @cached_property
    def profiles(self) -> tuple[tuple[Profile, ...], ...]:
        """Per player the profiles that nature draws from, each equally likely."""
        drawn = self.valuations or (
            (spread_valuations(self.counts, self.total, self.types),) * self.players
        )
        return tuple(
            profiles(
                own,
                len(self.counts) if self.bonus else 0,
                WORDS[p * self.secrets : (p + 1) * self.secrets],
            )
            for p, own in enumerate(drawn)
        )

    @property
    def num_actions(self) -> int:
        """Three answers and the proposals."""
        return PROPOSE + len(self.splits)

    @property
    def max_decisions(self) -> int:
        """Every player once for each offer."""
        return self.deadline * self.players

    @property
    def utility(self) -> tuple[float, float]:
        """Nothing, or the whole pile at once, side goal included."""
        return (0.0, float(self.total + self.bonus))

    @property
    def unit(self) -> float:
        """A worth of 1 agreed on at the last offer."""
        return float(self.discount ** (self.deadline - 1))

    @property
    def observation_size(self) -> int:
        """Length of an observation."""
        return view.observation_size(self)

    def initial(self) -> "NegotiationState":
        """Return the position before any profile is drawn."""
        return NegotiationState(self)

    def rules(self, player: int) -> str:
        """Return the rules as told to ``player``."""
        return view.rules(self, player)

    def aliases(self) -> Mapping[str, int]:
        """Return everyday words for the answers, and numbers only for proposals."""
        known = {"agree": ACCEPT, "yes": ACCEPT, "refuse": REJECT, "no": REJECT, "quit": LEAVE}
        return known | {split_alias(split): PROPOSE + i for i, split in enumerate(self.splits)}

    def expert(self, state: State) -> int | None:
        """Return the move of the subgame-perfect plan against what the mover expects of the others.

        See ``negotiation_oracle.expected_tables`` for the beliefs; None at chance and at the end.
        """
        from envgym.envs.games.negotiation_oracle import expert_move

        return expert_move(cast(NegotiationState, state))

    def final_facts(self, state: State, player: int, said: Sequence[Utterance]) -> dict[str, Value]:
        """Return the evidence of ``declares`` for one player; see ``negotiation_evidence``."""
        return final_facts(cast(NegotiationState, state), player, said)

    def presets(self) -> Mapping[str, Program]:
        """Return the text view's program "social"; see ``negotiation_evidence``."""
        return presets(self)


class NegotiationState(Position):
    """One position: the profiles drawn, the public moves, and what they amount to."""

    __slots__ = ("accepted", "left", "moves", "offer", "profiles", "round")

    game: Negotiation
    profiles: tuple[int, ...]
    """Per player the number of its profile in ``game.profiles``, as far as drawn."""
    moves: tuple[int, ...]
    """Every public move in order."""
    round: int
    """Offers that failed; ``game.deadline`` when all did."""
    offer: int
    """Split on the table, also after a deal; -1: none."""
    accepted: int
    """Players who accepted it."""
    left: int
    """Player who left; -1: nobody."""

    def __init__(self, game: Negotiation) -> None:
        self.game, self.history, self.current_player = game, (), CHANCE
        self.profiles, self.moves = (), ()
        self.round, self.offer, self.accepted, self.left = 0, -1, 0, -1

    @property
    def proposer(self) -> int:
        """Whose offer is made or answered now."""
        return self.round % self.game.players

    @property
    def deal(self) -> int:
        """The split agreed upon, relative to ``proposer``; -1: none (yet)."""
        return self.offer if self.accepted == self.game.players - 1 else -1

    def legal(self) -> tuple[int, ...]:
        """Return the three answers to an offer, or leaving and every proposal."""
        if self.current_player < 0:
            return ()
        if self.offer >= 0:
            return (ACCEPT, REJECT, LEAVE)
        return tuple(range(LEAVE, self.game.num_actions))

    def chance_outcomes(self) -> tuple[tuple[int, float], ...]:
        """Return the next player's profiles, equally likely."""
        if self.current_player != CHANCE:
            return ()
        number = len(self.game.profiles[len(self.profiles)])
        return tuple((i, 1.0 / number) for i in range(number))

    def apply(self, action: int) -> "NegotiationState":
        """Return the position after a profile is drawn or a player moves."""
        mover, game = self.current_player, self.game
        if mover == CHANCE:
            possible = 0 <= action < len(game.profiles[len(self.profiles)])
        elif self.offer >= 0:
            possible = mover != OVER and ACCEPT <= action <= LEAVE
        else:
            possible = mover != OVER and LEAVE <= action < game.num_actions
        if not possible:
            raise self.impossible(action)
        after = NegotiationState.__new__(NegotiationState)
        after.game, after.history = game, (*self.history, action)
        after.profiles, after.moves = self.profiles, self.moves
        after.round, after.offer = self.round, self.offer
        after.accepted, after.left = self.accepted, self.left
        if mover == CHANCE:
            after.profiles = (*self.profiles, action)
            after.current_player = CHANCE if len(after.profiles) < game.players else 0
            return after
        after.moves = (*self.moves, action)
        if action >= PROPOSE:
            after.offer = action - PROPOSE
            after.current_player = (mover + 1) % game.players
        elif action == ACCEPT:
            after.accepted += 1
            done = after.accepted == game.players - 1
            after.current_player = OVER if done else (mover + 1) % game.players
        elif action == REJECT:
            after.round, after.offer, after.accepted = self.round + 1, -1, 0
            after.current_player = OVER if after.round == game.deadline else after.proposer
        else:
            after.left, after.current_player = mover, OVER
        return after

    def share(self, player: int, split: int) -> Share:
        """Return what ``player`` gets by a split proposed now."""
        return self.game.splits[split][(player - self.proposer) % self.game.players]

    def worth(self, player: int, split: int) -> int:
        """Return what that share is worth to ``player``, before any discount."""
        game = self.game
        profile = game.profiles[player][self.profiles[player]]
        return worth(profile, self.share(player, split), game.counts, game.bonus)

    def returns(self) -> tuple[float, ...]:
        """Return the discounted worths of a deal; zeros without one."""
        players, deal = self.game.players, self.deal
        if deal < 0:
            return (0.0,) * players
        factor = self.game.discount**self.round
        return tuple(factor * self.worth(p, deal) for p in range(players))

    def infostate(self, player: int) -> str:
        """Return seat, own profile, profiles drawn and every public move."""
        own = self.profiles[player] if player < len(self.profiles) else "?"
        return f"{player}|{own}|{len(self.profiles)}|{'.'.join(map(str, self.moves))}"

    def observation(self, player: int) -> tuple[float, ...]:
        """Return numbers laid out as ``negotiation_view.observation`` says."""
        return view.observation(self, player)

    def text(self, player: int) -> str:
        """Return pile, own profile, offer and whose turn it is."""
        return view.text(self, player)

    def log(self, player: int) -> tuple[str, ...]:
        """Return the own profile, every move and the end."""
        return view.log(self, player)

    def action_text(self, action: int) -> str:
        """Return "accept", "reject", "leave" or "propose" with the own share."""
        if self.current_player == CHANCE:
            return f"profile {action}"
        if action >= PROPOSE:
            return split_text(self.game.splits[action - PROPOSE])
        return ("accept", "reject", "leave")[action]


env, raw_env, parallel_env = pettingzoo_forms("negotiation")
