"""Tournaments: ranks of the rollouts of one task from comparisons of pairs; one job per file."""
