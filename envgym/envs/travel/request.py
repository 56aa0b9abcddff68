"""What a traveller asks for: the parameters of a task, resolved against its world."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from envgym.envs.travel.regions import REGIONS
from envgym.envs.travel.rows import CUISINES, ROOM_TYPES, RULES, Attraction
from envgym.envs.travel.world import DAYS, TravelWorld, travel_world
from envgym.types import TaskError
from envgym.types.errors import unknown

NO_SHARED = "not shared room"
TRANSPORT = ("no flight", "no self-driving")
TYPES = (
    "budget", "room_rule", "cuisines", "room_type", "transportation", "min_stars", "max_travel",
    "must_see",
)  # fmt: skip
"""Hard constraints: TravelPlanner's five, then ours."""
LOCAL = TYPES[1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One trip. Hashable, so that its solution can be kept."""

    world: int
    """Seed of the world."""
    region: str
    origin: str
    """Code of the city where the trip begins and ends."""
    destination: str
    """Name of a city, or of an area (state or country) for trips to several cities."""
    days: int
    cities: int
    """How many cities to stay in."""
    start: int
    """Day of the world on which the trip begins."""
    people: int
    budget: int
    """Cents, for everything and everyone."""
    room_rule: str | None = None
    """Something every house must allow."""
    cuisines: tuple[str, ...] = ()
    """Each to be eaten at least once away from home."""
    room_type: str | None = None
    transportation: str | None = None
    min_stars: int | None = None
    max_travel: int | None = None
    """Longest leg in minutes under way."""
    must_see: str | None = None
    """Id of an attraction."""

    @property
    def place(self) -> TravelWorld:
        """The world."""
        return travel_world(self.world, self.region)

    @property
    def options(self) -> tuple[str, ...]:
        """Codes of the cities among which the destination leaves a choice."""
        world = self.place
        if self.cities == 1:
            code = world.find_city(self.destination)
            return (code,) if code is not None else ()
        area = world.find_area(self.destination)
        return tuple(c for c in world.areas[area] if c != self.origin) if area else ()

    @property
    def constraints(self) -> tuple[str, ...]:
        """Names of the hard constraints that apply, budget first."""
        return tuple(name for name in TYPES if getattr(self, name) not in (None, ()))

    def sight(self) -> Attraction | None:
        """Return the attraction that must be seen, or None."""
        if self.must_see is None:
            return None
        code = self.must_see.split("-")[1]
        row = self.place.venue("A", code, self.must_see)
        return row if isinstance(row, Attraction) else None

    def to_params(self) -> dict[str, Any]:
        """Return the ``Task.params`` that give this request."""
        constraints: dict[str, Any] = {
            name: getattr(self, name) for name in self.constraints if name != "budget"
        }
        if self.cuisines:
            constraints["cuisines"] = list(self.cuisines)
        return {
            "world": self.world,
            "region": self.region,
            "origin": self.place.city[self.origin].name,
            "destination": self.destination,
            "days": self.days,
            "cities": self.cities,
            "start": self.place.date(self.start).isoformat(),
            "people": self.people,
            "budget": self.budget // 100,
            "constraints": constraints,
        }


@lru_cache(maxsize=1)
def params_model() -> Any:
    """Return the pydantic model of ``Task.params``; its names are checked by ``from_params``."""
    from typing import Literal

    from pydantic import BaseModel, ConfigDict, Field, model_validator

    strict = ConfigDict(extra="forbid", frozen=True)

    class Constraints(BaseModel):
        """Hard constraints beside the budget; leave out what does not apply."""

        model_config = strict
        room_rule: Literal["smoking", "parties", "children under 10", "visitors", "pets"] | None = (
            None
        )
        cuisines: tuple[str, ...] = ()
        room_type: (
            Literal["entire room", "private room", "shared room", "not shared room"] | None
        ) = None
        transportation: Literal["no flight", "no self-driving"] | None = None
        min_stars: int | None = Field(default=None, ge=1, le=5)
        max_travel: int | None = Field(default=None, ge=10, le=2000)
        must_see: str | None = None

    class TravelParams(BaseModel):
        """One trip."""

        model_config = strict
        world: int = Field(ge=0, lt=1 << 63)
        region: str
        origin: str
        destination: str
        days: int = Field(ge=2, le=10)
        cities: int = Field(default=1, ge=1, le=4)
        start: str
        people: int = Field(default=1, ge=1, le=8)
        budget: int = Field(ge=1, le=10_000_000)
        constraints: Constraints = Constraints()

        @model_validator(mode="after")
        def _resolves(self) -> "TravelParams":
            try:
                from_params(self.model_dump())
            except TaskError as error:
                raise ValueError(str(error)) from None
            return self

    return TravelParams


def from_params(params: Mapping[str, Any]) -> Request:
    """Return the request in a task's params.

    Raises:
        TaskError: a name that the world does not hold, with the nearest one; or dates outside it.
    """
    region = str(params["region"])
    if region not in REGIONS:
        raise TaskError(unknown("region", region, REGIONS))
    world = travel_world(int(params["world"]), region)
    origin = world.find_city(str(params["origin"]))
    if origin is None:
        raise TaskError(unknown("origin", str(params["origin"]), [c.name for c in world.cities]))
    days, cities = int(params["days"]), int(params.get("cities", 1))
    start = world.day_of(str(params["start"]))
    if start is None or start + days > DAYS:
        raise TaskError(
            f"start {params['start']!r} with {days} days is outside the world's dates, "
            f"{world.date(0)} to {world.date(DAYS - 1)}."
        )
    if days <= cities:
        raise TaskError(f"a trip to {cities} cities needs at least {cities + 1} days, got {days}.")
    given = dict(params.get("constraints") or {})
    for name in given:
        if name not in LOCAL:
            raise TaskError(unknown("constraint", name, LOCAL))
    for cuisine in given.get("cuisines") or ():
        if cuisine not in CUISINES:
            raise TaskError(unknown("cuisine", cuisine, CUISINES))
    _choice(given, "room_rule", RULES)
    _choice(given, "room_type", (*ROOM_TYPES, NO_SHARED))
    _choice(given, "transportation", TRANSPORT)
    request = Request(
        world=world.seed,
        region=region,
        origin=origin,
        destination=str(params["destination"]),
        days=days,
        cities=cities,
        start=start,
        people=int(params.get("people", 1)),
        budget=int(params["budget"]) * 100,
        room_rule=given.get("room_rule"),
        cuisines=tuple(dict.fromkeys(given.get("cuisines") or ())),
        room_type=given.get("room_type"),
        transportation=given.get("transportation"),
        min_stars=_integer(given, "min_stars"),
        max_travel=_integer(given, "max_travel"),
        must_see=given.get("must_see"),
    )
    _check_destination(request)
    sight = request.sight()
    # Ids match whatever their case and spaces; the checks compare them as the world writes them.
    return request if sight is None else replace(request, must_see=sight.id)


def _integer(given: Mapping[str, Any], name: str) -> int | None:
    """Return a number as the params model read it: "4" in a task file is 4."""
    return None if given.get(name) is None else int(given[name])


def _choice(given: Mapping[str, Any], name: str, allowed: tuple[str, ...]) -> None:
    if given.get(name) is not None and given[name] not in allowed:
        raise TaskError(unknown(name, str(given[name]), allowed))


def _check_destination(request: Request) -> None:
    world = request.place
    options = request.options
    if not options:
        single = request.cities == 1
        allowed = [c.name for c in world.cities] if single else list(world.areas)
        raise TaskError(unknown("destination", request.destination, allowed))
    if options == (request.origin,):
        raise TaskError(f"destination '{request.destination}' is where the trip begins.")
    if len(options) < request.cities:
        raise TaskError(
            f"{request.destination} has {len(options)} cities here, fewer than {request.cities}."
        )
    if request.must_see is not None:
        parts = request.must_see.split("-")
        if len(parts) != 3 or parts[1] not in options or request.sight() is None:
            raise TaskError(
                f"must_see '{request.must_see}' is no attraction of {request.destination};"
                " write its id, for instance"
                f" '{world.attractions(options[0])[0].id}'."
            )
