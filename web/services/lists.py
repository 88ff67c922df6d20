"""Lists as they are shown: computed and stored when they are asked for, and from then on read from the store.

A stored list can be explained to the last point, compared with the one before, and shown again as it was, whatever has
happened to directory, model and weights since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from matcher import RULES
from matcher.entities import Contribution, MatchList, Outlook, RankedMatch, Reason, Refusal, Remedy, Scale
from matcher.moving import Move
from web.db import mapping
from web.db.queries import directory, intakes, lists
from web.db.tables import ShownListRow, ShownMatchRow
from web.services import audit, matching, placing
from web.services.clinics import Clinic
from web.services.intakes import ACTOR, KeptIntake
from web.services.matching import Movable
from web.services.shown import STORED, Making, ShownTherapist


@dataclass(frozen=True, slots=True)
class StoredList:
    """A list as it was made: the matches with the therapists as they were then, the scale, and what the client wanted.

    ``moved`` says for each therapist where they stood in the clinic's own order; empty where nothing was wanted.
    """

    id: UUID
    made_at: datetime
    matches: MatchList
    therapists: Mapping[str, ShownTherapist]
    scale: Scale
    wanted: Mapping[str, int]
    moved: Mapping[str, Move]
    has_more: bool


def make(
    session: Session,
    clinic: Clinic,
    kept: KeptIntake,
    *,
    now: datetime,
    wanted: Mapping[str, int] | None = None,
    actor: str = ACTOR,
) -> None:
    """Compute and store the list of an intake that was sent, and the client's own order beside the clinic's.

    ``wanted`` says what matters most to the client, factor → step; without it the order that they chose before stays.
    ``actor`` is who asked for it.
    """
    placing.give_back_overdue(session, clinic, now=now)  # so that the directory's version says all that was free
    version = intakes.current_version(session, _client(kept))
    if wanted is None:
        before = lists.latest(session, _client(kept))
        wanted = (before.wanted if before is not None else None) or {}
    made = Making(
        intake=mapping.intake_of(intakes.client(session, version.client_id).external_id, version.answers),
        wanted={code: step for code, step in wanted.items() if step},
        version=str(version.id),
        guarded="safety" in kept.flags or bool(version.answers.get("at_risk")),
    )
    document = made.by(session, matching.grounds(session, clinic.id, now=now))
    places = document.pop("places")
    row = ShownListRow(intake_version_id=version.id, made_at=now, release=RULES, **document)
    session.add(row)
    session.flush()
    keys = {one.external_id: one.id for one in directory.some(session, [place["id"] for place in places])}
    for place in places:
        session.add(ShownMatchRow(list_id=row.id, therapist_id=keys[place.pop("id")], **place))
    session.flush()
    audit.record(session, "list.made", now=now, subject=str(row.id), actor=actor, matches=len(places))


def latest(session: Session, clinic: Clinic, kept: KeptIntake, *, most: int = STORED) -> StoredList | None:
    """The newest list of an intake, its first ``most`` places; None where none was made."""
    head = lists.latest(session, _client(kept)) if kept.client_id is not None else None
    if head is None:
        return None
    found = lists.places(session, head.id, most + 1)
    rows = found[:most]
    return StoredList(
        id=head.id,
        made_at=head.made_at,
        matches=MatchList(
            intake_id=str(kept.id),
            matches=tuple(_match(row) for row in rows),
            refusals=[Refusal(key, tuple(codes)) for key, codes in head.refusals.items()],
            remedies=tuple(_remedy(document) for document in head.remedies),
            weights_version=head.weights_version,
            model_version=head.model_version,
            notes=tuple(head.notes),
        ),
        therapists={_id(row): ShownTherapist.read(row.explanation["therapist"]) for row in rows},
        scale=clinic.scale,
        wanted=head.wanted or {},
        moved={_id(row): _move(row) for row in rows if "moved" in row.explanation},
        has_more=len(found) > len(rows),
    )


def make_if_new(session: Session, clinic: Clinic, kept: KeptIntake, *, now: datetime) -> None:
    """Make the list of what was sent last, unless there is one: who sends twice sees one list."""
    head = lists.latest(session, _client(kept))
    if head is None or head.intake_version_id != intakes.current_version(session, _client(kept)).id:
        make(session, clinic, kept, now=now)


def newest(session: Session, kept: KeptIntake) -> UUID | None:
    """Which list is the newest of an intake; None where none was made."""
    return lists.newest(session, kept.client_id) if kept.client_id is not None else None


def match_of(session: Session, list_id: UUID, therapist_id: str) -> RankedMatch | None:
    """A therapist's place on a list that was made; None where they are not on it."""
    found = (row for row in lists.places(session, list_id, STORED) if _id(row) == therapist_id)
    return next((_match(row) for row in found), None)


def movable(session: Session, *, now: datetime) -> tuple[Movable, ...]:
    """The factors that a client may give more or less weight, and how far."""
    return matching.movable(session, now=now)


def _client(kept: KeptIntake) -> UUID:
    if kept.client_id is None:
        raise LookupError("an intake that was not sent has no list")
    return kept.client_id


def _match(row: Any) -> RankedMatch:
    said = row.explanation
    return RankedMatch(
        therapist_id=_id(row),
        place=row.place,
        score=row.score,
        contributions=tuple(Contribution(factor, *parts) for factor, parts in row.contributions.items()),
        reasons=tuple(Reason(code, params) for code, params in said["reasons"]),
        caution=said["caution"] and Reason(*said["caution"]),
        outlook=said["outlook"] and Outlook(**said["outlook"]),
        propensity=row.propensity,
    )


def _id(row: Any) -> str:
    return row.explanation["therapist"]["id"]


def _move(row: Any) -> Move:
    return Move(_id(row), row.place, row.explanation["moved"]["was"], row.explanation["moved"]["factor"])


def _remedy(document: Mapping[str, Any]) -> Remedy:
    also: Sequence[Any] | None = document["also"]
    return Remedy(document["code"], document["params"], document["opens"], also and Reason(*also))
