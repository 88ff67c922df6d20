"""Working a proposal out as a job: read, compute with nothing open, keep what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from web.db import engine
from web.db.queries import proposals as rows
from web.jobs.rows import Sessions
from web.services import clinics, proposal_material, proposal_settings, proposals, proposing
from web.services.clinics import Clinic, ClinicTrouble

Report = Callable[[int, str], None]


class NoDraft(ClinicTrouble):
    """The proposal has ended meanwhile."""


def run(
    sessions: Sessions, clinic: Clinic, arguments: Mapping[str, Any], *, now: Callable[[], datetime], report: Report
) -> dict[str, Any]:
    """Work out the draft that is named, and say how many are placed."""
    key, began = UUID(arguments["proposal"]), now()
    report(proposing.STAGES["reading"], "reading")
    with sessions() as session:
        clinics.enter(session, clinic)
        row = rows.by_id(session, key)
        if row is None or row.state != proposals.DRAFT:
            raise NoDraft("This proposal has ended meanwhile.")
        revision, settings = row.revision, proposal_settings.read(row.settings)
        material = proposal_material.gather(session, clinic, settings, now=began)
    document = proposing.solve(material, settings, report)
    with sessions() as session:
        clinics.enter(engine.writing(session), clinic)
        if not rows.are_here(session, clinic.id, {UUID(line["client"]) for line in document["lines"]}):
            raise NoDraft("Somebody was erased while places were looked for. Look once more.")
        proposals.found(session, key, revision, document, now=now())
        session.commit()
    n_placed = sum(line["therapist"] is not None for line in document["lines"])
    return {"n_waiting": document["n_waiting"], "n_placed": n_placed, "n_troubles": len(document["troubles"])}
