"""Messages as somebody reads them: nothing of what a client said, a subject that names nobody, and where to look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from web import cards, folders
from web.wording.language import _, lazy, ngettext

NEWS, ASKED = lazy("There is news for you"), lazy("A short question for you")
LINKS = ("link", "well_being", "stop")
# kind → (its subject, its text)
KINDS: Mapping[str, tuple[Any, str]] = {
    "request_received": (lazy("We have your request"), "mail/request_received.txt"),
    "request_accepted": (NEWS, "mail/request_accepted.txt"),
    "request_goes_on": (NEWS, "mail/request_goes_on.txt"),
    "place_given": (NEWS, "mail/place_given.txt"),
    "place_ended": (NEWS, "mail/place_ended.txt"),
    "session_off": (NEWS, "mail/session_off.txt"),
    "new_client": (NEWS, "mail/new_client.txt"),
    "handover_to_read": (NEWS, "mail/handover_to_read.txt"),
    "booked": (NEWS, "mail/booked.txt"),
    "request_made": (lazy("A request waits for your answer"), "mail/request_made.txt"),
    "withdrawn": (NEWS, "mail/withdrawn.txt"),
    "safety": (lazy("Please look at the waiting list now"), "mail/safety.txt"),
    "check_in": (ASKED, "mail/check_in.txt"),
    "check_in_again": (ASKED, "mail/check_in_again.txt"),
    "emergency": (lazy("Something at the practice asks for your eyes"), "mail/emergency.txt"),
    "well_being": (ASKED, "mail/well_being.txt"),
    "staff_invited": (lazy("An invitation"), "mail/staff_invited.txt"),
    "password_reset": (lazy("A new password"), "mail/password_reset.txt"),
    "sign_in_changed": (lazy("Your sign-in was changed"), "mail/sign_in_changed.txt"),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A message in words. ``stop`` is where whoever wants no more of its kind says so."""

    subject: str
    text: str
    stop: str = ""


def letter(
    kind: str,
    params: Mapping[str, str],
    *,
    clinic_name: str,
    address: str | None,
    zone: tzinfo,
    paths: Mapping[str, str] | None = None,
) -> Letter:
    """A message of a kind, with the ``address`` of the pages where it is known; ``paths`` stand in this one alone.

    Raises KeyError for no such kind.
    """
    subject, template = KINDS[kind]
    given = {name: f"{address}{path}" for name, path in (paths or {}).items()} if address else {}
    said = {"answer_by": ""} | {name: _moment(value, zone) for name, value in params.items() if name == "answer_by"}
    text = _texts().get_template(template).render(clinic_name=clinic_name, address=address, **said,
                                                 **{name: given.get(name, "") for name in LINKS})  # fmt: skip
    return Letter(str(subject), text.strip() + "\n", given.get("stop", ""))


def _moment(written: str, zone: tzinfo) -> str:
    return f"{cards.moment_words(datetime.fromisoformat(written), zone)} ({cards.clock_words(zone)})"


@cache
def _texts() -> Environment:
    made = Environment(loader=FileSystemLoader(str(folders.templates())), undefined=StrictUndefined,  # noqa: S701 - plain text
                       extensions=["jinja2.ext.i18n"])  # fmt: skip
    made.install_gettext_callables(_, ngettext, newstyle=True)  # type: ignore[attr-defined]
    return made
