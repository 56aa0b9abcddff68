"""Travel planning in a seeded world of real cities: ``envgym/TravelPlan-v0``."""
