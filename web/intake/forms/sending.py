"""How to reach somebody, their consent, and a private link that is pasted."""

from __future__ import annotations

import re

from wtforms import BooleanField

from web import fields
from web.fields import SentForm
from web.intake import wrong
from web.intake.forms import reading
from web.wording.language import _, lazy


class ContactForm(SentForm):
    """How we may reach somebody; all of it optional."""

    name = fields.line(lazy("What may we call you?"), lazy("Any name you like."))
    email = fields.line(
        lazy("E-mail"), lazy("We write only about this, and never say in the subject what it is about.")
    )
    phone = fields.line(lazy("Telephone"))

    def contact(self) -> dict[str, str]:
        """What was given, without white space around it."""
        given = {name: reading.text(self[name].data) for name in ("name", "email", "phone") if name in self}
        return {name: text for name, text in given.items() if text}

    def accept(self) -> bool:
        """Whether all can be taken; the fields then say what cannot."""
        if not self.validate():
            wrong.too_old(self)
        for name, text in self.contact().items():
            self[name].errors = [*self[name].errors, *wrong.contact(name, text)]
        return not self.errors


class ReachMeForm(ContactForm):
    """Where somebody in danger can be called."""

    email = None

    def accept(self) -> bool:
        taken = super().accept()
        if not self.contact().get("phone"):
            self.phone.errors = [_("Please write a number at which somebody can call you.")]
        return taken and not self.phone.errors


class SendForm(ContactForm):
    """How we may reach somebody, and the consent, which is not optional."""

    consent = BooleanField(lazy("I agree that the practice keeps these answers to find a therapist with me"))

    def accept(self) -> bool:
        taken = super().accept()
        if not self.consent.data:
            self.consent.errors = [_("Please say that you agree. Without that we may not keep your answers.")]
        return taken and bool(self.consent.data)


class LinkForm(SentForm):
    """A private link, pasted."""

    link = fields.line(lazy("Your private link"), lazy("It looks like an address that ends in 22 letters and digits."))

    def token(self) -> str | None:
        """The part of the link that counts."""
        found = re.search(r"([A-Za-z0-9_-]{22})\s*\Z", self.link.data or "")
        return found[1] if found else None
