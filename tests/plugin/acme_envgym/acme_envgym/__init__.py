"""Acme's additions to envgym."""
