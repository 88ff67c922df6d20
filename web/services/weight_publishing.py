"""From a draft to what serves, alone or by two: publish, propose and approve, go back, call off.

Version, activation, audit event and the end of the draft are written in one transaction, or none of them. Where the
clinic asks for two persons, or where the weights would shut somebody out and there is a second lead, one proposes and
another one approves. A program is no person: it never takes the place of either.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy.orm import Session

from matcher import normalised
from matcher.errors import InvalidInput
from web.db.queries import clinics, people
from web.db.queries import weights as rows
from web.db.tables import WeightsActivationRow, WeightsDraftRow, WeightsRow
from web.services import audit, weight_checks
from web.services.clinics import Clinic
from web.services.weight_drafts import seen
from web.services.weight_troubles import NotAcknowledged, Overtaken, SecondPersonNeeded, WeightsTrouble
from web.services.weights import (
    Activation,
    Actor,
    Draft,
    ShutOut,
    activation_of_row,
    draft_of_row,
    leads,
    serving,
    two_person,
    version_of,
)

_NAME = re.compile(r"w([1-9][0-9]{0,8})")
_TICK = timedelta(microseconds=1)
_APART = timedelta(minutes=5)  # the clocks of two workers, at most


def publish(
    session: Session,
    clinic: Clinic,
    revision: int,
    effective_at: datetime | None = None,
    shuts_out: Sequence[ShutOut] = (),
    acknowledged: bool = False,
    *,
    actor: Actor,
    now: datetime,
) -> Activation:
    """Let the draft serve, at once or from ``effective_at`` on. The draft is then no more.

    What serves at once calls off whatever was to begin later.

    ``shuts_out`` is what the preview warns of; with any, ``acknowledged`` says that the caller has read it.

    Raises DraftConflict, Overtaken, SecondPersonNeeded or NotAcknowledged, and InvalidInput where a note is missing,
    the moment is past or nothing would change; the draft stays as it is then.
    """
    row = seen(session, clinic, revision)
    now = _after_all(session, now)
    _alone(session, clinic, actor, shuts_out)
    begins = weight_checks.beginning(effective_at, now)
    _ready(session, row, begins, shuts_out, acknowledged, now)
    return _publish(session, row, begins, shuts_out, author=str(actor), approved_by=None, now=now)


def propose(
    session: Session,
    clinic: Clinic,
    revision: int,
    effective_at: datetime | None = None,
    shuts_out: Sequence[ShutOut] = (),
    acknowledged: bool = False,
    *,
    actor: UUID,
    now: datetime,
) -> Draft:
    """Ask somebody else to let the draft serve; it is checked as if it were published. Any change withdraws it."""
    row = seen(session, clinic, revision)
    now = _after_all(session, now)
    if not isinstance(actor, UUID):
        raise SecondPersonNeeded("no_person")
    begins = weight_checks.beginning(effective_at, now)
    _ready(session, row, begins, shuts_out, acknowledged, now)
    row.proposed_by, row.proposed_at, row.effective_at = str(actor), now, begins
    row.revision += 1
    _record(session, "weights.proposed", "draft", actor, now, revision=row.revision, shuts_out=len(shuts_out))
    return draft_of_row(session, row)


def approve(
    session: Session,
    clinic: Clinic,
    revision: int,
    shuts_out: Sequence[ShutOut] = (),
    acknowledged: bool = False,
    *,
    actor: UUID,
    now: datetime,
) -> Activation:
    """Let serve what somebody else proposed, from the moment on that was proposed, or at once where that is past.

    Only a lead may, who has neither proposed the draft nor changed it last.
    """
    row = seen(session, clinic, revision)
    now = _after_all(session, now)
    if row.proposed_by is None:
        raise WeightsTrouble("not_proposed")
    if actor not in leads(session):
        raise SecondPersonNeeded("no_person" if not isinstance(actor, UUID) else "no_lead")
    if str(actor) in (row.proposed_by, row.edited_by):
        raise SecondPersonNeeded("same_person")
    begins = row.effective_at if row.effective_at is not None and row.effective_at > now else None
    _ready(session, row, begins, shuts_out, acknowledged, now)
    _record(session, "weights.approved", "draft", actor, now, revision=row.revision, shuts_out=len(shuts_out))
    return _publish(session, row, begins, shuts_out, author=row.proposed_by, approved_by=str(actor), now=now)


def roll_back(
    session: Session,
    clinic: Clinic,
    version: str | None,
    shuts_out: Sequence[ShutOut] = (),
    acknowledged: bool = False,
    *,
    actor: Actor,
    now: datetime,
) -> Activation:
    """Let a version serve again that has served before, or the release's own weights (None), at once.

    Whatever was to begin later is called off. In trouble one person is enough: where two are asked for, they may go
    back to what two have let serve, and to the release's weights. The draft stays as it is.
    """
    clinics.lock(session, clinic.id)
    now = _after_all(session, now)
    if version_of(session, version) is None:
        raise InvalidInput("version", version, _known(session, now))
    if version is not None and not rows.begun(session, version, now):
        raise InvalidInput("version", version, f"has never served; {_known(session, now)}")
    if serving(session, now=now).version == version:
        raise WeightsTrouble("serves_already", version=version)
    if not isinstance(actor, UUID) or not _was_approved(session, version, now):
        _alone(session, clinic, actor, shuts_out)
    if shuts_out and not acknowledged:
        raise NotAcknowledged(shuts_out)
    row = _activate(session, version, "rolled_back", None, author=str(actor), approved_by=None, now=now)
    _record(session, "weights.rolled_back", version or "release", actor, now, shuts_out=len(shuts_out))
    return activation_of_row(session, row, now)


def call_off(session: Session, clinic: Clinic, activation_id: UUID, *, actor: Actor, now: datetime) -> Activation:
    """Let something that was to begin later not begin: what serves goes on. One person is enough for that."""
    clinics.lock(session, clinic.id)
    row = rows.activation(session, activation_id)
    if row is None:
        raise WeightsTrouble("no_activation")
    if row.called_off_at is not None:
        raise WeightsTrouble("called_off_already")
    if row.effective_at <= now:
        raise WeightsTrouble("begun", version=row.version)
    row.called_off_at = now
    _record(session, "weights.called_off", row.version or "release", actor, now)
    return activation_of_row(session, row, now)


def ask_for_two(session: Session, clinic: Clinic, wanted: bool, *, actor: Actor, now: datetime) -> None:
    """Ask for two persons from now on, or not any more.

    A lead may ask for two. Only an administrator, or who runs commands on the server, may end it: a lead who could
    would be alone again whenever they liked. Those two decide who leads the clinic anyway, and so who the second person
    could be.
    """
    clinics.lock(session, clinic.id)
    row = clinics.by_id(session, clinic.id)
    if row.two_person_weights == wanted:
        return
    if not wanted and actor != audit.COMMAND and actor not in people.active_in(session, "administrator"):
        raise SecondPersonNeeded("administrator_ends_it")
    row.two_person_weights = wanted
    action = "weights.two_asked" if wanted else "weights.one_enough"
    _record(session, action, clinic.slug, actor, now)


def _alone(session: Session, clinic: Clinic, actor: Actor, shuts_out: Sequence[ShutOut]) -> None:
    """Whether one is enough for this. Raises SecondPersonNeeded."""
    if two_person(session, clinic):
        raise SecondPersonNeeded("two_asked")
    if shuts_out and leads(session) - {actor}:
        raise SecondPersonNeeded("shuts_out", n=len(shuts_out))


def _ready(
    session: Session,
    row: WeightsDraftRow,
    begins: datetime | None,
    shuts_out: Sequence[ShutOut],
    acknowledged: bool,
    now: datetime,
) -> None:
    """Whether a draft may serve as it is."""
    replaced = serving(session, now=begins or now)
    if replaced.version != row.based_on:
        raise Overtaken(row.based_on, replaced.version)
    weight_checks.note(row.note, required=True)
    draft = draft_of_row(session, row)
    if (draft.weights, draft.bounds) == (replaced.weights, replaced.bounds):
        raise InvalidInput("weights", "as they are", "these weights and bounds serve already; change something first")
    if shuts_out and not acknowledged:
        raise NotAcknowledged(shuts_out)


def _publish(
    session: Session,
    row: WeightsDraftRow,
    begins: datetime | None,
    shuts_out: Sequence[ShutOut],
    *,
    author: str,
    approved_by: str | None,
    now: datetime,
) -> Activation:
    version = _store(session, row, now)
    made = _activate(session, version, "published", begins, author=author, approved_by=approved_by, now=now)
    session.delete(row)
    action = "weights.published" if begins is None else "weights.scheduled"
    _record(session, action, version, approved_by or author, now, shuts_out=len(shuts_out))
    return activation_of_row(session, made, now)


def _store(session: Session, row: WeightsDraftRow, now: datetime) -> str:
    """A version of the draft, named after the last."""
    numbers = [int(found[1]) for one in rows.every_version(session) if (found := _NAME.fullmatch(one.version))]
    version = f"w{max(numbers, default=0) + 1}"
    session.add(
        WeightsRow(
            version=version,
            weights=dict(normalised(row.weights, version=version).values),
            client_bounds=row.client_bounds,
            note=row.note,
            author=row.edited_by,
            based_on=row.based_on,
            created_at=now,
        )
    )
    session.flush()
    return version


def _activate(
    session: Session,
    version: str | None,
    kind: Literal["published", "rolled_back"],
    begins: datetime | None,
    *,
    author: str,
    approved_by: str | None,
    now: datetime,
) -> WeightsActivationRow:
    if begins is None:  # who lets weights serve from now on does not mean until tomorrow
        for waits in rows.waiting(session, now):
            waits.called_off_at = now
            _record(session, "weights.called_off", waits.version or "release", author, now)
    row = WeightsActivationRow(
        version=version,
        kind=kind,
        effective_at=begins or now,
        made_at=now,
        author=author,
        approved_by=approved_by,
    )
    session.add(row)
    session.flush()
    return row


def _after_all(session: Session, now: datetime) -> datetime:
    """The moment, but after every activation that was made: the clocks of workers differ a little."""
    last = rows.last_made(session)
    return now if last is None or last - now > _APART else max(now, last + _TICK)


def _was_approved(session: Session, version: str | None, now: datetime) -> bool:
    """Whether two persons have let a version serve; the release's weights were never one person's."""
    return version is None or any(row.approved_by is not None for row in rows.begun(session, version, now))


def _known(session: Session, now: datetime) -> str:
    served = [row.version for row in rows.every_version(session) if rows.begun(session, row.version, now)]
    return f"expected one of {', '.join(served)}" if served else "no version has served here yet"


def _record(session: Session, action: str, subject: str, actor: Actor | str, now: datetime, **counts: int) -> None:
    audit.record(session, action, now=now, subject=subject, actor=str(actor), **counts)
