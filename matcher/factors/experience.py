"""Years of experience: weight 0 unless the clinic's own data say otherwise."""

from __future__ import annotations

import numpy as np

from matcher.encoding import ClientArrays, Directory
from matcher.encoding.bits import Floats
from matcher.encoding.lines import Column, Line, only
from matcher.entities import Reason
from matcher.factors.base import NEUTRAL, Circumstances, Factor, Pair, Remark, known_or_neutral
from matcher.sources import GOLDBERG_2016

HALF_WAY_YEARS = 5.0
MANY_YEARS = 10


def values(clients: ClientArrays, directory: Directory, circumstances: Circumstances) -> Floats:
    """years / (years + 5): half of it after five years; the same for every client."""
    return np.repeat(_share(directory)[None, :], len(clients), axis=0)


def line(client: ClientArrays, circumstances: Circumstances) -> Line:
    """The same column for every client."""
    return only(Column(_share, field=("years", None)))


def _share(directory: Directory) -> Floats:
    return known_or_neutral(directory.years / (directory.years + HALF_WAY_YEARS))


def remarks(pair: Pair) -> tuple[Remark, ...]:
    years = float(pair.therapist.years[0])
    if not years >= MANY_YEARS:
        return ()
    return (Remark(years / (years + HALF_WAY_YEARS) - NEUTRAL, Reason("years_in_practice", {"years": int(years)})),)


EXPERIENCE = Factor(
    code="experience",
    values=values,
    remarks=remarks,
    sources=(GOLDBERG_2016,),
    unit="years in practice on a saturating scale, half at five years",
    direction="rises with years in practice",
    missing="years not said: 0.5",
    default_weight=0.0,
    why="in 6,591 clients of 170 therapists outcomes slightly declined with years: no bonus by default",
    line=line,
)
