"""Reduces: one number from a step value; one node per file."""
