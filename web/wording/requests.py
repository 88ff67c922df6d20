"""A request in words: how each choice of it stands for the client, and the reasons for which therapists decline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from web.wording.language import _, lazy

# Why a therapist declines; the client is not told which of them it was
DECLINES: Mapping[str, Any] = {
    "no_time": lazy("I have no time that suits them"),
    "not_my_field": lazy("What they bring is not my field"),
    "know_each_other": lazy("We may know each other"),
    "away": lazy("I will be away"),
    "other": lazy("Something else"),
}
# state of a choice → what it says to the client, with the therapist's name
CHOICES: Mapping[str, Any] = {
    "waiting": lazy("%(name)s is asked next, should it be needed."),
    "asked": lazy("%(name)s is asked now."),
    "accepted": lazy("%(name)s said yes."),
    "declined": lazy("%(name)s cannot take somebody on at present."),
    "lapsed": lazy("%(name)s did not answer in time."),
    "full": lazy("%(name)s had no place left when we asked."),
    "withdrawn": lazy("%(name)s has been told that you do not need the place."),
}


def say_decline(reason: str) -> str:
    """Why a therapist declines."""
    return str(DECLINES[reason])


def say_choice(state: str, name: str) -> str:
    """How a choice stands."""
    return str(CHOICES[state]) % {"name": name}


def say_title(kind: str, name: str, moment: str) -> str:
    """The heading of the status page: ``kind`` is how it stands, ``moment`` the first session."""
    titles = {
        "unsent": _("You have not sent your answers yet"),
        "nothing": _("You have not asked for anybody yet"),
        "asked": _("You have asked for %(name)s", name=name),
        "accepted": _("%(name)s has a place for you", name=name),
        "booked": _("Your first session is on %(moment)s", moment=moment),
        "met": _("Your first session was on %(moment)s", moment=moment),
        "declined": _("Nobody whom you asked has a place for you just now"),
        "withdrawn": _("You have taken your request back"),
        "ended": _("Your place has been given back"),
        "stopped": _("The practice looks for somebody with you"),
    }
    return titles[kind]


def say_lead(kind: str, name: str, moment: str) -> str:
    """What it means, and what comes next: ``moment`` is when an answer is due."""
    leads = {
        "unsent": _("Once you have sent them, you see whom you could work well with, and can ask for somebody."),
        "nothing": _("Your list holds people with whom you could work well. Ask for one of them, and for a second in "
                     "case the first cannot."),
        "asked": _("They answer by %(moment)s. Until then a place with them is kept for you.", moment=moment),
        "accepted": _("The next step is to agree on the day of your first session."),
        "booked": _("With %(name)s. If the day does not suit you, tell them as soon as you know.", name=name),
        "met": _("With %(name)s. We hope that it was a good beginning. If something did not feel right, say so the "
                 "next time, or tell the practice: you can change.", name=name),
        "declined": _("That is about their time, not about you. A coordinator at the practice now looks with you, and "
                      "you can ask for somebody else yourself."),
        "withdrawn": _("No place is kept for you now. You can ask again whenever you like."),
        "ended": _("That happens, and is not about you. A coordinator at the practice now looks with you, and you can "
                   "ask for somebody else yourself."),
        "stopped": _("They have taken back what you asked for, and will tell you why. You can also ask for somebody "
                     "yourself."),
    }  # fmt: skip
    return leads[kind]


def say_moved(before: str, name: str, moment: str) -> str:
    """That somebody else has taken a client on; ``moment`` is the session that they had planned, if any."""
    said = {"before": before, "name": name}
    if not moment:
        return _("%(before)s cannot go on working with you, as they will be away. %(name)s takes over.", **said)
    return _("%(before)s will be away, so your session on %(moment)s will not take place. %(name)s takes over.",
             moment=moment, **said)  # fmt: skip


def say_away(name: str, begins: str, ends: str = "") -> str:
    """That the therapist of a client will be away, from a day on, or until another one."""
    if not ends:
        return _("%(name)s will be away from %(begins)s on. Sessions planned for then will not take place. A "
                 "coordinator at the practice looks for somebody who takes over, and you hear from us.",
                 name=name, begins=begins)  # fmt: skip
    return _("%(name)s will be away from %(begins)s to %(ends)s. Sessions planned for then will not take place. A "
             "coordinator at the practice looks for somebody who is there for you, and you hear from us.",
             name=name, begins=begins, ends=ends)  # fmt: skip
