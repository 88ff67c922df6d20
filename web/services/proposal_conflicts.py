"""What stands against carrying a proposal out, and for whoever lost their place who is free for them still."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from matcher import rank
from web.db import mapping
from web.db.queries import proposals as rows
from web.db.queries import recent
from web.services import matching
from web.services.clinics import Clinic
from web.services.conflicts import Conflict, Conflicts

MOST_ANSWERED = 20  # a ranking each: whoever has lost more places works the proposal out again
MOST_NEXT = 3
LOST = ("no_place", "no_therapist", "not_on_list")  # somebody else is to be found


@dataclass(frozen=True, slots=True)
class Named:
    """A therapist, by id and name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Against:
    """One thing that stands against: about whom, whose place it is about, and who is free for them, the best first."""

    code: str
    client_id: UUID | None
    therapist: Named | None
    next_best: tuple[Named, ...]


def told(session: Session, clinic: Clinic, conflict: Conflict, *, now: datetime) -> tuple[Against, ...]:
    """Everything that stands against. Only where a place was taken is anybody else looked for."""
    every = conflict.all if isinstance(conflict, Conflicts) else (conflict,)
    names = {key: Named(id_, name) for id_, (key, name, _n) in rows.therapists(session).items()}
    lost = [one.client_id for one in every if one.client_id is not None and one.code in LOST]
    others = next_best(session, clinic, lost[:MOST_ANSWERED], now=now)
    by_id = {one.id: one for one in names.values()}
    return tuple(
        Against(
            one.code,
            one.client_id,
            names.get(one.therapist_id) if one.therapist_id is not None else None,
            tuple(by_id[id_] for id_ in others.get(one.client_id, ())) if one.client_id is not None else (),
        )
        for one in every
    )


def next_best(
    session: Session, clinic: Clinic, client_ids: Iterable[UUID], *, now: datetime
) -> dict[UUID, tuple[str, ...]]:
    """Client → the therapists, by id, who have a place at this moment and can be offered to them, the best first."""
    keys = list(dict.fromkeys(client_ids))
    if not keys:
        return {}
    found, said = matching.grounds(session, clinic.id, now=now), recent.answers(session, keys)
    return {
        key: tuple(
            match.therapist_id
            for match in rank(
                mapping.intake_of(str(key), said[key]), found.directory, weights=found.weights, model=found.model,
                today=found.today, top=MOST_NEXT,
            ).matches
        )
        for key in keys
        if key in said
    }  # fmt: skip
