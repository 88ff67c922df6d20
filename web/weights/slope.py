"""One list before and after, as lines between places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from web.services.panels import Reordered
from web.wording.language import _

FIRST_ROW, ROW = 24.0, 40.0  # in a frame 420 wide


@dataclass(frozen=True, slots=True)
class Line:
    """A therapist in the slope chart: names and places at both ends; ``tone`` is up, down or same."""

    name: str
    was: int
    place: int
    y1: float
    y2: float
    tone: str


@dataclass(frozen=True, slots=True)
class Slope:
    """One intake's first places before and after. ``number`` of ``n`` by how much moves; the next ones stand beside."""

    lines: tuple[Line, ...]
    height: float
    cut: float | None
    words: str
    number: int
    n: int

    @property
    def previous(self) -> int | None:
        """Where the one before stands."""
        return self.number - 1 if self.number > 1 else None

    @property
    def following(self) -> int | None:
        """Where the next one stands."""
        return self.number + 1 if self.number < self.n else None


def slope_of(ordered: Sequence[Reordered], at: int, names: Mapping[str, str], top: int) -> Slope:
    """The list that stands at a number, the first where it is too small, the last where it is too large."""
    number = min(max(at, 1), len(ordered))
    one = ordered[number - 1]
    ends = {}
    for side in ("was", "place"):
        by_place = sorted(one.shifts, key=lambda shift: getattr(shift, side))
        ends[side] = {shift.therapist_id: FIRST_ROW + ROW * k for k, shift in enumerate(by_place)}
    lines = [
        Line(
            short(names[shift.therapist_id]), shift.was, shift.place,
            ends["was"][shift.therapist_id], ends["place"][shift.therapist_id],
            "up" if shift.place < shift.was else "down" if shift.place > shift.was else "same",
        )
        for shift in one.shifts
    ]  # fmt: skip
    n_first = min(top, len(lines))
    cut = FIRST_ROW + ROW * (n_first - 0.5) if len(lines) > n_first else None
    lines.sort(key=lambda line: line.tone == "up")  # what rises is drawn last, above the others
    return Slope(
        tuple(lines), FIRST_ROW * 2 + ROW * (len(lines) - 1), cut, _slope_words(one, names), number, len(ordered)
    )


def _slope_words(one: Reordered, names: Mapping[str, str]) -> str:
    if not one.n_changed:
        return _("In this list nobody moves.")
    said = [
        _("%(who)s from place %(was)s to %(place)s", who=names[shift.therapist_id], was=shift.was, place=shift.place)
        for shift in one.shifts
        if shift.was != shift.place
    ]
    return _("Who moves in this list: %(moves)s.", moves="; ".join(said))


def short(name: str) -> str:
    """Maren Oberg → Maren O., as it fits beside a line."""
    first, _space, rest = name.partition(" ")
    return f"{first} {rest.split()[-1][0]}." if rest.split() else first
