"""The hours in which a clinic reminds nobody of anything, by the clocks of its place, summer time and all."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo


def out_of_quiet(moment: datetime, zone: tzinfo, quiet_from: int, quiet_until: int) -> datetime:
    """The moment itself, or the end of the quiet hours in which it falls.

    ``quiet_from`` and ``quiet_until`` are hours of the day, 0 to 24; the same twice means that no hour is quiet.
    """
    there = moment.astimezone(zone)
    if not _is_quiet(there.hour, quiet_from % 24, quiet_until % 24):
        return moment
    day = there.date() + timedelta(days=1 if there.hour >= quiet_until % 24 else 0)
    ends = datetime.combine(day, time(quiet_until % 24), tzinfo=zone)
    return max(moment, ends.astimezone(UTC))  # an hour that the clocks leave out, or go through twice, is never before


def _is_quiet(hour: int, quiet_from: int, quiet_until: int) -> bool:
    if quiet_from <= quiet_until:
        return quiet_from <= hour < quiet_until
    return hour >= quiet_from or hour < quiet_until
