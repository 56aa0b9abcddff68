"""Ids of search results: what has been seen, and what a verdict may cite."""

from envgym.envs.travel.world import TravelWorld

VENUES = {"H": "hotels", "R": "restaurants", "A": "attractions"}
"""First letter of a row's id to its table."""


def cities_fact(area: str) -> str:
    """Return the id of the list of an area's cities."""
    return f"cities/{area}"


def venue_fact(table: str, code: str) -> str:
    """Return the id of a city's hotels, restaurants or attractions."""
    return f"{table}/{code}"


def ride_fact(world: TravelWorld, mode: str, a: str, b: str, day: int) -> str:
    """Return the id of the flights or trains of one date."""
    return f"{mode}s/{a}/{b}/{world.date(day).isoformat()}"


def drive_fact(a: str, b: str) -> str:
    """Return the id of the road between two cities: one for both directions."""
    return f"drive/{min(a, b)}/{max(a, b)}"


def fact_of(world: TravelWorld, citation: str) -> str:
    """Return the fact behind a citation: itself, or the search result that holds a row's id."""
    text = citation.strip()
    road = text.split("/")
    if len(road) == 3 and road[0] == "drive":
        return drive_fact(road[1], road[2])
    parts = text.upper().split("-")
    if len(parts) == 3 and parts[0] in VENUES:
        return venue_fact(VENUES[parts[0]], parts[1])
    if len(parts) == 5 and parts[0] in ("F", "T"):
        day = world.day_of(f"{world.start.year}-{parts[4][:2]}-{parts[4][2:]}")
        mode = "flight" if parts[0] == "F" else "train"
        return ride_fact(world, mode, parts[1], parts[2], day) if day is not None else text
    return text
