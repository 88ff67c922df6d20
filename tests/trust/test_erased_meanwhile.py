"""A refit notes as forgotten only those who were erased before it read; who goes meanwhile waits for the next one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.web.conftest import _QUICK, NOW
from web.db import engine
from web.db.queries import versions
from web.db.tables import ClientRow, DyadRow, ErasureRow, ModelRow
from web.services import clinics, erasing, models, refit

LATER = NOW + timedelta(days=7)


def gone(url: str, at: int) -> UUID:
    """Erase one of the clients who have said something, in a session of its own."""
    with engine.sessions(url)() as session:
        clinic = clinics.find(engine.writing(session), None)
        found = select(ClientRow.id).join(DyadRow, DyadRow.client_id == ClientRow.id)
        key = session.scalars(found.group_by(ClientRow.id).order_by(ClientRow.external_id)).all()[at]
        erasing.erase(session, clinic, key, asked_by="client", now=NOW)
        session.commit()
    return key


def forgotten(url: str) -> dict[UUID, bool]:
    """Erased client → whether it is noted that no model remembers them."""
    with engine.sessions(url)() as session:
        clinics.find(session, None)
        return {row.subject: row.forgotten_at is not None for row in session.scalars(select(ErasureRow))}


@pytest.mark.P7
@pytest.mark.parametrize("when", ["material", "estimate", "about"])
def test_who_is_erased_while_a_model_is_made_is_not_noted_as_forgotten(
    harbour: str, when: str, monkeypatch: pytest.MonkeyPatch, tried: Callable[[int], None]
) -> None:
    """The model that is published has read what they said: they wait for the next, which has not."""
    monkeypatch.setattr(models, "METHOD", _QUICK)
    before, real, meanwhile = gone(harbour, 0), getattr(models, when), []

    def while_it_goes_on(*args: Any, **more: Any) -> Any:
        found = real(*args, **more)
        meanwhile.append(gone(harbour, 1))
        return found

    sessions = engine.sessions(harbour)
    with sessions() as session:
        clinic = clinics.find(session, None)
    with monkeypatch.context() as patch:
        patch.setattr(models, when, while_it_goes_on)
        assert refit.run(sessions, clinic, now=lambda: LATER, without=True).serves
    assert forgotten(harbour) == {before: True, meanwhile[0]: False}
    assert refit.run(sessions, clinic, now=lambda: LATER, without=True).serves
    assert set(forgotten(harbour).values()) == {True}
    tried(1)


@pytest.mark.P7
def test_a_model_that_a_trial_refused_forgets_nobody(
    harbour: str, monkeypatch: pytest.MonkeyPatch, tried: Callable[[int], None]
) -> None:
    """The one that serves on has read what they said, and those before it are kept as well."""
    key, sessions = gone(harbour, 0), engine.sessions(harbour)
    with sessions() as session:
        clinic, serving = clinics.find(session, None), versions.serving_model(session)
    monkeypatch.setattr(models, "METHOD", _QUICK)
    refused = models.Fitted("refused", True, serving, {})  # as where the trial says no
    monkeypatch.setattr(models, "publish", lambda *args, **more: refused)
    assert not refit.run(sessions, clinic, now=lambda: LATER).serves
    assert forgotten(harbour) == {key: False}
    with sessions() as session:
        clinics.find(session, None)
        assert all(session.scalars(select(ModelRow.file)))
    tried(1)


@pytest.mark.P7
@pytest.mark.parametrize("somebody_waits", [True, False])
def test_no_fit_goes_on_from_a_model_that_has_read_who_was_erased(
    harbour: str, somebody_waits: bool, monkeypatch: pytest.MonkeyPatch, tried: Callable[[int], None]
) -> None:
    """Also not one that was asked for because of new ratings: the model that comes of it forgets them."""
    monkeypatch.setattr(models, "METHOD", _QUICK)
    if somebody_waits:
        gone(harbour, 0)
    sessions, begun, real = engine.sessions(harbour), [], models.estimate
    monkeypatch.setattr(models, "up_to_date", lambda session: None)  # new ratings have come

    def estimate(*args: Any, goes_on: bool = False) -> Any:
        begun.append(goes_on)
        return real(*args, goes_on=goes_on)

    monkeypatch.setattr(models, "estimate", estimate)
    monkeypatch.setattr(models, "try_out", lambda *args: None)
    with sessions() as session:
        clinic = clinics.find(session, None)
    refit.run(sessions, clinic, now=lambda: LATER, goes_on=True)
    assert begun == [not somebody_waits]
    tried(1)
