"""The places that a clinic's clients may say they set out from."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from web.db.queries import clinics, intakes
from web.db.tables import PlaceRow
from web.exchange.places import PlaceIn
from web.services.clinics import Clinic


def replace(session: Session, clinic: Clinic, places: Sequence[PlaceIn]) -> int:
    """Let these be the clinic's places, and no others; how many are new, changed or gone."""
    clinics.lock(session, clinic.id)
    known = {row.code: row for row in intakes.places(session)}
    changed = 0
    for place in places:
        row = known.pop(place.place_id, None)
        said = {"name": place.name, "latitude": place.latitude, "longitude": place.longitude}
        if row is None:
            session.add(PlaceRow(code=place.place_id, **said))
        elif any(getattr(row, name) != value for name, value in said.items()):
            for name, value in said.items():
                setattr(row, name, value)
        else:
            continue
        changed += 1
    for row in known.values():
        session.delete(row)
    changed += len(known)
    if changed:
        clinics.directory_changed(session, clinic.id)
    session.flush()
    return changed
