"""What the forms of a departure send."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from flask import abort

from matcher.errors import InvalidInput
from web.services.departures import Departure
from web.wording.language import _


def departure(form: Mapping[str, str]) -> Departure:
    """Who is away in which way, from when, and until when where that is known."""
    kind = form.get("kind", "")
    begins = _day(form, "begins_on")
    if begins is None:
        raise InvalidInput("begins_on", "", _("say from which day on"))
    return Departure(kind, begins, _day(form, "ends_on") if kind == "leave" else None)


def client(form: Mapping[str, str]) -> tuple[UUID, bool]:
    """Which client, and whether they agree."""
    try:
        key = UUID(form.get("client", ""))
    except ValueError:
        abort(400)
    return key, form.get("answer") == "yes"


def _day(form: Mapping[str, str], name: str) -> date | None:
    said = form.get(name, "").strip()
    if not said:
        return None
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise InvalidInput(name, said[:40], _("expected a day such as 2026-05-31")) from None
