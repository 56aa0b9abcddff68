"""The environment: the oracle wins, nothing else does, every preset is paid as recorded."""

import pickle

import gymnasium as gym
import pytest

import envgym  # noqa: F401  # registers the ids
from envgym.envs.travel import TravelPlanEnv
from envgym.envs.travel.generate import SPLITS
from envgym.envs.travel.oracle import lookup, message, next_message, report, submission
from envgym.envs.travel.programs import travel_presets
from envgym.types import ConfigError, Stream, Task, TaskError


def start(env, task_id):
    return env.reset(seed=3, options={"task": task_id})


def play(env, messages):
    total, records = 0.0, []
    for text in messages:
        _, amount, terminated, truncated, info = env.step(text)
        total += amount
        records.append(info["evidence"])
        if terminated or truncated:
            return total, info, records
    return total, info, records


def expert(env):
    records = [env.unwrapped.facts()]
    while True:
        _, _, terminated, truncated, info = env.step(env.unwrapped.oracle())
        records.append(info["evidence"])
        if terminated or truncated:
            return info, records


@pytest.mark.parametrize("split", list(SPLITS))
def test_the_oracle_wins(split):
    env = TravelPlanEnv(split=split)
    for index in range(20):
        start(env, f"{split}/{index}")
        info, records = expert(env)
        assert info["success"] == "yes"
        assert info["end"] == "task"
        assert sum(info["step_rewards"]) == pytest.approx(1.0, abs=1e-12)
        assert records[-1]["progress"] == 1.0
        assert records[-1]["outcome"] == pytest.approx(1.0, abs=1e-12)
        shares = [record["progress"] for record in records]
        assert shares == sorted(shares)


def test_the_oracle_wins_from_any_state():
    """After random searches and notes the expert still finishes, and looks nothing up twice."""
    env = TravelPlanEnv()
    for seed in range(8):
        env.reset(seed=seed)
        stream = Stream(seed, "test", "wander")
        for _ in range(12):
            env.step(env.random_action(stream))
        info, records = expert(env)
        assert info["success"] == "yes"
        assert records[-1]["errors"] == 0


def test_failures_stay_low():
    env = TravelPlanEnv()
    for index in range(16):
        start(env, f"train/{index}")
        near, cheats = env.near_misses(), env.exploits()
        assert len(near) >= 3
        assert len(cheats) >= 7
        for scripts, limit in ((near, 0.775), (cheats, 0.1)):
            for name, script in scripts.items():
                start(env, f"train/{index}")
                total, info, _ = play(env, script)
                assert info.get("success") != "yes", name
                assert total <= limit + 1e-9, (name, total)


def test_infeasible_to_everything_pays_nothing():
    env = TravelPlanEnv()
    totals = []
    for index in range(48):
        start(env, f"train/{index}")
        names = list(env.state.request.constraints)
        totals.append(play(env, [report(names, [])])[0])
        start(env, f"train/{index}")
        totals.append(play(env, [report(["budget"], ["hotels/MUC"])])[0])
    assert sum(totals) / len(totals) <= 0.1
    assert max(totals) <= 0.1


def test_a_plan_for_an_impossible_request_is_capped(impossible):
    env = TravelPlanEnv()
    seen = 0
    for task_id, _ in impossible:
        start(env, task_id)
        for name, script in env.near_misses().items():
            if name.startswith("a plan"):
                start(env, task_id)
                total, info, records = play(env, script)
                seen += 1
                assert info["success"] == "no"
                assert total <= 0.4 + 1e-9
                assert not records[-1]["feasible"]
                assert not records[-1]["scored"]
    assert seen > 0


@pytest.mark.parametrize("name", ["outcome", "dense", "gated", "process"])
def test_presets_in_plain_training_code(name):
    env = gym.make("envgym/TravelPlan-v0", reward=name)
    for task in ("train/0", "train/4"):
        _, info = env.reset(seed=1, options={"task": task})
        records, total, over = [info["evidence"]], 0.0, False
        while not over:
            _, amount, terminated, truncated, info = env.step(env.unwrapped.oracle())
            total += float(amount)
            over = terminated or truncated
            records.append(info["evidence"])
        assert sum(info["step_rewards"]) == pytest.approx(total)
        # One record, every preset: nothing has to run again.
        for preset, program in travel_presets().items():
            replayed = program.replay(records).total
            if preset == name:
                assert replayed == pytest.approx(total)
    env.close()


def test_notebook_is_a_draft_that_can_be_submitted(short_trip):
    env = TravelPlanEnv()
    start(env, short_trip.id)
    fields = ("current_city", "transportation", "breakfast", "lunch", "dinner", "attractions")
    last = 0.0
    for number, day in enumerate(short_trip.days, 1):
        for field in (*fields, "accommodation"):
            value = getattr(day, field)
            if value != "-":
                text = message("notebook_write", text=value, day=number, field=field)
                _, _, _, _, info = env.step(text)
                assert info["error"] is None
                share = info["evidence"]["slots_share"]
                assert share > last
                last = share
    assert last == 1.0
    assert env.step(message("notebook_write", text="a note"))[0] == "Note 1 is written."
    shown = env.step(message("notebook_read"))[0]
    assert "note 1: a note" in shown
    assert short_trip.days[0].accommodation in shown
    looks = [lookup(fact) for fact in env.state.needed]
    total, info, _ = play(env, [*looks, message("submit")])
    assert info["success"] == "yes"
    assert total == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (message("search_hotels", city="Atlantis"), "unknown city 'Atlantis'"),
        (message("search_cities", area="Atlantis"), "unknown area 'Atlantis'"),
        (message("drive", origin="SAME", destination="SAME"), "same city"),
        (message("search_flights", origin="A0", destination="A1", date="soon"), "date must be"),
        (message("notebook_write", text="x", day=9, field="lunch"), "day must be 1 to 3"),
        (message("submit"), "the draft has 0 of 3 days"),
        (message("submit", plan=[]), "must have 3 entries"),
        (message("submit", plan=[{"lunch": "-"}] * 3), "current_city"),
        (message("report_infeasible", constraints=[], evidence=[]), "at least one constraint"),
        (message("report_infeasible", constraints=["x"], evidence=[]), "unknown constraint 'x'"),
    ],
)
def test_mistakes_cost_a_turn(short_trip, call, words):
    env = TravelPlanEnv()
    start(env, short_trip.id)
    code = short_trip.request.options[0]
    call = call.replace("SAME", code).replace("A0", code).replace("A1", short_trip.request.origin)
    observation, _, terminated, truncated, info = env.step(call)
    assert words in observation
    assert info["error"] == observation
    assert not terminated
    assert not truncated
    assert info["evidence"]["errors"] == 1


def test_searches_say_what_they_found(short_trip):
    env = TravelPlanEnv()
    first, info = start(env, short_trip.id)
    request = short_trip.request
    assert f"${request.budget // 100}" in first
    assert "invented" in first
    assert info["evidence"]["progress"] == 0.0
    code = request.options[0]
    name = request.place.city[code].name
    observation = env.step(message("search_attractions", city=name))[0]
    assert observation.startswith(f"[attractions/{code}] Attractions in {name}\n")
    for row in request.place.attractions(code):
        assert row.id in observation
        assert row.name in observation
    assert env.step(message("search_cities"))[0].startswith("[areas]")


def test_plans_by_name_are_plans(short_trip):
    """Ids and whole names mean the same."""
    from dataclasses import replace

    days = list(short_trip.days)
    plan = short_trip.solution.verdict.plan
    for i, day in enumerate(plan):
        names = {
            meal: row.name
            for meal, row in zip(("breakfast", "lunch", "dinner"), day.meals, strict=True)
            if row is not None
        }
        sights = [row.name for row in day.sights] or "-"
        house = day.hotel.name if day.hotel is not None else "-"
        days[i] = replace(days[i], **names, attractions=sights, accommodation=house)
    env = TravelPlanEnv()
    start(env, short_trip.id)
    looks = [lookup(fact) for fact in env.state.needed]
    total, info, _ = play(env, [*looks, submission(days)])
    assert info["success"] == "yes"
    assert total == pytest.approx(1.0)


def test_snapshot_and_pickle(trip):
    env = TravelPlanEnv(reward="dense")
    start(env, trip.id)
    for _ in range(3):
        env.step(env.oracle())
    kept = env.snapshot()
    one = expert(env)[0]["step_rewards"]
    env.restore(kept)
    two = expert(env)[0]["step_rewards"]
    assert one == two
    assert pickle.loads(pickle.dumps(env.state)) == env.state


def test_custom_tasks(trip):
    params = {**trip.request.to_params(), "budget": trip.request.budget // 100 + 500}
    env = TravelPlanEnv(tasks=[{"id": "mine", "instruction": "Go.", "params": params}])
    observation, _ = env.reset(seed=0)
    assert observation.startswith("Go.\n")
    assert expert(env)[0]["success"] == "yes"
    with pytest.raises(TaskError, match=r"tasks\[0\].*unknown region"):
        TravelPlanEnv(tasks=[{"id": "bad", "params": {**params, "region": "nowhere"}}])
    with pytest.raises(TaskError, match="days"):
        TravelPlanEnv(tasks=[{"id": "bad", "params": {**params, "days": 99}}])


def test_a_task_without_an_answer_is_refused(trip):
    """Neither solvable nor provably impossible: three cities' floor is no rule of ours."""
    params = {**trip.request.to_params(), "budget": 1}
    env = TravelPlanEnv(tasks=[{"id": "odd", "params": params}])
    with pytest.raises(TaskError, match="'odd' can neither be solved nor shown"):
        env.reset(seed=0)


@pytest.mark.parametrize(("name", "value"), [("days", 4), ("difficulty", "mean")])
def test_bad_arguments(name, value):
    with pytest.raises(ConfigError, match=f"TravelPlan: unknown {name}"):
        TravelPlanEnv(**{name: value})


def test_the_oracle_is_a_function_of_what_was_seen(trip):
    request, seen = trip.request, []
    for fact in trip.solution.facts:
        assert next_message(request, seen) != submission(trip.days)
        seen.append(fact)
    assert next_message(request, seen) == submission(trip.days)


def test_a_misspelt_field_is_no_silent_hole(short_trip):
    env = TravelPlanEnv()
    start(env, short_trip.id)
    observation = env.step(message("submit", plan=[{"current_city": "x", "hotel": "y"}]))[0]
    assert "plan.0.hotel" in observation
    assert "Nothing happened" in observation


def test_a_plan_of_rows_never_seen_is_not_grounded():
    """Ids can be guessed: the right plan without a search pays 0.1, and searching makes it win."""
    env = TravelPlanEnv(reward="outcome")
    for index in range(12):
        start(env, f"train/{index}")
        script = env.near_misses().get("the expert's plan, nothing looked up")
        if script is None:
            continue
        start(env, f"train/{index}")
        total, info, records = play(env, script)
        assert info["success"] == "no"
        assert total == pytest.approx(0.1)
        assert not records[-1]["grounded"]
        start(env, f"train/{index}")
        total, info, _ = play(env, [*map(lookup, env.state.needed), *script])
        assert info["success"] == "yes"
        assert total >= 0.9


def test_odd_spelling_in_a_task_file():
    """What the params model accepts is read as the rules mean it."""
    task = Task(
        id="mine/1",
        split="test",
        params={
            "world": 7, "region": "western-europe", "origin": "Vienna", "destination": "Zürich",
            "days": 3, "start": "2026-07-03", "people": 2, "budget": 9000,
            "constraints": {"must_see": " a-ZRH-1 ", "min_stars": "2", "cuisines": ["Thai", "Thai"]},
        },
    )  # fmt: skip
    env = TravelPlanEnv(tasks=[task], split="test")
    env.reset(seed=0)
    request = env.state.request
    assert (request.must_see, request.min_stars, request.cuisines) == ("A-ZRH-1", 2, ("Thai",))
    info, _ = expert(env)
    assert info["success"] == "yes"
