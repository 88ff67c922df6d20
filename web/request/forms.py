"""Whom a client asks for: the first choice, and who is asked if that one cannot."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import HiddenField

from web import fields
from web.fields import SentForm
from web.wording.language import _, lazy

NOBODY = ""


class AskForm(SentForm):
    """The first choice comes from the list; the second is chosen here, or left open."""

    first = HiddenField()
    second = fields.one_of(
        lazy("Whom shall we ask if they cannot?"), lazy("You need not choose. Whoever you choose is asked only then.")
    )

    def offer(self, others: Iterable[str]) -> None:
        """Set who may be the second choice, by their ids."""
        self.second.choices = fields.choices([*((id_, "") for id_ in others), (NOBODY, "")])
        if self.second.data is None:
            self.second.data = NOBODY

    def accept(self) -> bool:
        """Whether it came from our page; the form then says what to mend."""
        if not self.validate():
            self.second.errors = [_("This page was open for a long time. Please send it once more.")]
        elif self.second.data not in {choice.value for choice in self.second.choices}:
            self.second.errors = [_("Please choose one of the people who are offered.")]
        return not self.second.errors

    def chosen(self) -> list[str]:
        """The choices in their order."""
        return [id_ for id_ in (self.first.data, self.second.data) if id_]
