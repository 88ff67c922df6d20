"""Who can be offered, as one bit a therapist: hard requirements are ANDs of words that are kept between clients.

The rules are those of ``matcher.eligibility``. A requirement is a set of which one must be there (a language, a time, a
region of a licence); each of its values is a bitmap of the whole directory, made when somebody first asks for it. The
way is measured for those only who would have to be met in person and meet everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import partial, reduce

import numpy as np
from numpy.typing import NDArray

from matcher.encoding import MUST, TRAITS, ClientArrays, Directory
from matcher.encoding.bits import IN_PERSON, ONLINE, WORD, Flags
from matcher.encoding.directory import region_word
from matcher.index.columns import Kinds
from matcher.index.recent import Recent
from matcher.index.ways import Places, places_of, reached

SPARSE = 1 / 4  # the share of bytes with a bit from which all of them are unpacked
MOST_BITMAPS = 512  # an eighth of a byte a therapist each: at most 64 bytes
Words = NDArray[np.uint64]
Rows = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Bitmaps:
    """The bitmaps of one directory; ``kept`` are those that were asked for most recently."""

    directory: Directory
    kept: Recent[Words]
    places: Recent[Places]

    def eligible(self, client: ClientArrays) -> Words:
        """One client's eligible therapists."""
        found = self._map("capacity", lambda: self.directory.capacity >= 1).copy()
        for name, asked in _sets(client):
            found &= self._any(name, asked)
        if client.regions[0] is not None:
            found &= self._licensed(client.regions[0])
        self._paying(client, found)
        self._meeting(client, found)
        blocked = [self.directory.row(id_) for id_ in client.blocked[0]]
        _leave_out(found, np.array([row for row in blocked if row is not None], dtype=np.intp))
        return found

    def of_kinds(self, kinds: Kinds, asked: Iterable[int]) -> Words:
        """Those of some kinds, of a field that has few."""
        maps = (self._map(("kind", kinds.field, k), partial(np.equal, kinds.places, k)) for k in asked)
        return reduce(np.bitwise_or, maps, self._nobody())

    def _meeting(self, client: ClientArrays, found: Words) -> None:
        """Format, distance and times: one format must work in all three, as in ``matcher.eligibility``."""
        online, in_person = (
            self._any("formats", int(client.formats[0] & one)) & self._open(name, int(client.times[0]))
            for one, name in ((ONLINE, "times_online"), (IN_PERSON, "times_in_person"))
        )
        found &= online | in_person
        if np.isnan(client.place[0, 0]) or np.isnan(client.max_distance_km[0]):
            return
        rows = rows_of(found & ~online, len(self.directory))
        if len(rows):
            places = self.places.get("places", lambda: places_of(self.directory))
            _leave_out(found, rows[~reached(client, self.directory, places, rows)])

    def _open(self, name: str, times: int) -> Words:
        """Those with an opening at one of the times, and those who agree times in person."""
        if not times:
            return self._everyone()
        return self._any(name, times) | self._map("no diary", lambda: no_diary(self.directory))

    def _paying(self, client: ClientArrays, found: Words) -> None:
        limit, insurance = float(client.max_fee_cents[0]), int(client.insurance[0])
        if np.isnan(limit):
            if insurance:
                found &= self._any("insurances", insurance)
            return
        found &= self._any("insurances", insurance) | self._map(
            ("fee", limit), lambda: self.directory.lowest_fee_cents <= limit
        )

    def _licensed(self, region: str) -> Words:
        wanted = region_word((region, region[:2]), self.directory.regions).tolist()
        maps = [self._any(("licences", k), word) for k, word in enumerate(wanted) if word]
        return reduce(np.bitwise_or, maps) if maps else self._nobody()

    def _any(self, name: Hashable, asked: int) -> Words:
        """Those who have anything of a set."""
        maps = [self._one(name, k) for k in range(asked.bit_length()) if asked >> k & 1]
        return reduce(np.bitwise_or, maps) if maps else self._nobody()

    def _one(self, name: Hashable, k: int) -> Words:
        return self._map((name, k), lambda: self._column(name) & np.uint64(1 << k) != 0)

    def _column(self, name: Hashable) -> Words:
        if isinstance(name, tuple):
            field_, k = name
            return np.asarray(getattr(self.directory, field_)[:, k])
        return np.asarray(getattr(self.directory, str(name)))

    def _everyone(self) -> Words:
        return self._map("everyone", lambda: np.ones(len(self.directory), dtype=np.bool_))

    def _nobody(self) -> Words:
        return np.zeros(-(-len(self.directory) // WORD), dtype=np.uint64)

    def _map(self, key: Hashable, make: Callable[[], Flags]) -> Words:
        return self.kept.get(key, lambda: packed(make()))


def no_diary(directory: Directory) -> Flags:
    """Who agrees times in person."""
    return np.asarray(directory.times_online | directory.times_in_person == 0)


def _sets(client: ClientArrays) -> list[tuple[Hashable, int]]:
    """What a client asks for of which the therapist must have something."""
    asked: list[tuple[Hashable, int]] = [
        ("age_groups", int(client.age_group[0])), ("languages", int(client.languages[0]))
    ]  # fmt: skip
    strength, options = client.wish_strength[0].tolist(), client.wish_options[0].tolist()
    asked += [(("traits", k), options[k]) for k in range(len(TRAITS)) if strength[k] == MUST]
    return [(name, bits) for name, bits in asked if bits]


def packed(flags: Flags) -> Words:
    """Flags as words, the first row in the highest bit of the first byte."""
    words = np.zeros(-(-len(flags) // WORD), dtype=np.uint64)
    found = np.packbits(flags)
    words.view(np.uint8)[: len(found)] = found
    return words


def flags_of(words: Words, n: int) -> Flags:
    """The flags of n rows again."""
    return np.unpackbits(words.view(np.uint8), count=min(n, WORD * len(words))).view(np.bool_)


def rows_of(words: Words, n: int) -> Rows:
    """The rows whose bit is set."""
    eights = words.view(np.uint8)
    some = np.flatnonzero(eights != 0)
    if len(some) < SPARSE * len(eights):
        at = np.flatnonzero(np.unpackbits(eights[some]))
        return np.asarray((some[at >> 3] << 3) + (at & 7))
    return np.flatnonzero(flags_of(words, n))


def holds(words: Words, row: int) -> bool:
    """Whether the bit of a row is set."""
    return bool(words.view(np.uint8)[row >> 3] & 128 >> (row & 7))


def count(words: Words) -> int:
    """How many bits are set."""
    return int(np.bitwise_count(words).sum())


def _leave_out(words: Words, rows: Rows) -> None:
    np.bitwise_and.at(words.view(np.uint8), rows >> 3, ~(np.uint8(128) >> (rows & 7).astype(np.uint8)))
