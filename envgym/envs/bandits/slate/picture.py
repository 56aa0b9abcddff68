"""SlateRetention as text: who the user is, what can be shown, what the last slate earned."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from envgym.envs.bandits.slate.core import SlateRetentionCore
    from envgym.envs.bandits.slate.scalar import SlateRetentionScalar

WIDTH = 20
"""Characters of a bar from 0 to 1."""


def picture(core: "SlateRetentionCore", scalar: "SlateRetentionScalar") -> str:
    """Return a few lines: sessions, temper, interest and boredom per category, candidates."""
    temper = max(10.0 - scalar.lost / core.slots, 0.0)
    lines = [
        f"round {scalar.t} of {core.horizon}, session {scalar.session + 1} of {core.sessions}, "
        f"request {scalar.request + 1}",
        f"temper   {_bar(temper / 10)} {temper:4.1f}",
    ]
    for category in range(core.categories):
        lines.append(
            f"group {_letters(category):>2} interest {_bar(scalar.interest[category])}"
            f" bored {_bar(scalar.bored[category])}"
            f" shown {scalar.shown[category]}, signals {scalar.liked[category]}"
        )
    if scalar.slate:
        pairs = zip(scalar.slate, scalar.earned, strict=True)
        told = ", ".join(f"{_letters(group)} {'*' * won or '-'}" for group, won in pairs)
        lines.append(f"last slate: {told}")
    order = sorted(range(core.candidates), key=lambda item: -scalar.quality[item])
    told = ", ".join(
        f"{item} {_letters(scalar.category[item])} {scalar.quality[item]:.2f}"
        for item in order[:12]
    )
    more = f" and {core.candidates - 12} more" if core.candidates > 12 else ""
    return "\n".join([*lines, f"candidates by quality: {told}{more}"])


def _bar(share: float) -> str:
    full = round(min(max(share, 0.0), 1.0) * WIDTH)
    return "#" * full + "." * (WIDTH - full)


def _letters(number: int) -> str:
    """Return A, B, ... Z, AA, AB, ..."""
    first, last = divmod(number, 26)
    return (chr(64 + first) if first else "") + chr(65 + last)
