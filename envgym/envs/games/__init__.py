"""The games, a module each; ``envgym.make_game("kuhn")`` finds them by name.

Every module has the game's class, its positions, and the three functions that PettingZoo's users
expect: ``env()``, ``raw_env()`` and ``parallel_env()``.
"""
