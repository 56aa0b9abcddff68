"""Groups of rollouts of one task: found in recordings, closed after playing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from envgym.rewards import GroupScore, Program, resolve, score
from envgym.rewards.comparators import named
from envgym.runtime import registry
from envgym.runtime.episodes.episode import Episode
from envgym.runtime.episodes.transcripts import transcript_text
from envgym.runtime.evidence import readable
from envgym.runtime.rollout import Rollout
from envgym.runtime.transcript import KEYS
from envgym.types import Candidate, Comparator, ConfigError, Stream
from envgym.types.errors import unknown


def group_of(episode: Episode) -> str:
    """Return the name of a recorded episode's group.

    It is the recorded one; episodes that were recorded alone belong together if they share
    environment, task and seed-independent configuration. Of several agents each is compared with
    those in its own seat.
    """
    head = episode.head
    seat = f" {episode.agent}" if episode.several else ""
    if head.group is not None:
        return f"{head.group['id']}{seat}"
    return f"{head.env} {head.task.get('id', '')}{seat}"


def member_ids(name: str, indices: Sequence[int | None], otherwise: Sequence[str]) -> list[str]:
    """Return the ids of a group's members: the same while playing, training and rescoring.

    Draws depend on ids, so equal ids are what makes equal tournaments. They differ from group to
    group, or one comparator would make the same mistakes in all of them.

    Args:
        name: of the group.
        indices: each member's place in it; None where none was given.
        otherwise: ids where places are missing or taken twice, as in groups that were appended.

    >>> member_ids("seed-3", [0, 1], ["a", "b"]), member_ids("seed-3", [0, 0], ["a", "b"])
    (['seed-3#0', 'seed-3#1'], ['a', 'b'])
    """
    places = [index for index in indices if index is not None]
    if len(set(places)) < len(indices):
        return list(otherwise)
    width = len(str(max(places, default=0)))
    return [f"{name}#{place:0{width}d}" for place in places]


def group_seed(seed: int, name: str) -> int:
    """Return what drives the draws of one group, the same on every way to score it."""
    return Stream(seed, "close group", name).word() >> 1


def check_comparators(program: Program, comparators: Mapping[str, Comparator]) -> None:
    """Refuse a program whose comparator is missing before anything is played.

    Raises:
        ConfigError: naming the node, its comparator and those that were given.
    """
    for node in program.group_nodes:
        wanted = getattr(node, "comparator", "")
        if wanted and wanted not in comparators:
            raise ConfigError(
                f"'{node.label}' of reward '{program.name}' needs a comparator: "
                f"{unknown('comparator', wanted, comparators)} Give them as "
                "comparators={name: comparator}."
            )


def episode_candidate(
    episode: Episode, records: Sequence[Mapping[str, Any]], name: str = ""
) -> Candidate:
    """Return a recorded episode as a comparator sees it, with ``records`` as its evidence.

    ``name`` is its id within the group; the default is the episode's own.
    """
    turns = [(turn.action, turn.obs) for turn in episode.turns]
    return Candidate(
        id=name or episode.name,
        records=records,
        instruction=str(episode.head.task.get("instruction") or episode.obs or ""),
        text=transcript_text(episode.obs, turns),
    )


def member_arguments(env_id: str, kwargs: Mapping[str, Any]) -> tuple[Program, dict[str, Any]]:
    """Return the program that ``kwargs["reward"]`` means, and how to make one member under it.

    A member pays the summands that need its episode alone and measures what the others read.

    Raises:
        ConfigError, EvidenceError: the program is unknown, needs the trainer, or asks for
            evidence that the environment does not supply.
    """
    family = registry.text_class(env_id)
    declared = readable(family)
    program = resolve(kwargs.get("reward", "outcome"), family.presets(), env_id)
    program.check(declared, env_id)
    if program.phase == "trainer":
        raise ConfigError(
            f"{env_id}: reward '{program.name}' needs log-probabilities; the trainer runs it."
        )
    member = {**kwargs, "reward": program.alone}
    asked = kwargs.get("record_evidence", "needed")
    if program.phase == "group" and asked != "all":
        wanted = {k for k in program.needs if k in KEYS or declared[k].cost == "costly"}
        member["record_evidence"] = sorted(wanted.union(() if asked == "needed" else asked))
    return program, member


def close_groups(
    rollouts: Sequence[Rollout],
    program: Program,
    *,
    comparators: "Mapping[str, Comparator] | Comparator | None" = None,
    seed: int = 0,
) -> tuple[list[Rollout], dict[str, GroupScore]]:
    """Return the rollouts with their group rewards, and every group's score by name.

    Rollouts were played under ``program.alone``. Members share ``job.group``; a rollout without
    one is a group of its own. Invalid members take no part; one that the program cannot score
    becomes invalid with reason "reward:<node>".
    """
    known = named(comparators)
    places: dict[str, list[int]] = {}
    for number, one in enumerate(rollouts):
        places.setdefault(one.job.group or f"alone-{number}", []).append(number)
    done = list(rollouts)
    scores: dict[str, GroupScore] = {}
    for name, members in places.items():
        indices = [rollouts[i].job.index for i in members]
        ids = member_ids(name, indices, [f"{name}#{k:06d}" for k in range(len(members))])
        found = score(
            [
                rollout_candidate(rollouts[i], id, rollouts[i].valid)
                for i, id in zip(members, ids, strict=True)
            ],
            program,
            comparators=known,
            seed=group_seed(seed, name),
        )
        scores[name] = found
        for i, each in zip(members, found, strict=True):
            one = rollouts[i]
            if one.valid:
                done[i] = replace(
                    one,
                    total=each.total,
                    step_rewards=each.settled,
                    ledger=each.ledger,
                    valid=each.reason is None,
                    reason=each.reason,
                    end=one.end if each.reason is None else "invalid",
                )
    return done, scores


def rollout_candidate(rollout: Rollout, name: str, counts: bool = True) -> Candidate:
    """Return a finished rollout as a comparator sees it.

    Args:
        rollout: as ``rollout()`` yields it.
        name: its id within the group.
        counts: False for one that must take no part.
    """
    said = [turn.reply.text for turn in rollout.turns]
    seen = [_shown(turn.messages) for turn in rollout.turns[1:]] + [rollout.observation]
    opening = _shown(rollout.turns[0].messages) if rollout.turns else rollout.observation
    return Candidate(
        id=name,
        records=rollout.records if counts and rollout.records else ({"end": None},),
        instruction=rollout.instruction or opening,
        text=transcript_text(opening, zip(said, seen, strict=False)),
    )


def _shown(messages: Iterable[Any]) -> str:
    return "\n".join(each.content for each in messages if each.role != "system")
