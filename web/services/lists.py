"""Lists as they are shown: computed and stored when they are asked for, and from then on read from the store.

A stored list can be explained to the last point, compared with the one before, and shown again as it was, whatever has
happened to directory, model and weights since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from matcher import moves
from matcher.entities import (
    Contribution,
    MatchList,
    Opening,
    Outlook,
    RankedMatch,
    Reason,
    Refusal,
    Remedy,
    Scale,
    Therapist,
)
from matcher.moving import Move
from web.db import mapping
from web.db.queries import directory, intakes, lists
from web.db.tables import ShownListRow, ShownMatchRow
from web.services import audit, matching
from web.services.clinics import Clinic
from web.services.intakes import ACTOR, KeptIntake

STORED = 20  # nobody reads further, and "more on request" ends somewhere
_NO_SEED = 0  # the order is not drawn: every place had probability one


@dataclass(frozen=True, slots=True)
class ShownTherapist:
    """What a card says of a therapist, as it was when the list was made; fields as in ``matcher.entities``."""

    id: str
    name: str
    profession: str
    gender: str | None
    languages: tuple[str, ...]
    formats: tuple[str, ...]
    modalities: tuple[str, ...]
    statement: str
    fee_cents: int | None
    sliding_fee_cents: int | None
    openings: tuple[Opening, ...]
    available_from: date | None
    portrait: Mapping[str, str]

    @classmethod
    def of(cls, therapist: Therapist) -> ShownTherapist:
        """The part of a profile that is shown."""
        return cls(**{name: getattr(therapist, name) for name in cls.__slots__})

    def document(self) -> dict[str, Any]:
        """As the store keeps it."""
        return {name: getattr(self, name) for name in self.__slots__} | {
            "openings": [[opening.weekday, opening.minute, opening.format] for opening in self.openings],
            "available_from": self.available_from and self.available_from.isoformat(),
            "portrait": dict(self.portrait),
        }

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> ShownTherapist:
        """From what the store kept."""
        free = document["available_from"]
        return cls(
            **{
                **document,
                **{name: tuple(document[name]) for name in ("languages", "formats", "modalities")},
                "openings": tuple(Opening(*opening) for opening in document["openings"]),
                "available_from": free and date.fromisoformat(free),
            }
        )


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
    session: Session, clinic: Clinic, kept: KeptIntake, *, now: datetime, wanted: Mapping[str, int] | None = None
) -> None:
    """Compute and store the list of an intake that was sent, and the client's own order beside the clinic's.

    ``wanted`` says what matters most to the client, factor → step; without it the order that they chose before stays.
    """
    version = intakes.current_version(session, _client(kept))
    intake = mapping.intake_of(str(kept.id), version.answers)
    if wanted is None:
        before = lists.latest(session, _client(kept))
        wanted = (before.wanted if before is not None else None) or {}
    wanted = {code: step for code, step in wanted.items() if step}
    found = matching.for_intake(session, clinic.id, intake, top=STORED, now=now, wanted=wanted)
    before = matching.for_intake(session, clinic.id, intake, top=STORED, now=now) if wanted else found
    row = ShownListRow(
        intake_version_id=version.id,
        weights_version=found.matches.weights_version,
        model_version=found.matches.model_version,
        seed=_NO_SEED,
        refusals={refusal.therapist_id: list(refusal.codes) for refusal in found.matches.refusals},
        remedies=[_remedy_document(remedy) for remedy in found.matches.remedies],
        notes=list(found.matches.notes),
        wanted=wanted,
        made_at=now,
    )
    session.add(row)
    session.flush()
    _store_places(session, row.id, found, moves(before.matches.matches, found.matches.matches) if wanted else ())
    audit.record(session, "list.made", now=now, subject=str(row.id), actor=ACTOR, matches=len(found.matches.matches))


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


def movable(session: Session, *, now: datetime) -> tuple[str, ...]:
    """The factors that a client may give more or less weight."""
    return matching.movable(session, now=now)


def _client(kept: KeptIntake) -> UUID:
    if kept.client_id is None:
        raise LookupError("an intake that was not sent has no list")
    return kept.client_id


def _store_places(session: Session, list_id: UUID, found: matching.Matched, moved: Iterable[Move]) -> None:
    places = {move.therapist_id: move for move in moved}
    offered = [match.therapist_id for match in found.matches.matches]
    keys = {row.external_id: row.id for row in directory.some(session, offered)}
    for match in found.matches.matches:
        explanation = _explanation(match, found.therapists[match.therapist_id])
        if match.therapist_id in places:
            move = places[match.therapist_id]
            explanation["moved"] = {"was": move.was, "factor": move.factor}
        session.add(
            ShownMatchRow(
                list_id=list_id,
                therapist_id=keys[match.therapist_id],
                place=match.place,
                score=match.score,
                propensity=1.0,
                contributions={c.factor: [c.value, c.weight, c.points] for c in match.contributions},
                explanation=explanation,
            )
        )
    session.flush()


def _explanation(match: RankedMatch, therapist: Therapist) -> dict[str, Any]:
    """Why, how sure, and who it was: all that a card says, so that it says the same later."""
    outlook = match.outlook
    return {
        "therapist": ShownTherapist.of(therapist).document(),
        "reasons": [[reason.code, dict(reason.params)] for reason in match.reasons],
        "caution": match.caution and [match.caution.code, dict(match.caution.params)],
        "outlook": outlook and {name: getattr(outlook, name) for name in Outlook.__slots__},
    }


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
    )


def _id(row: Any) -> str:
    return row.explanation["therapist"]["id"]


def _move(row: Any) -> Move:
    return Move(_id(row), row.place, row.explanation["moved"]["was"], row.explanation["moved"]["factor"])


def _remedy_document(remedy: Remedy) -> dict[str, Any]:
    also = remedy.also and [remedy.also.code, dict(remedy.also.params)]
    return {"code": remedy.code, "params": dict(remedy.params), "opens": remedy.opens, "also": also}


def _remedy(document: Mapping[str, Any]) -> Remedy:
    also: Sequence[Any] | None = document["also"]
    return Remedy(document["code"], document["params"], document["opens"], also and Reason(*also))
