"""The demo's courses: two who come to Maren Oduya, one who shares by name and one who does not, and her development.

The clock of the demo begins now, so that what happened before is made as of its own day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.development import SLIDERS, Batches
from matcher.entities import CHECK_IN, Scale
from web.db.queries import appointments as appointment_rows
from web.db.queries import check_ins, development, directory
from web.db.queries import shared_courses as rows
from web.db.tables import AlertRow, CheckInRow, OwnRatingRow, RatingRow, TherapistRow
from web.services import appointments, demo_people, placing, releases
from web.services import intakes as intake_service
from web.services.clinics import Clinic
from web.services.intakes import CONTACT
from web.services.placing import Wanted

HERS = "t01"
OTHERS = ("t02", "t03", "t04", "t05")  # so that there is something typical of the clinic
TOLD_AT_ONCE = Batches(days=(0.0, 0.0), days_apart=0.0)
HELPED = {"heard": 0.7, "warm": 0.6, "clear": 0.3, "hopeful": 0.4, "my_pace": 0.4, "tools": 0.3, "honest": 0.2}
HINDERED = {"unsure": 0.1, "left_in_silence": 0.15, "over_structured": 0.12, "over_interpreted": 0.08}
SPOKE = 30  # clients of each of them


@dataclass(frozen=True, slots=True)
class Comes:
    """Somebody invented who has come for weeks: the four after each session, how she found it, who may see it."""

    name: str
    concerns: tuple[str, ...]
    said: tuple[tuple[int, int, int, int], ...]
    own: tuple[int | None, ...]
    shown_to: str
    comment: str
    reply: str = ""
    alert: str = ""


PEOPLE = (
    Comes("Maja", ("anxiety", "sleep"),
          ((6, 6, 5, 6), (7, 6, 7, 7), (7, 8, 7, 7), (8, 7, 8, 8), (8, 8, 8, 8), (8, 8, 7, 8), (3, 2, 2, 2)),
          (6, 7, 7, 8, 8, 8, None), "named",
          "I had the feeling that we had a plan to get through, whatever I said.",
          "Thank you for saying that the pictures helped. Let us take them up again.", "drop"),
    Comes("Edvin", ("work",), ((5, 6, 6, 6), (6, 6, 6, 6), (7, 6, 7, 7)), (6, 7, None), "aggregate",
          "I would rather say this without my name."),
)  # fmt: skip


def furnish(session: Session, clinic: Clinic, *, now: datetime) -> None:
    """Let both have come, and five therapists have been told something; those that are there stay as they are."""
    therapists = {row.external_id: row for row in directory.some(session, [HERS, *OTHERS])}
    if HERS not in therapists:
        return
    for one in PEOPLE:
        client_id = _came(session, clinic, one, therapists[HERS], now)
        if client_id is not None:
            _spoke(session, clinic, one, client_id, therapists[HERS], now)
    if development.latest(session, therapists[HERS].id) is None:
        for row in therapists.values():
            _past_clients(session, row, now)
        releases.release_due(session, clinic, now=now - timedelta(days=1), batches=TOLD_AT_ONCE)


def _came(session: Session, clinic: Clinic, one: Comes, therapist: TherapistRow, now: datetime) -> UUID | None:
    """Their intake and place as of weeks ago, and every session held since; None where they have come already."""
    link, then = demo_people.link(f"comes {one.name}"), now - timedelta(days=7 * len(one.said) + 5)
    if intake_service.of_link(session, link, now=now) or intake_service.has_expired(session, link, now=now):
        return None
    intake_service.begin(session, now=then, link=link)
    kept = intake_service.of_link(session, link, now=then)
    said = intake_service.by_step({"urgency": "within_six_weeks", "languages": ["en"], "concerns": list(one.concerns)})
    contact = {"name": one.name, "email": f"{one.name.lower()}@tolmaren.example"}
    for step, answers in {**said, CONTACT: contact}.items():
        kept = kept and intake_service.save(session, kept, step, answers, now=then)
    if kept is None:
        return None
    client_id = intake_service.send(session, kept, consent=demo_people.CONSENT, now=then).client_id
    assert client_id is not None
    therapist.capacity += 1
    session.flush()
    placing.place(session, clinic, [Wanted(client_id, therapist.id)], actor="the demo", now=then)
    return client_id


def _spoke(
    session: Session, clinic: Clinic, one: Comes, client_id: UUID, therapist: TherapistRow, now: datetime
) -> None:
    """Their weekly sessions, the last two days ago, and what both said of each."""
    last = (now - timedelta(days=2)).replace(hour=15, minute=0, second=0, microsecond=0)
    for k in range(len(one.said)):
        at = last - timedelta(days=7 * (len(one.said) - 1 - k))
        appointments.plan(session, clinic, client_id, therapist.id, at, actor="the demo", now=at - timedelta(days=3))
        appointments.hold(session, clinic, now=at + timedelta(hours=1))
    for k, (held, appointment, _check_in, _own) in enumerate(rows.sessions(session, client_id, therapist.id)):
        at, is_last = appointment.begins_at + timedelta(hours=2), k == len(one.said) - 1
        score, own = one.said[k], one.own[k]
        row = _say(session, clinic.scale, held.id, score, at, one.shown_to)
        row.hindered = ["rigid", "over_structured"] if is_last and one.alert else []
        row.helped = [] if is_last and one.alert else ["heard", "tools"]
        row.comment = one.comment if is_last else ""
        if not is_last and one.shown_to == "named":
            row.read_at = at + timedelta(days=1)
        if k == len(one.said) - 2 and one.reply:
            row.reply, row.replied_at = one.reply, at + timedelta(days=1)
        if own is not None:
            session.add(OwnRatingRow(session_id=held.id, score=own, rated_at=at))
    dyad = appointment_rows.dyad(session, client_id, therapist.id)
    if one.alert and dyad is not None:
        n = len(one.said)
        session.add(AlertRow(dyad_id=dyad.id, kind=one.alert, session_number=n, figures={}, raised_at=now))
    session.flush()


def _say(
    session: Session, scale: Scale, session_id: UUID, score: Sequence[int], at: datetime, shown_to: str
) -> CheckInRow:
    row = CheckInRow(
        session_id=session_id, helped=[], hindered=[], shown_to=shown_to, said_at=at,
        **dict(zip(SLIDERS, score, strict=True)),
    )  # fmt: skip
    session.add(row)
    if not check_ins.is_rated(session, session_id):
        share = sum(score) / (10 * len(score))
        value = scale.lowest + (scale.top - scale.lowest) * share
        session.add(RatingRow(session_id=session_id, score=value, rated_at=at, created_at=at))
    session.flush()
    return row


def _past_clients(session: Session, therapist: TherapistRow, now: datetime) -> None:
    """The last session of a few past clients as a check-in: four sliders near the rating that they left, and tags."""
    dice = Random(therapist.external_id)
    for session_id, score in development.unsaid(session, therapist.id, SPOKE):
        near = [min(max(round(10 * score + dice.gauss(0, 0.8)), 0), 10) for _ in SLIDERS]
        at = now - timedelta(days=dice.randint(4, 40))
        row = _say(session, CHECK_IN, session_id, near, at, "aggregate")
        row.helped = [code for code, share in HELPED.items() if dice.random() < share]
        row.hindered = [code for code, share in HINDERED.items() if dice.random() < share]
    session.flush()
