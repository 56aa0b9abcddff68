"""Closed-loop bandits, online allocation and recommendation, with exact oracles."""
