"""InBox: a click inside the right box; and UI-R1, which adds type and format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from sys import float_info
from typing import Any, ClassVar

from envgym.rewards.node import Node
from envgym.rewards.reading import ITEMS, Reading, items
from envgym.rewards.signal import Bounds, Evidenced, Scope
from envgym.rewards.within import within
from envgym.types.errors import ConfigError, EvidenceError


@dataclass(frozen=True)
class InBox(Reading):
    """1 if a point lies in a box, whose area is capped, else 0.

    Formula: y = [x0 <= x <= x1 and y0 <= y <= y1], the box shrunk about its centre until its
             area is at most max_area of the screen
    Source:  cookbook A3, UI-R1, arXiv 2503.21620~ (recalled); the cap is ours
    Shapes:  (x, y) and (x0, y0, x1, y1) to a scalar, per event or of the last record
    Range:   {0, 1}
    Laws:    a box within the cap counts whole (L8); enlarging a box beyond it, about its
             centre, changes nothing, so that huge boxes do not pay; edges count as inside

    >>> node = InBox("point", "box", width=100, height=100)
    >>> node.read({"point": (12, 11), "box": (10, 10, 20, 20)})
    1.0
    """

    kind: ClassVar[str] = "read.in_box"

    point: str = "point"
    """Key of the click (x, y); () where the action was no click. Anything else is a miss: an
    agent may write what it likes."""
    box: str = "gold_box"
    """Key of the right element (x0, y0, x1, y1); () where no click was called for."""
    width: float = 1.0
    """Width of the screen, in the unit of the coordinates."""
    height: float = 1.0
    """Height of the screen."""
    max_area: float = 0.05
    """Largest share of the screen that a box may pay for; 1: no cap. Default ours."""
    scope: Scope = "step"
    """"step" reads every record, "episode" the last one."""

    def validate(self) -> None:
        """Refuse an empty screen and caps that are no share of it."""
        if self.width <= 0 or self.height <= 0:
            raise ConfigError(
                f"InBox.width and height must be above 0, got {self.width:g} and {self.height:g}."
            )
        if not 0 < self.max_area <= 1:
            raise ConfigError(f"InBox.max_area must be in (0, 1], got {self.max_area:g}.")

    @property
    def types(self) -> Mapping[str, frozenset[str]]:
        """Both keys, tuples."""
        return {self.point: ITEMS, self.box: ITEMS}

    @cached_property
    def bounds(self) -> Bounds:
        """[0, 1]."""
        return Bounds(0.0, 1.0)

    def read(self, record: Evidenced) -> float | None:
        """Return 1.0 or 0.0; None if the point or the box is unknown."""
        clicked, wanted = items(record, self.point), items(record, self.box)
        if clicked is None or wanted is None:
            return None
        point, box = _numbers(clicked, 2), _numbers(wanted, 4)
        if wanted and not box:
            raise EvidenceError(f"evidence '{self.box}' must hold 4 numbers or none, got {wanted}.")
        if not point or not box:
            return 0.0
        x0, x1 = sorted((box[0], box[2]))
        y0, y1 = sorted((box[1], box[3]))
        area = (x1 - x0) * (y1 - y0)
        allowed = self.max_area * self.width * self.height
        factor = 1.0 if area <= allowed else sqrt(allowed / area)
        # Halves, so that a box that is not shrunk keeps its edges to the last bit.
        dx, dy = 0.5 * (1.0 - factor) * (x1 - x0), 0.5 * (1.0 - factor) * (y1 - y0)
        x, y = point
        return float(x0 + dx <= x <= x1 - dx and y0 + dy <= y <= y1 - dy)


def _numbers(values: Sequence[Any], size: int) -> tuple[float, ...]:
    """Return ``size`` finite numbers; () if the values are anything else."""
    if len(values) != size or any(
        isinstance(x, bool) or not isinstance(x, int | float) or not abs(x) <= float_info.max
        for x in values
    ):
        return ()
    return tuple(map(float, values))


def ui_r1(kind: Node, click: Node, form: Node) -> Node:
    """Return the sum of three checks of one GUI action.

    Formula: R = [type right] + [click in box] + [format valid]
    Source:  cookbook A3, UI-R1, arXiv 2503.21620~ (recalled)
    Shapes:  three values of one scope, each in [0, 1], to one
    Range:   [0, 3]
    Laws:    up in each (L3)

    Args:
        kind: whether the action's type is right, usually ``Same("action_type", "gold_type")``.
        click: whether it hit, usually ``InBox()``.
        form: whether the message is well formed, usually ``TagFormat("think answer")``.

    Raises:
        ConfigError: a check is not between 0 and 1.

    >>> from envgym.rewards.read.same import Same
    >>> from envgym.rewards.source import Source
    >>> program = ui_r1(Same("type", "gold"), InBox(), Source("format", lo=0, hi=1))
    >>> record = {"type": "tap", "gold": "tap", "point": (0.9, 0.9), "format": True}
    >>> program.settle([record | {"gold_box": (0, 0, 0.2, 0.2)}] * 2)
    (2.0, (2.0,))
    """
    for name, check in (("kind", kind), ("click", click), ("form", form)):
        within(f"ui_r1.{name}", check, 0.0, 1.0)
    return kind + click + form
