"""Spreads: which turns earned an episode's value; one node per file."""
