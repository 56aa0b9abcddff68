"""Two PettingZoo environments as somebody else might write them.

``Mine`` (AEC): agents leave mid-game, are owed rewards after they are gone, and the rest is cut
off. ``Bids`` (parallel): simultaneous moves, masks in the infos, elimination, truncation.
"""

import numpy as np
from gymnasium import spaces
from gymnasium.utils import seeding
from pettingzoo import AECEnv, ParallelEnv


class Mine(AECEnv):
    """Dig for gold until the mine closes.

    Actions: 0 waits, 1 digs (1 gold with probability 0.5), 2 leaps out, not in the first round:
    it costs 1 at once and pays 3 when the next agent has acted.
    """

    metadata = {"name": "mine_v0", "render_modes": []}
    render_mode = None

    def __init__(self, rounds=4, fail=None):
        self.possible_agents = ["ann", "bob", "cid"]
        self.rounds, self.fail = rounds, fail
        self._seen = spaces.Dict(
            {
                "observation": spaces.Box(0, 100, (3,), np.int64),
                "action_mask": spaces.Box(0, 1, (3,), np.int8),
            }
        )
        self._acts = spaces.Discrete(3)

    def observation_space(self, agent):
        return self._seen

    def action_space(self, agent):
        return self._acts

    def reset(self, seed=None, options=None):
        self.np_random, _ = seeding.np_random(seed)
        self.agents = list(self.possible_agents)
        self.rewards = dict.fromkeys(self.agents, 0)
        self._cumulative_rewards = dict.fromkeys(self.agents, 0)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        self.infos = {agent: {} for agent in self.agents}
        self.gold, self.round, self.owed = dict.fromkeys(self.agents, 0), 0, []
        self._queue = list(self.agents)
        self.agent_selection = self._queue[0]

    def observe(self, agent):
        mask = np.array([1, 1, self.round > 0], np.int8)
        shown = np.array([self.round, self.gold[agent], len(self.agents)])
        return {"observation": shown, "action_mask": mask}

    def step(self, action):
        agent = self.agent_selection
        if self.terminations[agent] or self.truncations[agent]:
            self._was_dead_step(action)
            return
        if action == self.fail:
            raise OSError("the mine caved in")
        assert action in (0, 1) or self.round > 0
        self._cumulative_rewards[agent] = 0
        self.rewards = dict.fromkeys(self.agents, 0)
        for debtor in self.owed:  # a debtor may have left: its reward is in the dict all the same
            self.rewards[debtor] = 3
        self.owed = []
        if action == 1 and self.np_random.random() < 0.5:
            self.gold[agent] += 1
            self.rewards[agent] += 1
        if action == 2:
            self.rewards[agent] -= 1
            self.owed.append(agent)
            self.terminations[agent] = True
        staying = [a for a in self.agents if not self.terminations[a]]
        self._queue = [a for a in self._queue[1:] if a in staying]
        if not self._queue:
            self.round += 1
            self._queue = staying
        if self.round == self.rounds:
            self.truncations = {a: a in staying for a in self.agents}
        for each, amount in self.rewards.items():
            if each in self._cumulative_rewards:
                self._cumulative_rewards[each] += amount
        self.agent_selection = self._queue[0] if self._queue else agent
        self._deads_step_first()


class Bids(ParallelEnv):
    """Bid from a purse of 5; the higher bid wins 1. Whoever is broke is out."""

    metadata = {"name": "bids_v0", "render_modes": []}
    render_mode = None

    def __init__(self, rounds=3):
        self.possible_agents = [0, 1, 2]
        self.rounds = rounds
        self._acts = spaces.Discrete(4)
        self._seen = spaces.Box(0, 5, (2, 3), np.float32)

    def observation_space(self, agent):
        return self._seen

    def action_space(self, agent):
        return self._acts

    def reset(self, seed=None, options=None):
        self.agents = list(self.possible_agents)
        self.purse, self.wins, self.round = [5, 5, 5], [0, 0, 0], 0
        return self._observed(), self._infos()

    def _observed(self):
        return {a: np.array([self.purse, self.wins], np.float32) for a in self.agents}

    def _infos(self):
        return {
            a: {"action_mask": np.array([n <= self.purse[a] for n in range(4)], np.int8)}
            for a in self.agents
        }

    def step(self, actions):
        assert set(actions) == set(self.agents)
        assert all(n <= self.purse[a] for a, n in actions.items())
        top = max(actions.values())
        best = [a for a, n in actions.items() if n == top]
        rewards = {a: 1.0 if best == [a] else 0.0 for a in self.agents}
        for a, n in actions.items():
            self.purse[a] -= n
            self.wins[a] += best == [a]
        self.round += 1
        broke = {a: self.purse[a] == 0 for a in self.agents}
        cut = dict.fromkeys(self.agents, self.round == self.rounds)
        found = self._observed(), rewards, broke, cut, self._infos()
        self.agents = [a for a in self.agents if not broke[a] and not cut[a]]
        return found
