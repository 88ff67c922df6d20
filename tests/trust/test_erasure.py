"""Who is erased is gone: from every table, from the files of the database, and from the models."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.trust.test_at_rest import Canaries, Idle, files_of, say_everything
from tests.web.checking_in import placed
from tests.web.conftest import NOW
from tests.web.waiting_room import client_of, person_of, sent, therapist
from web.db import crypto, engine, schema
from web.db.queries import clinics as clinic_rows
from web.db.queries import reach, versions
from web.db.tables import (
    AuditEventRow,
    Base,
    ClientRow,
    DyadRow,
    ErasureRow,
    FlagRow,
    JobRow,
    ModelRow,
    OutboxRow,
    ProposalRow,
)
from web.exchange.model_file import unpack
from web.services import cases, clinics, erasing, intakes, models, proposal_runs, proposals, refit
from web.services.proposal_settings import Settings


def somebody(session: Session) -> tuple[UUID, str]:
    """A client who has said something everywhere, and whom messages, jobs and proposals name; their key and id."""
    client = reach.by_key(session, say_everything(session, Canaries()))
    assert client is not None
    session.add(OutboxRow(kind="k", key=f"k2:{client.id}", recipient="a@b.example", due_at=NOW, created_at=NOW))
    for kind, key in (("solve", f"solve:{client.id}"), ("fit", "fit:named")):
        session.add(JobRow(kind=kind, key=key, arguments={"clients": [client.external_id]}, due_at=NOW, created_at=NOW))
    session.add(ProposalRow(settings={"locks": {client.external_id: "t01"}}, result=None, made_at=NOW, made_by="a"))
    session.flush()
    return client.id, client.external_id


def mentions(url: str, key: UUID, external_id: str) -> dict[str, int]:
    """Table → how many of its rows hold the client's key or id anywhere, whatever the column."""
    found = {}
    with engine.engine(url).connect() as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                said = repr(tuple(row))
                if external_id in said or key.hex in said or str(key) in said:
                    found[table.name] = found.get(table.name, 0) + 1
    return found


@pytest.mark.P7
def test_nothing_of_somebody_who_is_erased_is_left(harbour: str, tried: Callable[[int], None]) -> None:
    """Every table, whatever it is, is searched for their key and id; beside it only what says that they were erased."""
    with engine.sessions(harbour)() as session:
        clinic = clinics.find(engine.writing(session), None)
        key, external_id = somebody(session)
        session.commit()
    before = mentions(harbour, key, external_id)
    assert {"clients", "outbox", "jobs", "proposals", "check_ins", "ratings"} & set(before) >= {"clients", "proposals"}
    with engine.sessions(harbour)() as session:
        clinics.find(engine.writing(session), None)
        held = {kind: [row.id for row in rows] for kind, rows in reach.rows(session, key)}
        assert all(held[kind] for kind in map(_class, ("cases", "check_ins", "ratings", "goals", "shown_matches")))
        n_rows = erasing.erase(session, clinic, key, asked_by="client", now=NOW)
        session.commit()
    assert n_rows >= sum(map(len, held.values()))
    assert set(mentions(harbour, key, external_id)) == {"erasures", "audit_events"}
    assert mentions(harbour, uuid4(), external_id) == {}
    with engine.sessions(harbour)() as session:
        clinics.find(session, None)
        for kind, keys in held.items():
            assert session.scalars(select(kind.id).where(kind.id.in_(keys))).all() == []
        [event] = session.scalars(select(AuditEventRow).where(AuditEventRow.action == "client.erased"))
        assert (event.subject, event.details) == (str(key), {"n_rows": n_rows})
    tried(len(Base.metadata.tables) + sum(map(len, held.values())))


def _class(table: str) -> type:
    return next(mapper.class_ for mapper in Base.registry.mappers if mapper.class_.__tablename__ == table)


@pytest.mark.P7
def test_nothing_of_them_stands_in_the_files(
    harbour: str, tried: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Byte by byte, with nothing sealed: what is gone is not there, rather than there and unreadable."""
    monkeypatch.setattr(crypto, "_cipher", lambda key: Idle())
    canary = Canaries()
    with engine.sessions(harbour)() as session:
        clinic = clinics.find(engine.writing(session), None)
        key = say_everything(session, canary)
        session.commit()
        assert canary.found_in(files_of(harbour, session)) == set(canary.said)
        clinics.find(engine.writing(session), None)
        erasing.erase(session, clinic, key, asked_by="client", now=NOW)
        session.commit()
        schema.scrub(harbour)
        files = [file for file in files_of(harbour, session) if "pg_wal" not in str(file)]
        assert canary.found_in(files) == set()
    tried(len(canary.said) * len(files))


@pytest.mark.P7
def test_models_are_fitted_without_them_and_those_before_are_emptied(
    harbour: str, tried: Callable[[int], None]
) -> None:
    """Asked for by the clock after a week; what serves then does not know their id, and nothing else can be read."""
    sessions = engine.sessions(harbour)
    with sessions() as session:
        clinic = clinics.find(engine.writing(session), None)
        known = session.scalars(select(ClientRow).join(DyadRow, DyadRow.client_id == ClientRow.id).limit(1)).one()
        key, external_id, before = known.id, known.external_id, versions.serving_model(session)
        assert repr(external_id) in _file(session, before)
        erasing.erase(session, clinic, key, asked_by="client", now=NOW)
        assert not erasing.ask_where_due(session, now=NOW + timedelta(days=6))
        assert erasing.ask_where_due(session, now=NOW + timedelta(days=7))
        asked = session.scalars(select(JobRow).where(JobRow.key == "fit")).one()
        assert asked.arguments == {"without": True}
        session.commit()
    later = NOW + timedelta(days=7)
    fitted = refit.run(sessions, clinic, now=lambda: later, without=True)
    with sessions() as session:
        clinics.find(session, None)
        assert fitted.version == versions.serving_model(session) != before
        files = {
            version: versions.model_file(session, version) for version in session.scalars(select(ModelRow.version))
        }
        assert files[before] == b"" and repr(external_id) not in _file(session, fitted.version)
        [row] = session.scalars(select(ErasureRow))
        assert row.forgotten_at == later
    tried(len(files))


def _file(session: Session, version: str | None) -> str:
    """What a model keeps, as text."""
    arrays, meta = unpack(versions.model_file(session, version or "") or b"")
    return repr(meta) + "".join(repr(value.tolist()) for value in arrays.values())


def test_where_nobody_is_left_to_learn_from_no_model_serves(harbour: str) -> None:
    sessions = engine.sessions(harbour)
    with sessions() as session:
        clinic = clinics.find(engine.writing(session), None)
        for key in session.scalars(select(ClientRow.id)).all():
            erasing.erase(session, clinic, key, asked_by="retention", now=NOW)
        session.commit()
    with pytest.raises(models.TooFewRatings):
        refit.run(sessions, clinic, now=lambda: NOW, without=True)
    with sessions() as session:
        clinics.find(session, None)
        assert versions.serving_model(session) is None
        assert {*session.scalars(select(ModelRow.file))} == {b""}


def test_a_place_that_was_theirs_is_free_and_their_therapist_is_told(harbour: str) -> None:
    with engine.sessions(harbour)() as session:
        clinic = clinics.find(engine.writing(session), None)
        person_of(session, "t01")
        before = therapist(session, "t01").capacity
        kept = placed(session)
        assert therapist(session, "t01").capacity == before - 1
        erasing.erase(session, clinic, client_of(kept), asked_by="client", now=NOW)
        assert therapist(session, "t01").capacity == before
        assert [row.recipient for row in session.scalars(select(OutboxRow))] == ["t01@here.example"]
        assert erasing.erase(session, clinic, client_of(kept), asked_by="client", now=NOW) == 0


def test_a_clinic_keeps_closed_cases_as_long_as_it_says(harbour: str) -> None:
    """Twelve months after it was closed, and nothing while a place, or work with somebody, is open."""
    with engine.sessions(harbour)() as session:
        clinic = clinics.find(engine.writing(session), None)
        closed, at_work, waits = (sent(session) for _ in range(3))
        for kept in (closed, at_work):
            cases.close(session, client_of(kept), "found_elsewhere", actor="a", now=NOW)
        session.add(DyadRow(client_id=client_of(at_work), therapist_id=therapist(session, "t01").id, created_at=NOW))
        left = intakes.begin(session, now=NOW)
        assert erasing.keep_no_longer(session, clinic, now=NOW + timedelta(days=29)) == 0
        assert erasing.keep_no_longer(session, clinic, now=NOW + timedelta(days=400)) == 1  # the one not sent
        assert intakes.of_link(session, left, now=NOW) is None
        clinic_rows.by_id(session, clinic.id).keep_closed_months = 12
        session.flush()
        assert erasing.keep_no_longer(session, clinic, now=datetime(2027, 3, 2, 11, tzinfo=UTC)) == 0
        assert erasing.keep_no_longer(session, clinic, now=datetime(2027, 3, 2, 13, tzinfo=UTC)) == 1
        assert reach.by_key(session, client_of(closed)) is None
        assert all(reach.by_key(session, client_of(kept)) for kept in (at_work, waits))
        [row] = session.scalars(select(ErasureRow))
        assert row.asked_by == "retention"


@pytest.mark.parametrize(
    ("now", "months", "then"),
    [((2026, 3, 31), 1, (2026, 2, 28)), ((2024, 3, 31), 1, (2024, 2, 29)), ((2026, 1, 15), 1, (2025, 12, 15)),
     ((2026, 5, 31), 18, (2024, 11, 30)), ((2026, 12, 1), 12, (2025, 12, 1))],
)  # fmt: skip
def test_months_are_those_of_the_calendar(now: tuple[int, ...], months: int, then: tuple[int, ...]) -> None:
    assert erasing.months_before(datetime(*now, tzinfo=UTC), months) == datetime(*then, tzinfo=UTC)


def test_nobody_who_may_not_be_safe_is_erased_before_somebody_has_looked(harbour: str) -> None:
    """The flag outlives the link of an intake that was not sent, and the months of a closed case."""
    with engine.sessions(harbour)() as session:
        clinic = clinics.find(engine.writing(session), None)
        link = intakes.begin(session, now=NOW)
        kept = intakes.of_link(session, link, now=NOW)
        assert kept is not None
        closed = sent(session)
        for one in (kept, closed):
            intakes.raise_flag(session, one, "safety", source=intakes.SAFETY_QUESTION, now=NOW)
        cases.close(session, client_of(closed), "found_elsewhere", actor="a", now=NOW)
        clinic_rows.by_id(session, clinic.id).keep_closed_months = 1
        session.flush()
        later = NOW + timedelta(days=90)
        assert erasing.keep_no_longer(session, clinic, now=later) == 0
        for flag in session.scalars(select(FlagRow)):
            intakes.see_flag(session, flag.id, person_id=person_of(session, "t01"), now=later)
        assert erasing.keep_no_longer(session, clinic, now=later) == 2


def test_a_proposal_does_not_bring_somebody_back_who_was_erased_meanwhile(harbour: str) -> None:
    sessions = engine.sessions(harbour)
    with sessions() as session:
        clinic = clinics.find(engine.writing(session), None)
        client = client_of(next(iter([sent(session), sent(session), sent(session)])))
        key = proposals.begin(session, Settings(), actor="a", now=NOW)
        session.commit()

    def meanwhile(percent: int, stage: str) -> None:
        if stage != "reading" and not done:
            done.append(stage)
            with sessions() as other:
                erasing.erase(other, clinics.find(engine.writing(other), None), client, asked_by="client", now=NOW)
                other.commit()

    done: list[str] = []
    with pytest.raises(proposal_runs.NoDraft, match="erased"):
        proposal_runs.run(sessions, clinic, {"proposal": str(key)}, now=lambda: NOW, report=meanwhile)
    assert done
    with sessions() as session:
        clinics.find(session, None)
        assert [row.result for row in session.scalars(select(ProposalRow))] == [None]
    assert set(mentions(harbour, client, "no other id")) == {"erasures", "audit_events"}
