"""Who is called when somebody may not be safe: every coordinator, by a mail that names nobody."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from web.db.queries import people
from web.db.tables import FlagRow
from web.services import outbox

KIND, ROLES = "safety", ("coordinator", "clinic_lead")


def call(session: Session, flag: FlagRow, *, now: datetime) -> int:
    """Promise a mail to each coordinator; where there is none, to each lead. To how many.

    The flag stands whatever becomes of the mails: what fails here undoes nothing of it.
    """
    try:
        with session.begin_nested():
            found = next((some for role in ROLES if (some := people.addresses_in(session, role))), [])
            for person_id, email in found:
                outbox.promise(session, KIND, f"{flag.id}:{now.timestamp():.0f}:{person_id}", email, now=now)
            return len(found)
    except Exception as error:  # of whatever kind: nothing stands between the answer and the queue
        structlog.get_logger().error("nobody called", error=type(error).__name__)
        return 0
