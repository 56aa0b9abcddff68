"""The HTML report of a run: what was paid, when, behind which gates, and who won."""
