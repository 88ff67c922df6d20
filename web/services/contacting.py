"""Whom a coordinator is asked to contact, and what came of it, without what was seen, or in which session.

They are clients whose course asks for a conversation of which their therapist is not told. Were such an alert closed
by nobody, nothing that is as grave, or less so, would ever be raised again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.errors import InvalidInput
from web.db.queries import at_risk, clinics, waiting, watched
from web.services import alerts, cases
from web.services.clinics import Clinic
from web.services.conflicts import Conflict

NOT_REACHED = "not_reached"  # somebody tried: it is remembered, and stays open, so that somebody tries again
OUTCOMES = (*alerts.CONTACTED, NOT_REACHED)
EVENT = "contacted"
TWICE = timedelta(minutes=2)  # the same again within so long is one call, sent twice


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody is to be called: since when, and with whom they work."""

    alert_id: UUID
    since: datetime
    therapist: str


def asked(session: Session, client_id: UUID | None) -> tuple[Contact, ...]:
    """What asks for a call to a client, the earliest first: seldom more than one, of one therapist each."""
    return tuple(Contact(*row) for row in at_risk.to_contact_of(session, client_id)) if client_id else ()


def note(
    session: Session, clinic: Clinic, client_id: UUID, alert_id: UUID, outcome: str, *, actor: str, now: datetime
) -> None:
    """Say what came of it: the course is watched anew from the next session on, unless nobody was reached.

    Raises InvalidInput for another outcome, LookupError for no such alert of this client, Conflict where it asks for
    no call any more: it was closed, or the therapist is told of it by now.
    """
    if outcome not in OUTCOMES:
        raise InvalidInput("outcome", outcome, "choose what came of it")
    clinics.lock(session, clinic.id)
    cases.of(session, client_id, None)
    row = watched.alert(session, alert_id)
    if row is None or watched.client_of(session, row.dyad_id) != client_id:
        raise LookupError("there is no such alert of this client")
    if _is_noted(session, client_id, outcome, row.outcome, actor, now):
        return
    if alert_id not in {one.alert_id for one in asked(session, client_id)}:
        raise Conflict("not_open", client_id=client_id)
    if outcome != NOT_REACHED:
        alerts.settle(session, clinic, alert_id, outcome, actor=actor, now=now, among=alerts.CONTACTED)
    cases.note(session, client_id, EVENT, now=now, actor=actor, outcome=outcome)


def _is_noted(session: Session, client_id: UUID, outcome: str, settled: str | None, actor: str, now: datetime) -> bool:
    """Whether this is what was said already: the form was sent twice."""
    if outcome != NOT_REACHED:
        return settled == outcome
    tries = [one for one in waiting.events(session, client_id) if one.kind == EVENT][-1:]
    return any(one.details == {"outcome": outcome} and one.actor == actor and now - one.at < TWICE for one in tries)
