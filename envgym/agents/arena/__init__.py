"""The arena: tournaments of players over games, with a ledger, ratings and worker processes."""
