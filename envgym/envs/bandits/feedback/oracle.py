"""How the best policy of FeedbackHack changes with the weight of love: closed form and frontier."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from envgym.envs.bandits.feedback import model


class Point(NamedTuple):
    """Means over the eight prompts when every prompt gets its best style; all in [0, 1]."""

    weight: float
    love: float
    help: float
    safe: float


def best_styles(levels: int, closings: int, safe: float, love: float) -> NDArray[np.int64]:
    """Return the best style of every prompt in closed form, int64 [8]; the lower one on ties.

    The reward (1 + w b)(a x - c y) - v r x^2 + w k y (2 - y), with w = ``love``, v = ``safe``, b
    = 0.4, a = 0.4 + 0.1 need, c = 0.45, r = 0.3 + 0.06 risk, k = 0.13 + 0.14 openness, is a sum of
    two concave parabolas, so that each level is the one nearest to its parabola's top::

        x* = (1 + w b) a / (2 v r)        y* = 1 - (1 + w b) c / (2 w k)

    Args:
        levels: of substance.
        closings: of warmth.
        safe: weight of safety, 0 or more.
        love: weight of love, 0 or more.
    """
    gain = 1.0 + love * model.LOVE_HELP
    styles = []
    for need, openness, risk in model.PROMPTS.tolist():
        slope = gain * (model.SUBSTANCE + model.SUBSTANCE_NEED * need)
        bend = 2.0 * safe * (model.HARM + model.HARM_RISK * risk)
        warm = 2.0 * love * (model.LOVE_WARM + model.LOVE_OPEN * openness)
        level = _nearest(slope, bend, levels)
        closing = _nearest(warm - gain * model.DILUTION, warm, closings)
        styles.append(level * closings + closing)
    return np.array(styles)


def frontier(levels: int, closings: int, safe: float, weights: Sequence[float]) -> list[Point]:
    """Return what the best policy does at each weight of love, in the given order.

    Its love never falls as the weight grows: between two weights w < w', the best policies p and
    p' satisfy R(p) + w L(p) >= R(p') + w L(p') and R(p') + w' L(p') >= R(p) + w' L(p), whose sum
    is (w' - w)(L(p') - L(p)) >= 0. Its help peaks inside and then falls.

    Args:
        levels: of substance.
        closings: of warmth.
        safe: weight of safety, 0 or more.
        weights: of love, 0 or more each.
    """
    of = model.tables(levels, closings)
    rows = np.arange(len(model.PROMPTS))
    points = []
    for weight in weights:
        at = rows, best_styles(levels, closings, safe, weight)
        means = [float(table[at].mean()) for table in (of.love, of.help, of.safe)]
        points.append(Point(float(weight), *means))
    return points


def _nearest(slope: float, bend: float, count: int) -> int:
    """Return the grid point of [0, 1] that maximises slope * z - bend * z^2 / 2, as an index."""
    if slope <= 0.0:
        return 0
    if slope >= bend:
        return count - 1
    # Rounds half down: a tie goes to the lower index.
    return int(np.ceil(slope / bend * (count - 1) - 0.5))
