"""Requests that a program makes for a client: the same steps as on the client's own page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from web.db.queries import clinics, intakes
from web.db.queries import requests as rows
from web.db.tables import RequestRow
from web.services import intakes as intake_service
from web.services import lists, requests
from web.services.clinics import Clinic
from web.services.conflicts import Conflict
from web.services.requests import Choice


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it stands, with its choices, the first one first."""

    id: UUID
    client_id: UUID
    state: str
    choices: tuple[Choice, ...]


def ask(
    session: Session, clinic: Clinic, client_id: UUID, therapists: Sequence[str], *, key: UUID | None, now: datetime
) -> Request:
    """Ask for one or two therapists for a client, by the list that they saw last, or a new one where there is none.

    A request that has this ``key`` already is the same one. Raises LookupError for nobody of the waiting list, Conflict
    as the client's own page does.
    """
    clinics.lock(session, clinic.id)
    before = rows.by_id(session, key) if key is not None else None
    if before is not None:
        if before.client_id != client_id:
            raise Conflict("not_open", client_id=client_id)
        return _request(session, before)
    row = intakes.of_client(session, client_id)
    kept = intake_service.of_id(session, row.id) if row is not None else None
    if kept is None:
        raise LookupError("nobody with this key is on the waiting list")
    if lists.newest(session, kept) is None:
        lists.make(session, clinic, kept, now=now)
    requests.ask(session, clinic, kept, therapists, key=key, now=now)
    made = rows.latest(session, client_id)
    assert made is not None
    return _request(session, made)


def _request(session: Session, row: RequestRow) -> Request:
    return Request(row.id, row.client_id, row.state, requests.choices_of(session, row.id))
