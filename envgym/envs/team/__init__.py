"""Environments in which several agents work with or against each other: relay, paired."""
