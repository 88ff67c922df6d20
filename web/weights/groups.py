"""Groups of therapists and clients in rows, and what changes most among them. Small ones are named and not told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from web.services.panels import ClientCell, TherapistCell
from web.wording.language import _
from web.wording.tuning import say_group, say_kind


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group and its cells; hidden where too few people are in it."""

    kind: str
    name: str
    cells: tuple[str, ...]
    hidden: bool


def therapist_rows(cells: Sequence[TherapistCell]) -> tuple[GroupRow, ...]:
    """Shares of those who could be shown, and of the first places before and after."""
    return _told_together([_therapist_row(cell) for cell in cells])


def client_rows(cells: Sequence[ClientCell]) -> tuple[GroupRow, ...]:
    """How many, and how much the expected alliance of their first places changes."""
    return _told_together([_client_row(cell) for cell in cells])


def group_words(cells: Sequence[TherapistCell]) -> str:
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


def _signed(value: float) -> str:
    rounded = round(value, 1)
    return "0" if rounded == 0 else f"{'+' if rounded > 0 else '−'}{abs(rounded):.1f}"
