"""Hex: how far each player is from a connection, and a good cell by it.

Distance is van Rijswijck's two-distance (recalled): a cell next to an edge is at 1, any other at one
more than its second-nearest neighbour, because the opponent can always take the nearest one. Own
chains are crossed for free. Where no cell has two ways on, one will do, at a price.
"""

from dataclasses import dataclass
from functools import lru_cache

Chains = tuple[tuple[int, int], ...]
_FAR = 10_000
_PRICE = 2
"""Extra distance of a layer that hangs on one neighbour."""


@dataclass(frozen=True)
class Board:
    """What is fixed about a board."""

    size: int
    near: tuple[int, ...]
    """Touching cells of each cell, as bits."""
    edges: tuple[tuple[int, ...], tuple[int, ...]]
    """Per player and cell the own edges it lies on: 1 first, 2 second, 3 both."""
    middle: tuple[int, ...]
    """Distance of each cell from the centre, doubled."""


@lru_cache(maxsize=32)
def board(size: int) -> Board:
    """Return the board of ``size`` x ``size`` cells."""
    near, top, left, middle = [], [], [], []
    for row in range(size):
        for column in range(size):
            cells = 0
            for r, c in ((-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0)):
                if 0 <= row + r < size and 0 <= column + c < size:
                    cells |= 1 << (row + r) * size + column + c
            near.append(cells)
            top.append((row == 0) | (row == size - 1) << 1)
            left.append((column == 0) | (column == size - 1) << 1)
            middle.append(abs(2 * row - size + 1) + abs(2 * column - size + 1))
    return Board(size, tuple(near), (tuple(top), tuple(left)), tuple(middle))


def _reach(
    known: Board, empty: list[int], taken: int, chains: Chains, player: int
) -> tuple[dict[int, int], dict[int, int]]:
    """Return per empty cell its empty neighbours, across own chains too, and its own edges."""
    border = [_border(known, cells) & ~taken for cells, _ in chains]
    near, edges = {}, {}
    for cell in empty:
        around, touches = known.near[cell], known.edges[player][cell]
        found = around & ~taken
        for (cells, reached), beyond in zip(chains, border, strict=True):
            if cells & around:
                found |= beyond
                touches |= reached
        near[cell] = found & ~(1 << cell)
        edges[cell] = touches
    return near, edges


def _border(known: Board, cells: int) -> int:
    around = 0
    while cells:
        lowest = cells & -cells
        around |= known.near[lowest.bit_length() - 1]
        cells ^= lowest
    return around


def _distances(near: dict[int, int], edges: dict[int, int], edge: int) -> dict[int, int]:
    """Return the two-distance of every empty cell to an own edge (1 or 2)."""
    found = {cell: 1 for cell, touches in edges.items() if touches & edge}
    reached = sum(1 << cell for cell in found)
    open_cells = [cell for cell in near if cell not in found]
    distance = 1
    while open_cells:
        distance += 1
        layer = [cell for cell in open_cells if (near[cell] & reached).bit_count() > 1]
        if not layer:
            distance += _PRICE
            layer = [cell for cell in open_cells if near[cell] & reached]
            if not layer:
                break
        for cell in layer:
            found[cell] = distance
            reached |= 1 << cell
        open_cells = [cell for cell in open_cells if cell not in found]
    return found


def _through(
    known: Board, stones: tuple[int, int], groups: tuple[Chains, Chains], player: int
) -> dict[int, int]:
    """Return per empty cell the length of a connection of ``player`` through it."""
    taken = stones[0] | stones[1]
    empty = [cell for cell in range(known.size**2) if not taken >> cell & 1]
    near, edges = _reach(known, empty, taken, groups[player], player)
    first, second = (_distances(near, edges, edge) for edge in (1, 2))
    return {cell: first.get(cell, _FAR) + second.get(cell, _FAR) for cell in empty}


def shortest(
    known: Board, stones: tuple[int, int], groups: tuple[Chains, Chains], player: int
) -> int:
    """Return the length of the shortest connection of ``player``, at most twice the cells."""
    return min((*_through(known, stones, groups, player).values(), 2 * known.size**2))


def best_cell(
    known: Board, stones: tuple[int, int], groups: tuple[Chains, Chains], player: int
) -> int:
    """Return the mover's cell: win, block, else where both players' connections are shortest."""
    own = _through(known, stones, groups, player)
    other = _through(known, stones, groups, 1 - player)
    for lengths in (own, other):
        # 1 + 1: the cell joins both edges at once.
        winning = [cell for cell, length in lengths.items() if length == 2]
        if winning:
            return winning[0]
    return min(own, key=lambda cell: (own[cell] + other[cell], known.middle[cell], cell))
