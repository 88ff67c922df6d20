"""The safety question. A yes is written down before anything else happens, and shows at once whom to talk to.

Nothing may stand between a person and help: no missing link, no old page, no database that is gone. What could not be
written down is said, so that nobody waits for a call that will not come.
"""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from web import edge, visits
from web.intake import presenters, steps
from web.intake.forms import ReachMeForm, SafetyForm
from web.intake.routes import WRONG, blueprint
from web.services import intakes
from web.services import safety as safety_flags
from web.services.intakes import KeptIntake

NOT_KEPT = 503


@blueprint.get("/safety")
def safety() -> str:
    """The question."""
    form = SafetyForm(formdata=None, meta={"csrf": False})
    form.offer()
    form.fill(_intake().said("safety"))
    return _page(form)


@blueprint.post("/safety")
def answer_safety() -> Answer | tuple[str, int]:
    """A yes first of all raises a flag; then the page says whom to talk to, and whether the flag could be raised."""
    form = SafetyForm(meta={"csrf": False})
    form.offer()
    if "yes" in request.form.getlist(form.at_risk.name):  # however often and what else it was answered
        if edge.kept(_flag):
            return redirect(url_for("intake.told"), 303)
        return _told(ReachMeForm(formdata=None), safety_flags.NOT_TOLD), NOT_KEPT
    kept, said = _intake(), form.accept()
    if said is None:
        return _page(form), WRONG
    intakes.save(edge.session(), kept, "safety", said, now=visits.now())
    there = steps.CHECK if "checked" in request.args else steps.after("safety")
    return redirect(f"/intake/{there}", 303)


@blueprint.get("/safety/told")
def told() -> str:
    """Whom to talk to now, how the answer stands at the practice, and where they can call."""
    form = ReachMeForm(formdata=None, data=visits.intake().said(intakes.CONTACT))
    return _told(form, _standing(visits.intake()))


@blueprint.post("/safety/told")
def reach_me() -> Answer | tuple[str, int]:
    """Where somebody can be called."""
    form, kept = ReachMeForm(), visits.intake()
    if not form.accept():
        return _told(form, _standing(kept)), WRONG
    contact = {**kept.said(intakes.CONTACT), **form.contact()}
    intakes.save(edge.session(), kept, intakes.CONTACT, contact, now=visits.now())
    if "safety" in kept.flags:  # also for whoever has looked already: now there is a number to call
        intakes.raise_flag(edge.session(), kept, "safety", now=visits.now())
    return redirect(url_for("intake.told"), 303)


def _intake() -> KeptIntake:
    if visits.clinic() is None:
        raise visits.NoClinic
    kept = visits.intake()
    if kept is None:
        raise visits.NoIntake
    return kept


def _flag() -> None:
    """The answer and the flag, in one transaction."""
    kept, session, now = _intake(), edge.session(), visits.now()
    kept = intakes.save(session, kept, "safety", {"at_risk": True}, now=now)
    intakes.raise_flag(session, kept, "safety", source=intakes.SAFETY_QUESTION, now=now)


def _page(form: SafetyForm) -> str:
    return render_template("intake/safety.html", form=form, page=presenters.page("safety", visits.intake()))


def _standing(kept: KeptIntake) -> str:
    return safety_flags.standing(edge.session(), kept.id, now=visits.now())


def _told(form: ReachMeForm, state: str) -> str:
    """``state`` is how the answer stands (``web.services.safety.standing``); a number needs a flag to stand with."""
    can_be_reached = state != safety_flags.NOT_TOLD and not form.errors
    return render_template(
        "intake/told.html", form=form, state=state, phone=form.phone.data if can_be_reached else None
    )
