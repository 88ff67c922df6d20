"""What staff read about roles, and where each role begins."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from uuid import UUID

from matcher.errors import InvalidInput
from web import cards
from web.people import browser_names
from web.services import invitations, memberships, sign_in_policy
from web.services.invitations import WorksHere
from web.services.memberships import Known
from web.services.own_sign_ins import OpenSignIn
from web.services.passkeys import Passkey
from web.services.people import Member
from web.services.sign_in_policy import SignInPolicy
from web.wording.language import _, lazy, ngettext

Removes = Callable[[UUID], bool | None]
Changes = Callable[[UUID], None]

# role → (its name, its first page, what the page is called); in the order in which somebody with several begins
ROLES: Mapping[str, tuple[str, str, str]] = {
    "coordinator": (lazy("Coordinator"), "/queue/", lazy("Queue")),
    "clinic_lead": (lazy("Clinic lead"), "/insights/", lazy("Insights")),
    "therapist": (lazy("Therapist"), "/caseload/", lazy("Caseload")),
    "administrator": (lazy("Administrator"), "/people/", lazy("People")),
}
# what a role may open beside its first page
MORE: Mapping[str, tuple[tuple[str, str], ...]] = {
    "coordinator": (
        ("/proposals/", lazy("Proposals")),
        ("/departures/", lazy("Therapists")),
        ("/kiosk/hours", lazy("Check in")),
    ),
    "therapist": (
        ("/courses/", lazy("Courses")),
        ("/development/", lazy("Development")),
        ("/handover/notes", lazy("Handing on")),
    ),
    "clinic_lead": (
        ("/weights/", lazy("Weights")),
        ("/dashboard/", lazy("Dashboard")),
        ("/jobs/", lazy("Jobs")),
        ("/emergency/", lazy("Emergency")),
    ),
    "administrator": (
        ("/audit/", lazy("Audit")),
        ("/keeping/", lazy("Keeping")),
        ("/jobs/", lazy("Jobs")),
        ("/emergency/", lazy("Emergency")),
    ),
}
STATUSES: Mapping[str, str] = {
    "invited": lazy("invited"),
    "active": lazy("active"),
    "suspended": lazy("suspended"),
    "removed": lazy("removed"),
}


# what was just done, in a sentence
SAID: Mapping[str, str] = {
    "password": lazy("Your password is changed. You are signed out everywhere else."),
    "app": lazy("Your authenticator app is set up. You are signed out everywhere else."),
    "passkey": lazy("Your passkey is set up. You are signed out everywhere else."),
    "codes": lazy("These are your new recovery codes. The old ones open nothing any more."),
    "removed": lazy("It is removed. You are signed out everywhere else."),
    "named": lazy("The passkey has its new name."),
    "ended": lazy("Signed out there."),
    "invited": lazy("The invitation is on its way by mail."),
    "taken_back": lazy("The invitation is taken back; its link opens nothing any more."),
    "changed": lazy("Changed. It holds from now on."),
    "reset": lazy("Their second factor is gone, they are signed out, and they are told by mail."),
    "kept": lazy("Kept. It holds from now on, also for who is signed in already."),
}
WEAK: Mapping[str, str] = {
    "unreadable": lazy("This password cannot be read. Please type it anew."),
    "long": lazy("A password has at most 200 characters."),
    "common": lazy("This password is among the first that are tried. Take three or four words of your own."),
}
LONGER_FIRST = lazy("Your password is too short to stand alone. Choose one of at least 15 characters first.")
OWED: Mapping[str, str] = {
    sign_in_policy.OWES_FACTOR: lazy("This clinic asks you for a second factor. Set one up now, and the rest opens."),
    sign_in_policy.OWES_PASSKEY: lazy("This clinic asks you for a passkey. Set one up now, and the rest opens."),
}
MOVES: Mapping[str, str] = {
    "active": lazy("Let it hold again"),
    "suspended": lazy("Suspend"),
    "removed": lazy("Remove"),
}
ASKED_OF: Mapping[str, tuple[str, str]] = {
    sign_in_policy.NOBODY: (lazy("Of nobody"), lazy("Who has set one up is asked for it all the same.")),
    sign_in_policy.LEADS: (lazy("Of administrators and clinic leads"), lazy("They can change most, and see most.")),
    sign_in_policy.EVERYBODY: (lazy("Of everybody"), lazy("What we advise.")),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to tick or choose."""

    value: str
    words: str
    hint: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A role of somebody, and what can be made of it: (status, what the button says)."""

    role: str
    name: str
    status: str
    holds: bool
    moves: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Somebody as an administrator sees them."""

    id: UUID
    name: str
    email: str
    roles: tuple[RoleLine, ...]
    more: tuple[Choice, ...]
    factors: str
    can_reset: bool
    is_invited: bool
    invited_until: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page in the row of links above every page of staff."""

    path: str
    words: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody in the table: (name of a role, status, whether it holds) of each role."""

    id: UUID
    name: str
    email: str
    roles: tuple[tuple[str, str, bool], ...]
    sign_ins: str


def home_of(roles: Iterable[str]) -> str:
    """The first page of somebody with these roles."""
    return next(path for role, (_name, path, _words) in ROLES.items() if role in roles)


def pages(roles: Iterable[str], path: str) -> list[Page]:
    """The pages of each role, the first of them first, and whether this is it or one below it."""
    found = {
        start: words
        for role, (_name, first, title) in ROLES.items()
        if role in roles
        for start, words in ((first, title), *MORE.get(role, ()))
    }
    return [Page(start, str(words), path.startswith(start)) for start, words in found.items()]


def lines(everybody: Iterable[Member]) -> list[Line]:
    """The table of everybody."""
    return [
        Line(member.person_id, _name(member), member.email, _roles(member), _sign_ins(member.n_sign_ins))
        for member in everybody
    ]


def _roles(member: Member) -> tuple[tuple[str, str, bool], ...]:
    return tuple((str(ROLES[role][0]), str(STATUSES[status]), status == "active") for role, status in member.roles)


def _sign_ins(n: int) -> str:
    return str(n) if n else _("none")


def _name(member: Member) -> str:
    """Whoever was only invited has told nobody here their name, also where another clinic knows it."""
    return member.name or _("Invited")


def wait(seconds: int) -> str:
    """How long to wait after too many tries."""
    minutes = max(1, -(-seconds // 60))
    if minutes >= 120:
        return ngettext("about an hour", "about %(num)d hours", round(minutes / 60))
    return ngettext("a minute", "%(num)d minutes", minutes)


def weak(code: str, shortest: int) -> str:
    """Why a password will not do."""
    if code == "short":
        return _("Your password needs at least %(n)d characters; three or four words will do.", n=shortest)
    return str(WEAK[code])


def owed(what: str) -> str:
    """What has to be set up before anything else opens."""
    return str(OWED[what]) if what else ""


def passkeys(known: Iterable[Passkey], host: str, zone: tzinfo) -> list[tuple[UUID, str, str]]:
    """(key, name, since when and whether it works here) of each passkey."""
    return [(key.id, key.name, _of_passkey(key, host, zone)) for key in known]


def sign_ins(found: Iterable[OpenSignIn], zone: tzinfo) -> list[tuple[UUID, str, str, bool]]:
    """(key, browser, since when, whether it is this one) of each browser in which somebody is signed in."""
    return [
        (row.id, browser_names.words(row.browser), _("since %(moment)s, last used %(seen)s",
         moment=cards.moment_words(row.made_at, zone), seen=cards.moment_words(row.seen_at, zone)), row.is_this)
        for row in found
    ]  # fmt: skip


def role_names(roles: Iterable[str]) -> list[str]:
    """The roles in words, in their order."""
    known = set(roles)
    return [str(name) for role, (name, _path, _words) in ROLES.items() if role in known]


def role_choices(chosen: Collection[str]) -> list[Choice]:
    """The roles to choose from."""
    return [Choice(role, str(name), "", role in chosen) for role, (name, _path, _words) in ROLES.items()]


def not_invited(wrong: InvalidInput) -> dict[str, str]:
    """Why nobody was invited, by field."""
    if isinstance(wrong, WorksHere):
        return {"email": _("They work here already. Open their line in the table to change their roles.")}
    if wrong.field == "roles":
        return {"roles": _("Choose at least one role")}
    return {"email": _("Enter an e-mail address such as name@example.org")}


def not_accepted(what: str) -> dict[str, str]:
    """Why an invitation was not accepted, by field."""
    if what == invitations.NAME:
        return {"name": _("Enter the name that your colleagues shall read, on one line")}
    return {"code": _("This code is not right. Please type the one that the app shows now.")}


def policy_of(form: Mapping[str, str]) -> SignInPolicy:
    """What was asked for on the page; what is no number is out of bounds."""
    idle, hours = (form.get(name, "").strip() for name in ("idle_minutes", "most_hours"))
    return SignInPolicy(
        form.get("second_factor", ""),
        form.get("passkeys_only", "") == "y",
        int(idle) if idle.isascii() and idle.isdigit() and len(idle) < 5 else -1,
        int(hours) if hours.isascii() and hours.isdigit() and len(hours) < 5 else -1,
    )


def not_kept(wrong: InvalidInput) -> dict[str, str]:
    """Why the rules stay as they are, by field."""
    words = {
        "idle_minutes": _("Enter a whole number from 5 to 60"),
        "most_hours": _("Enter a whole number from 1 to 24"),
        "second_factor": _("Choose of whom a second factor is asked"),
    }
    return {wrong.field: words[wrong.field]}


def asked_of(chosen: str) -> list[Choice]:
    """Of whom a second factor can be asked."""
    return [Choice(value, str(words), str(hint), value == chosen) for value, (words, hint) in ASKED_OF.items()]


def known(found: Known, zone: tzinfo) -> KnownPerson:
    """Somebody's page."""
    has = {role for role, _status in found.roles}
    statuses = {status for _role, status in found.roles}
    may_have_more = bool(statuses & {"active", "invited"})
    until = cards.moment_words(found.invited_until, zone) if found.invited_until else ""
    return KnownPerson(
        found.person_id, found.name or _("Invited"), found.email, tuple(_line(*pair) for pair in found.roles),
        tuple(choice for choice in role_choices(()) if choice.value not in has) if may_have_more else (),
        _factors(found), found.factors.has.any, "invited" in statuses, until,
    )  # fmt: skip


def _line(role: str, status: str) -> RoleLine:
    moves = tuple((to, str(MOVES[to])) for to in memberships.MOVES[status] if status != "invited")
    return RoleLine(role, str(ROLES[role][0]), str(STATUSES[status]), status == "active", moves)


def _factors(found: Known) -> str:
    has = found.factors.has
    if not has.any:
        return _("None: the password alone lets them in.")
    parts = [_("an authenticator app")] if has.app else []
    if has.n_passkeys:
        parts.append(ngettext("a passkey", "%(num)d passkeys", has.n_passkeys))
    parts.append(ngettext("one recovery code", "%(num)d recovery codes", found.factors.n_codes))
    return ", ".join(parts)


def _of_passkey(key: Passkey, host: str, zone: tzinfo) -> str:
    since = _("since %(moment)s", moment=cards.moment_words(key.made_at, zone))
    return since if key.host == host else _("%(since)s, for %(host)s", since=since, host=key.host)
