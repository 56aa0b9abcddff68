"""The lines of one episode to an ``Episode``."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from envgym.runtime.episodes.episode import Episode, Part, Turn
from envgym.runtime.episodes.schema import AGENT, Block, Cut, End, Event, Head, Late, Line, Reset
from envgym.runtime.episodes.unpack import stored_turns
from envgym.types.errors import EpisodeFileError


def assemble(
    name: str,
    path: Path,
    lines: Sequence[tuple[int, Line]],
    problems: list[tuple[int, str]],
    agent: str = AGENT,
    *,
    unpack: bool = True,
) -> Episode:
    """Return the episode that these numbered lines, its head among them, tell of one agent.

    What does not fit is left out and named in ``problems``, which on entry holds the lines that
    could not be read at all. ``unpack`` False leaves turns where blocks hold them.
    """
    unread = bool(problems)
    head: Head | None = None
    reset: Reset | None = None
    end: End | None = None
    turns: list[Turn] = []
    evidence: list[Mapping[str, object]] = []
    late: list[tuple[int, Late]] = []
    cuts: dict[int, str] = {}
    gap: str | None = None
    actors: list[str] = []
    first = 0
    over = False
    parts: list[Part] = []
    for number, line in lines:
        if isinstance(line, Head):
            head = line
            first = line.parent["e"] if line.parent else 0
        elif isinstance(line, Reset):
            reset = line
        elif isinstance(line, Event):
            expected = first + len(turns)
            if gap is not None:
                continue
            if reset is None or line.e != expected:
                missing = "the reset line" if reset is None else f"event {expected}"
                gap = f"{missing} is missing before event {line.e}"
                problems.append((number, f"field 'e': {name}: {gap}; later events were left out."))
                continue
            alone = agent == AGENT
            if (alone and not (AGENT in line.acts and AGENT in line.obs)) or not line.acts:
                gap = f"event {line.e} has no act or observation of '{agent}'"
                problems.append((number, f"field 'acts': {name}: {gap}."))
                continue
            actors += [] if alone else [", ".join(line.acts)]
            turns.append(
                Turn(
                    e=line.e,
                    action=line.acts.get(agent),
                    calls=line.calls.get(agent, ()),
                    err=line.err.get(agent),
                    obs=line.obs.get(agent),
                    pay=line.pay.get(agent, 0.0),
                    ended=line.ended.get(agent),
                )
            )
            evidence.append(line.ev.get(agent, {}))
            # Agents that left earlier are paid no more, so they are in neither.
            over = bool(line.ended) and line.pay.keys() <= line.ended.keys()
        elif isinstance(line, Block):
            after = parts[-1].e0 + parts[-1].n if parts else 0
            if gap is None and line.e0 != after:
                gap = f"event {after} is missing before event {line.e0}"
                problems.append((number, f"field 'e0': {name}: {gap}; later events were left out."))
            if gap is None:
                parts.append(Part(e0=line.e0, n=line.n, ref=line.ref, t0=line.t0, hash=line.hash))
        elif isinstance(line, Late):
            if line.agent == agent:
                late.append((number, line))
        elif isinstance(line, Cut):
            cuts[line.e] = line.cause
        else:
            end = line
    assert head is not None  # a place begins with a head that was decoded once already
    if "agents" in head.program:  # each agent was paid by a program of its own
        head = replace(head, program=head.program["agents"].get(agent, {}))
    batch = head.batch
    if batch is not None and batch["evidence"] and reset is not None and unpack and gap is None:
        try:
            turns, evidence = stored_turns(path.parent, parts, batch["row"])
        except EpisodeFileError as error:
            gap = str(error)
            problems.append((lines[-1][0], f"{name}: {gap}"))
    records = [] if reset is None else [dict(reset.ev.get(agent, {})), *map(dict, evidence)]
    last = max(len(turns), sum(part.n for part in parts))
    kept: list[Late] = []
    for number, item in late:
        if 0 <= (at := item.e - first + 1) < len(records):
            records[at].update(item.ev)
            kept.append(item)
        elif batch is not None and -1 <= item.e < last:
            kept.append(item)
        elif gap is None:
            problems.append(
                (
                    number,
                    f"field 'e': {name} has no event {item.e}; late evidence was left out.",
                )
            )
    if gap is None and unread:
        gap = "a line of it could not be read"
    closed = end is not None and end.cause in ("task", "budget")
    if batch is not None:  # that an event ended it stands in the block's hash, if anywhere
        over = closed and last > 0
    if gap is None and closed and not over:
        gap = "its last event is missing"
        problems.append((lines[-1][0], f"field 'cause': {name} ended, but {gap}."))
    return Episode(
        name=name,
        path=path,
        head=head,
        obs=None if reset is None else reset.obs.get(agent),
        records=tuple(records),
        turns=tuple(turns),
        late=tuple(kept),
        cuts=cuts,
        end=end,
        gap=gap,
        agent=agent,
        actors=tuple(actors),
        over=over,
        blocks=tuple(parts),
    )
