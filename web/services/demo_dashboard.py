"""The demo's past: when its invented clients sent their answers, how long they waited, what they said and scored.

The clients, their sessions and ratings come from the demo's files. Around them stands what a dashboard draws, made from
a seed and never from people: two years of it, the same in every demo.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.measures import GAD_7, PHQ_9
from web.db.queries import dashboard as rows
from web.db.tables import (
    AppointmentRow,
    CaseRow,
    CheckInRow,
    ClientRow,
    IntakeRow,
    IntakeVersionRow,
    MeasureRow,
    PlacementRow,
    ShownListRow,
)
from web.services import releases
from web.services.clinics import Clinic
from web.services.demo_courses import TOLD_AT_ONCE

MADE_BY = "the demo's past"  # a name that nothing else in the demo goes by
MOST_CLIENTS, MOST_LOST = 240, 36
ENOUGH = 8  # clients of a therapist, of whom five at least say something
SEED = 20_240_607
LINK_DAYS, PAUSE = timedelta(days=90), timedelta(minutes=50)
WELL_BEING_EVERY = 5  # sessions
REASONS = ("found_elsewhere", "no_answer", "changed_their_mind")


def furnish(session: Session, clinic: Clinic, *, apart: Sequence[UUID] = (), now: datetime) -> None:
    """Let the demo have a past, once. Whoever sees one of the therapists ``apart``, a visitor may be, has none."""
    if rows.is_furnished(session, MADE_BY):
        return
    rng = random.Random(SEED)
    courses, scale = _chosen(rows.courses_to_furnish(session), apart, rng), clinic.scale
    for course in courses:
        said = [((row.score - scale.lowest) / (scale.top - scale.lowest), row) for row in course]
        _went_all_the_way(session, said, rng, now)
    if courses:
        first = min(course[0].rated_at for course in courses)
        last = max(course[-1].rated_at for course in courses)
        for k in range(MOST_LOST):
            _was_lost(session, k, first + rng.random() * (last - first), rng)
    session.flush()
    releases.release_due(session, clinic, now=now, batches=TOLD_AT_ONCE)  # what nobody was told, no model reads


def _chosen(courses: list[list[Any]], apart: Sequence[UUID], rng: random.Random) -> list[list[Any]]:
    """Some of the courses, of therapists who have enough of them to be told of."""
    rng.shuffle(courses)
    some = [course for course in courses if course[0].therapist_id not in apart][:MOST_CLIENTS]
    of_therapist = Counter(course[0].therapist_id for course in some)
    return [course for course in some if of_therapist[course[0].therapist_id] >= ENOUGH]


def _went_all_the_way(session: Session, said: list[tuple[float, Any]], rng: random.Random, now: datetime) -> None:
    """Somebody who sent their answers, was given a place, came, and said how it was."""
    first, last = said[0][1], said[-1][1]
    wait = timedelta(days=min(max(rng.lognormvariate(2.9, 0.6), 2), 120))
    sent = first.rated_at - wait
    session.add(_intake(first.client_id, sent))
    session.add(
        PlacementRow(
            client_id=first.client_id, therapist_id=first.therapist_id, state="ended", origin="coordinator",
            made_at=sent + wait * 0.4, made_by=MADE_BY, first_session_at=first.rated_at - PAUSE,
            ended_at=min(last.rated_at + timedelta(days=1), now), ended_because=None,
        )
    )  # fmt: skip
    well = rng.gauss(14, 3.5)
    _scored(session, first.client_id, "booking", well, sent, rng)
    for k, (place, row) in enumerate(said, start=1):
        _session(session, row, place, rng, now)
        well -= 1.6 * (place - 0.62) + rng.gauss(0.25, 0.7)
        if k % WELL_BEING_EVERY == 0:
            _scored(session, row.client_id, "course", well, row.rated_at, rng)


def _session(session: Session, row: Any, place: float, rng: random.Random, now: datetime) -> None:
    """The appointment of a session that was rated, sometimes one that was not, and what was said by name."""
    session.add(_held(row, row.rated_at - PAUSE, row.session_id))
    later = row.rated_at + timedelta(days=3)
    if rng.random() < 0.3 and later < now:
        session.add(_held(row, later, None))
    if rng.random() < 0.55:
        sliders = [min(max(round(10 * place + rng.gauss(0, 0.8)), 0), 10) for _ in range(4)]
        read_at = row.rated_at + timedelta(days=rng.expovariate(1 / 4))
        session.add(
            CheckInRow(
                session_id=row.session_id, bond=sliders[0], goals=sliders[1], way=sliders[2], overall=sliders[3],
                helped=[], hindered=[], shown_to="named", said_at=row.rated_at,
                read_at=read_at if read_at < now and rng.random() < 0.92 else None,
            )
        )  # fmt: skip


def _was_lost(session: Session, k: int, sent: datetime, rng: random.Random) -> None:
    """Somebody who sent their answers, perhaps saw a list, and is on no waiting list any more."""
    client = ClientRow(external_id=f"past-{k:02d}", intake_version=1, created_at=sent)
    session.add(client)
    session.flush()
    version = IntakeVersionRow(client_id=client.id, version=1, answers=_answers(rng), created_at=sent)
    session.add_all([version, _intake(client.id, sent)])
    session.flush()
    session.add(
        CaseRow(
            client_id=client.id, state="closed", waiting_since=sent, closed_reason=rng.choice(REASONS),
            changed_at=sent + timedelta(days=rng.uniform(8, 38)),
        )
    )  # fmt: skip
    if k % 5 < 3:
        session.add(
            ShownListRow(
                intake_version_id=version.id, weights_version="release", seed=k, refusals={}, remedies=[], notes=[],
                made_at=sent + timedelta(minutes=4),
            )
        )  # fmt: skip


def _answers(rng: random.Random) -> dict[str, Any]:
    """What somebody said of themselves, and little more."""
    return {
        "concerns": [rng.choice(("anxiety", "low_mood", "sleep"))], "languages": ["en"],
        "gender": rng.choice(("woman", "man")), "age_band": rng.choice(("from_25", "from_35")),
        "background": "western_european",
    }  # fmt: skip


def _intake(client_id: UUID, sent: datetime) -> IntakeRow:
    link_hash = hashlib.sha256(f"tolmaren past {client_id}".encode()).digest()
    return IntakeRow(
        link_hash=link_hash, client_id=client_id, answers={}, started_at=sent, changed_at=sent,
        expires_at=sent + LINK_DAYS, sent_at=sent,
    )  # fmt: skip


def _held(row: Any, begins_at: datetime, session_id: UUID | None) -> AppointmentRow:
    return AppointmentRow(
        client_id=row.client_id, therapist_id=row.therapist_id, session_id=session_id, begins_at=begins_at,
        state="held", made_at=begins_at - timedelta(days=2), made_by=MADE_BY, ended_at=begins_at + PAUSE,
    )  # fmt: skip


def _scored(session: Session, client_id: UUID, moment: str, well: float, at: datetime, rng: random.Random) -> None:
    for instrument, share in ((PHQ_9, 1.0), (GAD_7, 0.8)):
        score = min(max(round(share * well + rng.gauss(0, 1.2)), instrument.lowest), instrument.top)
        session.add(
            MeasureRow(
                client_id=client_id, instrument=instrument.code, version=instrument.version, moment=moment, answers={},
                score=score, said_at=at,
            )
        )  # fmt: skip
