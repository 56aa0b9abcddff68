"""Ratings of players from the results of games; one method per file, pure functions."""
