"""Words that invented names are made of."""

HOTEL_FIRST = (
    "Amber", "Birch", "Copper", "Crescent", "Dahlia", "Ember", "Falcon", "Garnet", "Harbour",
    "Indigo", "Juniper", "Lantern", "Linden", "Marble", "Maple", "Meridian", "Olive", "Orchid",
    "Pearl", "Quartz", "Saffron", "Silver", "Tamarind", "Velvet",
)  # fmt: skip
HOTEL_LAST = (
    "Court", "Guesthouse", "House", "Hostel", "Hotel", "Inn", "Lodge", "Lofts", "Residence",
    "Rooms", "Suites", "Terrace",
)  # fmt: skip
TABLE_FIRST = (
    "Basil", "Blue", "Brass", "Cedar", "Clay", "Corner", "Daily", "Fennel", "Fig", "Garden",
    "Golden", "Hearth", "Honey", "Iron", "Lemon", "Mill", "Nutmeg", "Old", "Pepper", "Plum",
    "River", "Rosemary", "Salt", "Spoon", "Stone", "Sunny", "Thyme", "Walnut",
)  # fmt: skip
TABLE_LAST = (
    "Bistro", "Canteen", "Cellar", "Counter", "Diner", "Grill", "Kitchen", "Oven", "Pantry",
    "Parlour", "Plate", "Table",
)  # fmt: skip
SIGHT_FIRST = (
    "Ancient", "Bell", "Bronze", "Castle", "Cloister", "Crown", "Eastern", "Founders", "Glass",
    "Great", "Green", "Heron", "Hidden", "King's", "Lakeside", "Market", "North", "Painted",
    "Queen's", "Red", "Royal", "Southern", "Station", "Summer", "Tower", "Twin", "Upper",
    "Weavers", "West", "White",
)  # fmt: skip
SIGHT_LAST: dict[str, tuple[str, ...]] = {
    "museum": ("Museum", "Collection", "Gallery"),
    "park": ("Park", "Gardens", "Meadow"),
    "monument": ("Gate", "Column", "Monument"),
    "temple": ("Temple", "Abbey", "Shrine"),
    "viewpoint": ("Lookout", "Terrace Walk", "Hill"),
    "market": ("Bazaar", "Arcade", "Halls"),
    "theatre": ("Theatre", "Opera", "Playhouse"),
    "zoo": ("Zoo", "Aquarium", "Aviary"),
}
"""Category of an attraction to the last words of its name."""
