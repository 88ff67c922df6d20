"""When a therapist and a client meet next."""

from __future__ import annotations

from web import fields
from web.session_form import SessionForm
from web.wording.language import lazy


class NextForm(SessionForm):
    """The day and the time of the next session."""

    day = fields.line(lazy("Day of the next session"), lazy("Such as 2026-03-02."))
    time = fields.line(lazy("Time"), lazy("On the 24-hour clock, such as 18:30."))
