"""What therapists are told of their strengths and edges: in batches, at a random moment, never of one person.

Four decisions keep single people out of the differences between releases:

- a check-in counts only when it cannot be corrected any more, so that nothing that was counted changes;
- what is suspicious is held first: whoever hides among people of their own making hides nobody;
- a batch is complete with five new clients who spoke *in aggregate* and nothing else: what was ever shared by name, the
  therapist may know, and it would hide nobody. Without such five, five who shared by name are told of alone;
- what was deleted since (a client who asked for it) is missing from the next release, never from a release of its own,
  and is hidden there by as much chance as anybody who is new.
"""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from types import MappingProxyType
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy.orm import Session

from matcher import seed_of, strengths, told
from matcher.development import BATCHES, SLIDERS, Batches, Fresh, Voice
from web.db.queries import courses
from web.db.queries import development as rows
from web.db.tables import ReleaseRow
from web.services import audit, holding
from web.services.clinics import Clinic

RIPE_AFTER = timedelta(days=1)  # until then a client may still correct it
FEWEST_OTHERS = 3  # with fewer colleagues counted, what is typical would speak of one of them


@dataclass(frozen=True, slots=True)
class Released:
    """What a therapist was told last; ``figures`` as ``matcher.told`` made them."""

    n_clients: int
    figures: tuple[Mapping[str, Any], ...]
    released_at: datetime


@dataclass(frozen=True, slots=True)
class _Batch:
    """New check-ins of a therapist that are told together, and when they were enough."""

    said: tuple[Any, ...]
    hidden: tuple[Any, ...]
    complete: datetime

    @property
    def seed(self) -> int:
        """Known to nobody who cannot read the database, and the same at every tick."""
        return seed_of(*(str(row[0].id) for row in self.said[: BATCHES.fewest]))


def of_person(session: Session, person_id: UUID) -> Released | None:
    """What the therapist whom a person is was told last; None before the first release."""
    therapist = courses.therapist_of(session, person_id)
    row = None if therapist is None else rows.latest(session, therapist.id)
    if row is None:
        return None
    return Released(row.n_clients, tuple(MappingProxyType(one) for one in row.figures["figures"]), row.released_at)


def release_due(session: Session, clinic: Clinic, *, now: datetime, batches: Batches = BATCHES) -> int:
    """Tell every therapist whose batch is complete and whose moment has come; how many those were."""
    if not _due(session, now, batches):
        return 0
    holding.look(session, clinic, now=now)
    due = _due(session, now, batches)  # as it is behind the clinic's lock: another worker may have told it
    if not due:
        return 0
    every = [*rows.counted(session), *(row for batch in due.values() for row in batch.said)]
    for therapist_id, batch in due.items():
        _release(session, therapist_id, batch, every, now, batches)
    return len(due)


def _due(session: Session, now: datetime, batches: Batches) -> dict[UUID, _Batch]:
    """Therapist → the batch whose moment has come."""
    found = {}
    for therapist_id, said in groupby(rows.waiting(session, now - RIPE_AFTER), key=lambda row: row[2]):
        batch = _batch(tuple(said), batches)
        if batch is not None and _moment(session, therapist_id, batch, batches) <= now:
            found[therapist_id] = batch
    return found


def _batch(said: tuple[Any, ...], batches: Batches) -> _Batch | None:
    hidden = tuple(row for row in said if not row[0].was_named)
    named = tuple(row for row in said if row[0].was_named)
    enough = _complete(hidden, batches.fewest)
    if enough is not None:
        return _Batch(said, hidden, enough)
    enough = _complete(named, batches.fewest)
    return None if enough is None else _Batch(named, (), enough)


def _complete(said: Iterable[Any], fewest: int) -> datetime | None:
    """When the check-in of the fifth client could not be corrected any more; None before that."""
    clients: set[UUID] = set()
    for check_in, client_id, _therapist_id in said:
        clients.add(client_id)
        if len(clients) >= fewest:
            moment: datetime = check_in.said_at + RIPE_AFTER
            return moment
    return None


def _moment(session: Session, therapist_id: UUID, batch: _Batch, batches: Batches) -> datetime:
    last = rows.latest(session, therapist_id)
    return batches.moment(batch.complete, last and last.released_at, np.random.default_rng(batch.seed))


def _release(
    session: Session, therapist_id: UUID, batch: _Batch, every: Sequence[Any], now: datetime, batches: Batches
) -> None:
    concerns = rows.concerns(session, {client_id for _check_in, client_id, _therapist in every})
    voices = _voices(every, concerns)
    last = rows.latest(session, therapist_id)
    figures = told(
        strengths(voices, str(therapist_id)),
        _fresh(batch.hidden, concerns),
        np.random.default_rng(secrets.randbits(128)),
        before=last.figures["figures"] if last else (),
        batches=batches,
    )
    if len({voice.therapist_id for voice in voices}) <= FEWEST_OTHERS:
        figures = [figure | {"typical": None} for figure in figures]
    n_clients = sum(voice.therapist_id == str(therapist_id) for voice in voices)
    made = ReleaseRow(therapist_id=therapist_id, n_clients=n_clients, figures={"figures": figures}, released_at=now)
    session.add(made)
    session.flush()
    for check_in, _client_id, _therapist_id in batch.said:
        check_in.release_id = made.id
    session.flush()
    audit.record(session, "development.released", now=now, subject=str(therapist_id), actor="clock")


def _fresh(hidden: Sequence[Any], concerns: Mapping[UUID, list[str]]) -> Fresh:
    clients = {client_id for _check_in, client_id, _therapist_id in hidden}
    return Fresh(len(clients), Counter(concerns[client][0] for client in clients if concerns.get(client)))


def _voices(every: Iterable[Any], concerns: Mapping[UUID, list[str]]) -> list[Voice]:
    """Each client of each therapist once, by the means over what they said."""
    by_pair: dict[tuple[UUID, UUID], list[Any]] = defaultdict(list)
    for check_in, client_id, therapist_id in every:
        by_pair[therapist_id, client_id].append(check_in)
    return [
        Voice(
            str(therapist_id),
            str(client_id),
            {name: float(np.mean([getattr(one, name) for one in said])) for name in SLIDERS},
            _shares([one.helped for one in said]),
            _shares([one.hindered for one in said]),
            next(iter(concerns.get(client_id, ())), None),
        )
        for (therapist_id, client_id), said in by_pair.items()
    ]


def _shares(tags: Sequence[Sequence[str]]) -> dict[str, float]:
    return {code: n / len(tags) for code, n in Counter(code for some in tags for code in some).items()}
