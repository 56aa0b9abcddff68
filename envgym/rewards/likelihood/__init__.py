"""Rewards from what a model finds likely (cookbook A11): log-probabilities in, numbers out.

NumPy is the reference; the torch twin is ``envgym.agents.algos.likelihood_torch``.
"""
