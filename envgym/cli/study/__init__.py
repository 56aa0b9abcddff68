"""``envgym study``: the command, its tables and its figures."""
