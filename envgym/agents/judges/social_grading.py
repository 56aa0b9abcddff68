"""Social grading of recorded episodes of several agents: late evidence for each of them."""

import re
from collections import Counter
from collections.abc import Sequence
from os import PathLike
from typing import Literal, get_args

from envgym.agents.judges.grading import Graded, append_late, reachable, why_skipped
from envgym.agents.judges.social import social_grades
from envgym.agents.judges.template import load_template
from envgym.agents.judges.verdict import Judge
from envgym.runtime.episodes.episode import Episode
from envgym.runtime.episodes.reader import read_episodes
from envgym.runtime.games.social import DIMENSIONS
from envgym.types import ConfigError, EpisodeFileError
from envgym.types.errors import unknown

PREFIX = "judge.social"
"""The evidence keys are PREFIX.DIMENSION."""

Redo = Literal["none", "invalid", "all"]

_THOUGHTS = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)


def grade_social(
    path: str | PathLike[str],
    judge: Judge,
    *,
    dimensions: Sequence[str] = tuple(DIMENSIONS),
    redo: Redo = "invalid",
) -> Graded:
    """Ask a judge about every agent of every finished episode; append its scores to their files.

    The agent's last event gets the evidence ``judge.social.DIMENSION``, a number in the range of
    the dimension, and ``judge.social.DIMENSION.reason``, empty for an answer (source: judge and
    prompt). So ``rescore`` pays it per agent without the judge:
    ``Source("judge.social.goal", "episode", 0, 10)``. No answer is None, so that the agent's
    episode is invalid under such a program, never worth 0. Running it again asks only about what
    has no answer yet.

    The judge reads what all wrote, thoughts left out, and what the graded agent alone was shown
    first and last; it is not shown what the others were.

    Args:
        path: an episode folder or file.
        judge: any judge.
        dimensions: names from ``DIMENSIONS``.
        redo: which answers that are there already are asked for again: "none", "invalid" (those
            without a number) or "all". The newest line counts.

    Returns:
        Counts of agents' views: answered in all that was asked, without some answer by reason,
        and skipped by reason.

    Raises:
        ConfigError: an argument is wrong.
        EpisodeFileError: nothing can be read there.
        InfraError: the disk refused.
    """
    if redo not in get_args(Redo):
        raise ConfigError(unknown("redo", redo, get_args(Redo)))
    for name in dimensions:
        if name not in DIMENSIONS:
            raise ConfigError(unknown("social dimension", name, DIMENSIONS))
    source = f"{judge.name}/{load_template('social').tag}"
    episodes = read_episodes(path)
    known = reachable(episodes)
    answered, invalid, skipped = 0, Counter[str](), Counter[str]()
    for episode in episodes:
        if not episode.several:
            skipped["it has one agent"] += 1
            continue
        if episode.name not in known:
            skipped["a later episode of the file has the same name"] += 1
            continue
        reasons = {d: why_skipped(episode, f"{PREFIX}.{d}", redo, source) for d in dimensions}
        wanted = [d for d in dimensions if reasons[d] is None]
        if not wanted:
            skipped.update(str(why) for why in {*reasons.values()})
            continue
        try:
            team = [episodes.history(view) for view in episodes.team(episode)]
        except EpisodeFileError:
            skipped["the episode it was forked from is not here"] += 1
            continue
        (mine,) = (view for view in team if view.agent == episode.agent)
        grades = social_grades(
            judge,
            _told(team, mine),
            episode.agent,
            private=_first_shown(mine),
            dimensions=wanted,
        )
        evidence: dict[str, float | str | None] = {}
        for name in wanted:
            evidence[f"{PREFIX}.{name}"] = getattr(grades.scores, name)
            evidence[f"{PREFIX}.{name}.reason"] = grades.failed.get(name, "")
        append_late(episode, evidence, source)
        invalid.update(grades.failed.values())
        answered += not grades.failed
    return Graded(
        key=PREFIX,
        answered=answered,
        invalid=dict(invalid),
        skipped=dict(skipped),
        problems=tuple(episodes.problems),
    )


def _told(team: Sequence[Episode], mine: Episode) -> str:
    """Return every message under the name of who wrote it, then what ``mine`` was shown last."""
    blocks = []
    for turns in zip(*(view.turns for view in team), strict=True):
        for view, turn in zip(team, turns, strict=True):
            if turn.action is None:
                continue
            words = _THOUGHTS.sub(" ", str(turn.action)).strip()
            refused = f"\n(refused: {turn.err})" if turn.err is not None else ""
            blocks.append(f"[{view.agent}]\n{_indented(words + refused)}")
    last = mine.turns[-1].obs
    if isinstance(last, str):
        blocks.append(f"[shown to {mine.agent} at the end]\n{_indented(last)}")
    return "\n\n".join(blocks)


def _first_shown(view: Episode) -> str | None:
    """Return the first thing the agent was shown: in games its private part stands there."""
    shown = [view.obs, *(turn.obs for turn in view.turns)]
    return next((text for text in shown if isinstance(text, str)), None)


def _indented(text: str) -> str:
    # Below its heading, so that no message can pass for another agent's.
    return "\n".join(f"    {line}" for line in text.splitlines()) or "    (nothing)"
