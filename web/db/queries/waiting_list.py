"""The waiting list as a page: who stands on it, filtered, sorted, counted and cut by the database.

Names and concerns are sealed: where somebody looks for one, or sorts by name, the intakes of what is left are opened
here, about 30 microseconds each.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from web.db.tables import (
    CaseEventRow,
    CaseRow,
    FlagRow,
    IntakeRow,
    IntakeVersionRow,
    PlacementRow,
    ShownListRow,
    ShownMatchRow,
    TherapistRow,
)

_later = aliased(IntakeRow)
_OVERTAKEN = (
    select(_later.id)
    .where(
        _later.client_id == IntakeRow.client_id,
        or_(
            _later.sent_at > IntakeRow.sent_at,
            and_(_later.sent_at == IntakeRow.sent_at, _later.id > IntakeRow.id),
        ),
    )
    .exists()
)
_OPEN_PLACE = (PlacementRow.client_id == CaseRow.client_id) & (PlacementRow.state != "ended")
STATE = case(
    (CaseRow.state != "waiting", CaseRow.state),
    (PlacementRow.state.is_not(None), PlacementRow.state),
    else_="waiting",
)


@dataclass(frozen=True, slots=True)
class Bearing:
    """The clients who bear a flag: safety, safety that nobody has seen, a wish that we choose, an empty newest list."""

    safety: Collection[UUID] = ()
    unseen: Collection[UUID] = ()
    choose_for_me: Collection[UUID] = ()
    nobody: Collection[UUID] = ()


NOTHING = Bearing()


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the waiting list: which cases, in which order. None, empty and False ask for nothing."""

    states: tuple[str, ...] = ()
    flag: str | None = None
    priority: int | None = None
    waiting_since: datetime | None = None  # since then or longer
    concern: str | None = None
    words: str = ""
    order: str = "urgency"
    bearing: Bearing = NOTHING

    @property
    def looks_inside(self) -> bool:
        """Whether it asks for something that is sealed."""
        return self.order == "name" or self.concern is not None or bool(self.words)


FLAGS = ("safety", "nobody", "choose_for_me")
_LONGEST = (CaseRow.waiting_since, CaseRow.id)
ORDERS = ("urgency", "waiting", "newest", "name", "changed")


def page(session: Session, asked: Asked, number: int, size: int) -> tuple[int, int, Sequence[Row[Any]]]:
    """How many cases are asked for, on how many pages, and what stands on one of them (the last, where it is none).

    A line is (case, intake, place, therapist's name).
    """
    inside = _looked_into(session, asked) if asked.looks_inside else None
    n = _count(session, asked) if inside is None else len(inside)
    n_pages = max(-(-n // size), 1)
    start = (min(number, n_pages) - 1) * size
    if inside is None:
        keys = _of(select(CaseRow.id), asked).order_by(*_order(asked))
        inside, start = list(session.scalars(keys.offset(start).limit(size))), 0
    return n, n_pages, _lines(session, inside[start : start + size])


def _lines(session: Session, wanted: Sequence[UUID]) -> Sequence[Row[Any]]:
    found = _with_intakes(_placed(select(CaseRow, IntakeRow, PlacementRow, TherapistRow.name)))
    found = found.outerjoin(TherapistRow, TherapistRow.id == PlacementRow.therapist_id)
    rows = session.execute(found.where(CaseRow.id.in_(wanted)).execution_options(populate_existing=True)).all()
    place = {key: k for k, key in enumerate(wanted)}
    return sorted(rows, key=lambda row: place[row[0].id])


def _looked_into(session: Session, asked: Asked) -> list[UUID]:
    """The cases that are asked for, in order, by what is sealed in their intakes."""
    rows = session.execute(
        _with_intakes(_of(select(CaseRow.id, IntakeRow.answers), asked)).order_by(*_order(asked))
    ).all()
    names = {key: str((answers.get("contact") or {}).get("name") or "") for key, answers in rows}
    kept = [key for key, answers in rows if _is_meant(asked, names[key], answers)]
    return sorted(kept, key=lambda key: (names[key] or "~").casefold()) if asked.order == "name" else kept


def _is_meant(asked: Asked, name: str, answers: Mapping[str, Any]) -> bool:
    concerns = (answers.get("concerns") or {}).get("concerns") or ()
    is_named = asked.words.casefold() in name.casefold() if asked.words else True
    return is_named and (asked.concern is None or asked.concern in concerns)


def _count(session: Session, asked: Asked) -> int:
    return session.scalar(_of(select(func.count(CaseRow.id)), asked)) or 0


def by_state(session: Session) -> dict[str, int]:
    """How many cases there are in each state."""
    found = _placed(select(STATE.label("stands"), func.count(CaseRow.id).label("n"))).group_by("stands")
    return {row.stands: row.n for row in session.execute(found)}


def by_filter(session: Session, states: tuple[str, ...], over_target: datetime, bearing: Bearing) -> Row[Any]:
    """How many cases in these states each filter would leave: safety, nobody, choose_for_me, p0 … p2, over, longest."""
    counted = {name: _n(CaseRow.client_id.in_(list(getattr(bearing, name)))) for name in FLAGS}
    counted |= {f"p{k}": _n(CaseRow.priority == k) for k in range(3)}
    counted["over"] = _n(CaseRow.waiting_since <= over_target)
    named = [column.label(name) for name, column in counted.items()]
    found = _of(select(*named, func.min(CaseRow.waiting_since).label("longest")), Asked(states))
    return session.execute(found).one()


def bearing(session: Session) -> Bearing:
    """Who bears which flag now."""
    found = select(IntakeRow.client_id, FlagRow.kind, FlagRow.seen_at).join(FlagRow, FlagRow.intake_id == IntakeRow.id)
    rows = session.execute(found.where(IntakeRow.client_id.is_not(None))).all()
    return Bearing(
        safety={row.client_id for row in rows if row.kind == "safety"},
        unseen={row.client_id for row in rows if row.kind == "safety" and row.seen_at is None},
        choose_for_me={row.client_id for row in rows if row.kind == "choose_for_me"},
        nobody=empty_lists(session),
    )


def stamp(session: Session) -> tuple[int, int, int, int]:
    """(cases, their revisions in all, flags, those that nobody has seen): another one after every change."""
    cases = select(func.count(CaseRow.id), func.coalesce(func.sum(CaseRow.revision), 0))
    flags = select(func.count(FlagRow.id), func.count(FlagRow.id) - func.count(FlagRow.seen_at))
    n_cases, revisions = session.execute(cases).one()
    n_flags, unseen = session.execute(flags).one()
    return n_cases, int(revisions), n_flags, unseen


def changed_since(session: Session, moment: datetime) -> int:
    """How many cases were changed, and flags raised or seen, after a moment."""
    cases = session.scalar(select(func.count(CaseRow.id)).where(CaseRow.changed_at > moment)) or 0
    flags = select(func.count(FlagRow.id)).where(or_(FlagRow.raised_at > moment, FlagRow.seen_at > moment))
    return cases + (session.scalar(flags) or 0)


def clients_of(session: Session, intake_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Intake → client, of these intakes as far as they were sent."""
    found = select(IntakeRow.id, IntakeRow.client_id).where(IntakeRow.id.in_(intake_ids))
    return {row.id: row.client_id for row in session.execute(found) if row.client_id is not None}


def empty_lists(session: Session) -> set[UUID]:
    """The clients whose newest list has nobody in it."""
    first = exists().where(ShownMatchRow.list_id == ShownListRow.id, ShownMatchRow.place == 1)
    found = session.execute(select(ShownListRow.id, ShownListRow.intake_version_id).where(~first)).all()
    empty = {row.id: row.intake_version_id for row in found}
    if not empty:
        return set()
    clients = select(IntakeVersionRow.client_id).where(IntakeVersionRow.id.in_([*empty.values()]))
    newest = newest_lists(session, {*session.scalars(clients)})
    return {client_id for client_id, row in newest.items() if row.id in empty}


def newest_lists(session: Session, client_ids: Collection[UUID]) -> dict[UUID, Row[Any]]:
    """Client → (id, best) of the newest list; ``best`` is the score of its first place, None where it has nobody."""
    if not client_ids:
        return {}
    first = (ShownMatchRow.list_id == ShownListRow.id) & (ShownMatchRow.place == 1)
    found = (
        select(IntakeVersionRow.client_id, ShownListRow.id, ShownMatchRow.score.label("best"))
        .select_from(ShownListRow)
        .join(IntakeVersionRow, IntakeVersionRow.id == ShownListRow.intake_version_id)
        .outerjoin(ShownMatchRow, first)
        .where(IntakeVersionRow.client_id.in_(client_ids))
    )
    return {row.client_id: row for row in session.execute(found.order_by(ShownListRow.made_at, ShownListRow.id))}


def refusals(session: Session, list_ids: Collection[UUID]) -> dict[UUID, Any]:
    """List → the codes that stand against each therapist in it."""
    found = select(ShownListRow.id, ShownListRow.refusals).where(ShownListRow.id.in_(list_ids))
    return {row.id: row.refusals for row in session.execute(found)}


def closed_at(session: Session, moment: datetime, actor: str) -> list[UUID]:
    """The clients whose cases somebody closed at a moment, and which are closed still."""
    found = (
        select(CaseEventRow.client_id)
        .join(CaseRow, CaseRow.client_id == CaseEventRow.client_id)
        .where(CaseEventRow.kind == "closed", CaseEventRow.at == moment, CaseEventRow.actor == actor)
        .where(CaseRow.state == "closed")
    )
    return sorted({*session.scalars(found)})


def _n(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _placed(found: Any) -> Any:
    """With the place that is open."""
    return found.select_from(CaseRow).outerjoin(PlacementRow, _OPEN_PLACE)


def _with_intakes(found: Any) -> Any:
    """With the intake that counts."""
    return found.join(IntakeRow, IntakeRow.client_id == CaseRow.client_id).where(~_OVERTAKEN)


def _of(found: Any, asked: Asked) -> Any:
    return _placed(found).where(*_conditions(asked))


def _order(asked: Asked) -> tuple[Any, ...]:
    safety, unseen = (CaseRow.client_id.in_(list(some)) for some in (asked.bearing.safety, asked.bearing.unseen))
    first = case((unseen, 2), (safety, 1), else_=0).desc()
    return {
        "urgency": (first, CaseRow.priority.desc(), *_LONGEST),
        "waiting": _LONGEST,
        "newest": (CaseRow.waiting_since.desc(), CaseRow.id),
        "name": _LONGEST,  # among those of one name
        "changed": (CaseRow.changed_at.desc(), CaseRow.id),
    }[asked.order]


def _conditions(asked: Asked) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.states:
        found.append(STATE.in_(asked.states))
    if asked.flag is not None:
        found.append(CaseRow.client_id.in_(list(getattr(asked.bearing, asked.flag))))
    if asked.priority is not None:
        found.append(CaseRow.priority == asked.priority)
    if asked.waiting_since is not None:
        found.append(CaseRow.waiting_since <= asked.waiting_since)
    return found
