"""Which countries make one region; a world lies in one of them."""

REGIONS: dict[str, tuple[str, ...]] = {
    "western-europe": (
        "DE", "FR", "NL", "BE", "CH", "AT", "GB", "IE", "IT", "ES", "PT", "DK", "LU",
    ),
    "eastern-europe": (
        "PL", "CZ", "SK", "HU", "RO", "BG", "UA", "MD", "RS", "HR", "BA", "GR", "LT", "LV",
        "EE", "BY", "FI", "SE", "NO",
    ),
    "united-states": ("US",),
    "middle-america": (
        "MX", "GT", "HN", "SV", "NI", "CR", "PA", "CU", "DO",
    ),
    "east-asia": (
        "JP", "KR", "TW", "CN",
    ),
    "south-east-asia": (
        "ID", "PH", "VN", "TH", "MY", "MM", "KH", "LA", "SG",
    ),
    "near-east": (
        "TR", "IR", "IQ", "SA", "AE", "JO", "IL", "SY", "AZ", "GE", "AM",
    ),
    "africa": (
        "NG", "GH", "CI", "SN", "CM", "BJ", "BF", "ML", "GN", "KE", "TZ", "UG", "ET", "ZM",
        "ZW", "MZ", "AO", "ZA",
    ),
    "south-america": (
        "BR", "AR", "CL", "CO", "PE", "VE", "EC", "BO", "PY", "UY",
    ),
    "south-asia": (
        "IN", "PK", "BD", "NP", "LK",
    ),
}  # fmt: skip
"""Region to ISO country codes."""

HELD_OUT: tuple[str, ...] = ("south-america", "south-asia")
"""Regions that occur in the split "region" only."""

COMMON: tuple[str, ...] = tuple(name for name in REGIONS if name not in HELD_OUT)
"""Regions of all other splits."""
