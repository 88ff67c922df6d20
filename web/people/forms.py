"""The form at the door."""

from __future__ import annotations

from typing import Any

from flask_security.forms import LoginForm
from govuk_frontend_wtf.wtforms_widgets import GovPasswordInput, GovSubmitInput, GovTextInput
from wtforms import EmailField, PasswordField, SubmitField, ValidationError
from wtforms.validators import InputRequired, Length

from web.people import addresses
from web.services import passwords, people
from web.wording.language import _, lazy


class SignInForm(LoginForm):
    """Flask-Security's, in our words; who is not let in learns nothing of why."""

    email = EmailField(
        lazy("E-mail"),
        widget=GovTextInput(),
        validators=[
            InputRequired(lazy("Enter your e-mail address")),
            Length(max=people.LONGEST_EMAIL, message=lazy("This address is too long")),
        ],
    )
    password = PasswordField(
        lazy("Password"),
        widget=GovPasswordInput(),
        validators=[
            InputRequired(lazy("Enter your password")),
            Length(max=passwords.LONGEST, message=lazy("Passwords have at most 200 characters")),
        ],
    )
    remember = None
    submit = SubmitField(lazy("Sign in"), widget=GovSubmitInput())

    def validate_email(self, field: EmailField) -> None:
        """An address that could be one."""
        if not people.is_email(people.normal_email(field.data)):
            raise ValidationError(_("Enter an e-mail address such as name@example.org"))

    def validate_next(self, field: Any) -> None:
        """Nobody typed this: what leads elsewhere is dropped without a word."""
        field.data = addresses.own(field.data) or ""

    def validate(self, **more: Any) -> bool:
        """Whether to let in. Where not, and the fields are well filled in, one sentence says so for every reason."""
        if super().validate(**more):
            return True
        if self.was_looked_up:
            self.refuse()
        return False

    def refuse(self) -> None:
        """Say the one sentence."""
        self.password.errors = []
        self.email.errors = [_("This e-mail address and this password do not belong together")]

    @property
    def was_looked_up(self) -> bool:
        """Whether it came to comparing the password: every field was well filled in."""
        return self.ifield is not None
