"""What other weights would change, drawn and in words: positions are computed here, templates only place them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from web.services.panels import Preview, Previewed, Showing
from web.weights.groups import GroupRow, client_rows, group_words, therapist_rows
from web.weights.slope import Slope, slope_of
from web.wording.evidence import FEWEST
from web.wording.language import _, ngettext
from web.wording.tuning import say_group, say_kind

BAR = 200.0  # the line on which counts stand
MOST_LISTED = 5


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
    """The preview in words and positions; ``at`` is which intake's list is drawn, by how much moves in it.

    Fewer than five lists are not told: every number would be one person's.
    """
    seen = found.preview
    if seen.n_lists < FEWEST:
        return Moves(
            _title(seen), "", True, not seen.n_changed, (), tuple(_warnings(found)), None, (), (), (), (), (), (), ""
        )
    ordered = sorted(seen.reordered, key=lambda one: (-one.moved, -one.n_changed, one.intake_id))
    shown = [_shown(one, found.names, _longest(seen)) for one in seen.showings if one.before or one.after]
    return Moves(
        title=_title(seen),
        origin=_origin(found),
        is_empty=False,
        is_same=not seen.n_changed,
        sentences=tuple(_sentences(found)),
        warnings=tuple(_warnings(found)),
        slope=slope_of(ordered, at, found.names, seen.top) if ordered else None,
        more=_largest(shown, 1),
        less=_largest(shown, -1),
        everybody=tuple(sorted(shown, key=lambda one: (-one.after, -one.before, one.name))),
        facts=tuple(_facts(seen)),
        therapists=therapist_rows(seen.therapists),
        clients=client_rows(seen.clients),
        group_words=group_words(seen.therapists),
    )


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
    if found.n_sent < FEWEST <= found.n_brought_in:  # beside the number of all, either number would tell the other
        return _("Most of them come from the files that were brought in, a few were sent here.")
    if found.n_brought_in < FEWEST <= found.n_sent:
        return _("Most of them were sent here, a few come from the files that were brought in.")
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
    """Whoever is shut out, by name; they have three lists or more, or had them four weeks ago."""
    now = set(found.preview.shut_out)
    said = [
        _("%(who)s (%(n)s lists now)", who=found.names[key], n=n)
        if key in now
        else _("%(who)s (%(n)s lists with what served four weeks ago)", who=found.names[key], n=n)
        for key, n in found.shut_out.items()
    ]
    return said + [
        _("%(kind)s, %(group)s: the whole group", kind=say_kind(cell.kind), group=say_group(cell.kind, cell.code))
        for cell in found.shut_out_groups
    ]


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


def _listed(names: Sequence[str]) -> str:
    if len(names) > MOST_LISTED:
        return _("%(names)s and %(n)s more", names=", ".join(names[:MOST_LISTED]), n=len(names) - MOST_LISTED)
    if len(names) > 1:
        return _("%(names)s and %(last)s", names=", ".join(names[:-1]), last=names[-1])
    return names[0]
