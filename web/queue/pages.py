"""The pages of the queue, put together: with what was just done, what went wrong, and what was changed meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from matcher.errors import InvalidInput
from web import edge, visits
from web.cards import name_of
from web.queue import deciding, filters, forms, listed, presenters, watched
from web.services import at_risk, contacting, dossiers, instruments, loads, openings, queue, waiting_list
from web.services.conflicts import Conflict, Conflicts
from web.wording.conflicts import say_conflict
from web.wording.language import _, lazy, ngettext

WRONG, TROUBLE = 422, 409
FIELDS = {"reason": "#reason", "words": "#words", "note": "#note", "outcome": "#outcome"}
# What was just done to one case, and what takes it back
DONE: Mapping[str, tuple[Any, str | None]] = {
    "assigned": (lazy("They have a place now."), "give_back"),
    "held": (lazy("The place is held."), "give_back"),
    "given_back": (lazy("The place was given back. They wait since the day on which they came."), None),
    "rematched": (lazy("The place was given back, and there is a new list. Nobody is told why."), None),
    "closed": (lazy("They are off the waiting list."), "reopen"),
    "reopened": (lazy("They are on the waiting list again."), None),
    "prioritised": (lazy("The priority is changed."), None),
    "noted": (lazy("The note is kept."), None),
    "contact_closed": (lazy("It is closed. How their sessions go is watched anew from the next one on."), None),
    "contact_open": (lazy("That is noted. They stay among those at risk until somebody has reached them."), None),
    "renewed": (lazy("The list is made from what is so now."), None),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What has to be mended, or was changed meanwhile, and where."""

    text: str
    href: str = ""


def home(*, faults: tuple[Fault, ...] = (), ticked: Iterable[UUID] = ()) -> str:
    """The queue: who needs a person first, and the waiting list."""
    now, session, clinic = visits.now(), edge.session(), visits.clinic()
    asked = filters.read(request.form if request.method == "POST" else request.args)
    found = waiting_list.page(session, clinic, asked, now=now)
    return render_template(
        "queue/home.html",
        lists=presenters.lists(queue.waiting(session, now=now), now),
        page=listed.page(found, asked, now),
        well_being_alarms=instruments.alarms(session),
        ticked=frozenset(ticked),
        faults=faults,
        done=_done_to_many(),
    )


def case(intake_id: UUID, *, faults: tuple[Fault, ...] = (), changed: bool = False) -> str:
    """One case, with what there is to decide."""
    now, clinic = visits.now(), visits.clinic()
    most = deciding.MORE if "more" in request.args else deciding.LIST
    found = dossiers.of_intake(edge.session(), clinic, intake_id, most=most, now=now) or abort(404)
    words, undo = DONE.get(request.args.get("done", ""), (None, None))
    return render_template(
        "queue/case.html",
        case=presenters.case(found.case, now, clinic.currency),
        decision=deciding.decision(found, clinic, now),
        contacts=presenters.contacts(contacting.asked(edge.session(), found.client_id), now),
        client_id=found.client_id,
        contact_outcomes=presenters.contact_outcomes(),
        typed=request.form,
        faults=faults,
        changed=changed,
        done=words,
        undo=undo if (undo == "reopen") == (found.state == "closed") else None,
    )


def opening() -> str:
    """Who fits a place that opens."""
    now, therapist, order = visits.now(), request.args.get("therapist", ""), request.args.get("order", "")
    order = order if order in openings.ORDERS else openings.ORDERS[0]
    found = openings.of_therapist(edge.session(), visits.clinic(), therapist, order, now=now) if therapist else None
    everybody = loads.every(edge.session(), now=now)
    return render_template("queue/openings.html", page=watched.opening(everybody, found, order, now))


def lost_from_sight() -> str:
    """Who may be lost from sight."""
    found = at_risk.signals(edge.session(), visits.clinic(), now=visits.now())
    days = at_risk.SILENT_DAYS
    return render_template("queue/at_risk.html", signals=watched.signals(found, visits.now()), silent_days=days)


def changes() -> str | Response:
    """How many cases were changed since the page was made; 204 where none was."""
    n = waiting_list.changes(edge.session(), request.args.get("stamp", ""), now=visits.now())
    if not n:
        return Response(status=204)
    words = ngettext("%(num)d case changed", "%(num)d cases changed", n)
    return render_template("queue/changed.html", words=words, kept=filters.address(filters.read(request.args)))


def found(said: Mapping[str, str]) -> Response:
    """On to the list as it is looked for, under an address that names nobody."""
    return redirect(url_for("queue.home", **filters.address(filters.typed(said)), _anchor="list"), 303)


def done(intake_id: UUID, what: str) -> Response:
    """On to the case, which says what was done."""
    return redirect(url_for("queue.case", intake_id=intake_id, done=what), 303)


def done_to_many(what: str, n: int) -> Response:
    """On to the list as it was looked at, which says what was done, and can take it back."""
    kept = filters.address(filters.read(request.form))
    return redirect(url_for("queue.home", **kept, done=what, n=n, at=visits.now().isoformat()), 303)


def conflict(trouble: Conflict) -> tuple[str, int]:
    """The page as things stand now, with everything that stood against; nothing was done."""
    edge.undo()
    if request.endpoint == "queue.bulk":
        return home(faults=_against(trouble), ticked=forms.seen(request.form)), TROUBLE
    return case((request.view_args or {})["intake_id"], faults=_against(trouble), changed=True), TROUBLE


def refused(wrong: InvalidInput) -> tuple[str, int]:
    """The case again, with what is missing."""
    edge.undo()
    fault = Fault(f"{wrong.mend[0].upper()}{wrong.mend[1:]}.", FIELDS.get(wrong.field, ""))
    return case((request.view_args or {})["intake_id"], faults=(fault,)), WRONG


def _against(trouble: Conflict) -> tuple[Fault, ...]:
    everything = trouble.all if isinstance(trouble, Conflicts) else (trouble,)
    clients = [one.client_id for one in everything if one.client_id is not None]
    known = queue.named(edge.session(), clients)
    if request.endpoint != "queue.bulk":
        return tuple(Fault(say_conflict(one.code)) for one in everything)
    told = [_("Nothing was done to anybody.")]
    for one in everything:
        intake_id, contact = known.get(one.client_id, (None, {}))
        name = name_of(intake_id, contact) if intake_id else _("Somebody")
        told.append(f"{name}: {say_conflict(one.code)}")
    return tuple(Fault(words) for words in told)


def _done_to_many() -> dict[str, Any] | None:
    what, n = request.args.get("done", ""), request.args.get("n", "")
    if not (n.isascii() and n.isdigit() and len(n) < 5):
        return None
    said = {
        "closed": ngettext("%(num)d person is off the list", "%(num)d people are off the list", int(n)),
        "prioritised": ngettext("%(num)d priority is set", "%(num)d priorities are set", int(n)),
        "reopened": ngettext("%(num)d person is on the list again", "%(num)d people are on the list again", int(n)),
    }
    at = request.args.get("at", "") if what == "closed" else ""
    return {"words": said[what], "at": at} if what in said else None
