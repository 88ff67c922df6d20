"""The ends of the audit trail kept in a file, once a day: with them is seen what was cut off later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from web import logs
from web.exchange import audit_files
from web.jobs.rows import Sessions
from web.services import audit_trail, clinics

EVERY = timedelta(hours=24)
_NEVER = datetime.min.replace(tzinfo=UTC)


def keep_due(sessions: Sessions, path: Path, *, now: datetime) -> int:
    """Add the end of every clinic's trail that was not kept in the last day; how many those were.

    Two workers may both add a line: the file then says the same twice. A file that cannot be written holds up nothing.
    """
    try:
        kept = audit_files.last_kept(path)
        with sessions() as session:
            due = [one for one in clinics.every(session) if kept.get(one.slug, _NEVER) <= now - EVERY]
        found = []
        for clinic in due:
            with sessions() as session:
                clinics.enter(session, clinic)
                found.append(audit_trail.head(session, clinic, now=now))
        if found:
            audit_files.append_anchors(path, found)
    except OSError as error:
        logs.failure(error)
        return 0
    return len(found)
