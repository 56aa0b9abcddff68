"""Populations of opponents for self-play: who is in them, who meets whom, what came of it."""

from envgym.agents.league.league import League, LeagueOpponents
from envgym.agents.league.member import Member, Role
from envgym.agents.league.results import Results
from envgym.agents.league.strategies import (
    Latest,
    MetaMix,
    Mixed,
    Pfsp,
    Strategy,
    Uniform,
    parse_strategy,
)

__all__ = [
    "Latest",
    "League",
    "LeagueOpponents",
    "Member",
    "MetaMix",
    "Mixed",
    "Pfsp",
    "Results",
    "Role",
    "Strategy",
    "Uniform",
    "parse_strategy",
]
