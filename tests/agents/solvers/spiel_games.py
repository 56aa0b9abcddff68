"""OpenSpiel as the judge: its games beside ours, and profiles carried from the one to the other."""

from functools import cache

import numpy as np
import pyspiel
from open_spiel.python import policy as spiel_policy

from envgym.runtime.games.registry import make_game
from envgym.runtime.games.tree import flatten, walk

GAMES = {
    "kuhn": ("kuhn", {}, "kuhn_poker"),
    "kuhn3": ("kuhn", {"players": 3}, "kuhn_poker(players=3)"),
    "leduc": ("leduc", {}, "leduc_poker"),
}


def ours(key):
    name, params, _ = GAMES[key]
    return make_game(name, **params)


@cache
def theirs(key):
    return pyspiel.load_game(GAMES[key][2])


@cache
def names(key):
    """Our information sets, by number, to OpenSpiel's names; both trees are walked together."""
    tree, found = flatten(ours(key)), {}
    for node, state in enumerate(walk(ours(key))):
        if state.current_player >= 0:
            other = theirs(key).new_initial_state()
            for action in state.history:
                other.apply_action(action)
            assert tuple(other.legal_actions()) == state.legal()
            name = other.information_state_string(state.current_player)
            assert found.setdefault(int(tree.infoset[node]), name) == name
    return found


def random_profile(tree, seed):
    """A profile with many sure actions, so that parts of the tree are never reached."""
    rng = np.random.Generator(np.random.PCG64(seed))
    size, starts, counts = int(tree.offset[-1]), tree.offset[:-1], np.diff(tree.offset)
    weights = rng.random(size) * (rng.random(size) < 0.7)
    empty = np.repeat(np.add.reduceat(weights, starts) == 0.0, counts)
    weights = np.where(empty, 1.0, weights)
    return weights / np.repeat(np.add.reduceat(weights, starts), counts)


def as_spiel(key, profile):
    """A profile of our tree as OpenSpiel's tabular policy."""
    tree = flatten(ours(key))
    table = spiel_policy.TabularPolicy(theirs(key))
    for i, name in names(key).items():
        row = np.zeros(table.action_probability_array.shape[1])
        row[list(tree.infoset_actions[i])] = profile[tree.offset[i] : tree.offset[i + 1]]
        table.action_probability_array[table.state_lookup[name]] = row
    return table
