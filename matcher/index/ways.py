"""Who is within reach, for many at once: places as points, and the way as the straight line between two of them.

Points in single precision say it of nearly everybody. Whoever is within a few metres of the limit is measured as
``matcher.eligibility`` does it.
"""

from __future__ import annotations

from math import inf, pi, sin

import numpy as np
from numpy.typing import NDArray

from matcher.eligibility import within_reach
from matcher.encoding import ClientArrays, Directory
from matcher.encoding.bits import Flags, Floats
from matcher.encoding.earth import EARTH_RADIUS_KM

Points = NDArray[np.float32]
Rows = NDArray[np.intp]
UNSURE = 2e-6  # radii of the earth, 13 m: some ten roundings of coordinates up to 1
ONES = np.ones(4, dtype=np.float32)


def points_of(place: Floats) -> Points:
    """Latitudes and longitudes (n, 2) as points on a ball of radius 1, (n, 4): the last is 0, NaN where unknown."""
    north, east = place[:, 0], place[:, 1]
    flat = np.cos(north)
    return np.stack([flat * np.cos(east), flat * np.sin(east), np.sin(north), 0 * north], axis=1).astype(np.float32)


def reached(client: ClientArrays, directory: Directory, points: Points, rows: Rows) -> Flags:
    """``within_reach`` of one client who has a place and a limit, for some rows, which ascend."""
    apart = points.take(rows, axis=0)
    apart -= points_of(client.place)
    apart *= apart
    square, chord = apart @ ONES, _chord(float(client.max_distance_km[0]))
    found = square <= max(chord - UNSURE, 0.0) ** 2
    doubtful = np.flatnonzero((square <= (chord + UNSURE) ** 2) & ~found)
    if len(doubtful):
        found[doubtful] = within_reach(client, directory.part(rows[doubtful]))[0]
    return np.asarray(found)


def _chord(km: float) -> float:
    """The straight line between places so far apart on the ground, in radii; without end from half way round."""
    angle = km / EARTH_RADIUS_KM
    return 2 * sin(angle / 2) if angle < pi else inf
