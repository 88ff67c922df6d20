"""Therapists as arrays, rows in the order of their ids: built once, read by every intake."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from matcher import vocabulary as v
from matcher.encoding.bits import WORD, Bits, Flags, Floats, column, single
from matcher.encoding.clients import TRAITS, numbers, places, styles
from matcher.entities import WISH_VOCABULARY, Therapist
from matcher.errors import InvalidInput

Array = NDArray[np.generic]


@dataclass(frozen=True, eq=False)
class Directory:
    """A directory of n therapists as arrays; the sole owner of therapist id ↔ row. ``Directory.of`` builds one.

    Rows are in the order of ids, so that equal scores fall into one order on every machine. Sets are words of bits
    (``matcher.encoding.bits``), 0 where not said; floats are NaN where not said.

    Parameters
    ----------
    ids : array of str, (n,)
        Sorted, each once.
    regions : tuple of str
        Every region of a licence here, sorted.
    licences : array of uint64, (n, words)
        A bit for each of ``regions``.
    profession, languages, formats, insurances, age_groups, trainings : array of uint64, (n,)
        Sets after the vocabularies of the same names.
    times_online, times_in_person : array of uint64, (n,)
        Weekly times with an opening in that format; both 0 where no diary is kept here.
    traits : array of uint64, (n, 6)
        Sets after ``TRAITS``: gender, age band, background, faith, communities, modality.
    depth : array of int8, (n, concerns)
        Depth of the work with each concern, 0 … 3.
    style : array of float64, (n, 4)
        Style scales, −3 … 3.
    place : array of float64, (n, 2)
        Latitude and longitude, radians.
    fee_cents, lowest_fee_cents : array of float64, (n,)
        Fee a session, and the sliding fee where it is lower.
    years : array of float64, (n,)
        Years in practice.
    capacity : array of int64, (n,)
        New clients that fit now.
    available_from : array of int64, (n,)
        Proleptic ordinal of the first day on which a client can start, 0 for now.

    Raises
    ------
    InvalidInput
        By ``of``, where an id appears twice.

    Examples
    --------
    >>> from matcher import Directory
    >>> from matcher.entities import Therapist
    >>> ana = Therapist(id="t2", name="Ana", profession="psychologist", licence_regions=("DE",),
    ...                 concerns={"grief": 3}, languages=("de",), formats=("online",), capacity=2)
    >>> directory = Directory.of([ana])
    >>> len(directory), directory.row("t2"), directory.row("t9")
    (1, 0, None)
    """

    ids: NDArray[np.object_]
    regions: tuple[str, ...]
    licences: Bits
    profession: Bits
    languages: Bits
    formats: Bits
    times_online: Bits
    times_in_person: Bits
    insurances: Bits
    age_groups: Bits
    trainings: Bits
    traits: Bits
    depth: NDArray[np.int8]
    style: Floats
    place: Floats
    fee_cents: Floats
    lowest_fee_cents: Floats
    years: Floats
    capacity: NDArray[np.int64]
    available_from: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(cls, therapists: Iterable[Therapist]) -> Directory:
        """Encode therapists, shape (n, …), rows in the order of their ids.

        Raises InvalidInput where an id appears twice. An empty directory is allowed.
        """
        rows = sorted(therapists, key=lambda row: row.id)
        _refuse_twins(rows)
        regions = tuple(sorted({region for row in rows for region in row.licence_regions}))
        return cls(
            ids=_objects([row.id for row in rows]),
            regions=regions,
            licences=_licences(rows, regions),
            profession=column((single(row.profession) for row in rows), v.PROFESSIONS),
            languages=column((row.languages for row in rows), v.LANGUAGES),
            formats=column((row.formats for row in rows), v.FORMATS),
            times_online=_times(rows, "online"),
            times_in_person=_times(rows, "in_person"),
            insurances=column((row.insurances for row in rows), v.INSURANCES),
            age_groups=column((row.age_groups for row in rows), v.AGE_GROUPS),
            trainings=column((row.trainings for row in rows), v.TRAININGS),
            traits=_traits(rows),
            depth=_depth(rows),
            style=styles(row.style for row in rows),
            place=places(row.location for row in rows),
            fee_cents=numbers(row.fee_cents for row in rows),
            lowest_fee_cents=numbers(_lowest_fee(row) for row in rows),
            years=numbers(row.years for row in rows),
            capacity=np.array([row.capacity for row in rows], dtype=np.int64),
            available_from=np.array(
                [0 if row.available_from is None else row.available_from.toordinal() for row in rows], dtype=np.int64
            ),
        )

    def changed(self, therapists: Iterable[Therapist]) -> Directory:
        """This directory with some therapists who are new, or not as they were; the others are not encoded again.

        The same as ``of`` gives for all of them, but that regions in which nobody is licensed any longer may stay.
        """
        from matcher.encoding.changed import changed

        return changed(self, Directory.of(therapists))

    def row(self, therapist_id: str | None) -> int | None:
        """The row of a therapist, or None for one who is not in this directory."""
        if therapist_id is None:
            return None
        row = bisect_left(self.ids, therapist_id)
        return row if row < len(self.ids) and self.ids[row] == therapist_id else None

    def take(self, rows: NDArray[np.intp]) -> Directory:
        """The directory of some rows only, which must ascend so that ids stay sorted."""
        if len(rows) == len(self):
            return self
        parts = {f.name: getattr(self, f.name) for f in fields(self)}
        return Directory(**{name: part if name == "regions" else part[rows] for name, part in parts.items()})

    def part(self, rows: NDArray[np.intp]) -> Directory:
        """As ``take``, for a moment: each array is taken when it is read, and the whole directory stays in memory."""
        return self if len(rows) == len(self) else _Part(self, rows)

    @property
    def origin(self) -> tuple[Directory, NDArray[np.intp] | None]:
        """The directory that this is a part of and its rows there; itself and None where it is whole."""
        return self, None

    def trait(self, name: str) -> Bits:
        """What the therapists said about one trait, shape (n,)."""
        return self.traits[:, TRAITS.index(name)]

    def licensed(self, region: str | None) -> Flags:
        """Who may work with somebody who is in a region, shape (n,): a licence for a country covers its regions."""
        if region is None:
            return np.ones(len(self), dtype=np.bool_)
        word = region_word((region, region[:2]), self.regions)
        return np.asarray((self.licences & word).any(axis=1))

    def to_arrays(self) -> dict[str, Array]:
        """Plain arrays that ``npz`` holds without pickle."""
        texts = {"ids": np.array(self.ids, dtype=np.str_), "regions": np.array(self.regions, dtype=np.str_)}
        return {f.name: getattr(self, f.name) for f in fields(self)} | texts

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> Directory:
        """The directory that ``to_arrays`` wrote."""
        parts: dict[str, object] = {f.name: arrays[f.name] for f in fields(cls)}
        parts["ids"] = _objects(arrays["ids"].tolist())
        parts["regions"] = tuple(arrays["regions"].tolist())
        return cls(**parts)  # type: ignore[arg-type]  # the names and shapes are those of to_arrays


class _Part(Directory):
    """Some rows of a directory. Who asks for a few hundred therapists seldom reads all that is known of them."""

    _whole: Directory
    _rows: NDArray[np.intp]

    def __init__(self, whole: Directory, rows: NDArray[np.intp]) -> None:
        self.__dict__.update(_whole=whole, _rows=rows)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def origin(self) -> tuple[Directory, NDArray[np.intp] | None]:
        return self._whole, self._rows

    def __getattr__(self, name: str) -> Array:
        if name.startswith("_"):
            raise AttributeError(name)
        every: Array = getattr(self._whole, name)
        self.__dict__[name] = found = every if name == "regions" else every.take(self._rows, axis=0)
        return found


def _objects(ids: Sequence[str]) -> NDArray[np.object_]:
    column = np.empty(len(ids), dtype=object)
    column[:] = ids
    return column


def _refuse_twins(rows: Sequence[Therapist]) -> None:
    for first, second in pairwise(rows):
        if first.id == second.id:
            raise InvalidInput("therapists.id", second.id, "each therapist may appear only once in a directory")


def region_word(codes: Iterable[str], regions: Sequence[str]) -> Bits:
    """The word of the codes that are among the regions."""
    words = np.zeros(max(1, -(-len(regions) // WORD)), dtype=np.uint64)
    for code in codes:
        k = bisect_left(regions, code)
        if k < len(regions) and regions[k] == code:
            words[k // WORD] |= np.uint64(1 << k % WORD)
    return words


def _licences(rows: Sequence[Therapist], regions: Sequence[str]) -> Bits:
    width = max(1, -(-len(regions) // WORD))
    return np.array([region_word(row.licence_regions, regions) for row in rows], np.uint64).reshape(-1, width)


def _times(rows: Sequence[Therapist], format_: str) -> Bits:
    return column(({o.time for o in row.openings if o.format == format_} for row in rows), v.TIMES)


def _traits(rows: Sequence[Therapist]) -> Bits:
    said = {
        "gender": [single(row.gender) for row in rows],
        "age_band": [single(row.age_band) for row in rows],
        "background": [single(row.background) for row in rows],
        "faith": [single(row.faith) for row in rows],
        "communities": [row.communities for row in rows],
        "modality": [row.modalities for row in rows],
    }
    columns = [column(said[trait], WISH_VOCABULARY[trait]) for trait in TRAITS]
    return np.stack(columns, axis=1)


def _depth(rows: Sequence[Therapist]) -> NDArray[np.int8]:
    depth = np.zeros((len(rows), len(v.CONCERNS)), dtype=np.int8)
    for k, row in enumerate(rows):
        for concern, level in row.concerns.items():
            depth[k, v.CONCERNS.index(concern)] = level
    return depth


def _lowest_fee(row: Therapist) -> int | None:
    said = [fee for fee in (row.fee_cents, row.sliding_fee_cents) if fee is not None]
    return min(said, default=None)
