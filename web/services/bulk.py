"""The same done about many cases at once: about all of them, or, where any was changed meanwhile, about none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from web.db.queries import waiting, waiting_list
from web.services import cases, casework
from web.services.casework import By
from web.services.conflicts import Conflict, Conflicts

MOST = 200


def prioritise(session: Session, seen: Mapping[UUID, int], priority: int, *, actor: str, now: datetime) -> int:
    """Say how urgent these cases are; ``seen`` maps an intake to the revision that was seen. How many those are."""
    return _each(session, seen, actor, now, lambda client_id, by: casework.prioritise(session, client_id, priority, by))


def close(session: Session, seen: Mapping[UUID, int], reason: str, *, actor: str, now: datetime) -> int:
    """Take these off the waiting list, for one reason; how many those are."""
    return _each(session, seen, actor, now, lambda client_id, by: casework.close(session, client_id, reason, by))


def reopen(session: Session, closed_at: datetime, *, actor: str, now: datetime) -> int:
    """Put back on the waiting list whom the same person took off it at a moment, as far as they are off it still."""
    clients = waiting_list.closed_at(session, closed_at, actor)
    for client_id in waiting.locked(session, clients):
        cases.reopen(session, client_id, actor=actor, now=now)
    return len(clients)


def _each(
    session: Session, seen: Mapping[UUID, int], actor: str, now: datetime, work: Callable[[UUID, By], None]
) -> int:
    clients = waiting_list.clients_of(session, list(seen))
    waiting.locked(session, list(clients.values()))
    against = [Conflict("no_case") for _ in range(len(seen) - len(clients))]
    for intake_id, client_id in sorted(clients.items(), key=lambda pair: pair[1]):
        try:
            work(client_id, By(actor, now, seen[intake_id]))
        except Conflict as conflict:
            against.append(conflict)
    if against:
        raise Conflicts(against)
    return len(clients)
