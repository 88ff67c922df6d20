"""What came of an alert: somebody says it once, and the course is watched anew from the next session on.

Who is told of an alert is in ``web.services.shared_courses`` (the therapist) and ``web.services.at_risk`` (the
coordinator, who settles it by ``web.services.contacting``). Alerts are raised by ``web.services.watching``.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.errors import InvalidInput
from web.db.queries import clinics, watched
from web.services import audit
from web.services.clinics import Clinic

OUTCOMES = ("talked", "misread", "ended", "other")  # what a therapist says of one
CONTACTED = ("spoken", "rematched")  # what a coordinator does, who was not told what was seen
UNTIL = "until"  # the figure that says up to which session a settled alert has taken care of the course


def settle(
    session: Session, clinic: Clinic, alert_id: UUID, outcome: str, *, actor: str, now: datetime,
    among: Collection[str] = OUTCOMES,
) -> None:  # fmt: skip
    """Say what came of an alert, once: the first word counts. From the next session on the course is watched anew.

    Raises LookupError for no such alert, InvalidInput for an outcome that is not ``among`` those that may be said.
    """
    if outcome not in among:
        raise InvalidInput("outcome", outcome, f"expected one of {', '.join(among)}")
    clinics.lock(session, clinic.id)
    row = watched.alert(session, alert_id)
    if row is None:
        raise LookupError("there is no such alert")
    if row.settled_at is None:
        row.figures = {**row.figures, UNTIL: watched.last_number(session, row.dyad_id)}
        row.settled_at, row.settled_by, row.outcome = now, actor, outcome
        session.flush()
        audit.record(session, "alert.settled", now=now, subject=str(row.id), actor=actor, outcome=outcome)
