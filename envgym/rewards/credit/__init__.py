"""Credit assignment with arrays of the trainer: log-probabilities, entropies, values of forks.

One entry of the cookbook per file. The NumPy functions are the reference; the torch twin of what
a trainer runs on device is ``envgym.agents.algos.credit_torch``, equal to 1e-6.
"""
