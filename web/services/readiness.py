"""Whether the database can be reached and is ours, at the version that this release works with."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from web.db import engine, schema
from web.db.queries import clinics


class NotReady(RuntimeError):
    """The database cannot be served from; the text says how to mend it."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the database answers, and what it holds."""

    database: bool
    n_clinics: int = 0
    n_models: int = 0


def look(session: Session) -> Readiness:
    """What can be said now; a database that does not answer is an answer too."""
    try:
        return Readiness(True, *clinics.counts(session))
    except SQLAlchemyError:
        session.rollback()
        return Readiness(False)


def count_clinics(database_url: str) -> int:
    """How many clinics a database holds, 0 where it has no tables of ours."""
    if schema.current(database_url) is None:
        return 0
    with engine.sessions(database_url)() as session:
        return look(session).n_clinics


def require(database_url: str) -> None:
    """Raise NotReady where the database is not at the version of this release."""
    try:
        schema.require_current(database_url)
    except schema.SchemaError as error:
        raise NotReady(str(error)) from error
