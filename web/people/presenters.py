"""What staff read about roles, and where each role begins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from web.services.people import Member
from web.wording.language import _, lazy

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
    "administrator": (("/audit/", lazy("Audit")), ("/jobs/", lazy("Jobs")), ("/emergency/", lazy("Emergency"))),
}
STATUSES: Mapping[str, str] = {
    "invited": lazy("invited"),
    "active": lazy("active"),
    "suspended": lazy("suspended"),
    "removed": lazy("removed"),
}


@dataclass(frozen=True, slots=True)
class Page:
    """A page in the row of links above every page of staff."""

    path: str
    words: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody in the table: (name of a role, status, whether it holds) of each role."""

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
    return [Line(member.name, member.email, _roles(member), _sign_ins(member.n_sign_ins)) for member in everybody]


def _roles(member: Member) -> tuple[tuple[str, str, bool], ...]:
    return tuple((str(ROLES[role][0]), str(STATUSES[status]), status == "active") for role, status in member.roles)


def _sign_ins(n: int) -> str:
    return str(n) if n else _("none")
