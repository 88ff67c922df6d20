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

NEWS = lazy("There is news for you")
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
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A message in words."""

    subject: str
    text: str


def letter(kind: str, params: Mapping[str, str], *, clinic_name: str, address: str | None, zone: tzinfo) -> Letter:
    """A message of a kind, with the ``address`` of the pages where it is known. Raises KeyError for no such kind."""
    subject, template = KINDS[kind]
    said = {"answer_by": ""} | {name: _moment(value, zone) for name, value in params.items() if name == "answer_by"}
    text = _texts().get_template(template).render(clinic_name=clinic_name, address=address, **said)
    return Letter(str(subject), text.strip() + "\n")


def _moment(written: str, zone: tzinfo) -> str:
    return f"{cards.moment_words(datetime.fromisoformat(written), zone)} ({cards.clock_words(zone)})"


@cache
def _texts() -> Environment:
    made = Environment(loader=FileSystemLoader(str(folders.templates())), undefined=StrictUndefined,  # noqa: S701 - plain text
                       extensions=["jinja2.ext.i18n"])  # fmt: skip
    made.install_gettext_callables(_, ngettext, newstyle=True)  # type: ignore[attr-defined]
    return made
