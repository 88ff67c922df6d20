"""Hard requirements: who can be offered to whom, and every reason why not.

One rule for what was not said. A requirement that the client did not state is not checked. One that was stated counts
as met only where it is known to be met, so a therapist who did not say their faith, fee or place does not meet a limit
on it. The one exception is the diary: a therapist without listed openings agrees times in person, and stays.

| code | refused when |
|---|---|
| ``capacity`` | no place is free |
| ``blocked`` | the client may not be matched with this therapist |
| ``licence`` | no licence for the client's region or the whole of its country |
| ``age_group`` | the therapist does not work with the client's age group |
| ``language`` | no common language |
| ``format`` | no common format |
| ``distance`` | only in person, and further away than the client would go |
| ``times`` | no opening at the client's times in a format that works |
| ``fee`` | the lowest fee is above the client's limit, and the insurance (if any) is not taken |
| ``insurance`` | the insurance is not taken, and the client named no fee that they could pay |
| ``must_…`` | a must-have of the client about this trait is not met |
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from matcher.encoding import MUST, TRAITS, ClientArrays, Directory
from matcher.encoding.bits import IN_PERSON, ONLINE, Bits, Flags, overlap
from matcher.encoding.earth import distance_km
from matcher.entities import Refusal

CODES = (
    "capacity",
    "blocked",
    "licence",
    "age_group",
    "language",
    "format",
    "distance",
    "times",
    "fee",
    "insurance",
    *(f"must_{trait}" for trait in TRAITS),
)

Refused = NDArray[np.uint32]


def flag(code: str) -> int:
    """The bit of a refusal code."""
    return 1 << CODES.index(code)


def refusals(clients: ClientArrays, directory: Directory) -> Refused:
    """Every hard requirement that fails, as bits of ``CODES``, shape (clients, therapists); 0 is eligible."""
    refused = np.zeros((len(clients), len(directory)), dtype=np.uint32)
    for code, fails in _failures(clients, directory):
        refused |= fails * np.uint32(flag(code))
    return refused


def _failures(clients: ClientArrays, directory: Directory) -> Iterator[tuple[str, Flags]]:
    yield "capacity", (directory.capacity < 1)[None, :]
    yield "blocked", _blocked(clients, directory)
    yield "licence", ~np.array([directory.licensed(region) for region in clients.regions]).reshape(len(clients), -1)
    yield "age_group", _unmet(clients.age_group, directory.age_groups)
    yield "language", _unmet(clients.languages, directory.languages)
    yield from _meeting(clients, directory)
    yield from _paying(clients, directory)
    for k, trait in enumerate(TRAITS):
        must = np.where(clients.wish_strength[:, k] == MUST, clients.wish_options[:, k], np.uint64(0))
        if must.any():
            yield f"must_{trait}", _unmet(must, directory.traits[:, k])


def _unmet(asked: NDArray[np.uint64], offered: NDArray[np.uint64]) -> Flags:
    """Asked for something, and nothing of it is offered."""
    return np.asarray((asked != 0)[:, None] & ~overlap(asked, offered))


def _blocked(clients: ClientArrays, directory: Directory) -> Flags:
    blocked = np.zeros((len(clients), len(directory)), dtype=np.bool_)
    for k, ids in enumerate(clients.blocked):
        rows = [directory.row(therapist_id) for therapist_id in ids]
        blocked[k, [row for row in rows if row is not None]] = True
    return blocked


def _meeting(clients: ClientArrays, directory: Directory) -> Iterator[tuple[str, Flags]]:
    """Format, distance and times hang together: one format must work in all three.

    Where no format works, times are judged by all of the therapist's openings, so that each code is true by itself.
    """
    online = overlap(clients.formats & ONLINE, directory.formats)
    in_person = overlap(clients.formats & IN_PERSON, directory.formats)
    reached = in_person & within_reach(clients, directory)
    nowhere = ~(online | reached)
    anytime = (clients.times == 0)[:, None] | (directory.times_online | directory.times_in_person == 0)[None, :]
    openings = _openings(directory, online | nowhere, reached | nowhere)
    yield "format", ~(online | in_person)
    yield "distance", in_person & nowhere
    yield "times", ~(anytime | (clients.times[:, None] & openings != 0))


def usable_openings(clients: ClientArrays, directory: Directory) -> Bits:
    """Weekly times with an opening in a format that both take, within reach; shape (clients, therapists)."""
    in_person = overlap(clients.formats & IN_PERSON, directory.formats) & within_reach(clients, directory)
    return _openings(directory, overlap(clients.formats & ONLINE, directory.formats), in_person)


def _openings(directory: Directory, online: Flags, in_person: Flags) -> Bits:
    return np.asarray(np.where(online, directory.times_online, 0) | np.where(in_person, directory.times_in_person, 0))


def within_reach(clients: ClientArrays, directory: Directory) -> Flags:
    """Whether the way is no longer than the client would go, shape (clients, therapists); true without a limit."""
    limit = np.where(np.isnan(clients.place[:, 0]), np.nan, clients.max_distance_km)[:, None]
    if np.isnan(limit).all():
        return np.ones((len(clients), len(directory)), dtype=np.bool_)
    return np.asarray(np.isnan(limit) | (distance_km(clients.place, directory.place) <= limit))


def _paying(clients: ClientArrays, directory: Directory) -> Iterator[tuple[str, Flags]]:
    limit = clients.max_fee_cents[:, None]
    insured = overlap(clients.insurance, directory.insurances)
    payable = insured | (directory.lowest_fee_cents[None, :] <= limit)
    has_limit = ~np.isnan(limit)
    yield "fee", has_limit & ~payable
    yield "insurance", ~has_limit & (clients.insurance != 0)[:, None] & ~insured


@dataclass(frozen=True, eq=False)
class RefusalTable(Sequence[Refusal]):
    """Refusals of one client as a sequence that makes each ``Refusal`` when it is looked at.

    ``ids`` (n,) are the refused therapists in the order of their ids, ``flags`` (n,) the bits of ``CODES``.
    """

    ids: NDArray[np.object_]
    flags: Refused

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, index: int) -> Refusal: ...
    @overload
    def __getitem__(self, index: slice) -> RefusalTable: ...
    def __getitem__(self, index: int | slice) -> Refusal | RefusalTable:
        if isinstance(index, slice):
            return RefusalTable(self.ids[index], self.flags[index])
        return Refusal(str(self.ids[index]), codes_of(int(self.flags[index])))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # equal to lists and tuples of refusals, which hash differently

    def counts(self) -> dict[str, int]:
        """How many therapists each requirement excludes, largest first."""
        excluded = Counter({code: int((self.flags >> k & 1).sum()) for k, code in enumerate(CODES)})
        return {code: n for code, n in excluded.most_common() if n}


def codes_of(flags: int) -> tuple[str, ...]:
    """The codes in a word of refusal bits."""
    return tuple(code for k, code in enumerate(CODES) if flags >> k & 1)
