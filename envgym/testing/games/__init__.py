"""The conformance kit for environments of several agents: games and teams.

    from envgym.testing import game_conformance

    game_conformance("kuhn", players=3)

Each law is a function of a ``GameSubject`` and raises ``LawError`` with one sentence.
"""
