"""The coordinator puts a tablet into the clinic's hands, and shows somebody the code, or QR code, of their own hour."""

from __future__ import annotations

from uuid import UUID

from flask import abort, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from web import cards, edge, qr, visits
from web.cookies import CHECK_IN, KIOSK, WELL_BEING
from web.kiosk.routes import blueprint
from web.services import kiosks, people
from web.services.kiosks import Hour
from web.wording.language import _


@blueprint.get("/hours")
def hours() -> str:
    """The hours of the last days about which nothing was said yet."""
    found = kiosks.hours(edge.session(), visits.person().person_id, visits.now())
    return render_template("kiosk/hours.html", hours=[_words(hour) for hour in found], is_kiosk=bool(KIOSK.kept()))


@blueprint.post("/hours/<uuid:session_id>")
def show(session_id: UUID) -> str:
    """A code for the tablet and a QR code for the client's own phone, for some minutes."""
    person, now = visits.person(), visits.now()
    try:
        hour, code, token = kiosks.show(edge.session(), visits.clinic(), session_id, person.person_id, now)
    except LookupError:
        abort(404)
    link = url_for("checkins.arrive", token=token, _external=True)
    minutes = int(kiosks.CODE_FOR.total_seconds() // 60)
    return render_template(
        "kiosk/show.html", hour=_words(hour), code=f"{code[:3]} {code[3:]}", minutes=minutes, link=link,
        drawing=qr.svg(link, _("QR code of the link below")),
    )  # fmt: skip


@blueprint.post("/begin")
def begin() -> Response:
    """Let this device be the clinic's tablet: whoever is signed in on it is signed out first."""
    person, now = visits.person(), visits.now()
    token = kiosks.begin(edge.session(), by=str(person.person_id), now=now)
    people.sign_out(edge.session(), str(session[visits.SIGN_IN]), now=now)
    session.clear()
    response = visits.forget_link(redirect(url_for(".home"), 303))
    for cookie in (CHECK_IN, WELL_BEING):
        cookie.forget(response)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return KIOSK.keep(response, token)


@blueprint.post("/end")
def end() -> Response:
    """Let this device be no tablet of the clinic any more."""
    kiosks.end(edge.session(), KIOSK.kept(), by=str(visits.person().person_id), now=visits.now())
    response = redirect(url_for(".hours"), 303)
    KIOSK.forget(response)
    return response


def _words(hour: Hour) -> dict[str, object]:
    return {
        "id": hour.session_id,
        "name": cards.name_of(hour.client_id, hour.contact),
        "therapist": hour.therapist,
        "moment": cards.moment_words(hour.began_at, visits.zone()),
    }
