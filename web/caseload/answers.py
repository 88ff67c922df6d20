"""The forms of a therapist's answer: yes, with a first day if there is one; no, with a reason."""

from __future__ import annotations

from web import fields
from web.fields import SentForm
from web.services.requests import DECLINES
from web.session_form import AGAIN, SessionForm
from web.wording.language import _, lazy
from web.wording.requests import say_decline

__all__ = ["DeclineForm", "SessionForm"]


class DeclineForm(SentForm):
    """Why a therapist cannot take somebody on; the client is not told."""

    reason = fields.one_of(
        lazy("Why not?"), lazy("The practice sees it, to match better. The client is told only that you have no place.")
    )

    def offer(self) -> None:
        """Set the choices."""
        self.reason.choices = fields.choices([(reason, say_decline(reason)) for reason in DECLINES])

    def accept(self) -> bool:
        """Whether one of the reasons was chosen."""
        self.offer()
        if not self.validate():
            self.reason.errors = [str(AGAIN)]
        elif self.reason.data not in DECLINES:
            self.reason.errors = [_("Please choose a reason.")]
        return not self.reason.errors
