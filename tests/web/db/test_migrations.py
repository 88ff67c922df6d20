"""The tables go up and down on both engines, all or nothing, and are those that the code speaks of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import JSON, Boolean, Text, column, event, inspect, literal_column, select
from sqlalchemy import table as sql_table

from web.db import engine, schema
from web.db.tables import Base
from web.db.tables.sealed import SealedBytes


def tables(url: str) -> set[str]:
    return set(inspect(engine.engine(url)).get_table_names()) - {"alembic_version"}


def test_up_down_and_up_again(blank: str) -> None:
    assert schema.upgrade(blank) == schema.head() == schema.current(blank)
    assert tables(blank) == set(Base.metadata.tables)
    assert schema.upgrade(blank) == schema.head()
    assert schema.downgrade(blank, "base") == "base"
    assert tables(blank) == set()
    assert schema.upgrade(blank) == schema.head()


def test_the_migrations_make_what_the_code_speaks_of(blank: str) -> None:
    schema.upgrade(blank)
    with engine.engine(blank).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_constraint_has_a_name(blank: str) -> None:
    schema.upgrade(blank)
    found = inspect(engine.engine(blank))
    nameless = [
        (table, kind, constraint)
        for table in sorted(tables(blank))
        for kind in ("unique_constraints", "check_constraints", "foreign_keys")
        for constraint in getattr(found, f"get_{kind}")(table)
        if not constraint["name"]
    ]
    checks = [c["name"] for table in tables(blank) for c in found.get_check_constraints(table)]
    assert nameless == []
    assert len(checks) == sum(
        type(c).__name__ == "CheckConstraint" for t in Base.metadata.sorted_tables for c in t.constraints
    )


def test_a_migration_that_fails_half_way_leaves_nothing(blank: str) -> None:
    """At every seventh statement in turn: the database is as it was, and the next try succeeds."""
    fail_at = 1
    while fails(blank, fail_at):
        assert tables(blank) == set() and schema.current(blank) is None
        fail_at += 7
    assert fail_at > 20
    assert schema.current(blank) == schema.head()


def fails(blank: str, fail_at: int) -> bool:
    """Upgrade with a disk that is full from the n-th change on; whether that was in time to fail."""
    changes = 0

    def full_disk(conn: Any, cursor: Any, statement: str, *more: Any) -> None:
        nonlocal changes
        changes += statement.lstrip().startswith(("CREATE", "INSERT"))
        if changes == fail_at:
            raise OSError("disk full")

    event.listen(engine.engine(blank), "before_cursor_execute", full_disk)
    try:
        schema.upgrade(blank)
    except OSError:
        return True
    finally:
        event.remove(engine.engine(blank), "before_cursor_execute", full_disk)
    return False


def test_a_database_without_tables_says_how_to_make_them(blank: str) -> None:
    with pytest.raises(schema.SchemaError, match="rapport db upgrade"):
        schema.require_current(blank)


def test_a_newer_database_is_refused(blank: str) -> None:
    schema.upgrade(blank)
    with engine.engine(blank).begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    for refused in (schema.require_current, schema.upgrade):
        with pytest.raises(schema.SchemaError, match=r"9999, which is newer than this release"):
            refused(blank)


def test_somebody_elses_tables_are_left_alone(blank: str) -> None:
    with engine.engine(blank).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE recipes (id INTEGER)")
    with pytest.raises(schema.SchemaError, match="recipes"):
        schema.upgrade(blank)
    assert tables(blank) == {"recipes"}


def test_a_database_that_cannot_be_reached_is_said_without_its_password() -> None:
    with pytest.raises(schema.SchemaError, match="cannot be reached") as error:
        schema.require_current("postgresql+psycopg://rapport:hunter2@127.0.0.1:1/rapport")
    assert "hunter2" not in str(error.value)


def test_which_weights_serve_and_who_works_here_outlive_the_way_up_and_down(blank: str) -> None:
    """Version 0002 marks the weights that serve; 0003 says it by an activation, and keeps therapists by version."""
    schema.upgrade(blank, "0002")
    clinic_id, moment = uuid4(), datetime(2026, 3, 2, 12, tzinfo=UTC)
    clinic = {"id": clinic_id, "slug": "harbour", "name": "Harbour", "currency": "€", "scale_lowest": 0.0,
              "scale_top": 1.0, "scale_step": 0.025, "directory_version": 4, "is_demo": False,
              "created_at": moment}  # fmt: skip
    add(blank, "clinics", clinic)
    for k, serves in (("w1", False), ("w2", True)):
        row = {"id": uuid4(), "clinic_id": clinic_id, "version": k, "weights": {"access": 1.0}, "note": "",
               "serving": serves, "created_at": moment}  # fmt: skip
        add(blank, "weights_versions", row)
    for name in ("Ana", "Ben"):
        row = {"id": uuid4(), "clinic_id": clinic_id, "external_id": name.lower(), "name": name, "capacity": 2,
               "profile": {"profession": "counsellor"}, "created_at": moment, "changed_at": moment}  # fmt: skip
        add(blank, "therapists", row)
    schema.upgrade(blank)
    (activation,) = rows(blank, "weights_activations")
    assert (activation["version"], activation["kind"], activation["called_off_at"]) == ("w2", "published", None)
    kept = {(row["external_id"], row["directory_version"], row["name"]) for row in rows(blank, "therapist_versions")}
    assert kept == {("ana", 4, "Ana"), ("ben", 4, "Ben")}
    schema.downgrade(blank, "0002")
    assert {row["version"]: bool(row["serving"]) for row in rows(blank, "weights_versions")} == {
        "w1": False,
        "w2": True,
    }
    assert len(rows(blank, "therapists")) == 2
    schema.upgrade(blank)
    assert [row["version"] for row in rows(blank, "weights_activations")] == ["w2"]


def test_whoever_sent_an_intake_and_met_nobody_is_on_the_waiting_list(blank: str) -> None:
    """Version 0003 knows intakes and dyads; 0004 makes cases of those who wait, and the way back keeps the rest."""
    schema.upgrade(blank, "0003")
    clinic_id, waits, met, therapist = (uuid4() for _ in range(4))
    moment = datetime(2026, 3, 2, 12, tzinfo=UTC)
    clinic = {"id": clinic_id, "slug": "harbour", "name": "Harbour", "currency": "€", "scale_lowest": 0.0,
              "scale_top": 1.0, "scale_step": 0.025, "directory_version": 4, "is_demo": False,
              "created_at": moment}  # fmt: skip
    add(blank, "clinics", clinic)
    of = {"clinic_id": clinic_id}
    for key in (waits, met):
        add(blank, "clients", {"id": key, **of, "external_id": str(key), "intake_version": 1, "created_at": moment})
    for k, (client, when) in enumerate(((waits, moment), (met, moment), (None, None))):
        row = {"id": uuid4(), **of, "link_hash": bytes([k]) * 32, "client_id": client, "answers": {}, "sent_at": when,
               "started_at": moment, "changed_at": moment, "expires_at": moment}  # fmt: skip
        add(blank, "intakes", row)
    row = {"id": therapist, **of, "external_id": "ana", "name": "Ana", "capacity": 2, "profile": {},
           "created_at": moment, "changed_at": moment}  # fmt: skip
    add(blank, "therapists", row)
    add(blank, "dyads", {"id": uuid4(), **of, "client_id": met, "therapist_id": therapist, "created_at": moment})
    for _ in range(2):
        schema.upgrade(blank)
        [case] = rows(blank, "cases")
        assert (case["state"], case["priority"], case["revision"]) == ("waiting", 0, 1)
        assert str(case["client_id"]).replace("-", "") == waits.hex
        schema.downgrade(blank, "0003")
        assert "cases" not in tables(blank) and len(rows(blank, "intakes")) == 3


def test_a_first_session_that_is_noted_becomes_an_appointment(blank: str) -> None:
    """0005 plans what 0004 had noted with a place; what is past, given back, or has no moment is planned nowhere."""
    schema.upgrade(blank, "0004")
    clinic_id, therapist = uuid4(), uuid4()
    moment = datetime(2026, 3, 2, 12, tzinfo=UTC)
    clinic = {"id": clinic_id, "slug": "harbour", "name": "Harbour", "currency": "€", "scale_lowest": 0.0,
              "scale_top": 1.0, "scale_step": 0.025, "directory_version": 4, "is_demo": False,
              "created_at": moment}  # fmt: skip
    add(blank, "clinics", clinic)
    of = {"clinic_id": clinic_id}
    row = {"id": therapist, **of, "external_id": "ana", "name": "Ana", "capacity": 2, "profile": {},
           "created_at": moment, "changed_at": moment}  # fmt: skip
    add(blank, "therapists", row)
    first = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=9)
    past = datetime.now(UTC) - timedelta(minutes=2)
    for state, when in (("given", first), ("given", past), ("given", None), ("ended", first)):
        client = uuid4()
        add(blank, "clients", {"id": client, **of, "external_id": str(client), "intake_version": 1,
                                  "created_at": moment})  # fmt: skip
        place = {"id": uuid4(), **of, "client_id": client, "therapist_id": therapist, "state": state,
                 "origin": "request", "made_at": moment, "made_by": "a", "first_session_at": when}  # fmt: skip
        add(blank, "placements", place)
    for _ in range(2):
        schema.upgrade(blank)
        [planned] = rows(blank, "appointments")
        assert (planned["state"], planned["minutes"], planned["session_id"]) == ("planned", 50, None)
        assert str(planned["begins_at"])[:16] == f"{first:%Y-%m-%d %H:%M}"
        schema.downgrade(blank, "0004")
        assert "appointments" not in tables(blank) and len(rows(blank, "placements")) == 4


def said_after_sessions(url: str) -> dict[str, UUID]:
    """Fill the tables of 0005: two rated sessions with check-ins, one of them told; a score, a goal, an appointment."""
    schema.upgrade(url, "0005")
    moment, of = datetime(2026, 3, 2, 12, tzinfo=UTC), {"clinic_id": uuid4()}
    clinic = {"id": of["clinic_id"], "slug": "harbour", "name": "Harbour", "currency": "€", "scale_lowest": 0.0,
              "scale_top": 1.0, "scale_step": 0.025, "directory_version": 4, "is_demo": False,
              "created_at": moment}  # fmt: skip
    add(url, "clinics", clinic)
    client, their, dyad, release, told, untold, imported = (uuid4() for _ in range(7))
    add(url, "clients", {"id": client, **of, "external_id": "c", "intake_version": 1, "created_at": moment})
    add(url, "therapists", {"id": their, **of, "external_id": "ana", "name": "Ana", "capacity": 2, "profile": {},
                            "created_at": moment, "changed_at": moment})  # fmt: skip
    add(url, "dyads", {"id": dyad, **of, "client_id": client, "therapist_id": their, "created_at": moment})
    add(url, "releases", {"id": release, **of, "therapist_id": their, "n_clients": 5, "figures": {},
                          "released_at": moment})  # fmt: skip
    for k, key in enumerate((told, untold, imported), start=1):
        add(url, "sessions", {"id": key, **of, "dyad_id": dyad, "number": k})
        add(url, "ratings", {"id": uuid4(), **of, "session_id": key, "score": 0.5, "created_at": moment})
    for key, by in ((told, release), (untold, None)):
        add(url, "check_ins", {"id": uuid4(), **of, "session_id": key, "bond": 5, "goals": 5, "way": 5, "overall": 5,
                               "helped": [], "hindered": [], "comment": "", "shown_to": "aggregate", "said_at": moment,
                               "was_named": False, "reply": "", "release_id": by})  # fmt: skip
    add(url, "measures", {"id": uuid4(), **of, "client_id": client, "instrument": "phq-9", "version": "1",
                          "moment": "booking", "answers": {}, "score": 9.0, "said_at": moment,
                          "shown_to": "aggregate"})  # fmt: skip
    add(url, "goals", {"id": uuid4(), **of, "client_id": client, "words": "Sleep", "made_at": moment,
                       "shown_to": "aggregate"})  # fmt: skip
    schema.upgrade(url)
    return {"told": told, "untold": untold, "imported": imported}


def test_the_way_back_loses_nothing_that_clients_said_unless_it_is_to(blank: str) -> None:
    """It says what would be lost; where it is lost all the same, no rating counts that no release has counted."""
    keys = said_after_sessions(blank)
    for revision in ("0004", "base"):
        with pytest.raises(
            schema.SchemaError, match=r"2 check-ins, 1 score of a questionnaire, 1 goal,.*--lose-answers"
        ):
            schema.downgrade(blank, revision)
        assert schema.current(blank) == schema.head()
        assert len(rows(blank, "check_ins")) == 2 and len(rows(blank, "ratings")) == 3
    assert schema.downgrade(blank, "0004", losing=True) == "0004"
    schema.upgrade(blank)
    rated = {str(row["session_id"]).replace("-", "") for row in rows(blank, "ratings")}
    assert rated == {keys["told"].hex, keys["imported"].hex}
    assert rows(blank, "check_ins") == [] and len(rows(blank, "sessions")) == 3
    assert schema.downgrade(blank, "0004") == "0004"  # nothing is left to lose


def _type_of(today: Any, value: Any) -> Any:
    """The type of a column: what is sealed today was plain before."""
    if not isinstance(today, SealedBytes) or isinstance(value, bytes):
        return today
    return Text() if isinstance(value, str) else JSON()


def add(url: str, table: str, row: dict[str, Any]) -> None:
    with engine.engine(url).execution_options(rapport_writes=True).begin() as connection:
        columns = {name: Base.metadata.tables[table].c[name] for name in row if name in Base.metadata.tables[table].c}
        others = [column(name, Boolean()) for name in row if name not in columns]
        known = [column(name, _type_of(one.type, row[name])) for name, one in columns.items()]
        connection.execute(sql_table(table, *known, *others).insert().values(**row))


def rows(url: str, table: str) -> list[Any]:
    with engine.engine(url).connect() as connection:
        return list(connection.execute(select(literal_column("*")).select_from(sql_table(table))).mappings())
