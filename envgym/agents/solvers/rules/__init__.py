"""How regrets become the next strategy: one file per family of regret minimisers."""
