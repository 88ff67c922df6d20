"""The forms of a therapist's answer: yes, with a first day if there is one; no, with a reason; and the day itself."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from web import fields
from web.fields import SentForm
from web.services.requests import DECLINES
from web.wording.language import _, lazy
from web.wording.requests import say_decline

LATEST = timedelta(days=365)
AGAIN = lazy("This page was open for a long time. Please send it once more.")


class SessionForm(SentForm):
    """When a therapist and a client first meet; both fields empty where that is not agreed yet."""

    day = fields.line(lazy("Day of the first session"), lazy("Such as 2026-03-02. You can set or move it later."))
    time = fields.line(lazy("Time"), lazy("On the 24-hour clock, such as 18:30."))
    moment: datetime | None = None

    def fill(self, moment: datetime | None, zone: tzinfo) -> None:
        """Show when they meet so far."""
        if moment is not None:
            there = moment.astimezone(zone)
            self.day.data, self.time.data = there.strftime("%Y-%m-%d"), there.strftime("%H:%M")

    def accept(self, now: datetime, zone: tzinfo, *, may_be_open: bool = True) -> bool:
        """Whether it can be taken; ``moment`` then says when they meet, and the fields else what to mend."""
        if not self.validate():
            self.day.errors = [str(AGAIN)]
            return False
        day, hour = _day(self.day.data), _time(self.time.data)
        self.day.errors = [_("Please write a day such as 2026-03-02.")] if day is _UNREADABLE else []
        self.time.errors = [_("Please write a time of day such as 18:30.")] if hour is _UNREADABLE else []
        if self.errors_now:
            return False
        if day is None and hour is None and may_be_open:
            return True
        if day is None:
            self.day.errors = [_("Please choose the day as well.")]
        elif hour is None:
            self.time.errors = [_("Please choose the time as well.")]
        else:
            near = now.date() - LATEST <= day <= now.date() + 2 * LATEST  # beyond, no zone may be able to say it
            self.moment = datetime.combine(day, hour, tzinfo=zone).astimezone(UTC) if near else now
            if near and (trouble := _clock_trouble(datetime.combine(day, hour), zone)):
                self.time.errors = [trouble]
            elif not now < self.moment <= now + LATEST:
                self.day.errors = [_("Please choose a time within the next year that has not passed.")]
        return not self.errors_now

    @property
    def errors_now(self) -> list[str]:
        """What has to be mended."""
        return [*self.day.errors, *self.time.errors]


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


_UNREADABLE: Any = object()


def _clock_trouble(wall: datetime, zone: tzinfo) -> str:
    """Why a time cannot be taken on a day on which the clocks change; empty where it is one moment, as on any other."""
    first, second = (wall.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    if first == second:
        return ""
    exists = wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall
    if not exists:
        return _("The clocks go forward over this time on that day, so it does not exist. Please choose another time.")
    return _("The clocks go back on that day, so this time comes twice. Please choose an earlier or a later time.")


def _day(typed: str | None) -> Any:
    """A day, None where nothing was typed, or what says that it cannot be read."""
    text = (typed or "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else _UNREADABLE
    except ValueError:
        return _UNREADABLE


def _time(typed: str | None) -> Any:
    found = re.fullmatch(r"([0-9]{1,2})[:.]([0-9]{2})(?::[0-9]{2})?", (typed or "").strip())
    if found is None:
        return _UNREADABLE if (typed or "").strip() else None
    hour, minute = int(found[1]), int(found[2])
    return time(hour, minute) if hour < 24 and minute < 60 else _UNREADABLE
