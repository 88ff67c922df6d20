"""The clinic at a glance."""

from __future__ import annotations

from flask import Blueprint, render_template

from web import edge, visits
from web.insights import presenters
from web.services import insights

blueprint = Blueprint("insights", __name__, url_prefix="/insights")


@blueprint.get("/")
def home() -> str:
    """Counts, model, weights and the last events."""
    found = insights.overview_of(edge.session(), now=visits.now())
    return render_template("insights/home.html", shown=presenters.overview(found), days=insights.DAYS)
