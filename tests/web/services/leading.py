"""A clinic whose leads work on its weights, for tests: one session an act, as requests have it."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.web.conftest import NOW
from tests.web.staff import hire
from web.db import engine, schema
from web.db.tables import AuditEventRow, WeightsActivationRow, WeightsDraftRow, WeightsRow
from web.services import clinics, weight_drafts, weight_publishing, weights
from web.services.weights import Activation, Draft, ShutOut, Standing

T = TypeVar("T")
SAID: Mapping[str, float] = {"alliance": 3, "access": 1}  # shares of 0.75 and 0.25
GONE = (ShutOut("group", "language", "tr", 6),)
TABLES = (WeightsRow, WeightsActivationRow, WeightsDraftRow, AuditEventRow)


@dataclass(frozen=True)
class Leads:
    """A clinic with two leads; ``act`` does one thing as one request would, committed at its end."""

    url: str
    slug: str
    ada: UUID
    ben: UUID

    def act(self, work: Callable[..., T], *args: Any, at: float = 0, **kwargs: Any) -> T:
        """Do it ``at`` minutes after the beginning."""
        with engine.sessions(self.url)() as session:
            clinic = clinics.find(engine.writing(session), self.slug)
            done = work(session, clinic, *args, now=NOW + timedelta(minutes=at), **kwargs)
            session.commit()
        return done

    def standing(self, at: float = 0) -> Standing:
        """The weights as they stand."""
        with engine.sessions(self.url)() as session:
            return weights.standing(session, clinics.find(session, self.slug), now=NOW + timedelta(minutes=at))

    def draft(self, said: Mapping[str, float] = SAID, *, by: UUID | None = None, at: float = 0, **more: Any) -> Draft:
        """A draft with these numbers, in place of any that there is."""
        known = self.standing(at).draft
        with_note = {"bounds": {}, "note": "More weight on the alliance.", "actor": by or self.ada} | more
        return self.act(
            weight_drafts.save_draft, said, revision=known and known.revision, at=at, **with_note
        )  # fmt: skip

    def publish(
        self, said: Mapping[str, float] = SAID, *, by: UUID | None = None, at: float = 0, **more: Any
    ) -> Activation:
        """The same, published."""
        draft = self.draft(said, by=by, at=at)
        return self.act(weight_publishing.publish, draft.revision, actor=by or self.ada, at=at, **more)

    def ask_for_two(self) -> None:
        """Let the clinic ask for two persons."""
        self.act(weight_publishing.ask_for_two, True, actor=self.ada)

    def rows(self) -> dict[str, int]:
        """How many rows there are of what."""
        return self.read(
            lambda session: {of.__tablename__: session.scalar(select(func.count(of.id))) or 0 for of in TABLES}
        )

    def acts(self) -> list[tuple[str, str, str, Mapping[str, Any]]]:
        """(action, subject, actor, details) of what was written down about the weights, in order."""
        found = (
            select(AuditEventRow).where(AuditEventRow.action.startswith("weights.")).order_by(AuditEventRow.sequence)
        )
        return self.read(
            lambda session: [(row.action, row.subject, row.actor, row.details) for row in session.scalars(found)]
        )

    def read(self, work: Callable[[Session], T]) -> T:
        """Look into the clinic's rows."""
        with engine.sessions(self.url)() as session:
            clinics.find(session, self.slug)
            return work(session)


@cache
def _whole() -> Leads:
    """Made once a test process: migrations and the hashes of passwords take their time."""
    folder = Path(tempfile.mkdtemp(prefix="rapport-leads-"))
    return clinic_with_leads(f"sqlite:///{folder / 'whole.sqlite'}")


def copied_clinic(folder: Path) -> Leads:
    """The clinic ``north`` with its two leads, in a file of one's own."""
    path = folder / "rapport.sqlite"
    with sqlite3.connect(_whole().url.removeprefix("sqlite:///")) as whole, sqlite3.connect(path) as copy:
        whole.backup(copy)
    return replace(_whole(), url=f"sqlite:///{path}")


def clinic_with_leads(url: str, slug: str = "north") -> Leads:
    """A new clinic in a database, and its two leads."""
    schema.upgrade(url)
    with engine.sessions(url)() as session:
        clinics.create(engine.writing(session), slug, slug.capitalize(), now=NOW)
        session.commit()
    ada, ben = (hire(url, "clinic_lead", slug=slug, name=name).id for name in ("Ada Quill", "Ben Moss"))
    return Leads(url, slug, ada, ben)
