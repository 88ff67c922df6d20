"""The trail as it is looked for, whether it holds, and the trail as a file."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from web import edge, reads, visits
from web.audit import presenters
from web.exchange import audit_files
from web.services import audit_pages, audit_trail, emergencies

blueprint = Blueprint("audit", __name__, url_prefix="/audit")


@blueprint.get("/")
def home() -> str:
    """What was done, the newest first, and whether the trail holds."""
    session, asked = edge.session(), presenters.read(request.args)
    found = audit_pages.look(session, presenters.wanted(asked, visits.zone()), before=asked.before)
    opened = emergencies.lately(session, now=visits.now())
    if opened:  # their reasons say something of clients
        reads.shows()
    return render_template("audit/home.html", page=presenters.page(found, asked, opened, visits.zone()))


@blueprint.post("/check")
def check() -> Answer:
    """Check the whole trail, with the ends that are kept elsewhere, and write down what was found."""
    path: Path | None = current_app.config["AUDIT_ANCHOR"]
    ends = audit_files.read_anchors(path) if path is not None and path.exists() else []
    known = [one for one in ends if one.clinic == visits.clinic().slug]
    audit_trail.checked(edge.session(), known, actor=str(visits.person().person_id), now=visits.now())
    return redirect(url_for(".home", _anchor="chain"), 303)


@blueprint.post("/export")
def export() -> Response:
    """What is looked for as a file; that it was taken is written down first."""
    asked = presenters.read(request.form)
    wanted, session = presenters.wanted(asked, visits.zone()), edge.session()
    audit_trail.exported(session, wanted, actor=str(visits.person().person_id), now=visits.now())
    answer = Response("".join(audit_files.csv_lines(audit_trail.every(session, wanted))), mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=audit.csv"
    return answer
