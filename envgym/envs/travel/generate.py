"""Procedural tasks: a hidden plan first, then the request that it satisfies.

One task in six is made impossible (``plant.py``). Every other one was solved before it is
given out, so each task has a right answer that can be shown.
"""

from functools import lru_cache

from envgym.envs.travel.build import Builder
from envgym.envs.travel.conflicts import conflicts
from envgym.envs.travel.derive import derive_request
from envgym.envs.travel.plant import plant
from envgym.envs.travel.regions import COMMON, HELD_OUT
from envgym.envs.travel.request import Request
from envgym.envs.travel.solver import orders, solve
from envgym.envs.travel.structures import LEVELS, STRUCTURE, combinations_for
from envgym.envs.travel.utility import SLACK
from envgym.envs.travel.verdict import Verdict, judge
from envgym.envs.travel.world import DAYS, travel_world
from envgym.types import Stream, Task, TaskError

SPLITS = {"train": 20_000, "test": 500, STRUCTURE: 500, "region": 500}
"""test: new worlds; structure: unseen combinations of constraints; region: unseen countries."""
LENGTHS = (3, 5, 7)
TASKS_PER_WORLD = 8
INFEASIBLE_ONE_IN = 6
_ATTEMPTS = 60
_UNBOUNDED = 10**9
_MOST_FACTS = 24
"""Search results that showing a conflict may take: well inside the default budget of turns."""


@lru_cache(maxsize=1024)
def travel_task(split: str, index: int, days: int = 0, level: str = "mixed") -> Task:
    """Return task ``index`` of a split; the same one always.

    Args:
        days: 3, 5 or 7; 0 mixes them.
        level: easy, medium or hard; "mixed" mixes them.
    """
    block = Stream(0, "travel", "world", split, index // TASKS_PER_WORLD)
    region = block.choice(HELD_OUT if split == "region" else COMMON)
    seed = block.word() >> 1
    main = Stream(0, "travel", "task", split, index)
    wanted = main.chance(1, INFEASIBLE_ONE_IN)
    for attempt in range(_ATTEMPTS):
        stream = main.child(attempt)
        grade = stream.choice(LEVELS)
        length = stream.choice(LENGTHS)
        grade = grade if level == "mixed" else level
        types = stream.choice(combinations_for(split, grade))
        # An easy trip to several cities has nothing that could conflict: it stays possible.
        infeasible = wanted and attempt < _ATTEMPTS // 2
        request = _draw(stream, seed, region, days or length, grade, types, infeasible)
        if request is not None:
            return Task(
                id=f"{split}/{index}",
                params=request.to_params(),
                split=split,
                difficulty="hard" if split == STRUCTURE else grade,  # type: ignore[arg-type]
                tags=(
                    f"days-{request.days}",
                    *request.constraints,
                    *(("infeasible",) if infeasible else ()),
                ),
            )
    raise TaskError(f"no trip could be drawn for {split}/{index}, days={days}, level={level}.")


def _draw(
    stream: Stream, seed: int, region: str, days: int, level: str, types: frozenset[str],
    infeasible: bool,
) -> Request | None:  # fmt: skip
    world = travel_world(seed, region)
    cities = (days - 1) // 2
    origin = stream.choice(world.cities)
    if cities == 1:
        destination = stream.choice(world.cities).name
        if destination == origin.name:
            return None
    else:
        areas = [a for a, codes in world.areas.items() if len(codes) > cities and a != origin.area]
        if not areas:
            return None
        destination = stream.choice(areas)
    free = Request(
        world=seed,
        region=region,
        origin=origin.code,
        destination=destination,
        days=days,
        cities=cities,
        start=stream.below(DAYS - days + 1),
        people=1 if level == "easy" else stream.weighted((2, 3, 4, 5, 6), (4, 3, 3, 1, 1)),
        budget=_UNBOUNDED,
    )
    hidden = _sketch(free, stream)
    if hidden is None:
        return None
    request = derive_request(free, hidden, types, stream)
    if request is None:
        return None
    if infeasible:
        planted = plant(request, types, stream)
        if planted is None or min(len(c.facts) for c in conflicts(planted)) > _MOST_FACTS:
            return None
        return planted
    return request if not conflicts(request) and solve(request) is not None else None


def _sketch(free: Request, stream: Stream) -> Verdict | None:
    """Return a plan of middling taste: some houses ignored, some thrift, any good order."""
    nominal = SLACK / (free.people * free.days * 15_000)
    price = nominal * stream.choice((1, 2, 4, 8))
    found = orders(free, price)[:12]
    if not found:
        return None
    _, order, driving = stream.choice(found)
    names = [hotel.id for code in order for hotel in free.place.hotels(code)]
    banned = frozenset(stream.sample(names, len(names) // 2))
    days = Builder(free, order, price, banned=banned, driving=driving).plan()
    if days is None:
        return None
    verdict = judge(free, days)
    return verdict if verdict.final_pass else None
