"""envgym/TravelPlan-v0."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Literal, Unpack

from envgym.envs.travel import oracle, scripts, show
from envgym.envs.travel.evidence import DECLARES, final_evidence
from envgym.envs.travel.facts import cities_fact, drive_fact, ride_fact, venue_fact
from envgym.envs.travel.generate import LENGTHS, SPLITS, travel_task
from envgym.envs.travel.plan import FIELDS, Day
from envgym.envs.travel.programs import travel_presets
from envgym.envs.travel.report import Report, check_report
from envgym.envs.travel.request import Request, from_params, params_model
from envgym.envs.travel.slots import slots_of, valid_slots
from envgym.envs.travel.solver import Solution
from envgym.envs.travel.structures import LEVELS
from envgym.envs.travel.verdict import judge
from envgym.envs.travel.wording import RULES, request_text
from envgym.envs.travel.world import TravelWorld
from envgym.rewards import Program
from envgym.runtime.env import TaskEnv
from envgym.runtime.settings import KernelArgs, check_choice
from envgym.runtime.tasks import ProceduralTasks, TaskSet
from envgym.runtime.tools import tool
from envgym.types import Evidence, Stream, Task, TaskError, ToolError, Value
from envgym.types.errors import unknown

_NOTHING = "Nothing happened; the turn is spent."
_CityName = Annotated[str, "name or code of a city"]
_PlanField = Literal[
    "note", "current_city", "transportation", "breakfast", "lunch", "dinner", "attractions",
    "accommodation",
]  # fmt: skip


@dataclass(slots=True)
class TravelState:
    """One episode."""

    request: Request
    needed: tuple[str, ...]
    """Facts that the expert looks up."""
    slots_needed: int
    """Fields of the expert's plan; 0 where the request cannot be met."""
    best: float
    """Best known utility U*; 0 where the request cannot be met."""
    seen: dict[str, None] = field(default_factory=dict)
    """Facts seen, in order."""
    notes: list[str] = field(default_factory=list)
    draft: dict[int, Day] = field(default_factory=dict)
    """Number of the day, from 1, to what the notebook or the submitted plan says."""
    slots: int = 0
    """Valid fields of the draft."""
    plan: tuple[Day, ...] | None = None
    """The plan submitted."""
    report: Report = "none"


class TravelPlanEnv(TaskEnv):
    """Plan a trip through real cities: search, take notes, submit a plan that holds.

    Observation: str, at most 8,192 characters. At reset the request, its constraints and the
        rules of a good plan; then a table of what was found, headed by its fact id, or one
        sentence saying why the call failed. Prices and timetables are synthetic.
    Action: str, the whole message. Tools: search_cities, search_flights, search_trains, drive,
        search_hotels, search_restaurants, search_attractions, notebook_write, notebook_read,
        submit, report_infeasible. A missing or bad call costs a turn and never raises.
    Rewards and evidence: outcome pays a delivered plan 0.1, 0.3 x commonsense rules held if it
        is grounded, and 0.3 x hard constraints held + 0.2 for passing all + 0.1 x U/U* if it is
        grounded and complete; for a request that cannot be met it pays 1 for a verdict that
        names the conflicting constraints and cites what shows them, and a verdict anywhere else
        pays 0. dense adds the changes of progress; gated adds them, capped, only for a success;
        process shapes by the potential of progress (share of the expert's facts seen and of
        valid fields). Evidence while it runs: facts_seen, facts_share, slots_share, progress; of
        the answer: delivered, grounded, complete, feasible, scored, commonsense_micro,
        commonsense8_micro, commonsense_macro, hard_micro, hard_macro, final_pass, plan_cents,
        budget_cents, utility, utility_best, utility_ratio, verdict, verdict_supported, broken,
        outcome.
    Starting state: a world of 60 real cities of one region and 30 days of 2026, drawn from the
        task's world seed; nothing seen, an empty notebook.
    End of episode: terminated by submit or report_infeasible; truncated at max_turns (60).
    Arguments: days (0, 3, 5 or 7, default 0): length of the built-in trips, 0 mixes them;
        difficulty ("mixed", "easy", "medium" or "hard", default "mixed"); and those of every
        text environment. Splits: train, test (new worlds), structure (combinations of
        constraint types that never occur in train), region (countries that never do).
    Version history: v0, first release.
    """

    metadata: ClassVar[dict[str, Any]] = {  # type: ignore[misc]  # Gymnasium declares a plain dict
        **TaskEnv.metadata,
        "stream": "travel",
        "version": "0",
        "proof": "win",
        "cost": "moderate",
        "snapshot": True,
        "max_turns": 60,
    }
    declares: ClassVar[tuple[Evidence, ...]] = DECLARES
    state: TravelState

    def __init__(
        self,
        *,
        days: int = 0,
        difficulty: Literal["mixed", "easy", "medium", "hard"] = "mixed",
        **kernel: Unpack[KernelArgs],
    ) -> None:
        check_choice("TravelPlan", "days", days, (0, *LENGTHS))
        check_choice("TravelPlan", "difficulty", difficulty, ("mixed", *LEVELS))
        self._days, self._level = days, difficulty
        super().__init__(**kernel)

    def builtin_tasks(self) -> TaskSet:
        """Return the procedural trips, in four splits."""
        return ProceduralTasks(
            SPLITS, lambda split, index: travel_task(split, index, self._days, self._level)
        )

    @classmethod
    def params_model(cls) -> Any:
        """Return what a task decides: the world and the request."""
        return params_model()

    @classmethod
    def presets(cls) -> Mapping[str, Program]:
        """Return outcome, dense, gated and process."""
        return travel_presets()

    @property
    def _world(self) -> TravelWorld:
        return self.state.request.place

    def begin(self, task: Task, stream: Stream) -> str:
        """Look up the expert's answer; the task decides everything, ``stream`` nothing.

        Raises:
            TaskError: the request can neither be met nor shown to be impossible.
        """
        request = from_params(task.params)
        best = oracle.answer(request)
        if best is None:
            raise TaskError(
                f"task '{task.id}' can neither be solved nor shown to be impossible: "
                "change its budget or its constraints."
            )
        self.state = TravelState(
            request=request,
            needed=oracle.needed(request),
            slots_needed=slots_of(best.days) if isinstance(best, Solution) else 0,
            best=best.verdict.utility if isinstance(best, Solution) else 0.0,
        )
        return f"{task.instruction or request_text(request)}\n\n{RULES}"

    # -- Searching ------------------------------------------------------------------------

    def _city(self, text: str) -> str:
        code = self._world.find_city(text)
        if code is None:
            names = [city.name for city in self._world.cities]
            raise ToolError(f"{unknown('city', text[:80], names)} {_NOTHING}")
        return code

    def _pair(self, origin: str, destination: str) -> tuple[str, str]:
        a, b = self._city(origin), self._city(destination)
        if a == b:
            raise ToolError(f"origin and destination are the same city. {_NOTHING}")
        return a, b

    def _found(self, fact: str, title: str, body: str) -> str:
        self.state.seen[fact] = None
        return f"[{fact}] {title}\n{body}"

    @tool
    def search_cities(
        self, area: Annotated[str, "a state or country; empty lists them all"] = ""
    ) -> str:
        """List the cities of a state or country, or the states and countries there are."""
        world = self._world
        if not area.strip():
            lines = [f"{name} | {len(codes)} cities" for name, codes in world.areas.items()]
            return self._found("areas", "States and countries", "\n".join(lines))
        name = world.find_area(area)
        if name is None:
            raise ToolError(f"{unknown('area', area[:80], world.areas)} {_NOTHING}")
        rows = [world.city[code] for code in world.areas[name]]
        return self._found(cities_fact(name), f"Cities of {name}", show.cities_table(rows))

    @tool
    def search_flights(
        self,
        origin: _CityName,
        destination: _CityName,
        date: Annotated[str, "YYYY-MM-DD"],
    ) -> str:
        """List the flights between two cities on a date; times are local."""
        return self._rides("flight", origin, destination, date)

    @tool
    def search_trains(
        self,
        origin: _CityName,
        destination: _CityName,
        date: Annotated[str, "YYYY-MM-DD"],
    ) -> str:
        """List the trains between two cities on a date; times are local."""
        return self._rides("train", origin, destination, date)

    def _rides(self, mode: str, origin: str, destination: str, date: str) -> str:
        a, b = self._pair(origin, destination)
        world = self._world
        day = world.day_of(date)
        if day is None:
            raise ToolError(
                f"date must be from {world.date(0)} to {world.date(29)}, got '{date[:40]}'."
                f" {_NOTHING}"
            )
        rows = world.rides(mode, a, b, day)
        title = f"{mode.capitalize()}s {world.city[a].name} to {world.city[b].name}"
        return self._found(
            ride_fact(world, mode, a, b, day),
            f"{title}, {show.dated(world, day)}",
            show.rides_table(rows) if rows else f"There is no {mode} that day.",
        )

    @tool
    def drive(self, origin: _CityName, destination: _CityName) -> str:
        """Tell distance, time and cost of the road, by your own car or by taxi."""
        a, b = self._pair(origin, destination)
        world = self._world
        road = world.drive(a, b)
        return self._found(
            drive_fact(a, b),
            f"Road {world.city[a].name} to {world.city[b].name}",
            show.drive_table(road) if road is not None else "There is no road that can be driven.",
        )

    @tool
    def search_hotels(self, city: _CityName) -> str:
        """List the places to stay in a city."""
        code, world = self._city(city), self._world
        table = show.hotels_table(world, world.hotels(code))
        return self._found(venue_fact("hotels", code), f"Hotels in {world.city[code].name}", table)

    @tool
    def search_restaurants(self, city: _CityName) -> str:
        """List the restaurants of a city."""
        code, world = self._city(city), self._world
        table = show.restaurants_table(world, world.restaurants(code))
        title = f"Restaurants in {world.city[code].name}"
        return self._found(venue_fact("restaurants", code), title, table)

    @tool
    def search_attractions(self, city: _CityName) -> str:
        """List the attractions of a city."""
        code, world = self._city(city), self._world
        table = show.attractions_table(world, world.attractions(code))
        title = f"Attractions in {world.city[code].name}"
        return self._found(venue_fact("attractions", code), title, table)

    # -- Notebook -------------------------------------------------------------------------

    @tool
    def notebook_write(
        self,
        text: Annotated[str, "the note, or what the plan's field should say"],
        day: Annotated[int, "day of the draft plan, from 1; 0 for a note"] = 0,
        field: Annotated[_PlanField, "field of the draft plan, or note"] = "note",
    ) -> str:
        """Write a note, or one field of the draft plan."""
        state = self.state
        if field == "note":
            if len(state.notes) >= 200:
                raise ToolError(f"the notebook is full: 200 notes. {_NOTHING}")
            state.notes.append(text[:2000])
            return f"Note {len(state.notes)} is written."
        if not 1 <= day <= state.request.days:
            raise ToolError(
                f"notebook_write: day must be 1 to {state.request.days} for a field of the plan,"
                f" got {day}. {_NOTHING}"
            )
        changes: dict[str, Any] = {field: text[:2000]}
        state.draft[day] = replace(state.draft.get(day, Day(current_city="")), **changes)
        state.slots = valid_slots(state.request, state.draft)
        return f"Day {day}, {field}: {text[:200]}"

    @tool
    def notebook_read(self) -> str:
        """Read the notes and the draft plan."""
        state = self.state
        lines = [f"note {i}: {note}" for i, note in enumerate(state.notes, 1)]
        for number, day in sorted(state.draft.items()):
            parts = [f"{name}={getattr(day, name)}" for name in FIELDS]
            lines.append(f"day {number}: " + ", ".join(parts))
        return "\n".join(lines) or "The notebook is empty."

    # -- Answers --------------------------------------------------------------------------

    @tool
    def submit(
        self,
        plan: Annotated[
            list[Day] | None,
            "one entry per day, in order: current_city is a city or 'from A to B'; transportation"
            " the id of a flight or train, 'self-driving' or 'taxi'; venues by id or whole name,"
            " attractions separated by ';'; '-' where there is nothing. Left out: the notebook's"
            " draft",
        ] = None,
    ) -> str:
        """Hand in the plan; ends the episode."""
        state = self.state
        days = state.request.days
        if plan is None:
            if len(state.draft) < days:
                raise ToolError(f"the draft has {len(state.draft)} of {days} days. {_NOTHING}")
            plan = [state.draft[i] for i in range(1, days + 1)]
        if len(plan) != days:
            raise ToolError(
                f"submit: plan must have {days} entries, one per day, got {len(plan)}."
                " Nothing was submitted; the turn is spent."
            )
        state.plan = tuple(plan)
        state.draft = dict(enumerate(state.plan, 1))
        state.slots = valid_slots(state.request, state.draft)
        verdict = judge(state.request, state.plan, state.seen)
        passed = verdict.final_pass and state.best > 0
        self.finish(passed)
        if passed:
            return "The plan holds."
        reasons = {**verdict.commonsense, **verdict.hard}
        lines = [f"- {name}: {why}" for name, why in reasons.items() if why]
        if verdict.unseen:
            lines.append(f"- grounded: no search showed {verdict.unseen[0]}")
        if state.best <= 0:
            lines.append("- the request could not be met")
        return "\n".join(["The plan does not hold:", *lines])

    @tool
    def report_infeasible(
        self,
        constraints: Annotated[list[str], "names of the constraints that cannot hold together"],
        evidence: Annotated[list[str], "ids of search results or rows that show it"],
    ) -> str:
        """Say that the request cannot be met, and why; ends the episode."""
        state = self.state
        state.report = check_report(state.request, constraints, evidence, state.seen)
        self.finish(state.report == "supported")
        return {
            "wrong": "The report is handed in; it is wrong.",
            "unsupported": "The report is handed in; what it cites does not show it.",
            "supported": "The report is right.",
        }[state.report]

    # -- Evidence -------------------------------------------------------------------------

    def facts(self) -> dict[str, Value]:
        """Return the shares after the latest call."""
        state = self.state
        seen = sum(fact in state.seen for fact in state.needed) / len(state.needed)
        if state.slots_needed:
            valid = min(1.0, state.slots / state.slots_needed)
        else:
            valid = 1.0 if state.report == "supported" else 0.0
        return {
            "facts_seen": len(state.seen),
            "facts_share": seen,
            "slots_share": valid,
            "progress": (seen + valid) / 2,
        }

    def final_facts(self) -> dict[str, Value]:
        """Return everything said of the answer; a missing plan passes nothing."""
        state = self.state
        return final_evidence(state.request, state.plan, state.report, state.best, state.seen)

    # -- Proof ----------------------------------------------------------------------------

    def oracle(self) -> str | None:
        """Return the next search that the best answer rests on, or the answer."""
        return oracle.next_message(self.state.request, list(self.state.seen))

    def near_misses(self) -> dict[str, list[str]]:
        """Return answers with one thing wrong."""
        return scripts.near_misses(self.state.request)

    def exploits(self) -> dict[str, list[str]]:
        """Return answers that only look like one."""
        return scripts.exploits(self.state.request)

    def random_action(self, stream: Stream) -> str:
        """Return a search with valid arguments, or now and then a note."""
        world, request = self._world, self.state.request
        codes = (request.origin, *request.options)
        kind = stream.below(8)
        a, b = stream.sample(codes, 2)
        day = world.date(request.start + stream.below(request.days)).isoformat()
        if kind == 0:
            return oracle.message("notebook_write", text=stream.choice(("warm", "dear", "far")))
        if kind == 1:
            return oracle.message("search_cities", area=world.city[a].area)
        if kind == 2:
            return oracle.message("drive", origin=a, destination=b)
        if kind in (3, 4):
            name = ("search_flights", "search_trains")[kind - 3]
            return oracle.message(name, origin=a, destination=b, date=day)
        name = ("search_hotels", "search_restaurants", "search_attractions")[kind - 5]
        return oracle.message(name, city=a)
