"""A command's session: at the right version of the tables, in one clinic, committed once when all went well."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from web.services.clinics import Clinic
    from web.settings import Settings

clinic_option = click.option("--clinic", "slug", metavar="SLUG", help="Which clinic; not needed where there is one.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def now() -> datetime:
    """The moment at which a command runs."""
    return datetime.now(UTC)


def chosen(environment: str = "development") -> Settings:
    """The settings of the environment, for a command that works with the database: its keys are at hand."""
    from web import key_file, settings

    read = settings.read(environment=environment)
    key_file.install(read.keys, read.keys_beside)
    return read


def sessions() -> sessionmaker[Session]:
    """What makes sessions of the database of the environment."""
    from web.db import engine

    return engine.sessions(chosen().database_url)


@contextmanager
def session(*, writes: bool = False) -> Iterator[Session]:
    """A session of the database of the environment; committed at the end, or left as if nothing had happened."""
    from web.db import engine, schema

    url = chosen().database_url
    schema.require_current(url)
    with engine.sessions(url)() as opened:
        if writes:
            engine.writing(opened)
        yield opened
        if writes:
            opened.commit()


@contextmanager
def clinic_session(slug: str | None, *, writes: bool = False) -> Iterator[tuple[Session, Clinic]]:
    """The same, and the clinic that is meant."""
    from web.services import clinics

    with session(writes=writes) as opened:
        yield opened, clinics.find(opened, slug)
