"""That somebody of staff, or a program, looked at what is known of clients: who, whom, on which page, when."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from web.db import tenancy
from web.db.queries import audit as rows
from web.services import audit

ONE, SEVERAL = "client.read", "clients.read"


def note(session: Session, *, clinic_id: UUID, by: str, page: str, kind: str, key: UUID | None, now: datetime) -> None:
    """Write down one look. ``kind`` says of what ``key`` is the key; the event names the client.

    Where the key is nobody's there was nothing to be seen, and nothing is written down.
    """
    tenancy.enter(session, clinic_id)
    if key is None:
        audit.record(session, SEVERAL, now=now, actor=by, page=page)
        return
    client_id = rows.client_of(session, kind, key)
    if client_id is not None:
        audit.record(session, ONE, now=now, subject=str(client_id), actor=by, page=page)
