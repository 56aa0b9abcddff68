"""Which countries make one region; a world lies in one of them."""

REGIONS: dict[str, tuple[str, ...]] = {
    "western-europe": tuple("DE FR NL BE CH AT GB IE IT ES PT DK LU".split()),
    "eastern-europe": tuple("PL CZ SK HU RO BG UA MD RS HR BA GR LT LV EE BY FI SE NO".split()),
    "united-states": ("US",),
    "middle-america": tuple("MX GT HN SV NI CR PA CU DO".split()),
    "east-asia": tuple("JP KR TW CN".split()),
    "south-east-asia": tuple("ID PH VN TH MY MM KH LA SG".split()),
    "near-east": tuple("TR IR IQ SA AE JO IL SY AZ GE AM".split()),
    "africa": tuple("NG GH CI SN CM BJ BF ML GN KE TZ UG ET ZM ZW MZ AO ZA".split()),
    "south-america": tuple("BR AR CL CO PE VE EC BO PY UY".split()),
    "south-asia": tuple("IN PK BD NP LK".split()),
}
"""Region to ISO country codes."""

HELD_OUT: tuple[str, ...] = ("south-america", "south-asia")
"""Regions that occur in the split "region" only."""

COMMON: tuple[str, ...] = tuple(name for name in REGIONS if name not in HELD_OUT)
"""Regions of all other splits."""
