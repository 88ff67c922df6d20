"""What the clinic knows of a client, for the client: told in short, and as a whole to take along.

Every column of every table that hangs on a client is either taken along or stands in ``KEPT_BACK`` with the reason; a
test fails for a new one that does neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.entities import Rating
from web.db import mapping
from web.db.queries import intakes as intake_rows
from web.db.queries import ratings, reach
from web.db.tables import IntakeRow
from web.exchange.schema import intake_document
from web.services.clinics import Clinic
from web.services.intakes import CONTACT, KeptIntake

OPENS, TELLS_NOTHING, THEIRS = "opens", "tells_nothing", "theirs"
# column, or table.*, that is not taken along → why: it opens something, it says nothing of anybody, or is another's own
KEPT_BACK: Mapping[str, str] = {
    "*.clinic_id": TELLS_NOTHING,
    "intakes.link_hash": OPENS,
    "intakes.email_mark": TELLS_NOTHING,
    "intakes.phone_mark": TELLS_NOTHING,
    "links.token_hash": OPENS,
    "kiosk_codes.code_hash": OPENS,
    "own_ratings.*": THEIRS,
    "emergency_accesses.person_id": THEIRS,  # the client is told the role, and when; why is the clinic's to say
    "emergency_accesses.reason": THEIRS,
}


@dataclass(frozen=True, slots=True)
class Consent:
    """What a client agreed to: of which kind, to which version of its text, when, and when they took it back."""

    kind: str
    version: str
    given_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the clinic wrote down about a client."""

    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the clinic knows of a client: how many rows of each kind, consents, and what was written about them."""

    contact: Mapping[str, str]
    counts: Mapping[str, int]
    consents: tuple[Consent, ...]
    notes: tuple[Note, ...]
    since: datetime
    is_sent: bool


def known(session: Session, kept: KeptIntake) -> Known:
    """What is known of whoever has this intake."""
    found = {kind.__tablename__: rows for kind, rows in _rows(session, kept)}
    own = found["intakes"]
    return Known(
        contact=dict(kept.answers.get(CONTACT) or {}),
        counts={table: len(rows) for table, rows in found.items()},
        consents=tuple(
            Consent(row.kind, row.version, row.given_at, row.withdrawn_at) for row in found.get("consents", ())
        ),
        notes=tuple(Note(row.at, row.words) for row in found.get("case_events", ()) if row.words),
        since=min(row.started_at for row in own),
        is_sent=kept.client_id is not None,
    )


def take_along(session: Session, clinic: Clinic, kept: KeptIntake, *, now: datetime) -> dict[str, Any]:
    """Everything as one document: the intake and the ratings as ``rapport import`` reads them, and every row.

    ``rows`` maps each table to its rows, column → value; moments in ISO 8601, keys as text.
    """
    rows = {kind.__tablename__: [_told(row) for row in found] for kind, found in _rows(session, kept) if found}
    rows = {table: found for table, found in rows.items() if any(found)}
    return {"clinic": clinic.name, "made_at": now.isoformat(), **_to_import(session, kept), "rows": rows}


def columns_told(kind: type[Any]) -> list[str]:
    """The columns of a table that are taken along."""
    table = kind.__tablename__
    return [
        name for name in reach.columns(kind) if not {f"{table}.{name}", f"{table}.*", f"*.{name}"} & KEPT_BACK.keys()
    ]


def _rows(session: Session, kept: KeptIntake) -> Sequence[tuple[type[Any], Sequence[Any]]]:
    if kept.client_id is None:
        return list(reach.rows(session, kept.id, IntakeRow))
    return list(reach.rows(session, kept.client_id))


def _to_import(session: Session, kept: KeptIntake) -> dict[str, Any]:
    if kept.client_id is None:
        return {}
    client = reach.by_key(session, kept.client_id)
    assert client is not None  # an intake that was sent is a client's
    answers = intake_rows.current_version(session, client.id).answers
    said = [mapping.rating_of(row) for row in ratings.of_client(session, client.id)]
    return {
        "intake": intake_document(mapping.intake_of(client.external_id, answers)),
        "ratings": [_rating(one) for one in said],
    }


def _rating(one: Rating) -> dict[str, Any]:
    at = None if one.rated_at is None else one.rated_at.isoformat()
    told = {"client_id": one.client_id, "therapist_id": one.therapist_id, "session": one.session, "score": one.score}
    return told | {"rated_at": at}


def _told(row: Any) -> dict[str, Any]:
    return {name: _value(getattr(row, name)) for name in columns_told(type(row))}


def _value(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, datetime | date) else value
