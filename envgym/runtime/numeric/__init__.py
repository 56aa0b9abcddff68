"""Numeric closed-loop environments: one core over arrays, seen as a single environment, a vector, text."""
