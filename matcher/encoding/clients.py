"""Intakes as arrays: one row a client, in the order given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from matcher import vocabulary as v
from matcher.encoding.bits import Bits, Floats, bits_of, column, single
from matcher.entities import MAX_CONCERNS, WISH_VOCABULARY, Intake, Location, Style

TRAITS = tuple(WISH_VOCABULARY)  # the order of the wish and trait columns
STRENGTH = {"no_preference": 0, "a_little": 1, "matters": 2, "must": 3}
MUST = STRENGTH["must"]


@dataclass(frozen=True, eq=False)
class ClientArrays:
    """What clients told us, n rows.

    Sets are words of bits (``matcher.encoding.bits``); an empty set means "not said". Numbers are NaN where not said.
    ``concerns`` (n, 3) are positions in the vocabulary, the main one first, −1 for none. ``wish_options`` and
    ``wish_strength`` (n, 6) follow ``TRAITS``; strength 0 no preference … 3 must have. ``style`` (n, 4) is −3 … 3.
    ``place`` (n, 2) is latitude and longitude in radians. ``urgency`` is a position in the vocabulary or −1.
    """

    ids: tuple[str, ...]
    regions: tuple[str | None, ...]
    former: tuple[str | None, ...]
    recommended: tuple[str | None, ...]
    blocked: tuple[tuple[str, ...], ...]
    concerns: NDArray[np.int64]
    languages: Bits
    first_language: Bits
    formats: Bits
    times: Bits
    insurance: Bits
    age_group: Bits
    gender: Bits
    background: Bits
    communities: Bits
    helped: Bits
    hindered: Bits
    wish_options: Bits
    wish_strength: NDArray[np.int8]
    style: Floats
    place: Floats
    max_distance_km: Floats
    max_fee_cents: Floats
    age: Floats
    hope: Floats
    had_therapy: Floats
    urgency: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(cls, intakes: Iterable[Intake]) -> ClientArrays:
        """Encode intakes, in the order given."""
        rows = tuple(intakes)
        return cls(
            ids=tuple(row.id for row in rows),
            regions=tuple(row.region for row in rows),
            former=tuple(row.former_therapist_id for row in rows),
            recommended=tuple(row.recommended_therapist_id for row in rows),
            blocked=tuple(row.blocked_therapist_ids for row in rows),
            concerns=_concerns(rows),
            languages=column((row.languages for row in rows), v.LANGUAGES),
            first_language=column((row.languages[:1] for row in rows), v.LANGUAGES),
            formats=column((row.formats or v.FORMATS.codes for row in rows), v.FORMATS),
            times=column((row.times for row in rows), v.TIMES),
            insurance=column((single(row.insurance) for row in rows), v.INSURANCES),
            age_group=column((_age_group(row.age_band) for row in rows), v.AGE_GROUPS),
            gender=column((single(row.gender) for row in rows), v.GENDERS),
            background=column((single(row.background) for row in rows), v.BACKGROUNDS),
            communities=column((row.communities for row in rows), v.COMMUNITIES),
            helped=column((row.helped for row in rows), v.HELPS),
            hindered=column((row.hindered for row in rows), v.HINDRANCES),
            wish_options=_wish_options(rows),
            wish_strength=_wish_strength(rows),
            style=styles(row.style for row in rows),
            place=places(row.location for row in rows),
            max_distance_km=numbers(row.max_distance_km for row in rows),
            max_fee_cents=numbers(row.max_fee_cents for row in rows),
            age=numbers(None if row.age_band is None else AGE[row.age_band] for row in rows),
            hope=numbers(row.hope for row in rows),
            had_therapy=numbers(row.had_therapy for row in rows),
            urgency=np.array([-1 if row.urgency is None else v.URGENCIES.index(row.urgency) for row in rows], int),
        )

    def take(self, rows: NDArray[np.intp]) -> ClientArrays:
        """Some clients only, in the order of ``rows``."""
        parts = {f.name: getattr(self, f.name) for f in fields(self)}
        taken = {k: tuple(p[row] for row in rows) if isinstance(p, tuple) else p[rows] for k, p in parts.items()}
        return ClientArrays(**taken)  # type: ignore[arg-type]  # rows of the same columns

    def one_by_one(self) -> Iterator[ClientArrays]:
        """Each client alone."""
        return iter([self]) if len(self) == 1 else (self.take(np.array([row])) for row in range(len(self)))


# The middle of each age band, years; the open last band is set five years above its start.
AGE = {
    "under_13": 10.0,
    "from_13": 15.5,
    "from_18": 21.5,
    "from_25": 30.0,
    "from_35": 42.5,
    "from_50": 57.5,
    "from_65": 70.0,
}


def numbers(values: Iterable[float | None]) -> Floats:
    """Numbers as a column, NaN where not said."""
    return np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)


def styles(rows: Iterable[Style]) -> Floats:
    """Style scales as (n, 4), NaN where not sure."""
    return numbers(getattr(row, scale) for row in rows for scale in v.STYLES.codes).reshape(-1, len(v.STYLES))


def places(rows: Iterable[Location | None]) -> Floats:
    """Latitude and longitude in radians, (n, 2), NaN where not said."""
    degrees = [(np.nan, np.nan) if row is None else (row.latitude, row.longitude) for row in rows]
    return np.radians(np.array(degrees, dtype=np.float64).reshape(-1, 2))


def _concerns(rows: Sequence[Intake]) -> NDArray[np.int64]:
    positions = np.full((len(rows), MAX_CONCERNS), -1)
    for k, row in enumerate(rows):
        positions[k, : len(row.concerns)] = [v.CONCERNS.index(code) for code in row.concerns]
    return positions


def _age_group(band: str | None) -> tuple[str, ...]:
    return () if band is None else (v.GROUP_OF_AGE_BAND[band],)


def _wish_options(rows: Sequence[Intake]) -> Bits:
    words = [[bits_of(getattr(row.wishes, t).options, WISH_VOCABULARY[t]) for t in TRAITS] for row in rows]
    return np.array(words, dtype=np.uint64).reshape(-1, len(TRAITS))


def _wish_strength(rows: Sequence[Intake]) -> NDArray[np.int8]:
    strengths = [[STRENGTH[getattr(row.wishes, trait).strength] for trait in TRAITS] for row in rows]
    return np.array(strengths, dtype=np.int8).reshape(-1, len(TRAITS))
