"""Groups of rollouts of one task: found in recordings, closed after playing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from envgym.rewards import GroupScore, Program, resolve, score
from envgym.runtime import registry
from envgym.runtime.episodes.episode import Episode
from envgym.runtime.episodes.transcripts import transcript_text
from envgym.runtime.evidence import readable
from envgym.runtime.rollout import Rollout
from envgym.runtime.transcript import KEYS
from envgym.types import Candidate, Comparator, ConfigError, Stream


def group_of(episode: Episode) -> str:
    """Return the name of a recorded episode's group.

    It is the recorded one; episodes that were recorded alone belong together if they share
    environment, task and seed-independent configuration.
    """
    head = episode.head
    if head.group is not None:
        return str(head.group["id"])
    return f"{head.env} {head.task.get('id', '')}"


def episode_candidate(episode: Episode, records: Sequence[Mapping[str, Any]]) -> Candidate:
    """Return a recorded episode as a comparator sees it, with ``records`` as its evidence."""
    turns = [(turn.action, turn.obs) for turn in episode.turns]
    return Candidate(
        id=episode.name,
        records=records,
        instruction=str(episode.head.task.get("instruction") or episode.obs or ""),
        text=transcript_text(episode.obs, turns),
    )


def named(comparators: "Mapping[str, Comparator] | Comparator | None") -> dict[str, Comparator]:
    """Return comparators by name; a single one goes by any name a program uses.

    Raises:
        ConfigError: it is neither a comparator nor a mapping of them.
    """
    if comparators is None:
        return {}
    if isinstance(comparators, Mapping):
        for name, one in comparators.items():
            if not isinstance(one, Comparator):
                raise ConfigError(f"comparators['{name}'] has no method compare: {one!r}.")
        return dict(comparators)
    if not isinstance(comparators, Comparator):
        raise ConfigError(f"comparators must be a comparator or a mapping, got {comparators!r}.")
    return _Any(comparators)


class _Any(dict[str, Comparator]):
    """One comparator under every name."""

    def __init__(self, one: Comparator) -> None:
        super().__init__({"": one})
        self._one = one

    def __missing__(self, name: str) -> Comparator:
        return self._one

    def __contains__(self, name: object) -> bool:
        return True

    def get(self, name: str, default: Any = None) -> Any:
        return self._one


def member_arguments(env_id: str, kwargs: Mapping[str, Any]) -> tuple[Program, dict[str, Any]]:
    """Return the program that ``kwargs["reward"]`` means, and how to make one member under it.

    A member pays the summands that need its episode alone and measures what the others read.

    Raises:
        ConfigError, EvidenceError: the program is unknown, needs the trainer, or asks for
            evidence that the environment does not supply.
    """
    family = registry.env_class(env_id)
    if not hasattr(family, "presets"):
        raise ConfigError(f"{env_id} is no environment of text; see envgym.ids().")
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
    places: dict[str, list[int]] = {}
    for number, one in enumerate(rollouts):
        places.setdefault(one.job.group or f"alone-{number}", []).append(number)
    done = list(rollouts)
    scores: dict[str, GroupScore] = {}
    for name, members in places.items():
        width = len(str(len(members)))
        found = score(
            [
                rollout_candidate(rollouts[i], f"{k:0{width}d}", rollouts[i].valid)
                for k, i in enumerate(members)
            ],
            program,
            comparators=named(comparators),
            # Ids repeat from group to group; the draws must not.
            seed=Stream(seed, "close group", name).word() >> 1,
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
        instruction=rollout.instruction,
        text=transcript_text(opening, zip(said, seen, strict=False)),
    )


def _shown(messages: Iterable[Any]) -> str:
    return "\n".join(each.content for each in messages if each.role != "system")
