"""What SlateRetention reports, and what it pays for."""

from collections.abc import Mapping

from envgym.rewards import Program, Scale, Source, Sum
from envgym.runtime.numeric.evidence import with_common
from envgym.runtime.numeric.presets import numeric_presets
from envgym.types import Evidence

OWN: tuple[Evidence, ...] = (
    Evidence(
        key="immediate",
        type="float",
        unit="signals",
        lo=0,
        hi=1,
        help="signals of the latest slate / the most it can earn",
    ),
    Evidence(
        key="retention",
        type="float",
        unit="share",
        lo=-1,
        hi=0,
        help="if a session just ended: -(days away - 1) / days, -1 if the user is lost; else 0",
    ),
    Evidence(
        key="shortfall",
        type="float",
        unit="signals",
        lo=0,
        help="expected immediate of the best slate in this request - that of the slate shown",
    ),
    Evidence(
        key="ndcg",
        type="float",
        lo=0,
        hi=1,
        help="DCG of the items' appeal on this page / that of the best slate",
    ),
    Evidence(
        key="item_reward",
        type="float",
        lo=0,
        hi=1,
        help="mean relevance of the items, each for itself, weighted with DCG's weights [241]",
    ),
    Evidence(
        key="page_reward",
        type="float",
        lo=0,
        hi=1,
        help="(relevance + ranking + diversity + 1 - redundancy) / 4 [241]",
    ),
    Evidence(
        key="relevance",
        type="float",
        lo=0,
        hi=1,
        help="the slate's relevance / that of the most relevant candidates",
    ),
    Evidence(
        key="ranking", type="float", lo=0, hi=1, help="DCG of the slate in its order / when sorted"
    ),
    Evidence(
        key="diversity",
        type="float",
        lo=0,
        hi=1,
        help="different categories / as many as a slate can hold",
    ),
    Evidence(
        key="redundancy",
        type="float",
        lo=0,
        hi=1,
        help="share of the pairs of places that hold one category",
    ),
    Evidence(
        key="patience",
        type="float",
        lo=0,
        hi=1,
        help="temper left before the session ends, 1 at its start",
    ),
    Evidence(key="sessions", type="int", unit="sessions", lo=0, help="sessions ended so far"),
    Evidence(
        key="days",
        type="int",
        unit="days",
        lo=0,
        help="days away after the session that just ended, cut at days; 0 if none ended",
    ),
    Evidence(
        key="progress",
        type="float",
        unit="share",
        lo=0,
        hi=1,
        help="categories shown so far / all categories",
    ),
)
"""Step evidence of the family."""

DECLARES = with_common(OWN)
"""All evidence."""


def slate_presets() -> Mapping[str, Program]:
    """Return the numeric programs and those of the two channels and the two levels.

    immediate, retention   one channel of [246] alone
    item, page             one level of [241] alone
    page_item              (2 * item + page) / 3: with equal parts the page's share of diversity
                           and redundancy outweighs relevance (measured, see the page)
    """
    item = Source("item_reward", lo=0.0, hi=1.0)
    page = Source("page_reward", lo=0.0, hi=1.0)
    both = Sum((Scale(item, 2 / 3), Scale(page, 1 / 3)))
    own = (
        Program("immediate", Source("immediate", lo=0.0, hi=1.0)),
        Program("retention", Source("retention", lo=-1.0, hi=0.0)),
        Program("item", item),
        Program("page", page),
        Program("page_item", both),
    )
    return {
        **numeric_presets(potential="patience"),
        **{program.name: program for program in own},
    }
