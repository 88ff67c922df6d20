"""What the clinic's own ratings say of the weights: asked for, waited for, begun as a draft."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web import edge, visits
from web.services import learned_weights, weights
from web.weights import forms, learned, pages
from web.weights.routes import blueprint

ANCHOR = "learned"


@blueprint.get("/learned")
def learning() -> str | Response:
    """How it stands, for a page that asks again and again; 204 where that is what it shows already."""
    if "HX-Request" not in request.headers:
        return redirect(url_for(".home", _anchor=ANCHOR), 303)
    found = pages.learned_now(weights.standing(edge.session(), visits.clinic(), now=visits.now()))
    if found["learned"].seen == request.args.get("seen"):
        return Response(status=204)
    return render_template("weights/learned_part.html", **found, is_part=True)


@blueprint.post("/learned")
def learn() -> Response:
    """Learn from ratings; asking twice is asking once."""
    learned_weights.ask(edge.session(), now=visits.now(), person_id=visits.person().person_id)
    return redirect(url_for(".home", _anchor=ANCHOR), 303)


@blueprint.post("/learned/draft")
def draft_learned() -> Response:
    """Begin a draft with what was learned; one that is under way is replaced only where the page has shown it."""
    found = learned_weights.standing_of(edge.session(), now=visits.now())
    note = learned.note(found.document) if found.document else ""
    learned_weights.begin_draft(edge.session(), visits.clinic(), note, forms.revision(request.form), **pages.by())
    return pages.done("learned")
