"""What a coordinator sends: which cases as they saw them, whom they choose, and why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from flask import abort
from werkzeug.datastructures import MultiDict

from web.services.bulk import MOST
from web.services.casework import By, Choice

_TICK = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([0-9]{1,9})")


def seen(form: MultiDict[str, str]) -> dict[UUID, int]:
    """Intake → revision of every row that was ticked; what is none of ours is left out."""
    found = (_TICK.fullmatch(value) for value in form.getlist("case")[:MOST])
    return {UUID(match[1]): int(match[2]) for match in found if match}


def by(form: Mapping[str, str], actor: object, now: datetime) -> By:
    """Who does it, and which revision they saw; 0, which is none, where the form names none."""
    text = form.get("revision", "")
    return By(str(actor), now, int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0)


def choice(form: Mapping[str, str]) -> Choice:
    """Whom somebody is to see, and why it is they."""
    return Choice(form.get("therapist", ""), form.get("reason", ""), form.get("words", ""))


def priority(form: Mapping[str, str], name: str = "priority") -> int:
    """How urgent; another answer than those that are offered is no answer."""
    text = form.get(name, "")
    return int(text) if text in {"0", "1", "2"} else abort(400)


def reason(form: Mapping[str, str], known: tuple[str, ...]) -> str:
    """One of the reasons that are offered."""
    found = form.get("reason", "")
    return found if found in known else abort(400)


def moment(text: str) -> datetime | None:
    """A moment as the page named it; None for anything else, and for what is beyond the calendar by other clocks."""
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def key(text: str) -> UUID:
    """A key as the page named it."""
    try:
        return UUID(text)
    except ValueError:
        abort(400)
