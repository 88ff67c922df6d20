"""Clinics' directories as this process holds them: read once, then only what changed, and no more of them than fit.

Each answer first asks the database for the version of the clinic's directory: a change that another process has
committed is in the next list of every process.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from uuid import UUID

from sqlalchemy.orm import Session

from matcher import Directory
from web.db import mapping
from web.db.queries import clinics, directory

MOST_THERAPISTS = 250_000  # of all clinics together, the clinic that was asked for last in any case


@dataclass(frozen=True, slots=True)
class Known:
    """A clinic's directory, and the version at which it was read."""

    version: int
    directory: Directory


_known: OrderedDict[UUID, Known] = OrderedDict()
_reading = Lock()


def current(session: Session, clinic_id: UUID) -> Known:
    """The clinic's directory as it is now. The session has entered the clinic.

    One thread reads and the others wait for it: reading ten thousand therapists side by side would take the memory of
    all of them at once, for the same arrays.
    """
    with _reading:
        known, version = _known.get(clinic_id), clinics.directory_version(session, clinic_id)
        while known is None or known.version != version:  # once more where somebody changed it while it was read
            known = _read(session, known, version)
            version = clinics.directory_version(session, clinic_id)
        _known[clinic_id] = known
        _known.move_to_end(clinic_id)
        _leave_room()
    return known


def _read(session: Session, known: Known | None, version: int) -> Known:
    if known is None or known.version > version:  # a database that was restored
        return Known(version, Directory.of(mapping.therapist_of(row) for row in directory.profiles(session)))
    rows = list(directory.changed_since(session, known.version))
    return Known(
        version, known.directory.changed(mapping.therapist_of(row) for row in rows) if rows else known.directory
    )


def _leave_room() -> None:
    """Forget the clinics that were asked for longest ago."""
    while len(_known) > 1 and sum(len(known.directory) for known in _known.values()) > MOST_THERAPISTS:
        _known.popitem(last=False)
