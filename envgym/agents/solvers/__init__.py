"""Solvers of games: regret minimisation, linear programs, best responses, policy tables."""
