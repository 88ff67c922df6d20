"""No statement leaves its clinic: whatever the query, another clinic's rows are not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import column, delete, exists, func, insert, literal_column, select, table, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased, sessionmaker

from web.db import engine, tenancy
from web.db.tables import Base, ClientRow, ClinicRow, DyadRow, OfClinic, TherapistRow

NOW = datetime(2026, 3, 2, tzinfo=UTC)
Other = aliased(TherapistRow)
Bare: Any = TherapistRow.__table__


@pytest.fixture
def two(database: str) -> Iterator[tuple[sessionmaker[Session], UUID, UUID]]:
    """Two clinics, each with a therapist who bears its name, and a client."""
    sessions = engine.sessions(database)
    ids = []
    for slug in ("north", "south"):
        with sessions() as session:
            engine.writing(session)
            clinic = ClinicRow(
                slug=slug, name=slug, currency="€", scale_lowest=0, scale_top=1, scale_step=0.1, created_at=NOW
            )
            session.add(clinic)
            session.flush()
            tenancy.enter(session, clinic.id)
            session.add(a_therapist(slug))
            session.add(ClientRow(external_id=f"{slug}-client", intake_version=1, created_at=NOW))
            session.commit()
            ids.append(clinic.id)
    yield sessions, *ids


def a_therapist(name: str, **more: Any) -> TherapistRow:
    return TherapistRow(
        external_id=f"{name}-t", name=name, capacity=1, profile={}, created_at=NOW, changed_at=NOW, **more
    )


READS: dict[str, Any] = {
    "rows": select(TherapistRow),
    "a column": select(TherapistRow.name),
    "an alias": select(Other.name),
    "a count": select(func.count(TherapistRow.id)),
    "count from": select(func.count()).select_from(TherapistRow),
    "a join from the clinics": select(ClinicRow.name, TherapistRow.name).join(
        TherapistRow, TherapistRow.clinic_id == ClinicRow.id
    ),
    "a subquery": select(ClinicRow.name).where(ClinicRow.id.in_(select(TherapistRow.clinic_id))),
    "a common table": select(select(TherapistRow.name).cte().c.name),
    "a union": select(TherapistRow.name).union(select(Other.name)),
    "an outer join": select(ClinicRow.name, TherapistRow.name).outerjoin(
        TherapistRow, TherapistRow.clinic_id == ClinicRow.id
    ).where(TherapistRow.name.is_not(None)),
}  # fmt: skip
REFUSED: dict[str, Any] = {
    "the table itself": select(TherapistRow.__table__),
    "deleting from the table": TherapistRow.__table__.delete(),
    "a bare exists": select(exists().where(TherapistRow.name == "south")),
    "SQL as text": text("SELECT name FROM therapists"),
    "text inside": select(text("name")).select_from(text("therapists")),
    "a table by its name": select(func.count()).select_from(table("therapists", column("name"))),
    "a bare column beside a class": select(ClinicRow.slug, Bare.c.name).join(Bare, Bare.c.clinic_id == ClinicRow.id),
    "a bare column in a subquery": select(ClinicRow.slug, select(func.max(Bare.c.name)).scalar_subquery()),
    "a bare column among those that are asked for": select(ClinicRow.slug).where(
        ClinicRow.name.in_(select(Bare.c.name))
    ),
    "a bare common table": select(ClinicRow.slug, select(Bare.c.name).cte().c.name),
    "other columns of a class": select(TherapistRow).with_only_columns(Bare.c.name),
    "rows from a bare statement": select(TherapistRow).from_statement(select(Bare)),
    "a bare count beside a class": select(ClinicRow.slug, select(func.count()).select_from(Bare).scalar_subquery()),
    "a bare alias": select(ClinicRow.slug, Bare.alias("b").c.name),
    "a bare join": select(ClinicRow.slug).join(Bare, Bare.c.clinic_id == ClinicRow.id),
    "a bare table asked for existence": select(ClinicRow.slug).where(select(1).select_from(Bare).exists()),
    "a literal column": select(literal_column("(select count(*) from therapists)")),
    "a literal beside real rows": select(ClinicRow.name, literal_column("(select max(name) from therapists)")),
    "a row given away": update(TherapistRow).values(clinic_id=UUID(int=1)),
    "a row given away, by name": update(TherapistRow).values({"clinic_id": UUID(int=1)}),
    "all clinics deleted": delete(ClinicRow),
    "clinics deleted by their table": ClinicRow.__table__.delete(),
    "clinics changed by their table": ClinicRow.__table__.update().values(name="x"),
    "an insert without a clinic": insert(TherapistRow).values(name="x"),
}


@pytest.mark.S2
def test_reads_see_their_own_clinic_alone(two: Any, tried: Callable[[int], None]) -> None:
    sessions, north, south = two
    for own, name in ((north, "north"), (south, "south")):
        other = "south" if name == "north" else "north"
        for what, statement in READS.items():
            with sessions() as session:
                tenancy.enter(session, own)
                found = [str(getattr(row[0], "name", row[0])) + str(row[1:]) for row in session.execute(statement)]
            assert len(found) == 1, what
            assert other not in found[0], what
    tried(2 * len(READS))


@pytest.mark.S2
def test_a_statement_that_is_stated_once_is_looked_into_once_and_confined_to_each_clinic(
    two: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions, north, south = two
    stated = select(TherapistRow.name).execution_options(**tenancy.STATED_ONCE)
    looked: list[object] = []
    look = tenancy.tables_met
    monkeypatch.setattr(tenancy, "tables_met", lambda state: looked.append(state) or look(state))
    for clinic_id, name in [(north, "north"), (south, "south")] * 3:
        with sessions() as session:
            assert tenancy.enter(session, clinic_id).scalars(stated).all() == [name]
    assert len(looked) == 2
    with sessions() as session, pytest.raises(tenancy.NoClinic):
        session.scalars(stated)


def test_what_cannot_be_confined_is_refused(two: Any, tried: Callable[[int], None]) -> None:
    sessions, north, _ = two
    for what, statement in REFUSED.items():
        with sessions() as session:
            engine.writing(session)
            tenancy.enter(session, north)
            with pytest.raises((tenancy.NoClinic, tenancy.WrongClinic)):
                pytest.fail(f"{what}: {session.execute(statement)}")
    for what, statement in (READS | REFUSED).items():
        with sessions() as session, pytest.raises((tenancy.NoClinic, tenancy.WrongClinic)):
            pytest.fail(f"{what}, no clinic entered: {session.execute(statement)}")
    tried(2 * len(REFUSED) + len(READS))


@pytest.mark.S2
def test_there_is_no_way_round(two: Any, tried: Callable[[int], None]) -> None:
    """With the key of another clinic's row in hand: by key, in bulk, on the bare connection, through the clinic."""
    sessions, north, south = two
    with sessions() as session:
        tenancy.enter(session, south)
        stranger = session.scalars(select(TherapistRow)).one()
        key = stranger.id
    spoilt = {"id": key, "name": "spoilt"}
    whole = {"clinic_id": south, "external_id": "x", "name": "spoilt", "capacity": 1, "profile": {},
             "created_at": NOW, "changed_at": NOW}  # fmt: skip
    ways: list[Callable[[Session], object]] = [
        lambda s: s.execute(update(TherapistRow), [spoilt]),
        lambda s: s.execute(update(TherapistRow), spoilt),
        lambda s: s.execute(update(ClinicRow), [{"id": south, "name": "spoilt"}]),
        lambda s: s.execute(insert(TherapistRow), [whole]),
        lambda s: s.execute(insert(TherapistRow).values(**whole)),
        lambda s: s.execute(insert(TherapistRow).values([whole])),
        lambda s: s.execute(upsert(s, whole | {"id": key})),
        lambda s: s.add(stranger),
        lambda s: (s.merge(stranger), s.flush()),
        lambda s: s.bulk_update_mappings(TherapistRow, [spoilt]),  # type: ignore[arg-type]
        lambda s: s.bulk_insert_mappings(TherapistRow, [whole]),  # type: ignore[arg-type]
        lambda s: s.bulk_save_objects([a_therapist("spoilt", clinic_id=south)]),
        lambda s: s.connection().execute(select(TherapistRow.__table__)),
        lambda s: (s.delete(s.scalars(select(ClinicRow).where(ClinicRow.id == south)).one()), s.flush()),
        lambda s: (setattr(s.scalars(select(ClinicRow).where(ClinicRow.id == south)).one(), "name", "x"), s.flush()),
    ]
    for number, way in enumerate(ways):
        with sessions() as session:
            tenancy.enter(engine.writing(session), north)
            with pytest.raises((tenancy.NoClinic, tenancy.WrongClinic)):
                pytest.fail(f"way {number}: {way(session)}")
    with sessions() as session:
        tenancy.enter(engine.writing(session), north)
        assert session.execute(update(ClinicRow).values(name="mine")).rowcount == 1
    with sessions() as session:
        tenancy.enter(session, south)
        assert session.scalars(select(TherapistRow.name)).all() == ["south"]
    tried(len(ways))


def upsert(session: Session, row: dict[str, Any]) -> Any:
    """Insert, or else change whatever has that key; with this session's clinic on the face of it."""
    own = session.info["rapport_clinic"]
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    made = dialect.insert(TherapistRow).values(**row | {"clinic_id": own})
    return made.on_conflict_do_update(index_elements=["id"], set_={"name": "spoilt"})


def test_writes_touch_their_own_clinic_alone(two: Any) -> None:
    sessions, north, south = two
    with sessions() as session:
        engine.writing(session)
        tenancy.enter(session, north)
        assert session.execute(update(TherapistRow).values(capacity=9)).rowcount == 1
        assert session.execute(delete(ClientRow)).rowcount == 1
        session.commit()
    with sessions() as session:
        tenancy.enter(session, south)
        assert session.scalar(select(TherapistRow.capacity)) == 1
        assert session.scalar(select(func.count(ClientRow.id))) == 1


def test_a_row_by_its_key_is_not_there_for_another_clinic(two: Any) -> None:
    sessions, north, south = two
    with sessions() as session:
        tenancy.enter(session, north)
        key = session.scalar(select(TherapistRow.id))
    with sessions() as session:
        tenancy.enter(session, south)
        assert session.get(TherapistRow, key) is None


def test_a_new_row_gets_the_clinic_and_no_other(two: Any) -> None:
    sessions, north, south = two
    with sessions() as session:
        engine.writing(session)
        tenancy.enter(session, north)
        row = a_therapist("new")
        session.add(row)
        session.flush()
        assert row.clinic_id == north
        with pytest.raises(tenancy.WrongClinic):
            session.add(a_therapist("spy", clinic_id=south))


def test_a_reference_cannot_lead_out_of_the_clinic(two: Any) -> None:
    sessions, north, south = two
    with sessions() as session:
        tenancy.enter(session, south)
        abroad = session.scalar(select(TherapistRow.id))
    with sessions() as session:
        engine.writing(session)
        tenancy.enter(session, north)
        session.add(DyadRow(client_id=session.scalar(select(ClientRow.id)), therapist_id=abroad, created_at=NOW))
        with pytest.raises(IntegrityError):
            session.flush()


def test_a_session_stays_in_its_clinic(two: Any) -> None:
    sessions, north, south = two
    with sessions() as session:
        tenancy.enter(session, north)
        tenancy.enter(session, north)
        with pytest.raises(tenancy.WrongClinic):
            tenancy.enter(session, south)


def test_every_row_but_clinics_people_and_how_they_sign_in_is_of_a_clinic() -> None:
    free = {mapper.local_table.name for mapper in Base.registry.mappers if not issubclass(mapper.class_, OfClinic)}
    of_people = {"people", "accounts", "sign_ins", "passkeys", "passkey_challenges", "recovery_codes"}
    assert free == {"clinics", "sealing_keys", *of_people}
