"""The weights and the model that serve."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from web.db.tables import ModelRow, WeightsActivationRow, WeightsRow


def serving_weights(session: Session, now: datetime) -> WeightsRow | None:
    """The weights that serve at a moment; None where those of the release do."""
    of = WeightsActivationRow
    last = (
        select(of.version)
        .where(of.effective_at <= now, of.called_off_at.is_(None))
        .order_by(of.effective_at.desc(), of.made_at.desc(), of.id.desc())
        .limit(1)
    )
    version = session.scalar(last)
    return None if version is None else weights(session, version)


def weights(session: Session, version: str) -> WeightsRow | None:
    """A version of the weights."""
    return session.scalar(select(WeightsRow).where(WeightsRow.version == version))


def serving_model(session: Session) -> str | None:
    """The version of the model that serves."""
    return session.scalar(select(ModelRow.version).where(ModelRow.serving))


def model_file(session: Session, version: str) -> bytes | None:
    """The file of a model."""
    return session.scalar(select(ModelRow.file).where(ModelRow.version == version))


def model(session: Session, version: str) -> ModelRow | None:
    """A model's row, without its file."""
    return session.scalar(select(ModelRow).where(ModelRow.version == version))


def serve(session: Session, row: ModelRow) -> None:
    """Let this model serve, and no other."""
    session.execute(update(ModelRow).where(ModelRow.serving, ModelRow.id != row.id).values(serving=False))
    row.serving = True
    session.flush()
