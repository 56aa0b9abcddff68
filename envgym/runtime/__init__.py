"""The runtime: step API, tools, tasks, episode files, rollouts, registry."""
