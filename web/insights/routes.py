"""The clinic at a glance, and the card of its models."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web import edge, visits
from web.insights import fitting as fits
from web.insights import held as held_back
from web.insights import model_card as cards
from web.insights import presenters
from web.insights import rare_places as rare
from web.services import holding, insights, model_card, models, movements, scarcity

blueprint = Blueprint("insights", __name__, url_prefix="/insights")


@blueprint.get("/")
def home() -> str:
    """Counts, model, weights and the last events."""
    found = insights.overview_of(edge.session(), now=visits.now())
    return render_template("insights/home.html", shown=presenters.overview(found), days=insights.DAYS)


@blueprint.get("/model")
def model() -> str:
    """What the model learned, how it does, what served before, and a new fit on its way."""
    found = model_card.card_of(edge.session(), visits.clinic(), now=visits.now())
    waits = held_back.shown(holding.waiting(edge.session()), visits.zone())
    movement = held_back.movement(movements.of_clinic(edge.session(), now=visits.now()))
    return render_template(
        "insights/model.html", shown=cards.card(found), fit=fits.shown(found.fitting), held=waits, movement=movement,
        kept="unchanged" in request.args,
    )  # fmt: skip


@blueprint.get("/model/fit")
def fitting() -> str | Response:
    """How the new fit stands, for a page that asks again and again; 204 where that is what it shows already."""
    if "HX-Request" not in request.headers:
        return redirect(url_for(".model", _anchor="fit-now"), 303)
    fit = fits.shown(model_card.fitting_of(edge.session(), now=visits.now()))
    if fit.seen == request.args.get("seen"):
        return Response(status=204)
    return render_template("insights/fit.html", fit=fit, is_part=True)


@blueprint.post("/model/fit")
def fit() -> Response:
    """Ask for a new fit; asking twice is asking once."""
    model_card.ask_fit(edge.session(), now=visits.now(), person_id=visits.person().person_id)
    return redirect(url_for(".model", _anchor="fit-now"), 303)


@blueprint.post("/model/<string:version>/serve")
def serve_again(version: str) -> Response:
    """Let an earlier model serve again; one that a trial refused, or that cannot be read, changes nothing."""
    done = models.serve_again(
        edge.session(), visits.clinic(), version, now=visits.now(), actor=str(visits.person().person_id)
    )
    return redirect(url_for(".model") if done else url_for(".model", unchanged=""), 303)


@blueprint.post("/model/held/<uuid:therapist>/<any(own_people, household, flood):because>/<any(count, leave):wanted>")
def judge_held(therapist: UUID, because: str, wanted: str) -> Response:
    """Let held ratings count, or leave them out for good."""
    person_id, counts = visits.person().person_id, wanted == "count"
    holding.judge(
        edge.session(), visits.clinic(), therapist, because, counts=counts, person_id=person_id, now=visits.now()
    )
    return redirect(url_for(".model", _anchor="held"), 303)


@blueprint.get("/rare-places")
def rare_places() -> str:
    """Whether lists keep rare places for those whom hardly anybody else fits, and what that gains and costs."""
    found = scarcity.standing(edge.session(), visits.clinic(), now=visits.now())
    return render_template("insights/rare_places.html", shown=rare.shown(found))


@blueprint.get("/rare-places/forecast")
def forecasting() -> str | Response:
    """How a forecast stands, for a page that asks again; 204 where that is what it shows already."""
    if "HX-Request" not in request.headers:
        return redirect(url_for(".rare_places"), 303)
    found = rare.shown(scarcity.standing(edge.session(), visits.clinic(), now=visits.now()))
    if found.job is not None and found.job.seen == request.args.get("seen"):
        return Response(status=204)
    return render_template("insights/forecast.html", shown=found, is_part=True)


@blueprint.post("/rare-places/forecast")
def forecast() -> Response:
    """Ask for a forecast; asking twice is asking once."""
    scarcity.ask(edge.session(), asked_by=str(visits.person().person_id), now=visits.now())
    return redirect(url_for(".rare_places"), 303)


@blueprint.post("/rare-places/<any(on, off):wanted>")
def keep_rare_places(wanted: str) -> Response:
    """Switch it on or off."""
    person_id = visits.person().person_id
    scarcity.switch(edge.session(), visits.clinic(), wanted == "on", person_id=person_id, now=visits.now())
    return redirect(url_for(".rare_places"), 303)
