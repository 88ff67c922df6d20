"""People on the demo's waiting list, for states of proposals; afterwards the list is as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tests.browser.serving import database_of
from tests.web.waiting_room import client_of, sent
from web.db import engine
from web.db.tables import CaseRow, ClientRow, PlacementRow, ProposalRow, TherapistRow
from web.services import cases, clinics, departures, placing, proposal_material, proposals, proposing
from web.services.placing import Wanted
from web.services.proposal_settings import Settings

NAMES = ("Annelinde", "Bodilla", "Chidiebere")
_keys: dict[tuple[str, str], Any] = {}


@contextmanager
def clinic_of(address: str) -> Iterator[tuple[Session, clinics.Clinic]]:
    with engine.sessions(database_of(address))() as session:
        yield session, clinics.find(engine.writing(session), None)
        session.commit()


def wait(address: str) -> None:
    """Three people wait, for longer and shorter; they are there once."""
    if (address, NAMES[0]) in _keys:
        return
    with clinic_of(address) as (session, _clinic):
        for k, name in enumerate(NAMES):
            kept = sent(session, now=datetime.now(UTC) - timedelta(days=30 - 9 * k), name=name)
            _keys[address, name] = client_of(kept)


def leave(address: str) -> None:
    """Nobody of them waits any more, and what a batch or a departure has given is given back."""
    with clinic_of(address) as (session, clinic):
        found = select(PlacementRow).where(
            PlacementRow.state != "ended", PlacementRow.origin.in_(("batch", "departure"))
        )
        placing.give_back(
            session, clinic, session.scalars(found).all(), because="rematch", actor="a test", now=datetime.now(UTC)
        )
        for name in NAMES:
            client = _keys.pop((address, name), None)
            session.execute(delete(ClientRow).where(ClientRow.id == client))
        session.execute(delete(ProposalRow))


@contextmanager
def three_wait(address: str) -> Iterator[tuple[str, ...]]:
    """Three people wait; their names."""
    wait(address)
    try:
        yield NAMES
    finally:
        leave(address)


def close(address: str, name: str) -> None:
    """Somebody needs no place any more."""
    with clinic_of(address) as (session, _clinic):
        key = _keys[address, name]
        if session.scalar(select(CaseRow.state).where(CaseRow.client_id == key)) == "waiting":
            cases.close(session, key, "found_elsewhere", actor="a test", now=datetime.now(UTC))


@contextmanager
def one_placed(address: str) -> Iterator[tuple[str, str]]:
    """Somebody has a place; their name, and that of their therapist."""
    wait(address)
    try:
        yield NAMES[0], placed(address)
    finally:
        leave_all(address)


def leave_all(address: str) -> None:
    """The same, and nobody is away any more."""
    leave(address)
    with clinic_of(address) as (session, clinic):
        for one in departures.everybody(session, now=datetime.now(UTC)):
            departures.call_off(session, clinic, one.key, actor="a test", now=datetime.now(UTC))


def placed(address: str) -> str:
    """The first of the three has a place; the name of the therapist."""
    with clinic_of(address) as (session, clinic):
        row = session.scalars(
            select(TherapistRow).where(TherapistRow.capacity > 0).order_by(TherapistRow.external_id.desc())
        ).first()
        assert row is not None
        wanted = Wanted(_keys[address, NAMES[0]], row.id, origin="batch")
        placing.place(session, clinic, [wanted], actor="a test", now=datetime.now(UTC))
        return row.name


def proposed(address: str) -> str:
    """The path of a proposal for whoever waits, worked out."""
    wait(address)
    with clinic_of(address) as (session, clinic):
        now, settings = datetime.now(UTC), Settings()
        material = proposal_material.gather(session, clinic, settings, now=now)
        key = proposals.kept(session, settings, proposing.solve(material, settings), actor="a test", now=now)
    return f"/proposals/{key}"
