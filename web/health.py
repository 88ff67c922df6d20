"""Is the process alive, and can it serve? For whoever restarts and routes, not for people."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify

from web import edge
from web.services import readiness

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
def ready() -> tuple[Response, int]:
    """The database can be reached and has our tables; whether there is a model, and a mail server, is told, and is
    no condition."""
    found = readiness.look(edge.session())
    state = "ready" if found.database else "not ready"
    mail = "on" if current_app.config["SENDS_MAIL"] else "off: set SMTP_URL and MAIL_FROM"
    body = jsonify(status=state, database=found.database, clinics=found.n_clinics, models=found.n_models, mail=mail)
    return body, 200 if found.database else 503
