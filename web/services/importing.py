"""A clinic's files brought in: read to the last row, stored all or nothing, the same file twice stored once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from matcher.entities import Intake, Therapist
from web.db import mapping
from web.db.queries import clients, clinics, departures, directory, waiting
from web.db.tables import ClientRow, IntakeVersionRow, TherapistRow
from web.exchange.reading import read_clients, read_ratings, read_scores, read_therapists
from web.exchange.report import Reading
from web.services import audit, instruments
from web.services.clinics import Clinic
from web.services.rating_rows import Changes, store_ratings
from web.services.score_rows import store_scores

Source = Path | str | bytes


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file held and what it changed, or would change: ``stored`` says which. Nothing is stored by halves."""

    reading: Reading[Any]
    changes: Changes
    stored: bool


def import_file(
    session: Session, clinic: Clinic, kind: str, source: Source, *, now: datetime, dry_run: bool = False
) -> Imported:
    """``read`` and ``store`` in one session that writes: for files that are read in a moment."""
    return store(session, clinic, read(session, clinic, kind, source, now=now), now=now, dry_run=dry_run)


def read(session: Session, clinic: Clinic, kind: str, source: Source, *, now: datetime) -> Reading[Any]:
    """A file of therapists, clients, ratings or scores, to its last row; a session that only reads will do.

    A large file takes minutes, in which nobody else should have to wait for the write lock.
    """
    return _READERS[kind](session, clinic, source, now)


def store(session: Session, clinic: Clinic, reading: Reading[Any], *, now: datetime, dry_run: bool = False) -> Imported:
    """Store a file that has no problem, and nothing of one that has.

    A row that is known already is compared and changed where it differs; whoever is not in the file stays as they are.
    With ``dry_run`` the session is left with changes that its owner must not commit.
    """
    if not reading.ok:
        return Imported(reading, Changes(), stored=False)
    clinics.lock(session, clinic.id)
    changes = _STORES[reading.kind](session, clinic, reading.entities, now)
    if changes.any and not dry_run:
        audit.record(session, f"{reading.kind}.imported", now=now, new=changes.new, changed=changes.changed)
    return Imported(reading, changes, stored=not dry_run)


def _read_ratings(session: Session, clinic: Clinic, source: Source, now: datetime) -> Reading[Any]:
    return read_ratings(
        source,
        scale=clinic.scale,
        known_clients=clients.keys(session).keys(),
        known_therapists=directory.keys(session).keys(),
        now=now,
    )


def _read_scores(session: Session, clinic: Clinic, source: Source, now: datetime) -> Reading[Any]:
    known = instruments.newest(session).values()
    ranges = {instrument.code: (instrument.lowest, instrument.top) for instrument in known}
    return read_scores(source, ranges=ranges, known_clients=clients.keys(session).keys(), now=now)


def _store_therapists(session: Session, clinic: Clinic, found: list[Therapist], now: datetime) -> Changes:
    """A file that says the same number of places again gives back none that were taken since.

    One that says another number is believed, less the places that are held or asked for at this moment.
    """
    known = {row.external_id: row for row in directory.every_locked(session)}
    pending, away = waiting.count_pending(session), departures.every_open(session)
    changes, touched = Changes(), []
    for therapist in found:
        row = known.get(therapist.id)
        said: dict[str, Any] = {"name": therapist.name, "profile": mapping.profile_of(therapist)}
        if row is None or row.stated_capacity != therapist.capacity:
            free = therapist.capacity - (pending.get(row.id, 0) if row is not None else 0)
            said |= {"stated_capacity": therapist.capacity, "capacity": max(free, 0)}
        if row is not None and row.id in away and "capacity" in said:
            away[row.id].capacity_before, said["capacity"] = said["capacity"], 0  # they offer it when they are back
        if row is None:
            row = TherapistRow(external_id=therapist.id, created_at=now, changed_at=now, **said)
            session.add(row)
            changes.new += 1
        elif any(getattr(row, name) != value for name, value in said.items()):
            for name, value in (said | {"changed_at": now}).items():
                setattr(row, name, value)
            changes.changed += 1
        else:
            changes.unchanged += 1
            continue
        touched.append(row)
    session.flush()
    if touched:
        directory.keep_version(session, touched, clinics.directory_changed(session, clinic.id))
    return changes


def _store_clients(session: Session, clinic: Clinic, found: list[Intake], now: datetime) -> Changes:
    """A changed intake is a new version beside the old one."""
    known = {row.external_id: (row, answers) for row, answers in clients.current(session)}
    changes = Changes()
    for intake in found:
        answers = mapping.answers_of(intake)
        row, before = known.get(intake.id, (None, None))
        if row is None:
            row = ClientRow(external_id=intake.id, intake_version=1, created_at=now)
            session.add(row)
            session.flush()
            changes.new += 1
        elif before != answers:
            row.intake_version += 1
            changes.changed += 1
        else:
            changes.unchanged += 1
            continue
        session.add(IntakeVersionRow(client_id=row.id, version=row.intake_version, answers=answers, created_at=now))
    session.flush()
    return changes


_READERS: Mapping[str, Callable[[Session, Clinic, Source, datetime], Reading[Any]]] = MappingProxyType(
    {
        "therapists": lambda session, clinic, source, now: read_therapists(source),
        "clients": lambda session, clinic, source, now: read_clients(source),
        "ratings": _read_ratings,
        "scores": _read_scores,
    }
)
_STORES: Mapping[str, Callable[[Session, Clinic, list[Any], datetime], Changes]] = MappingProxyType(
    {
        "therapists": _store_therapists,
        "clients": _store_clients,
        "ratings": store_ratings,
        "scores": store_scores,
    }
)
