"""The options of a PettingZoo environment's text view, checked."""

import re
from collections.abc import Mapping, Sequence
from math import inf, isfinite
from typing import Any

from envgym.interop.pettingzoo_actions import Actions, actions_of
from envgym.interop.pettingzoo_words import check_observations, described
from envgym.types import ConfigError, ToolError


def agent_ids(where: str, env: Any) -> dict[str, Any]:
    """Return the agents' names as text with the environment's own."""
    given = list(getattr(env, "possible_agents", None) or ())
    found = {str(own): own for own in given}
    if not given or len(found) < len(given):
        raise ConfigError(
            f"{where}: possible_agents must name one agent or more, all different, got {given!r}."
        )
    return found


def readers(where: str, env: Any, ids: Mapping[str, Any], names: Any) -> dict[str, Actions]:
    """Return every agent's reader of actions; check that its observations can be told.

    Args:
        where: whose they are, for errors.
        env: the environment.
        ids: as of ``agent_ids``.
        names: ``action_names``: a list, or a mapping of number (also as text) to name.
    """
    found: dict[str, Actions] = {}
    for agent, own in ids.items():
        place, space = f"{where}, {agent}", env.action_space(own)
        check_observations(place, env.observation_space(own))
        found[agent] = actions_of(place, space, _named(place, space, names))
    return found


def _named(where: str, space: Any, names: Any) -> dict[int, str] | None:
    """Return action number to name; the keys of JSON objects are numbers again."""
    if names is None:
        return None
    start = int(getattr(space, "start", 0)) if getattr(space, "shape", ()) == () else 0
    items = list(names.items()) if isinstance(names, Mapping) else None
    if items is None and isinstance(names, Sequence) and not isinstance(names, str):
        if len(names) != getattr(space, "n", len(names)):
            raise ConfigError(f"{where}: action_names must be {space.n} names, got {len(names)}.")
        items = [(start + place, name) for place, name in enumerate(names)]
    found = {}
    for key, name in items if items is not None else [("", names)]:
        number = str(key)
        if not re.fullmatch(r"-?[0-9]{1,9}", number) or not isinstance(name, str):
            raise ConfigError(
                f"{where}: action_names must be a list of names or a mapping of number to name, "
                f"got {names!r:.80}."
            )
        found[int(number)] = name
    return found


def rule_texts(where: str, env: Any, ids: Mapping[str, Any], rules: Any) -> dict[str, str]:
    """Return what each agent is told of the environment; ``rules`` as of the view."""
    if rules is None:
        rules = described(env)
    each = rules if isinstance(rules, Mapping) else dict.fromkeys(ids, rules)
    for agent in ids:
        if not isinstance(each.get(agent), str):
            raise ConfigError(f"{where}: rules must be a text, or one for each agent ({agent}).")
    return {agent: each[agent] for agent in ids}


def noop_texts(where: str, actions: Mapping[str, Actions], given: Any) -> dict[str, str] | None:
    """Return each agent's text of the action that does nothing."""
    if given is None:
        return None
    text = ", ".join(map(str, given)) if isinstance(given, list | tuple) else str(given)
    for agent, each in actions.items():
        if reads(each, text, None) is None:
            raise ConfigError(f"{where}, {agent}: noop must be an action, got {given!r}.")
    return dict.fromkeys(actions, text)


def reads(actions: Actions, text: str, mask: Any) -> Any:
    """Return the action that ``text`` means, None if it means none that is allowed."""
    try:
        return actions.read(text, mask)
    except ToolError:
        return None


def check_number(
    where: str, name: str, value: Any, *, lo: float = -inf, hi: float = inf, strict: bool = False
) -> None:
    """Raise ConfigError unless ``value`` is a finite number from lo (excluded if strict) to hi."""
    number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    if not number or not lo <= value <= hi or (strict and value == lo):
        least = "" if lo == -inf else f"more than {lo:g}" if strict else f"at least {lo:g}"
        most = "" if hi == inf else f"at most {hi:g}"
        raise ConfigError(f"{where}: {name} must be {least or most}, got {value!r}.")
