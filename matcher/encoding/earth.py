"""Distances on the earth's surface."""

from __future__ import annotations

import numpy as np

from matcher.encoding.bits import Floats

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG 1980


def distance_km(clients: Floats, therapists: Floats) -> Floats:
    """Great-circle distances by the haversine formula, shape (clients, therapists), km; NaN where a place is unknown.

    Both arguments hold latitude and longitude in radians, shape (n, 2).
    """
    north, east = clients[:, None, 0] - therapists[None, :, 0], clients[:, None, 1] - therapists[None, :, 1]
    slant = np.cos(clients[:, 0])[:, None] * np.cos(therapists[:, 0])[None, :]
    haversine = np.sin(north / 2) ** 2 + slant * np.sin(east / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(haversine, 0, 1))))
