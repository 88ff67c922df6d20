"""The files of an assignment: scores, capacity and locks, read to the last row so that every problem is told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from web.exchange.frames.cells import LARGEST, is_beyond, parsed
from web.exchange.frames.checks import LARGEST_SCORE
from web.exchange.frames.kinds import TEXT, Kind
from web.exchange.frames.reading import Advance, Frame, read_frame
from web.exchange.problems import Problem, shown

LARGEST_CAPACITY = 1_000_000
MAX_PROBLEMS = 1_000

_PAIR = ("client_id", "therapist_id")
_TEXTS = dict.fromkeys((*_PAIR, "score", "capacity"), TEXT)  # numbers too, so that each wrong one is told with its row
SCORES = Kind("scores", (*_PAIR, "score"), _TEXTS)
CAPACITY = Kind("capacity", ("therapist_id", "capacity"), _TEXTS)
LOCKS = Kind("locks", _PAIR, _TEXTS)


class BadFiles(ValueError):
    """Files that cannot be taken, with every problem found in them, up to a bound, and how many more there are."""

    def __init__(self, problems: Collection[tuple[str, Problem]], more: int) -> None:
        self.problems = tuple(sorted(problems, key=lambda each: (each[0], each[1].row or 0)))
        self.more = more
        super().__init__(f"problems: {len(self.problems) + more}")


@dataclass(frozen=True, eq=False)
class WaitingList:
    """What the files say: a score a pair, a capacity a therapist, and locks."""

    client_id: list[str]
    therapist_id: list[str]
    score: np.ndarray
    capacity: Mapping[str, int]
    locks: Mapping[str, str]


@dataclass
class _Found:
    """Problems as they are met, file by file."""

    problems: list[tuple[str, Problem]] = field(default_factory=list)
    more: int = 0

    def add(self, frame: Frame, at: int, column: str, code: str, mend: str, value: str | None = None) -> None:
        cell = str(frame.columns[column][at]) if value is None else value
        problem = Problem(int(frame.rows[at]), column, shown(cell), mend, code)
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append((frame.file, problem))
        else:
            self.more += 1


def read_waiting_list(
    scores: Path, capacity: Path, locks: Path | None = None, advance: Advance | None = None
) -> WaitingList:
    """The files of an assignment. Raises BadFrame for a file that is no such table, BadFiles for problems in rows."""
    pairs = read_frame(scores, SCORES, wanted={}, advance=advance)
    places = read_frame(capacity, CAPACITY, wanted={})
    locked = None if locks is None else read_frame(locks, LOCKS, wanted={})
    found = _Found()
    n_places = _capacities(places, found)
    values = _scores(pairs, n_places, found)
    lock_of = {} if locked is None else _locks(locked, pairs, n_places, found)
    if found.problems:
        raise BadFiles(found.problems, found.more)
    client, therapist = (pairs.columns[name].tolist() for name in _PAIR)
    return WaitingList(client, therapist, values, n_places, lock_of)


def _capacities(frame: Frame, found: _Found) -> dict[str, int]:
    places: dict[str, int] = {}
    first: dict[str, int] = {}
    for at, (id_, cell) in enumerate(zip(frame.columns["therapist_id"], frame.columns["capacity"], strict=True)):
        if not id_:
            found.add(frame, at, "therapist_id", "no_id", "every row needs this id; write it, or remove the row")
        elif id_ in first:
            mend = f"this id stands in row {first[id_]} already; keep one of the two"
            found.add(frame, at, "therapist_id", "repeated", mend)
        number = _number(cell)
        if number is None or not (0 <= number <= LARGEST_CAPACITY and number.is_integer()):
            mend = f"expected how many clients fit, a whole number from 0 to {LARGEST_CAPACITY:,}"
            found.add(frame, at, "capacity", "capacity", mend)
        first.setdefault(id_, int(frame.rows[at]))
        places.setdefault(id_, int(number) if number is not None and np.isfinite(number) else 0)
    return places


def _scores(frame: Frame, capacity: Mapping[str, int], found: _Found) -> np.ndarray:
    clients, therapists = frame.columns["client_id"].tolist(), frame.columns["therapist_id"].tolist()
    for name, ids in (("client_id", clients), ("therapist_id", therapists)):
        for at in _where(ids, lambda id_: not id_):
            found.add(frame, at, name, "no_id", "every row needs this id; write it, or remove the row")
    for at in _where(therapists, lambda id_: bool(id_) and id_ not in capacity):
        mend = "this therapist is not in the capacity file; add them there (0 if nobody fits), or correct the id"
        found.add(frame, at, "therapist_id", "unknown", mend)
    first: dict[tuple[str, str], int] = {}
    for at, pair in enumerate(zip(clients, therapists, strict=True)):
        if all(pair) and first.setdefault(pair, at) != at:
            mend = f"this pair stands in row {int(frame.rows[first[pair]])} already; keep one of the two"
            found.add(frame, at, "client_id", "repeated", mend)
    return _values(frame, found)


def _values(frame: Frame, found: _Found) -> np.ndarray:
    cells = frame.columns["score"].tolist()
    values = parsed(cells)
    if values is None or not (np.abs(values) <= LARGEST_SCORE).all():
        values = np.zeros(len(cells))
        for at, cell in enumerate(cells):
            number = _number(cell)
            if number is None or not abs(number) <= LARGEST_SCORE:
                found.add(frame, at, "score", "score", _mend_score(cell))
    return values


def _mend_score(cell: str) -> str:
    if not cell:
        return "write a score; a pair that is not allowed has no row"
    if is_beyond(cell) or _number(cell) is not None:
        return f"expected a finite number within ±{LARGEST_SCORE:g}; a pair that is not allowed has no row"
    return "expected a number such as 0.8; a pair that is not allowed has no row"


def _locks(frame: Frame, pairs: Frame, capacity: Mapping[str, int], found: _Found) -> dict[str, str]:
    allowed = set(zip(pairs.columns["client_id"].tolist(), pairs.columns["therapist_id"].tolist(), strict=True))
    clients = {client for client, _ in allowed}
    locks: dict[str, str] = {}
    taken: dict[str, int] = {}
    for at, (client, therapist) in enumerate(zip(*(frame.columns[name].tolist() for name in _PAIR), strict=True)):
        column, mend = _lock_trouble(client, therapist, locks, allowed, clients, capacity)
        if mend:
            found.add(frame, at, column, "lock", mend)
            continue
        if locks.setdefault(client, therapist) == therapist:
            taken[therapist] = taken.get(therapist, 0) + 1
        if taken[therapist] > capacity[therapist]:
            mend = f"locks need more places than this therapist has ({capacity[therapist]}); remove one"
            found.add(frame, at, "therapist_id", "lock", mend)
    return locks


def _lock_trouble(
    client: str, therapist: str, locks: Mapping[str, str], allowed: Collection[tuple[str, str]],
    clients: Collection[str], capacity: Mapping[str, int],
) -> tuple[str, str]:  # fmt: skip
    """The column and how to mend it; two empty texts where nothing is wrong."""
    if client not in clients:
        return "client_id", "this client is not in the scores file; correct the id, or remove the lock"
    if therapist not in capacity:
        return "therapist_id", "this therapist is not in the capacity file; correct the id, or remove the lock"
    if (client, therapist) not in allowed:
        return "therapist_id", "this pair has no score, so it is not allowed; remove the lock"
    if client in locks:
        told = "once more" if locks[client] == therapist else "to two therapists"
        return "client_id", f"this client is locked {told}; keep one lock"
    return "", ""


def _number(cell: str) -> float | None:
    found = parsed([cell]) if cell else None
    if found is not None:
        return float(found[0])
    return LARGEST * 10 if is_beyond(cell) else None


def _where(ids: list[str], is_wrong: Callable[[str], bool]) -> Iterator[int]:
    wrong = {id_ for id_ in set(ids) if is_wrong(id_)}
    return (at for at, id_ in enumerate(ids) if id_ in wrong) if wrong else iter(())
