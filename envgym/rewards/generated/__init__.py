"""Rewards that somebody wrote as code, parameters or prompts: the value, its checks, its use.

Pure parts only: running code is a ``CodeRunner``'s work, writing rewards is the work of the loops
in ``envgym.agents.reward_writers``.
"""
