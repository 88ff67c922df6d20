"""One form a step, and those for sending and for a private link."""

from web.intake.forms.base import StepForm
from web.intake.forms.course import BeforeForm, ExpectationsForm
from web.intake.forms.needs import ConcernsForm, PracticalitiesForm, SafetyForm
from web.intake.forms.person import AboutForm, StyleForm, WishesForm
from web.intake.forms.sending import LinkForm, ReachMeForm, SendForm

__all__ = [
    "AboutForm", "BeforeForm", "ConcernsForm", "ExpectationsForm", "LinkForm", "PracticalitiesForm", "ReachMeForm",
    "SafetyForm", "SendForm", "StepForm", "StyleForm", "WishesForm",
]  # fmt: skip
