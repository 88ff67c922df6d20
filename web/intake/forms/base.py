"""What all steps share: from what was said before to fields, and from fields to a part of an intake document.

The forms read; whether an answer can be taken is decided by the one schema that files and the API use too.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from web.fields import SentForm
from web.intake import wrong
from web.services import intakes
from web.services.intakes import Offered

Said = Mapping[str, Any]


class StepForm(SentForm):
    """A step. ``places`` maps the beginning of a place in the document to the field where it is mended."""

    places: ClassVar[Mapping[str, str]] = MappingProxyType({})

    def offer(self, offered: Offered) -> None:
        """Set the choices."""

    def fill(self, said: Said, offered: Offered) -> None:
        """Show what was said before."""

    def said(self, offered: Offered) -> dict[str, Any]:
        """The part of the intake document; what was not said is left out."""
        raise NotImplementedError

    def accept(self, offered: Offered | None = None) -> dict[str, Any] | None:
        """What was said, or None where something is wrong; the fields then say what."""
        if not self.validate():
            wrong.too_old(self)
            return None
        said = {name: value for name, value in self.said(offered).items() if value not in (None, "", [], {})}
        found = intakes.problems(self.checked(said))
        wrong.put(self, found, self.places)
        return None if found or self.errors else said

    def checked(self, said: dict[str, Any]) -> dict[str, Any]:
        """What the schema of an intake is to look at."""
        return said
