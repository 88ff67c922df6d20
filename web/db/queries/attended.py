"""Past clients: whom they attended, how they rated it early on, and where on which list it had stood."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, case, func, select
from sqlalchemy.orm import Session

from web.db.tables import (
    ClientRow,
    DyadRow,
    IntakeVersionRow,
    RatingRow,
    SessionRow,
    ShownListRow,
    ShownMatchRow,
    TherapistRow,
)

_LIST = (
    ShownListRow.id,
    ShownListRow.made_at,
    ShownListRow.directory_version,
    ShownListRow.model_version,
    ShownListRow.weights_version,
    ShownListRow.forecast_id,
    ShownListRow.release,
    ShownListRow.seed,
    ShownListRow.wanted,
)


def clients(session: Session, most: int) -> Sequence[UUID]:
    """The keys of the clients who have attended somebody, who came last first."""
    newest = func.max(DyadRow.created_at)
    found = select(ClientRow.id).join(DyadRow, DyadRow.client_id == ClientRow.id).group_by(ClientRow.id)
    found = found.order_by(newest.desc(), ClientRow.created_at.desc(), ClientRow.external_id)
    return session.scalars(found.limit(most)).all()


def count(session: Session) -> int:
    """How many clients have attended somebody."""
    return session.scalar(select(func.count(DyadRow.client_id.distinct()))) or 0


def pairs(session: Session, keys: Collection[UUID], early: int) -> Sequence[Row[Any]]:
    """(client, therapist, alliance) of these clients, each one's first pair first.

    ``alliance`` is the mean of the ratings of the first ``early`` sessions, None where there is none.
    """
    alliance = func.avg(case((SessionRow.number <= early, RatingRow.score)))
    found = (
        select(
            DyadRow.client_id.label("client"), TherapistRow.external_id.label("therapist"), alliance.label("alliance")
        )
        .join(TherapistRow, TherapistRow.id == DyadRow.therapist_id)
        .outerjoin(SessionRow, SessionRow.dyad_id == DyadRow.id)
        .outerjoin(RatingRow, RatingRow.session_id == SessionRow.id)
        .where(DyadRow.client_id.in_(keys))
        .group_by(DyadRow.id, DyadRow.client_id, DyadRow.created_at, TherapistRow.external_id)
        .order_by(DyadRow.client_id, func.min(RatingRow.rated_at).nulls_last(), DyadRow.created_at, DyadRow.id)
    )
    return session.execute(found).all()


def shown(session: Session, early: int, most: int) -> Sequence[Row[Any]]:
    """The newest lists whose client began with a therapist of the list afterwards, and rated an early session.

    A row a pair and list, the newest list first: that therapist's place and propensity, and the alliance as in
    ``pairs``.
    """
    pair = (DyadRow.client_id == IntakeVersionRow.client_id) & (DyadRow.therapist_id == ShownMatchRow.therapist_id)
    found = (
        select(
            *_LIST, DyadRow.id.label("dyad"), ClientRow.external_id.label("client"),
            TherapistRow.external_id.label("therapist"), ShownMatchRow.place, ShownMatchRow.propensity,
            func.avg(RatingRow.score).label("alliance"), IntakeVersionRow.id.label("intake_version"),
        )
        .select_from(ShownListRow)
        .join(IntakeVersionRow, IntakeVersionRow.id == ShownListRow.intake_version_id)
        .join(ShownMatchRow, ShownMatchRow.list_id == ShownListRow.id)
        .join(DyadRow, pair)
        .join(ClientRow, ClientRow.id == DyadRow.client_id)
        .join(TherapistRow, TherapistRow.id == DyadRow.therapist_id)
        .join(SessionRow, (SessionRow.dyad_id == DyadRow.id) & (SessionRow.number <= early))
        .join(RatingRow, RatingRow.session_id == SessionRow.id)
        .where(ShownListRow.made_at <= DyadRow.created_at)
        .group_by(ShownListRow.id, ShownMatchRow.id, DyadRow.id, ClientRow.id, TherapistRow.id, IntakeVersionRow.id)
        .order_by(ShownListRow.made_at.desc(), ShownListRow.id.desc())
        .limit(most)
    )  # fmt: skip
    return session.execute(found).all()


def answers(session: Session, versions: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Version of an intake → its answers."""
    found = select(IntakeVersionRow.id, IntakeVersionRow.answers).where(IntakeVersionRow.id.in_(versions))
    return {row[0]: row[1] for row in session.execute(found)}
