"""Does a shaping keep the optimal policy? Exact answers on environments that can be enumerated."""
