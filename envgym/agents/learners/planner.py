"""A planner of categories over a learner of items [258].

Seen of LERL (arXiv 2601.19585): a language model picks a category subset c_t from the category
history and from textual reflections sampled by softmax of past return, a critic writes the
reflections, and a reinforcement learner picks items inside c_t. Inferred here: prompts, how
long a plan lasts, what a reflection's return is (the rewards of the plan's rounds), and that an
answer that cannot be read allows every category.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envgym.agents.learners.planner_text import (
    HISTORY,
    PlanResult,
    PlanView,
    Reflection,
    draw_reflections,
    read_categories,
    template_critic,
)
from envgym.types import ConfigError, InfraError, Message, Policy, Request
from envgym.types.bandit import Learner, Outcome, Problem
from envgym.types.stream import derive

SYSTEM = (
    "You plan what is shown to a user: you choose categories, another program chooses the items "
    "inside them. Earn as much reward as you can over all rounds."
)

Planner = Policy | Callable[[PlanView], str]
"""A policy that is sent ``PlanView.prompt``, or a function of the view; answers with text."""

Critic = Policy | Callable[[PlanResult], str]
"""A policy that is sent ``PlanResult.prompt``, or a function of the result; answers with text."""


@dataclass(slots=True)
class _Plan:
    """One plan of one environment and what has come of it."""

    categories: tuple[int, ...]
    value: float = 0.0
    rounds: int = 0


@dataclass(slots=True)
class _Row:
    """What is remembered of one environment."""

    key: int
    """Of its random draws."""
    plays: NDArray[Any]
    sums: NDArray[Any]
    plans: list[_Plan] = field(default_factory=list)
    reflected: int = 0
    """Plans, from the first, that the critic has seen."""
    played: dict[int, tuple[int, tuple[int, ...]]] = field(default_factory=dict)
    """Round to (number of its plan, categories played), until it is revealed."""
    history: deque[tuple[tuple[int, ...], float]] = field(
        default_factory=lambda: deque(maxlen=HISTORY)
    )
    reflections: deque[Reflection] = field(default_factory=deque)


class HierarchicalPlanner:
    """Let a planner choose categories every few rounds and a learner choose items inside them.

    Works on observations that are dicts with the category of each item (whole numbers [B, N]),
    where the problem discloses how many there are, ``more["categories"]``. The learner sees the observation
    as it is and a mask without items outside the plan. Where the plan leaves fewer valid items than
    ``more["slots"]`` (1 if absent), the round is played with all valid items, and counted.

    Args:
        low: Picks items; plays the problem as usual.
        planner: Picks categories.
        critic: Writes a lesson once a plan is over; default: in fixed words.
        every: Rounds per plan, 1 or more.
        reminders: Lessons shown with each plan, 0 or more.
        memory: Latest lessons that are kept per environment, 1 or more.
        temperature: Of the softmax over the lessons' returns, above 0.
        key: Part of the observation that holds the items' categories.
    """

    name = "planner"

    def __init__(
        self,
        low: Learner,
        planner: Planner,
        *,
        critic: Critic = template_critic,
        every: int = 5,
        reminders: int = 3,
        memory: int = 32,
        temperature: float = 1.0,
        key: str = "categories",
    ) -> None:
        for field_name, value, least in (
            ("every", every, 1),
            ("reminders", reminders, 0),
            ("memory", memory, 1),
        ):
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ConfigError(
                    f"planner: {field_name} must be an integer of {least} or more, got {value!r}."
                )
        if not 0 < temperature < float("inf"):
            raise ConfigError(f"planner: temperature must be above 0, got {temperature!r}.")
        self.low, self.planner, self.critic = low, planner, critic
        self.every, self.reminders, self.memory = every, reminders, memory
        self.temperature, self.key = temperature, key
        self._rows: list[_Row] = []
        self._episode = 0
        self.failures = 0
        """Answers since ``begin`` that could not be read."""
        self.widened = 0
        """Rounds since ``begin`` whose plan left too few items, over all environments."""

    def begin(self, problem: Problem, batch: int, seed: int | Sequence[int] = 0) -> None:
        """Forget everything, and begin the learner too.

        Raises:
            ConfigError: the problem does not disclose its categories.
        """
        count = problem.more.get("categories")
        if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 1:
            raise ConfigError(
                "planner: the problem must disclose its number of categories, "
                f"more['categories'], got {count!r}."
            )
        self._count, self._horizon = int(count), problem.horizon
        self._slots = int(problem.more.get("slots", 1))
        given = problem.more.get("category_names", range(self._count))
        self._names = tuple(map(str, given))
        if len(self._names) != self._count:
            raise ConfigError(
                f"planner: {self._count} category names are needed, got {given!r:.80}."
            )
        alone = isinstance(seed, int | np.integer)
        seeds = [seed] * batch if isinstance(seed, int | np.integer) else list(seed)
        if len(seeds) != batch:
            raise ConfigError(f"planner: {batch} seeds are needed, got {len(seeds)}.")
        self._rows = [
            _Row(
                key=derive(int(own), "learner", self.name, row if alone else 0),
                plays=np.zeros(self._count, np.int64),
                sums=np.zeros(self._count),
                reflections=deque(maxlen=self.memory),
            )
            for row, own in enumerate(seeds)
        ]
        self._allowed = np.ones((batch, self._count), bool)
        self._t, self.failures, self.widened = 0, 0, 0
        self._episode += 1
        self.low.begin(problem, batch, seed)

    @property
    def propensity(self) -> NDArray[Any] | None:
        """The learner's own: the probability of the items *given* the planned categories."""
        return self.low.propensity

    @property
    def allowed(self) -> NDArray[Any]:
        """bool [B, C]: the categories of the running plans."""
        return self._allowed.copy()

    def act(self, obs: Any, mask: NDArray[Any] | None = None) -> NDArray[Any]:
        """Return the learner's actions, inside the plans wherever these leave enough items.

        Raises:
            ConfigError: the observation holds no categories, or others than the problem says.
            InfraError: a policy failed.
        """
        kinds = self._kinds(obs)
        valid = np.ones(kinds.shape, bool) if mask is None else np.asarray(mask, bool)
        if self._t % self.every == 0:
            self._reflect()
            self._plan(kinds, valid)
        inside = valid & np.take_along_axis(self._allowed, kinds, axis=1)
        short = inside.sum(axis=1) < self._slots
        self.widened += int(short.sum())
        narrowed = np.where(short[:, None], valid, inside)
        action = np.asarray(self.low.act(obs, narrowed))
        items = action.reshape(len(kinds), -1)
        if items.max() < kinds.shape[1] and items.min() >= 0:
            played = np.take_along_axis(kinds, items, axis=1)
            for row, own in zip(self._rows, played.tolist(), strict=True):
                row.played[self._t] = (len(row.plans) - 1, tuple(own))
        self._t += 1
        return action

    def update(self, outcomes: Sequence[Outcome]) -> None:
        """Credit each revealed round to the plan and the categories that played it."""
        for outcome in outcomes:
            rewards = np.asarray(outcome.reward, np.float64)
            if rewards.ndim == 2:  # full feedback: every action's
                rewards = np.take_along_axis(rewards, np.maximum(outcome.action, 0)[:, None], 1)[
                    :, 0
                ]
            for row, number, reward in zip(
                self._rows, np.asarray(outcome.round).tolist(), rewards.tolist(), strict=True
            ):
                if (found := row.played.pop(number, None)) is None:
                    continue
                plan, kinds = found
                row.plans[plan].value += reward
                row.plans[plan].rounds += 1
                for kind in set(kinds):
                    row.plays[kind] += kinds.count(kind)
                    row.sums[kind] += reward * kinds.count(kind)
                row.history.append((kinds, reward))
        self.low.update(outcomes)

    def _kinds(self, obs: Any) -> NDArray[Any]:
        if not isinstance(obs, dict) or self.key not in obs:
            raise ConfigError(f"planner: the observation must be a dict with '{self.key}', [B, N].")
        kinds = np.asarray(obs[self.key]).astype(np.int64)
        if kinds.ndim != 2 or len(kinds) != len(self._rows):
            raise ConfigError(
                f"planner: categories must have shape [{len(self._rows)}, N], got {kinds.shape}."
            )
        if kinds.size and (kinds.min() < 0 or kinds.max() >= self._count):
            raise ConfigError(
                f"planner: categories must be from 0 to {self._count - 1}, got "
                f"{kinds.min()} to {kinds.max()}."
            )
        return kinds

    def _reflect(self) -> None:
        """Let the critic write a lesson about every plan that is over and has been revealed."""
        told: list[tuple[_Row, PlanResult]] = []
        for row in self._rows:
            waiting = {plan for plan, _ in row.played.values()}
            while row.reflected < len(row.plans) and row.reflected not in waiting:
                plan, earlier = row.plans[row.reflected], row.plans[: row.reflected]
                row.reflected += 1
                if plan.rounds:
                    told.append((row, self._result(plan, earlier)))
        texts = self._ask(self.critic, [result for _, result in told], "critic")
        for (row, result), text in zip(told, texts, strict=True):
            row.reflections.append(
                Reflection(text=" ".join(text.split())[:500], value=result.value)
            )

    def _result(self, plan: _Plan, earlier: Sequence[_Plan]) -> PlanResult:
        rounds = sum(item.rounds for item in earlier)
        total = sum(item.value for item in earlier)
        return PlanResult(
            categories=plan.categories,
            names=self._names,
            rounds=plan.rounds,
            value=plan.value,
            before=total / rounds if rounds else 0.0,
            earlier=rounds,
        )

    def _plan(self, kinds: NDArray[Any], valid: NDArray[Any]) -> None:
        """Ask for new plans."""
        views = [self._view(*each) for each in zip(self._rows, kinds, valid, strict=True)]
        for at, text in enumerate(self._ask(self.planner, views, "planner")):
            chosen = read_categories(text, self._count)
            if chosen is None:
                self.failures += 1
                chosen = tuple(range(self._count))
            self._rows[at].plans.append(_Plan(chosen))
            self._allowed[at] = False
            self._allowed[at, list(chosen)] = True

    def _view(self, row: _Row, kinds: NDArray[Any], valid: NDArray[Any]) -> PlanView:
        seed = derive(row.key, "plan", self._t)
        drawn = draw_reflections(
            tuple(row.reflections), self.reminders, self.temperature, np.random.default_rng(seed)
        )
        return PlanView(
            round=self._t,
            horizon=self._horizon,
            names=self._names,
            open=tuple(np.bincount(kinds[valid], minlength=self._count).tolist()),
            plays=tuple(row.plays.tolist()),
            means=tuple((row.sums / np.maximum(row.plays, 1)).tolist()),
            history=tuple(row.history),
            reflections=drawn,
            seed=seed >> 65,
        )

    def _ask(self, who: Any, views: Sequence[Any], role: str) -> list[str]:
        """Return one text per view, from a policy in one batch or from a function."""
        if not views:
            return []
        if not isinstance(who, Policy):
            return [str(who(view)) for view in views]
        # Every plan is a conversation of its own: all that matters stands in its prompt.
        sessions = [f"{role}-{self._episode}-{self._t}-{number}" for number in range(len(views))]
        requests = [
            Request(
                session=session,
                messages=(Message("system", SYSTEM), Message("user", view.prompt)),
                agent=role,
                seed=getattr(view, "seed", number),
            )
            for number, (session, view) in enumerate(zip(sessions, views, strict=True))
        ]
        try:
            replies = who.act(requests)
        finally:
            who.close(sessions)
        for reply in replies:
            if reply.finish == "error":
                raise InfraError("policy", reply.text)
        return [reply.text for reply in replies]
