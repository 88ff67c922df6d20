"""The weights and the model that serve."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from web.db.tables import ModelRow, WeightsRow


def serving_weights(session: Session) -> WeightsRow | None:
    """The weights that the clinic has published."""
    return session.scalar(select(WeightsRow).where(WeightsRow.serving))


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
