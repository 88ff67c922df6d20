"""What stands against a change, in one sentence with the way out; what a client reads may be said in other words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from web.wording.language import lazy

CONFLICTS: Mapping[str, Any] = {
    "no_case": lazy("This person is not on the waiting list any more; go back to the list and look again."),
    "case_changed": lazy("Somebody else changed this case while you looked at it; see what is new, then decide again."),
    "case_closed": lazy("This case was closed, as no place is needed any more; open it again to go on."),
    "has_place": lazy("A place is kept for this person already; give that one back first."),
    "no_place": lazy("The last place was taken meanwhile; choose somebody else, or give a place back."),
    "no_therapist": lazy("This therapist has left the directory; choose somebody else."),
    "hold_over": lazy("The time for which this place was kept is over; keep it again, if it is still free."),
    "not_open": lazy("This has ended meanwhile; look again to see what came of it."),
    "answered": lazy("This request was answered already; look again to see how."),
    "has_request": lazy("A request is open already; wait for its answer, or have it taken back first."),
    "not_on_list": lazy("This therapist is not on the list that was shown; bring the list up to date, then choose."),
    "proposal_changed": lazy("Somebody else changed this proposal meanwhile; see what is new, then decide again."),
    "called_off": lazy("This therapist does not leave any more; set the proposal aside."),
    "place_gone": lazy("Their place was given back meanwhile and they wait again; work the proposal out again."),
    "hour_over": lazy("What is noted of an hour has its time, until it begins or a day from then; tell the practice."),
    "rated": lazy("The client has said something about this session, so it did take place; nothing was changed."),
    "reply_seen": lazy("Your client has read your answer already; it stays as they saw it, so say more when you meet."),
    "not_solved": lazy("This proposal has not been worked out since it was changed; work it out again first."),
}

TO_CLIENTS: Mapping[str, Any] = {
    "no_case": lazy("Your place on our waiting list has ended; send your answers once more to be on it again."),
    "has_place": lazy("A place is kept for you already; see how it stands, or ask the practice for somebody else."),
    "no_place": lazy("Whom you asked for has no free place any more; choose somebody from the list below."),
    "no_therapist": lazy("Whom you asked for does not work here any more; choose somebody from the list below."),
    "has_request": lazy("You have asked somebody already; wait for the answer, or take your request back first."),
    "not_on_list": lazy("Your list has changed since you chose; choose again from the list below."),
}

ABOUT: Mapping[str, Any] = {
    "no_place": lazy("The last place with %(name)s was taken meanwhile."),
}


def say_conflict_about(code: str, therapist: str) -> str:
    """The same where the therapist whom it is about is named."""
    return str(ABOUT[code]) % {"name": therapist} if code in ABOUT else say_conflict(code)


def say_conflict(code: str, *, to_client: bool = False) -> str:
    """Why something was not done, and what to do instead."""
    return str(TO_CLIENTS[code] if to_client and code in TO_CLIENTS else CONFLICTS[code])
