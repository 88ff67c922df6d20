"""One weekly place in the diary, as a row of fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from wtforms import BooleanField, FieldList, Form

from matcher import vocabulary as v
from web import fields
from web.fields import UNSAID
from web.wording.language import _, lazy


class OpeningForm(Form):
    """A row: day, time, format, and a box that takes it away."""

    weekday = fields.one_of_many(lazy("Day"))
    time = fields.line(lazy("Time"))
    format = fields.one_of_many(lazy("How you meet"))
    remove = BooleanField(lazy("Take this away"))

    def offer(self) -> None:
        """Set the choices."""
        self.weekday.choices = fields.choices([(UNSAID, _("Choose a day")), *fields.of(v.WEEKDAYS)])
        self.format.choices = fields.choices([(UNSAID, _("Choose")), *fields.of(v.FORMATS)])

    @property
    def is_kept(self) -> bool:
        """Whether this row says something that shall stay."""
        return not self.remove.data and any((self.weekday.data, self.time.data, self.format.data))

    def said(self) -> dict[str, Any]:
        """The opening as a document."""
        return {"weekday": self.weekday.data, "time": (self.time.data or "").strip(), "format": self.format.data}


class Rows(FieldList):
    """Rows by their numbers; the library would fall over a number of a thousand digits, or one written as ²."""

    def _extract_indices(self, prefix: str, formdata: Mapping[str, Any]) -> Iterator[int]:
        for name in formdata:
            found = re.match(rf"{re.escape(prefix)}-([0-9]{{1,4}})-", name)
            if found:
                yield int(found[1])
