"""Great-circle distances that are the same bits on every machine.

Only addition, multiplication, division and square root are used: IEEE 754 rounds them
correctly, while ``sin``, ``cos`` and ``asin`` come from the C library and may differ in the
last bit between machines.
"""

from math import sqrt

EARTH_KM = 6371.0088
"""Mean radius of the Earth (IUGG)."""
_PI = 3.141592653589793
_SIN = [1.0]
for _n in range(1, 15):
    _SIN.append(-_SIN[-1] / ((2 * _n) * (2 * _n + 1)))
_COS = [1.0]
for _n in range(1, 15):
    _COS.append(-_COS[-1] / ((2 * _n - 1) * (2 * _n)))
_ASIN = []
_central = 1.0
for _n in range(40):
    _ASIN.append(_central / (2 * _n + 1))
    _central *= (2 * _n + 1) / (2 * _n + 2)


def _series(coefficients: list[float], square: float) -> float:
    total = 0.0
    for value in reversed(coefficients):
        total = total * square + value
    return total


def unit_vector(lat: int, lon: int) -> tuple[float, float, float]:
    """Return the unit vector of a place given in ten-thousandths of a degree.

    >>> unit_vector(900_000, 0)[2]
    1.0
    """
    phi, lam = lat / 1_800_000 * _PI, lon / 1_800_000 * _PI
    flat = _series(_COS, phi * phi)
    return (
        flat * _series(_COS, lam * lam),
        flat * lam * _series(_SIN, lam * lam),
        phi * _series(_SIN, phi * phi),
    )


def arc_km(a: tuple[float, float, float], b: tuple[float, float, float]) -> int:
    """Return the great-circle distance of two unit vectors in whole kilometres, at least 1.

    Exact to the kilometre for arcs up to a quarter of the globe, more than any region spans.
    """
    dx, dy, dz = a[0] - b[0], a[1] - b[1], a[2] - b[2]
    half = sqrt(dx * dx + dy * dy + dz * dz) / 2
    terms = _ASIN[:8] if half < 0.2 else _ASIN
    return max(1, int(2 * EARTH_KM * half * _series(terms, half * half) + 0.5))
