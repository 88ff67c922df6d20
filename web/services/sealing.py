"""Everything that is sealed, sealed anew with the current key: in small transactions, and taken up where it stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from web.db import audit_chain, contact_marks, crypto, engine, tenancy
from web.db import sealing as checks
from web.db.queries import clinics, sealing
from web.db.tables import IntakeRow, OfClinic
from web.services import audit_trail
from web.services.intakes import CONTACT

AT_ONCE = 200


class StillNeeded(RuntimeError):
    """A key that seals something cannot be taken off the ring; the text says what to do first."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did: rows sealed anew, and keys that seal nothing any more."""

    n_rows: int
    idle: tuple[str, ...]


def rotate(sessions: Callable[[], Session], *, report: Callable[[int], None] = lambda n: None) -> Rotated:
    """Seal with the current key what is sealed with another one, in all clinics. ``report`` is told of rows done.

    Each transaction seals at most 200 rows, so that nobody waits for it; what is stopped half-way goes on from there.
    """
    current, n_rows = crypto.ring().current, 0
    with sessions() as session:
        slugs = [row.slug for row in clinics.every(session, 1_000_000)]
    for one in sealing.everything():
        for slug in slugs if issubclass(one.kind, OfClinic) else (None,):
            while n := _some(sessions, one, slug, current):
                n_rows += n
                report(n)
    return Rotated(n_rows, _settle(sessions, current))


def introduce(url: str) -> None:
    """Let a database know the current key, so that from now on nobody works on it with an older file of keys."""
    checks.require(engine.engine(url))


def ends(sessions: Callable[[], Session]) -> crypto.Ends:
    """Where the audit trail of each clinic ends, once all who write to it seal with the current key."""
    with sessions() as session:
        known = [row.id for row in clinics.every(session, 1_000_000)]
    return {clinic_id: _end(sessions, clinic_id) for clinic_id in known}


def ends_as_they_are(sessions: Callable[[], Session]) -> dict[str, dict[UUID, tuple[int, str]]]:
    """Key that was added → clinic → where its trail ended without that key, by the trails as they are."""
    with sessions() as session:
        known = [row.id for row in clinics.every(session, 1_000_000)]
    found: dict[str, dict[UUID, tuple[int, str]]] = {}
    for clinic_id in known:
        with sessions() as session:
            tenancy.enter(session, clinic_id)
            for name, one in audit_trail.ends_as_they_are(session).items():
                found.setdefault(name, {})[clinic_id] = one
    return found


def gone(sessions: Callable[[], Session]) -> list[UUID]:
    """Clinics of whose trail a key remembers an end, and which are not there any more."""
    with sessions() as session:
        known = {row.id for row in clinics.every(session, 1_000_000)}
    remembered = {clinic for one in crypto.newest().ends.values() for clinic, (sequence, _) in one.items() if sequence}
    return sorted(remembered - known)


def _end(sessions: Callable[[], Session], clinic_id: UUID) -> tuple[int, str]:
    with sessions() as session:
        tenancy.enter(engine.writing(session), clinic_id)
        found = audit_chain.end(session)
        session.commit()
    return found


def require_idle(session: Session, name: str) -> None:
    """Raise StillNeeded where something is sealed with this key, as far as is written down or to be seen."""
    n_values = sealing.count(session, name)
    if n_values or name in sealing.names(session):
        raise StillNeeded(f"{n_values} values are sealed with the key {name!r}: run rapport keys rotate first")


def n_audit_events(session: Session, name: str) -> int:
    """How many events of the audit trail, of all clinics, nobody could check any more without this key."""
    return sealing.n_audit_events(session, name)


def _some(sessions: Callable[[], Session], one: sealing.Sealing, slug: str | None, current: str) -> int:
    with sessions() as session:
        engine.writing(session)
        if slug is not None:
            tenancy.enter(session, clinics.by_slug(session, slug).id)
        rows = sealing.rows(session, one, current, AT_ONCE)
        for row in rows:
            for name in one.names:
                setattr(row, name, getattr(row, name))
            if isinstance(row, IntakeRow):
                row.email_mark, row.phone_mark = contact_marks.of_contact(row.answers.get(CONTACT) or {})
        session.commit()
        return len(rows)


def _settle(sessions: Callable[[], Session], current: str) -> tuple[str, ...]:
    """Write down which keys seal nothing any more; their names."""
    with sessions() as session:
        engine.writing(session)
        idle = tuple(name for name in sealing.names(session) if name != current and sealing.count(session, name) == 0)
        for name in idle:
            sealing.forget(session, name)
        session.commit()
        return idle
