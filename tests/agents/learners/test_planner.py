"""A planner of categories: what it reads and remembers, and that items stay inside its plans."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.agents.learners.planner import HierarchicalPlanner
from envgym.agents.learners.planner_text import (
    BestCategories,
    PlanResult,
    PlanView,
    Reflection,
    draw_reflections,
    read_categories,
    reflection_probabilities,
    template_critic,
)
from envgym.types import ConfigError, InfraError, Reply
from envgym.types.bandit import Outcome, Problem

ITEMS, CATEGORIES = 6, 3
PROBLEM = Problem(actions=ITEMS, horizon=20, more={"categories": CATEGORIES})
KINDS = np.array([0, 0, 1, 1, 2, 2])


class Uniform:
    """Picks a valid item at random, or a slate of them; remembers the masks it was given."""

    name = "uniform"

    def begin(self, problem, batch, seed=0):
        self.rng = np.random.default_rng(0)
        self.slots = problem.more.get("slots", 1)
        self.masks, self.updates = [], []

    def act(self, obs, mask=None):
        self.masks.append(mask)
        keys = np.where(mask, self.rng.random(mask.shape), -1.0)
        order = np.argsort(-keys, axis=1)[:, : self.slots]
        return order if self.slots > 1 else order[:, 0]

    def update(self, outcomes):
        self.updates.extend(outcomes)

    @property
    def propensity(self):
        return 1.0 / self.masks[-1].sum(axis=1)


class Script:
    """A policy that says the same to everybody and notes what it was asked."""

    name = "script"

    def __init__(self, text, finish="stop"):
        self.text, self.finish = text, finish
        self.asked, self.closed = [], []

    def act(self, requests):
        self.asked += requests
        return [Reply(text=self.text, finish=self.finish) for _ in requests]

    def close(self, sessions):
        self.closed += sessions


def play(planner, rounds, batch=2, rewards=(0.1, 0.9, 0.5), delay=0, seed=0):
    """Play the toy; returns the categories played, int [T, B]."""
    planner.begin(PROBLEM, batch, seed)
    kinds = np.tile(KINDS, (batch, 1))
    queue, played = [], []
    for t in range(rounds):
        action = planner.act({"categories": kinds})
        kind = KINDS[action]
        played.append(kind)
        queue.append(Outcome(np.full(batch, t), action, np.array(rewards)[kind]))
        planner.update([queue.pop(0)] if len(queue) > delay else [])
    return np.array(played)


def test_worked_softmax():
    assert reflection_probabilities([1, 2, 3]) == pytest.approx(
        [0.090031, 0.244728, 0.665241], abs=1e-6
    )
    assert reflection_probabilities([0, 2], 2.0) == pytest.approx([0.268941, 0.731059], abs=1e-6)
    assert reflection_probabilities([1e6, 0, 1e6]).tolist() == [0.5, 0, 0.5]


def test_lessons_are_drawn_by_that_softmax_and_never_twice():
    lessons = [Reflection(text=str(i), value=float(i)) for i in range(1, 4)]
    rng = np.random.default_rng(3)
    draws = [draw_reflections(lessons, 2, 1.0, rng) for _ in range(4000)]
    assert all(len({item.text for item in drawn}) == 2 for drawn in draws)
    first = np.bincount([int(drawn[0].text) for drawn in draws], minlength=4)[1:] / 4000
    assert first == pytest.approx(reflection_probabilities([1, 2, 3]), abs=0.025)
    # The second is drawn by the softmax of those left.
    after = [drawn[1].text for drawn in draws if drawn[0].text == "3"]
    assert after.count("2") / len(after) == pytest.approx(0.731059, abs=0.03)
    assert draw_reflections((), 3, 1.0, rng) == ()
    assert len(draw_reflections(lessons, 5, 1.0, rng)) == 3


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=8), st.floats(0.1, 10), st.floats(-9, 9))
def test_softmax_sums_to_one_keeps_order_and_ignores_shifts(values, temperature, shift):
    found = reflection_probabilities(values, temperature)
    assert found.sum() == pytest.approx(1)
    assert (np.diff(found[np.argsort(values)]) >= 0).all()
    assert reflection_probabilities(np.add(values, shift), temperature) == pytest.approx(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("categories: 0, 2", (0, 2)),
        ("I think so.\n**Categories**: [2]", (2,)),
        ("Category = 1.", (1,)),
        ("categories: 1\nNo. Categories: 0 and 2", (0, 2)),
        ("categories:\n  2,0", (0, 2)),
        ("Let me see.\n0, 1", (0, 1)),
        ("categories: 0, 3", None),
        ("categories: all", None),
        ("categories: -1", None),
        ("categories: 99999999999999999999", None),
        ("", None),
        ("\n", None),
        ("categories: " + "1 " * 3000 + "x", None),
        ("categories: 1" + " " * 3900 + "x", None),
        ("2 of them, I think", None),
    ],
    ids=range(15),
)
def test_answers(text, expected):
    assert read_categories(text, CATEGORIES) == expected


@given(st.text(max_size=200))
def test_no_answer_raises(text):
    found = read_categories(text, CATEGORIES)
    assert found is None or (found and set(found) <= {0, 1, 2})


@given(
    st.integers(0, 2**32),
    st.lists(st.sets(st.integers(0, CATEGORIES - 1), min_size=1), min_size=3, max_size=3),
    st.integers(1, 3),
)
def test_items_stay_inside_the_plan_where_it_leaves_enough(seed, plans, slots):
    rng = np.random.default_rng(seed)
    answers = iter([f"categories: {', '.join(map(str, plan))}" for plan in plans])
    low = Uniform()
    planner = HierarchicalPlanner(low, lambda view: next(answers))
    planner.begin(
        Problem(actions=ITEMS, horizon=5, more={"categories": CATEGORIES, "slots": slots}), 3
    )
    kinds = rng.integers(0, CATEGORIES, (3, ITEMS))
    mask = rng.random((3, ITEMS)) < 0.7
    mask[:, :slots] = True
    items = planner.act({"categories": kinds}, mask).reshape(3, slots)
    widened = 0
    for row, plan in enumerate(plans):
        inside = mask[row] & np.isin(kinds[row], list(plan))
        enough = inside.sum() >= slots
        widened += not enough
        assert (low.masks[0][row] == (inside if enough else mask[row])).all()
        assert mask[row][items[row]].all()
        if enough:
            assert set(kinds[row][items[row]]) <= plan
    assert (planner.widened, planner.failures) == (widened, 0)
    assert planner.propensity == pytest.approx(1 / low.masks[0].sum(axis=1))


def test_rules_find_the_best_category():
    low = Uniform()
    played = play(HierarchicalPlanner(low, BestCategories(1), every=2), 20, delay=0)
    assert played[:6].tolist() == [[0, 0], [0, 0], [1, 1], [1, 1], [2, 2], [2, 2]]
    assert (played[6:] == 1).all()
    assert len(low.updates) == 20


def test_unreadable_answers_allow_everything_and_are_counted():
    planner = HierarchicalPlanner(Uniform(), lambda view: "all of them!", every=4)
    played = play(planner, 20)
    assert planner.failures == 2 * 5
    assert planner.allowed.all() and set(played.reshape(-1)) == {0, 1, 2}
    play(planner, 1)
    assert planner.failures == 2  # counted anew


def test_a_policy_plans_and_another_reflects():
    says, critic = Script("categories: 1"), Script("Keep  to\nthe second category.")
    planner = HierarchicalPlanner(Uniform(), says, critic=critic, every=4, reminders=1)
    played = play(planner, 9)
    assert (played == 1).all()
    assert (len(says.asked), len(critic.asked)) == (6, 4)
    assert says.closed == [request.session for request in says.asked]
    assert len(set(says.closed + critic.closed)) == 10
    system, user = says.asked[-1].messages
    assert system.role == "system" and "categories" in system.content
    assert user.content == (
        "Round 9 of 20. Pick the categories from which the next items are chosen.\n\n"
        "category | on offer | played | mean reward\n"
        "0 | 2 | 0 | -\n1 | 2 | 8 | 0.900\n2 | 2 | 0 | -\n\n"
        "Latest rounds (categories: reward):\n" + "1: 0.900\n" * 8 + "\n"
        "Lessons of earlier plans:\n- (returned 3.600) Keep to the second category.\n\n"
        "Answer with one line, for example:\ncategories: 0, 2"
    )
    assert (
        critic.asked[-1]
        .messages[1]
        .content.startswith(
            "Categories 1 earned 0.900 per round over 4 rounds; no better than the 0.900 before."
        )
    )


def test_a_failed_policy_is_never_a_plan():
    failed = Script("the endpoint is down", finish="error")
    planner = HierarchicalPlanner(Uniform(), failed)
    with pytest.raises(InfraError, match="policy: the endpoint is down"):
        play(planner, 1)
    assert len(failed.closed) == 2


def test_delayed_rewards_are_credited_to_the_plan_that_played_them():
    told = []

    def critic(result):
        told.append(result)
        return template_critic(result)

    answers = iter(["categories: 0", "categories: 1", "categories: 2", "categories: 0"])
    planner = HierarchicalPlanner(Uniform(), lambda view: next(answers), critic=critic, every=3)
    play(planner, 12, batch=1, delay=2)
    # Plan 0 is judged once its last round is known, at the plan after the next.
    assert [(item.categories, item.rounds) for item in told] == [((0,), 3), ((1,), 3)]
    assert [item.value for item in told] == pytest.approx([0.3, 2.7])
    assert (told[1].before, told[1].earlier) == (pytest.approx(0.1), 3)


def test_seeds_decide_what_is_remembered():
    def views(seed):
        seen = []

        def plan(view):
            seen.append(view)
            return f"categories: {view.seed % CATEGORIES}"

        play(HierarchicalPlanner(Uniform(), plan, every=2, reminders=1), 20, seed=seed)
        return seen

    assert views(1) == views(1) != views(2)
    both, alone = views([4, 5]), views([5, 4])
    assert [view.seed for view in both[::2]] == [view.seed for view in alone[1::2]]


def test_template_critic():
    result = PlanResult(
        categories=(1,), names=("a", "b"), rounds=2, value=1.0, before=0.25, earlier=2
    )
    assert template_critic(result) == (
        "Categories b earned 0.500 per round over 2 rounds; better than the 0.250 before."
    )


def test_rules_leave_out_what_is_not_on_offer():
    view = PlanView(
        round=3,
        horizon=9,
        names=("0", "1", "2"),
        open=(1, 0, 4),
        plays=(2, 2, 2),
        means=(0.1, 0.9, 0.5),
        history=(),
        reflections=(),
        seed=0,
    )
    assert BestCategories(2)(view) == "categories: 2, 0"


def test_bad_input():
    def fresh(**more):
        return HierarchicalPlanner(Uniform(), BestCategories(1), **more)

    for call, words in [
        (lambda: fresh(every=0), "every must be an integer of 1 or more, got 0"),
        (lambda: fresh(temperature=0), "temperature must be above 0, got 0"),
        (lambda: BestCategories(0), "count must be 1 or more"),
        (lambda: reflection_probabilities([], 1), "finite numbers of shape"),
        (lambda: reflection_probabilities([1], 0), "temperature must be a number above 0"),
        (
            lambda: fresh().begin(Problem(actions=2, horizon=2), 1),
            "must disclose its number of cat",
        ),
        (lambda: fresh().begin(PROBLEM, 2, [1]), "2 seeds are needed, got 1"),
    ]:
        with pytest.raises(ConfigError, match=words):
            call()
    planner = fresh(key="category")
    planner.begin(PROBLEM, 1)
    assert planner.act({"category": np.zeros((1, 3))}).shape == (1,)
    planner = fresh()
    planner.begin(PROBLEM, 1)
    for obs, words in [
        (np.zeros((1, 3)), "must be a dict with 'categories'"),
        ({"categories": np.zeros((2, 3))}, r"must have shape \[1, N\], got \(2, 3\)"),
        ({"categories": np.full((1, 3), 3)}, "from 0 to 2, got 3 to 3"),
    ]:
        with pytest.raises(ConfigError, match=words):
            planner.act(obs)
