"""Who is within reach, for many at once: places as points on a ball, and the way as the angle between two of them.

Places are gathered in cells of some kilometres. Most cells lie within reach as a whole, or beyond it; of the rest the
product of two points, which is the cosine of the angle, tells nearly everybody. Whoever is so near to the limit that
the last bits of it would decide is measured as ``matcher.eligibility`` does it.
"""

from __future__ import annotations

from math import cos, pi
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matcher.eligibility import within_reach
from matcher.encoding import ClientArrays, Directory
from matcher.encoding.bits import Flags, Floats
from matcher.encoding.earth import EARTH_RADIUS_KM

CELL = 1e-3  # radians of latitude and of longitude, 6.4 km
ROUGH = 1e-6  # radians, 6 m: a hundred times what two angles may be off
UNSURE = 1e-13  # some hundred roundings of a cosine
BEYOND, NEAR_THE_LIMIT, WITHIN = 0, 1, 2
Rows = NDArray[np.intp]


class Places(NamedTuple):
    """The point of each therapist (n, 4), the last number 0, all NaN where unknown; their cells (n,); of each cell the
    middle (m, 4), and as an angle how far its therapists live from there at most (m,)."""

    points: Floats
    cells: NDArray[np.unsignedinteger]
    middles: Floats
    widths: Floats

    @property
    def n_bytes(self) -> int:
        """How much room they take."""
        return int(sum(array.nbytes for array in self))


def places_of(directory: Directory) -> Places:
    """The places of a directory."""
    points = points_of(directory.place)
    cells = np.floor(directory.place / CELL)
    named = np.where(np.isnan(cells).any(axis=1), np.inf, cells[:, 0] * round(2 * pi / CELL) + cells[:, 1])
    _, first, cell = np.unique(named, return_index=True, return_inverse=True)
    middles = points[first]
    widths = np.zeros(len(first))
    np.fmax.at(widths, cell, _angle(np.einsum("ij,ij->i", points, middles[cell])))
    return Places(points, cell.astype(np.min_scalar_type(len(first))), middles, widths)


def points_of(place: Floats) -> Floats:
    """Latitudes and longitudes (n, 2) as points, (n, 4)."""
    north, east = place[:, 0], place[:, 1]
    flat = np.cos(north)
    return np.stack([flat * np.cos(east), flat * np.sin(east), np.sin(north), 0 * north], axis=1)


def reached(client: ClientArrays, directory: Directory, places: Places, rows: Rows) -> Flags:
    """``within_reach`` of one client who has a place and a limit, for some rows, which ascend."""
    limit, here = min(float(client.max_distance_km[0]) / EARTH_RADIUS_KM, 2 * pi), points_of(client.place)[0]
    way = _angle(places.middles @ here)
    wide = places.widths + ROUGH
    cells = np.where(way + wide <= limit, WITHIN, np.where(way - wide <= limit, NEAR_THE_LIMIT, BEYOND))
    found = cells.astype(np.uint8).take(places.cells.take(rows))
    doubtful = np.flatnonzero(found == NEAR_THE_LIMIT)
    if len(doubtful):
        at = rows[doubtful]
        found[doubtful] = WITHIN * _near(client, directory, places.points.take(at, axis=0) @ here, at)
    return np.asarray(found == WITHIN)


def _near(client: ClientArrays, directory: Directory, cosines: Floats, rows: Rows) -> Flags:
    limit = cos(min(float(client.max_distance_km[0]) / EARTH_RADIUS_KM, pi))
    found = cosines >= limit + UNSURE
    doubtful = np.flatnonzero((cosines >= limit - UNSURE) & ~found)
    if len(doubtful):
        found[doubtful] = within_reach(client, directory.part(rows[doubtful]))[0]
    return np.asarray(found)


def _angle(cosines: Floats) -> Floats:
    """Angles of cosines; where they are small, to within some 10^-8."""
    return np.asarray(np.arccos(np.clip(cosines, -1, 1)))
