"""What is settled before anybody is placed: locks, exclusions, and what they leave open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matcher.errors import InvalidInput

if TYPE_CHECKING:
    from matcher.assignment.problem import AssignmentProblem

Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]
NOBODY = -1


@dataclass(frozen=True, eq=False)
class Settled:
    """Locks and exclusions as arrays.

    ``locked`` (n_clients,) is the row of the therapist whom a client must have, else NOBODY. ``out`` (n_clients,) are
    clients who are left out, ``closed`` (n_therapists,) therapists, ``barred`` the places of excluded pairs among the
    pairs. ``places`` (n_therapists,) is what locks and exclusions leave of the capacity.
    """

    client_rows: Mapping[str, int]
    therapist_rows: Mapping[str, int]
    locked: Rows
    out: Flags
    closed: Flags
    barred: Rows
    places: Rows


def settled(problem: AssignmentProblem) -> Settled:
    """Check locks and exclusions against each other, the capacities and the allowed pairs. Raises InvalidInput."""
    clients = {id_: row for row, id_ in enumerate(problem.client_ids)}
    therapists = {id_: row for row, id_ in enumerate(problem.therapist_ids)}
    asked = problem.conditions
    for name, known in (("waited_days", clients), ("priority", clients), ("start_days", therapists),
                        ("held", therapists)):  # fmt: skip
        _known(name, getattr(asked, name), known)
    out = _flags("excluded_clients", asked.excluded_clients, clients)
    closed = _flags("excluded_therapists", asked.excluded_therapists, therapists)
    barred = np.array(sorted(_barred(problem, clients, therapists)), dtype=np.int64)
    locked = np.full(len(clients), NOBODY)
    for client_id, therapist_id in _lock_pairs(problem):
        _check_lock(problem, client_id, therapist_id, clients, therapists, (out, closed, barred))
        locked[clients[client_id]] = therapists[therapist_id]
    taken = np.bincount(locked[locked >= 0], minlength=len(therapists))
    _check_capacity(problem, taken)
    return Settled(clients, therapists, locked, out, closed, barred, np.where(closed, 0, problem.capacity - taken))


def _known(name: str, ids: object, rows: Mapping[str, int]) -> None:
    for id_ in ids:  # type: ignore[attr-defined]  # a mapping or a collection
        if id_ not in rows:
            kind = "therapist" if name in ("start_days", "held", "excluded_therapists") else "client"
            raise InvalidInput(name, id_, f"not a {kind} of this list; correct the id, or remove it")


def _flags(name: str, ids: object, rows: Mapping[str, int]) -> Flags:
    _known(name, ids, rows)
    found = np.zeros(len(rows), dtype=np.bool_)
    found[[rows[id_] for id_ in ids]] = True  # type: ignore[attr-defined]
    return found


def _barred(problem: AssignmentProblem, clients: Mapping[str, int], therapists: Mapping[str, int]) -> Iterator[int]:
    for pair in problem.conditions.excluded_pairs:
        if isinstance(pair, str) or len(pair) != 2:
            raise InvalidInput("excluded_pairs", pair, "expected a client's and a therapist's id")
        for id_, rows, kind in zip(pair, (clients, therapists), ("client", "therapist"), strict=True):
            if id_ not in rows:
                mend = f"not a {kind} of this list; correct the id, or remove the pair"
                raise InvalidInput("excluded_pairs", id_, mend)
        at = problem.pair(clients[pair[0]], therapists[pair[1]])
        if at is not None:  # not allowed anyway
            yield at


def _lock_pairs(problem: AssignmentProblem) -> Iterator[tuple[str, str]]:
    """The locks, which may be given as pairs, so that two of one client can be seen."""
    locks = problem.conditions.locks
    seen: dict[str, str] = {}
    for client_id, therapist_id in locks.items() if isinstance(locks, Mapping) else locks:
        if seen.setdefault(client_id, therapist_id) != therapist_id:
            mend = f"this client is locked to {seen[client_id]!r} as well; keep one of the two locks"
            raise InvalidInput(f"locks[{client_id!r}]", therapist_id, mend)
    yield from seen.items()


def _check_lock(
    problem: AssignmentProblem, client_id: str, therapist_id: str, clients: Mapping[str, int],
    therapists: Mapping[str, int], exclusions: tuple[Flags, Flags, Rows],
) -> None:  # fmt: skip
    name, (out, closed, barred) = f"locks[{client_id!r}]", exclusions
    if client_id not in clients:
        raise InvalidInput("locks", client_id, "not a client of this list; correct the id, or remove the lock")
    if therapist_id not in therapists:
        raise InvalidInput(name, therapist_id, "not a therapist of this list; correct the id, or remove the lock")
    client, therapist = clients[client_id], therapists[therapist_id]
    at = problem.pair(client, therapist)
    if at is None:
        raise InvalidInput(name, therapist_id, "a hard requirement does not allow this pair; remove the lock")
    if out[client]:
        raise InvalidInput(name, therapist_id, "this client is left out; remove the lock or the exclusion")
    if closed[therapist]:
        raise InvalidInput(name, therapist_id, "this therapist is left out; remove the lock or the exclusion")
    if at in barred:
        raise InvalidInput(name, therapist_id, "this pair is excluded; remove the lock or the exclusion")


def _check_capacity(problem: AssignmentProblem, taken: Rows) -> None:
    over = np.flatnonzero(taken > problem.capacity)
    if len(over):
        therapist = int(over[0])
        n_places = int(problem.capacity[therapist])
        mend = f"{int(taken[therapist])} clients are locked to a therapist with {n_places} free places; remove locks"
        raise InvalidInput("locks", problem.therapist_ids[therapist], mend)
