"""Connect Four on bits: fours, cells that complete one, and a short look ahead.

Cell (column c, row r from the bottom) is bit 7 * c + r; the seventh bit of a column stays empty, so
that lines do not wrap around.
"""

WIDE = 7
"""Columns."""
TALL = 7
"""Bits of a column: six cells and one that stays empty."""
COLUMNS = tuple(0b111111 << c * TALL for c in range(WIDE))
"""The cells of each column."""
_BOARD = sum(COLUMNS)
_BOTTOM = sum(1 << c * TALL for c in range(WIDE))
_MIDDLE = COLUMNS[3]
_CENTRAL = COLUMNS[2] | COLUMNS[4]
_ORDER = (3, 2, 4, 1, 5, 0, 6)
"""Middle columns first: they are better more often, so the search cuts more."""
_DEPTH = 4
_WON = 1000


def wins(own: int) -> bool:
    """Return whether the cells hold four in a line."""
    for step in (1, 7, 6, 8):
        pairs = own & own >> step
        if pairs & pairs >> 2 * step:
            return True
    return False


def completing(own: int, taken: int) -> int:
    """Return the empty cells that would complete a line of four."""
    found = own << 1 & own << 2 & own << 3
    for d in (7, 6, 8):
        up, down = own << d, own >> d
        up2, down2 = own << 2 * d, own >> 2 * d
        found |= up & up2 & (own << 3 * d | down) | down & down2 & (own >> 3 * d | up)
    return found & _BOARD & ~taken


def lead(own: int, other: int) -> int:
    """Return how far ``own`` is ahead: 4 a cell that completes four, and pieces in the middle."""
    taken = own | other
    cells = completing(own, taken).bit_count() - completing(other, taken).bit_count()
    middle = (own & _MIDDLE).bit_count() - (other & _MIDDLE).bit_count()
    central = (own & _CENTRAL).bit_count() - (other & _CENTRAL).bit_count()
    return 4 * cells + 2 * middle + central


def best_column(own: int, other: int) -> int:
    """Return the mover's best column by a search of four moves; ties go to the middle."""
    taken = own | other
    free = (taken + _BOTTOM) & _BOARD & ~taken
    options = [c for c in _ORDER if free & COLUMNS[c]]
    for threat in (completing(own, taken), completing(other, taken)):
        for c in options:
            if free & threat & COLUMNS[c]:
                return c
    best, found = -2 * _WON, options[0]
    for c in options:
        score = -_search(other, own | free & COLUMNS[c], _DEPTH - 1, -2 * _WON, -best)
        if score > best:
            best, found = score, c
    return found


def _search(own: int, other: int, depth: int, low: int, high: int) -> int:
    """Return the mover's score within ``low`` to ``high`` (negamax with alpha-beta cuts)."""
    taken = own | other
    free = (taken + _BOTTOM) & _BOARD & ~taken
    if not free:
        return 0
    if free & completing(own, taken):
        return _WON + depth
    if not depth:
        return lead(own, other)
    forced = free & completing(other, taken)
    best = -2 * _WON
    for c in _ORDER:
        cell = (forced or free) & COLUMNS[c]
        if not cell:
            continue
        score = -_search(other, own | cell, depth - 1, -high, -low)
        if score > best:
            best = score
            if best > low:
                low = best
                if low >= high:
                    break
    return best
