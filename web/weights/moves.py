"""What other weights would change, drawn and in words: positions are computed here, templates only place them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from web.services.panels import ClientCell, Preview, Previewed, Reordered, Showing, TherapistCell
from web.wording.evidence import FEWEST
from web.wording.language import _, ngettext
from web.wording.tuning import say_group, say_kind

LEFT, RIGHT, FIRST_ROW, ROW = 146.0, 274.0, 24.0, 40.0  # the slope chart, in a frame 420 wide
BAR = 200.0  # the line on which counts stand
MOST_LISTED = 5


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


@dataclass(frozen=True, slots=True)
class Shown:
    """How often a therapist is shown: in how many lists, and where that stands on a line from 0 to 200."""

    name: str
    before: int
    after: int
    x1: float
    x2: float
    is_out: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """A number before and after, with its words."""

    words: str
    before: str
    after: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group and its cells; hidden where too few people are in it."""

    kind: str
    name: str
    cells: tuple[str, ...]
    hidden: bool


@dataclass(frozen=True, slots=True)
class Moves:
    """All that the preview shows."""

    title: str
    origin: str
    is_empty: bool
    is_same: bool
    sentences: tuple[str, ...]
    warnings: tuple[str, ...]
    slope: Slope | None
    more: tuple[Shown, ...]
    less: tuple[Shown, ...]
    everybody: tuple[Shown, ...]
    facts: tuple[Fact, ...]
    therapists: tuple[GroupRow, ...]
    clients: tuple[GroupRow, ...]
    group_words: str


def moves(found: Previewed, at: int = 1) -> Moves:
    """The preview in words and positions; ``at`` is which intake's list is drawn, by how much moves in it."""
    seen = found.preview
    ordered = sorted(seen.reordered, key=lambda one: (-one.moved, -one.n_changed, one.intake_id))
    shown = [_shown(one, found.names, _longest(seen)) for one in seen.showings if one.before or one.after]
    return Moves(
        title=_title(seen),
        origin=_origin(found),
        is_empty=seen.too_few,
        is_same=not seen.n_changed,
        sentences=tuple(_sentences(found)),
        warnings=tuple(_warnings(found)),
        slope=_slope(ordered, at, found.names, seen.top) if ordered else None,
        more=_largest(shown, 1),
        less=_largest(shown, -1),
        everybody=tuple(sorted(shown, key=lambda one: (-one.after, -one.before, one.name))),
        facts=tuple(_facts(seen)),
        therapists=_told_together([_therapist_row(cell) for cell in seen.therapists]),
        clients=_told_together([_client_row(cell) for cell in seen.clients]),
        group_words=_group_words(seen.therapists),
    )


def short(name: str) -> str:
    """Maren Oberg → Maren O., as it fits beside a line."""
    first, _space, rest = name.partition(" ")
    return f"{first} {rest.split()[-1][0]}." if rest.split() else first


def told(count: int) -> str:
    """A count of people, where it is large enough to tell nobody apart."""
    return f"{count:,}" if count == 0 or count >= FEWEST else _("fewer than 5")


def _title(seen: Preview) -> str:
    n = seen.n_lists
    return _("Who moves, on %(n)s recent intakes", n=n) if n >= FEWEST else _("Who moves, on recent intakes")


def _origin(found: Previewed) -> str:
    if found.preview.too_few:
        return ""
    if not found.n_brought_in:
        return _("All of them were sent here, the newest first.")
    if not found.n_sent:
        return _("Nobody has sent an intake here yet, so these come from the files that were brought in.")
    return _(
        "Sent here: %(sent)s of them. From the files that were brought in: %(files)s.",
        sent=told(found.n_sent),
        files=told(found.n_brought_in),
    )


def _sentences(found: Previewed) -> list[str]:
    seen = found.preview
    if not seen.n_changed:
        return [_("Nobody moves: every list begins with the same people in the same order.")]
    said = [
        _("The first five change in %(n)s of %(all)s lists.", n=seen.n_changed, all=seen.n_lists),
        ngettext(
            "In %(num)d of them somebody else comes first.",
            "In %(num)d of them somebody else comes first.",
            seen.n_other_first,
        ),
        _half_stay(seen.largest_move)
        if seen.median_move < 1
        else ngettext(
            "Half of those who stood in a first five move by %(num)d place or less, nobody by more than %(most)s.",
            "Half of those who stood in a first five move by %(num)d places or less, nobody by more than %(most)s.",
            round(seen.median_move),
            most=seen.largest_move,
        ),
    ]
    gone = [one for one in seen.showings if one.before and not one.after]
    if not gone:
        said.append(_("Nobody drops out of all lists."))
    else:
        names = [found.names[one.therapist_id] for one in gone]
        one = ngettext(
            "%(who)s drops out of all first fives.",
            "%(who)s drop out of all first fives.",
            len(names),
            who=_listed(names),
        )
        said.append(one)
    return said


def _half_stay(most: int) -> str:
    return ngettext(
        "More than half of those who stood in a first five keep their place, and nobody moves by more than %(num)d.",
        "More than half of those who stood in a first five keep their place, and nobody moves by more than %(num)d.",
        most,
    )


def _warnings(found: Previewed) -> list[str]:
    """Whoever is shut out, by name; they had three lists or more."""
    counts = {one.therapist_id: one.before for one in found.preview.showings}
    said = [
        _("%(who)s (%(n)s lists now)", who=found.names[key], n=counts[key])
        for key in sorted(found.preview.shut_out, key=lambda key: -counts[key])
    ]
    return said + [
        _("%(kind)s, %(group)s: the whole group", kind=say_kind(cell.kind), group=say_group(cell.kind, cell.code))
        for cell in found.preview.shut_out_groups
    ]


def _slope(ordered: Sequence[Reordered], at: int, names: Mapping[str, str], top: int) -> Slope:
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


def _longest(seen: Preview) -> int:
    return max((max(one.before, one.after) for one in seen.showings), default=1) or 1


def _shown(one: Showing, names: Mapping[str, str], longest: int) -> Shown:
    x1, x2 = (round(BAR * count / longest, 1) for count in (one.before, one.after))
    return Shown(names[one.therapist_id], one.before, one.after, x1, x2, bool(one.before) and not one.after)


def _largest(shown: Sequence[Shown], sign: int) -> tuple[Shown, ...]:
    moved = [one for one in shown if sign * (one.after - one.before) > 0]
    return tuple(sorted(moved, key=lambda one: (-sign * (one.after - one.before), one.name))[:MOST_LISTED])


def _facts(seen: Preview) -> list[Fact]:
    facts = []
    if seen.alliance is not None:
        before, after = (f"{100 * value:.0f}" for value in (seen.alliance.before, seen.alliance.after))
        note = _("of 100 pairs of this clinic, so many stand below")
        facts.append(Fact(_("Expected alliance of the first five"), before, after, note))
    if seen.wait_days is not None:
        before, after = (f"{value:.1f}" for value in (seen.wait_days.before, seen.wait_days.after))
        facts.append(Fact(_("Wait until a first session"), before, after, _("days on average")))
    n = len(seen.showings)
    never = [sum(1 for one in seen.showings if not getattr(one, side)) for side in ("before", "after")]
    if n:
        facts.append(
            Fact(_("In no first five at all"), str(never[0]), str(never[1]), _("of %(n)s therapists who could be", n=n))
        )
        uneven = [f"{100 * one.gini:.0f}" for one in (seen.exposure_before, seen.exposure_after)]
        facts.append(Fact(_("How unevenly places are spread"), *uneven, _("0: all alike, 100: one has them all")))
    return facts


def _told_together(rows: Sequence[GroupRow]) -> tuple[GroupRow, ...]:
    """Kind by kind: the groups that may be told, and in one line the names of those that may not."""
    found: list[GroupRow] = []
    for kind in dict.fromkeys(row.kind for row in rows):
        mine = [row for row in rows if row.kind == kind]
        hidden = [row.name for row in mine if row.hidden]
        found += [row for row in mine if not row.hidden]
        found += [GroupRow(kind, ", ".join(hidden), (), True)] if hidden else []
    return tuple(found)


def _therapist_row(cell: TherapistCell) -> GroupRow:
    cells = () if cell.hidden else tuple(f"{100 * (part or 0):.0f}" for part in (cell.share, cell.before, cell.after))
    return GroupRow(say_kind(cell.kind), say_group(cell.kind, cell.code), cells, cell.hidden)


def _client_row(cell: ClientCell) -> GroupRow:
    cells = () if cell.hidden else (f"{cell.n_clients:,}", _signed(100 * (cell.change or 0)))
    return GroupRow(say_kind(cell.kind), say_group(cell.kind, cell.code), cells, cell.hidden)


def _group_words(cells: Sequence[TherapistCell]) -> str:
    """The group whose share of places changes most."""
    told_cells = [cell for cell in cells if not cell.hidden]
    if not told_cells:
        return _("Every group of therapists has fewer than five people, so none is told apart.")
    most = max(told_cells, key=lambda cell: abs((cell.after or 0) - (cell.before or 0)))
    before, after = (f"{100 * (part or 0):.0f}" for part in (most.before, most.after))
    if before == after:
        return _("No group of therapists gets noticeably more or fewer of the first places.")
    return _(
        "The largest change among therapists: %(kind)s, %(group)s, from %(before)s to %(after)s of 100 places.",
        kind=say_kind(most.kind).lower(), group=say_group(most.kind, most.code), before=before, after=after,
    )  # fmt: skip


def _signed(value: float) -> str:
    rounded = round(value, 1)
    return "0" if rounded == 0 else f"{'+' if rounded > 0 else '−'}{abs(rounded):.1f}"


def _listed(names: Sequence[str]) -> str:
    if len(names) > MOST_LISTED:
        return _("%(names)s and %(n)s more", names=", ".join(names[:MOST_LISTED]), n=len(names) - MOST_LISTED)
    if len(names) > 1:
        return _("%(names)s and %(last)s", names=", ".join(names[:-1]), last=names[-1])
    return names[0]
