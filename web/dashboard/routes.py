"""The clinic's dashboard: one page, without filters."""

from __future__ import annotations

from flask import Blueprint, render_template

from web import edge, visits
from web.dashboard import presenters
from web.services import dashboard
from web.wording.dashboard import say_attribute

blueprint = Blueprint("dashboard", __name__, url_prefix="/dashboard")


@blueprint.get("/")
def home() -> str:
    """Everything, up to the last month that is over."""
    found = dashboard.of_clinic(edge.session(), visits.clinic(), now=visits.now(), zone=visits.zone())
    return render_template("dashboard/home.html", shown=presenters.shown(found), attribute=say_attribute)
