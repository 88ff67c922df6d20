"""Carrying a proposal out: everybody in it has their place, in one transaction, or nobody has.

What has changed since it was worked out is named, person by person, and the draft stays as it was. The clinic is locked
first, then the proposal, the cases and the therapists.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from web.db.queries import clinics, departures, waiting
from web.db.queries import proposals as rows
from web.db.tables import PlacementRow, ProposalRow
from web.services import audit, placing, proposal_settings, proposals
from web.services.cases import WAITING
from web.services.clinics import Clinic
from web.services.conflicts import Conflict, Conflicts
from web.services.placing import Wanted
from web.services.proposal_settings import DEPARTURE, Settings

Line = Mapping[str, Any]


def commit(session: Session, clinic: Clinic, key: UUID, revision: int, *, actor: str, now: datetime) -> int:
    """Give everybody in a proposal their place; how many those are. Doing it twice is doing it once.

    Raises Conflict where the proposal has ended, was changed, or is not worked out; Conflicts with everything that
    stands against. Then nothing was done.
    """
    clinics.lock(session, clinic.id)
    row = rows.locked(session, key)
    if row is None or row.state == proposals.DISCARDED:
        raise Conflict("not_open")
    if row.state == proposals.COMMITTED:
        if revision in (row.revision, row.revision - 1):  # the same, sent once more
            return len(_placed(row))
        raise Conflict("not_open")
    if row.revision != revision:
        raise Conflict("proposal_changed")
    if row.result is None or row.result["revision"] != row.revision or not row.result["lines"]:
        raise Conflict("not_solved")
    lines, settings = _placed(row), proposal_settings.read(row.settings)
    with session.begin_nested():  # what stands against leaves nothing behind, whoever catches it
        _place(session, clinic, row, lines, settings, actor=actor, now=now)
    proposals.end(row, proposals.COMMITTED, actor=actor, now=now)
    session.flush()
    n_left = len(row.result["lines"]) - len(lines)
    audit.record(
        session, "proposal.committed", now=now, subject=str(key), actor=actor, n_placed=len(lines), n_left=n_left
    )  # fmt: skip
    return len(lines)


def _place(
    session: Session, clinic: Clinic, row: ProposalRow, lines: Sequence[Line], settings: Settings, *, actor: str,
    now: datetime,
) -> None:  # fmt: skip
    assert row.result is not None
    keys = {id_: UUID(one["key"]) for id_, one in row.result["therapists"].items()}
    wanted = [
        Wanted(UUID(line["client"]), keys[line["therapist"]], origin=settings.origin, score=line["score"])
        for line in lines
    ]
    clients = [one.client_id for one in wanted]
    known = waiting.locked(session, clients)
    open_ = waiting.placements(session, clients)
    before = [open_[key] for key in clients if key in open_ and settings.origin == DEPARTURE]
    waiting.therapists_locked(session, {*(one.therapist_id for one in wanted), *(one.therapist_id for one in before)})
    waits = [key for key in clients if key in known and known[key].state == WAITING and key not in open_]
    against = [*_said_anew(session, lines), *_not_theirs(session, before, waits, settings)]
    named = {one.client_id for one in against}
    try:
        placing.give_back(
            session, clinic, [one for one in before if one.client_id not in named], because=DEPARTURE, actor=actor,
            now=now,
        )  # fmt: skip
        placing.place(session, clinic, [one for one in wanted if one.client_id not in named], actor=actor, now=now)
    except Conflicts as more:
        against.extend(more.all)
    if against:
        raise Conflicts(against)


def _said_anew(session: Session, lines: Sequence[Line]) -> Iterator[Conflict]:
    """Those who have changed their answers since: who fits them may be somebody else now."""
    versions = rows.versions(session, [UUID(line["client"]) for line in lines])
    for line in lines:
        key = UUID(line["client"])
        if versions.get(key, line["version"]) != line["version"]:
            yield Conflict("case_changed", client_id=key)


def _not_theirs(
    session: Session, before: Sequence[PlacementRow], waits: Sequence[UUID], settings: Settings
) -> Iterator[Conflict]:
    """Those who have gone from the therapist who leaves meanwhile: they keep whom they have, or wait like anybody."""
    if settings.origin != DEPARTURE:
        return
    leaving = rows.therapists(session).get(settings.leaving or "")
    if leaving is None or leaving[0] not in departures.open_of(session, [leaving[0]]):
        yield from (Conflict("called_off", client_id=key) for key in (*(place.client_id for place in before), *waits))
        return
    yield from (Conflict("place_gone", client_id=key) for key in waits)
    for place in before:
        if place.therapist_id != leaving[0] or place.state != placing.GIVEN:
            yield Conflict("has_place", client_id=place.client_id, therapist_id=place.therapist_id)


def _placed(row: ProposalRow) -> list[Line]:
    return [line for line in (row.result or {}).get("lines", ()) if line["therapist"] is not None]
