"""Running a recorded episode of several agents again, all their views compared at once."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from envgym.runtime.episodes.compare import Difference, first_difference, mask
from envgym.runtime.episodes.encode import encode
from envgym.runtime.episodes.episode import Episode
from envgym.types.errors import EpisodeFileError


def team_differences(
    env: Any, team: Sequence[Episode], histories: Sequence[Episode]
) -> Iterator[tuple[int, Difference | None]]:
    """Yield (1 per event, 0 for the reset; the difference or None) along one episode.

    Args:
        env: a ``TeamEnv`` made from its head.
        team: the views of all agents.
        histories: the same with their parents' turns, which are run but not compared.
    """
    head = histories[0].head
    env.reset(seed=head.seed, options={"task": dict(head.task)})
    before = len(histories[0].turns) - len(team[0].turns)
    for event in range(before):
        _act(env, histories, event)
    yield 0, _compare(env, team, -1, before)
    count = len(team[0].turns) - team[0].broken
    for event in range(count):
        _act(env, team, event)
        yield 1, _compare(env, team, event, before)


def _act(env: Any, team: Sequence[Episode], event: int) -> None:
    while env.agents and _is_out(env, env.agent_selection):
        env.step(None)
    acting = [each for each in team if each.turns[event].action is not None]
    for each in acting:
        if not env.agents or env.agent_selection != each.agent:
            now = f"it is {env.agent_selection}'s turn" if env.agents else "it is over before that"
            raise EpisodeFileError(
                f"{each.name}: event {each.turns[event].e} is {each.agent}'s, but now {now}."
            )
        turn = each.turns[event]
        if turn.e in each.cuts:
            env.concede(each.cuts[turn.e])
        else:
            env.step(turn.action)


def _is_out(env: Any, agent: str) -> bool:
    return bool(env.terminations[agent] or env.truncations[agent])


def _compare(env: Any, team: Sequence[Episode], event: int, before: int) -> Difference | None:
    """Return the first difference of one line between the recording and ``env`` as it stands."""
    at = event + 1
    number = before + event
    recorded: dict[str, dict[str, Any]] = {"obs": {}, "ev": {}}
    now: dict[str, dict[str, Any]] = {"obs": {}, "ev": {}}
    for each in team:
        shown = each.obs if event < 0 else each.turns[event].obs
        late = {key for item in each.late if item.e == number for key in item.ev}
        if shown is not None:
            recorded["obs"][each.agent] = shown
            now["obs"][each.agent] = env.observe(each.agent)
        recorded["ev"][each.agent] = _without(each.records[at], late)
        now["ev"][each.agent] = _without(env.latest_evidence(each.agent), late)
    if event >= 0:
        turns = {each.agent: each.turns[event] for each in team}
        recorded["pay"] = {agent: turn.pay for agent, turn in turns.items()}
        recorded["ended"] = {agent: turn.ended for agent, turn in turns.items()}
        now["pay"] = {agent: env.paid.get(agent, 0.0) for agent in turns}
        now["ended"] = {agent: env.ended.get(agent) for agent in turns}
    head = team[0].head
    sides = [mask(json.loads(encode(line)), head.volatile, head.masks) for line in (recorded, now)]
    found = first_difference(*sides)
    if found is None:
        return None
    name = team[0].name.removesuffix(f"@{team[0].agent}")
    return Difference(episode=name, event=number, field=found[0], recorded=found[1], now=found[2])


def _without(record: Mapping[str, Any], late: set[str]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key not in late}
