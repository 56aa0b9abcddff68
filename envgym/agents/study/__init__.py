"""Studies: agents over seeds in closed-loop environments, their means, intervals and differences."""
