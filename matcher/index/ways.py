"""Who is within reach, for many at once: places as points on a ball, and the way as the angle between two of them.

The product of two points is the cosine of the angle, and one product is all that most need. Whoever is so near to the
limit that the last bits of it would decide is measured as ``matcher.eligibility`` does it.
"""

from __future__ import annotations

from math import cos, pi

import numpy as np
from numpy.typing import NDArray

from matcher.eligibility import within_reach
from matcher.encoding import ClientArrays, Directory
from matcher.encoding.bits import Flags, Floats
from matcher.encoding.earth import EARTH_RADIUS_KM

Rows = NDArray[np.intp]
UNSURE = 1e-13  # some hundred roundings of a cosine


def points_of(place: Floats) -> Floats:
    """Latitudes and longitudes (n, 2) as points, (n, 4): the last is 0, and NaN all of them where one is unknown."""
    north, east = place[:, 0], place[:, 1]
    flat = np.cos(north)
    return np.stack([flat * np.cos(east), flat * np.sin(east), np.sin(north), 0 * north], axis=1)


def reached(client: ClientArrays, directory: Directory, points: Floats, rows: Rows) -> Flags:
    """``within_reach`` of one client who has a place and a limit, for some rows, which ascend."""
    limit = cos(min(float(client.max_distance_km[0]) / EARTH_RADIUS_KM, pi))
    near = points.take(rows, axis=0) @ points_of(client.place)[0]
    found = near >= limit + UNSURE
    doubtful = np.flatnonzero((near >= limit - UNSURE) & ~found)
    if len(doubtful):
        found[doubtful] = within_reach(client, directory.part(rows[doubtful]))[0]
    return np.asarray(found)
