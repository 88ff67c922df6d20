"""What was done is written down in the same transaction: ids and counts, never what a person wrote."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from web.db import audit_chain
from web.db.tables import AuditEventRow

COMMAND = "command line"


def record(
    session: Session, action: str, *, now: datetime, subject: str = "", actor: str = COMMAND, **details: int | str
) -> None:
    """Write one event of the clinic that the session has entered; it is chained to the last one at the commit."""
    session.flush()
    audit_chain.keep(session, AuditEventRow(at=now, actor=actor, action=action, subject=subject, details=details))
