"""The audit trail in words: whether its chain holds, and what is wrong where it does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from web.wording.language import _, lazy

_TROUBLES: Mapping[str, Any] = {
    "missing": lazy("Entry %(bad)s is missing: it was removed. The %(n)s entries before it hold."),
    "changed": lazy(
        "Entry %(bad)s does not bear the seal that follows on the one before it: it was changed, moved or put in. "
        "The entries before it hold."
    ),
    "cut": lazy("The trail ends before entry %(bad)s, which was there: its end was cut off."),
    "no_key": lazy("Entry %(bad)s names a key that is not on the ring: put the key back to check it."),
    "rewritten": lazy("Entry %(bad)s bears another seal than the one that was kept elsewhere: it was written anew."),
    "old_key": lazy(
        "Entry %(bad)s bears the seal of a key that had been replaced before: somebody who knew the old key wrote it, "
        "or a server that could not read the new one."
    ),
}


def say_verdict(n_good: int, bad: int | None, trouble: str | None) -> str:
    """What checking the chain found, in one sentence or two."""
    if trouble is None and n_good == 0:
        return _("There are no entries yet.")
    if trouble is None:
        return _("All %(n)s entries hold: none was changed, moved, put in or removed.", n=n_good)
    return str(_TROUBLES[trouble]) % {"bad": bad, "n": n_good}


def say_kind(kind: str) -> str:
    """About what something was done: a client, a case, a person …"""
    return str(_KINDS[kind]) if kind in _KINDS else kind.replace("_", " ").capitalize()


def say_detail(name: str, value: object) -> str:
    """One of the counts and codes that were noted."""
    said = str(_PAGES.get(str(value), value)) if name == "page" else str(value).replace("_", " ")
    return _("%(name)s %(value)s", name=str(_DETAILS.get(name, name.replace("_", " "))), value=said)


_KINDS: Mapping[str, Any] = {
    "client": lazy("Looks at a client"),
    "clients": lazy("Looks at lists of clients"),
    "case": lazy("Cases"),
    "person": lazy("Signing in and out"),
    "membership": lazy("Roles"),
    "emergency": lazy("Opened in an emergency"),
    "audit": lazy("This trail"),
    "check_in": lazy("Check-ins"),
}
_DETAILS: Mapping[str, Any] = {"n": lazy("number"), "page": lazy("page"), "role": lazy("role")}
_PAGES: Mapping[str, Any] = {
    "queue.home": lazy("waiting list"),
    "queue.case": lazy("case"),
    "queue.openings": lazy("a place opens"),
    "queue.at_risk": lazy("at risk"),
    "caseload.home": lazy("caseload"),
    "caseload.asked": lazy("request"),
    "caseload.client": lazy("client"),
    "courses.home": lazy("courses"),
    "courses.show": lazy("course"),
    "departures.show": lazy("therapist who leaves"),
    "emergency.show": lazy("opened in an emergency"),
    "audit.home": lazy("reasons of emergencies"),
    "handover.notes": lazy("handing on"),
    "kiosk.hours": lazy("check in"),
    "proposals.show": lazy("proposal"),
    "api_v1.queue": lazy("waiting list, by a program"),
    "api_v1.proposal": lazy("proposal, by a program"),
}
