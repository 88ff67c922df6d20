"""The draft of the weights: begun, changed, set aside, proposed to somebody else.

There is one a clinic, and everybody who leads it works on the same. Its revision rises with every change: who changes
a revision that is not the newest is told so, and shown the newest, and nothing is lost. The first revision of a draft
is higher than the last of the one before, so that a page which was left open cannot take one for the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from uuid import UUID

from sqlalchemy.orm import Session

from matcher import PRESETS
from matcher.errors import InvalidInput
from web.db.queries import clinics, versions
from web.db.queries import weights as rows
from web.db.tables import WeightsDraftRow
from web.services import audit, weight_checks
from web.services.clinics import Clinic
from web.services.weight_troubles import DraftConflict, WeightsTrouble
from web.services.weights import Actor, Draft, draft_of_row, release, version_of


def begin_draft(
    session: Session,
    clinic: Clinic,
    from_: str | None = None,
    *,
    actor: Actor,
    now: datetime,
    revision: int | None = None,
) -> Draft:
    """A draft from what serves, or from a version or a preset of that name.

    Where there is one already, its newest ``revision`` has to be named, and its numbers are replaced.
    """
    clinics.lock(session, clinic.id)
    row = rows.draft(session)
    if (row.revision if row is not None else None) != revision:
        raise DraftConflict(row and draft_of_row(session, row))
    weights, bounds = _start(session, from_, now)
    row = _row(session, row, now)
    return _changed(session, row, weights, bounds, row.note, actor=actor, now=now)


def save_draft(
    session: Session,
    clinic: Clinic,
    relative: Mapping[str, float],
    bounds: Mapping[str, Sequence[float]],
    note: str,
    revision: int | None,
    *,
    actor: Actor,
    now: datetime,
) -> Draft:
    """The draft with these numbers. A factor that is left out weighs 0, or has the usual bounds.

    ``revision`` is the one that the caller has seen, None for "there was none". What changes it withdraws the proposal.
    Saying again what stands there changes nothing, so that a request may be sent twice.
    """
    weights = weight_checks.relative(relative)
    pairs, said = weight_checks.bounds(bounds, weights), weight_checks.note(note)
    clinics.lock(session, clinic.id)
    row = rows.draft(session)
    if row is not None and (row.weights, row.client_bounds, row.note) == (weights, pairs, said):
        return draft_of_row(session, row)
    if (row.revision if row is not None else None) != revision:
        raise DraftConflict(row and draft_of_row(session, row))
    return _changed(session, _row(session, row, now), weights, pairs, said, actor=actor, now=now)


def discard(session: Session, clinic: Clinic, revision: int, *, actor: Actor, now: datetime) -> None:
    """Set the draft aside."""
    row = seen(session, clinic, revision)
    session.delete(row)
    audit.record(session, "weights.discarded", now=now, subject="draft", actor=str(actor), revision=row.revision)


def rebase(session: Session, clinic: Clinic, revision: int, onto: str | None, *, actor: Actor, now: datetime) -> Draft:
    """Keep the draft's numbers, and compare them with ``onto`` from now on: whoever says so has seen that version."""
    row = seen(session, clinic, revision)
    if version_of(session, onto) is None:
        raise InvalidInput("onto", onto, "there is no such version of the weights")
    row.based_on = onto
    return _changed(session, row, row.weights, row.client_bounds, row.note, actor=actor, now=now)


def decline(session: Session, clinic: Clinic, revision: int, *, actor: UUID, now: datetime) -> Draft:
    """The draft without its proposal: somebody else says no, or who proposed it thinks again."""
    row = seen(session, clinic, revision)
    if row.proposed_by is None:
        raise WeightsTrouble("not_proposed")
    _withdraw(row)
    row.revision += 1
    audit.record(session, "weights.declined", now=now, subject="draft", actor=str(actor), revision=row.revision)
    return draft_of_row(session, row)


def seen(session: Session, clinic: Clinic, revision: int) -> WeightsDraftRow:
    """The draft's row as the caller has seen it, and nobody else changes it until the transaction ends."""
    clinics.lock(session, clinic.id)
    row = rows.draft(session)
    if row is None or row.revision != revision:
        raise DraftConflict(row and draft_of_row(session, row))
    return row


def _start(session: Session, from_: str | None, now: datetime) -> tuple[dict[str, float], dict[str, list[float]]]:
    """Weights as they would be typed, and bounds; a preset leaves the bounds as they are."""
    served = versions.serving_weights(session, now)
    version = version_of(session, served and served.version)
    shares = version.weights if version is not None else {}
    if from_ in PRESETS:
        shares = PRESETS[from_].values
    elif from_ is not None:
        version = version_of(session, from_)
        if version is None:
            raise InvalidInput("from", from_, _near(session, from_))
        shares = version.weights
    bounds = (version or release()).bounds
    return weight_checks.as_typed(shares), {code: list(pair) for code, pair in bounds.items()}


def _near(session: Session, name: str) -> str:
    known = [*PRESETS, *(row.version for row in rows.every_version(session))]
    near = get_close_matches(name, known, n=1)
    return f"no such version or preset; did you mean {near[0]!r}?" if near else "no such version or preset"


def _row(session: Session, row: WeightsDraftRow | None, now: datetime) -> WeightsDraftRow:
    """The draft's row; a new one where there is none, one revision before its first."""
    if row is not None:
        return row
    served = versions.serving_weights(session, now)
    row = WeightsDraftRow(based_on=served and served.version, note="", revision=rows.count_acts(session))
    session.add(row)
    return row


def _changed(
    session: Session,
    row: WeightsDraftRow,
    weights: dict[str, float],
    bounds: dict[str, list[float]] | None,
    note: str,
    *,
    actor: Actor,
    now: datetime,
) -> Draft:
    row.weights, row.client_bounds, row.note = weights, bounds, note
    row.edited_by, row.edited_at = str(actor), now
    row.revision += 1
    _withdraw(row)
    audit.record(session, "weights.drafted", now=now, subject="draft", actor=str(actor), revision=row.revision)
    return draft_of_row(session, row)


def _withdraw(row: WeightsDraftRow) -> None:
    row.proposed_by = row.proposed_at = row.effective_at = None
