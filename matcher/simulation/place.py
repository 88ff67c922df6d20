"""Tolmaren, an invented harbour town in an invented country.

``XR`` is a code that ISO 3166 leaves to its users. The town lies in the open North Sea, so that no address is meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from matcher.entities import Location

TOWN = "Tolmaren"
COUNTRY = "XR"
REGION = "XR-N"  # the northern province, where the town lies
NEXT_REGION = "XR-S"

# District → degrees north, degrees east, share of the town's people
DISTRICTS: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {
        "Old Harbour": (57.300, 2.100, 0.13),
        "Ropewalk": (57.306, 2.112, 0.12),
        "Saltmarket": (57.312, 2.094, 0.14),
        "Lantern Hill": (57.321, 2.107, 0.10),
        "College Green": (57.316, 2.128, 0.12),
        "Ferry Side": (57.291, 2.083, 0.11),
        "Millbrook": (57.334, 2.071, 0.09),
        "Orchard Row": (57.342, 2.118, 0.07),
        "Gull Rock": (57.283, 2.141, 0.06),
        "Station Fields": (57.325, 2.156, 0.06),
    }
)
HOMES = MappingProxyType({name: share for name, (_, _, share) in DISTRICTS.items()})
_BLOCK = 0.004  # degrees: homes lie within a few hundred metres of a district's middle


def near(district: str, north: float, east: float) -> Location:
    """A place in a district, so many steps of a block north and east of its middle."""
    latitude, longitude, _ = DISTRICTS[district]
    return Location(round(latitude + _BLOCK * north, 4), round(longitude + _BLOCK * east, 4))


def scattered(rng: np.random.Generator, districts: list[str]) -> list[Location]:
    """A place for each person around the middle of their district."""
    steps = rng.normal(0, 1, (len(districts), 2)).clip(-2.5, 2.5)
    return [near(name, float(north), float(east)) for name, (north, east) in zip(districts, steps, strict=True)]
