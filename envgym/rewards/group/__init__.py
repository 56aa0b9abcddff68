"""Group maps: comparisons of the rollouts of one task; one job per file."""
