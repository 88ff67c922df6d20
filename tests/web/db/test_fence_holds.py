"""The fence where a careless line would slip through: rows that are put in or else changed, and tables read twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from tests.web.db.test_tenancy import NOW
from tests.web.db.test_tenancy import two as two
from web.db import engine, tenancy
from web.db.tables import TherapistRow


@pytest.mark.parametrize("or_else", ["change", "nothing"])
def test_no_row_is_put_in_or_else_changed_although_it_bears_the_clinic(
    two: Any, or_else: str, tried: Callable[[int], None]
) -> None:
    """The row bears its own clinic on its face; the one that it would change, by its key, is another's."""
    sessions, north, south = two
    with sessions() as session:
        tenancy.enter(session, south)
        key = session.scalars(select(TherapistRow.id)).one()
    row = {"id": key, "clinic_id": north, "external_id": "x", "name": "spoilt", "capacity": 1, "profile": {},
           "created_at": NOW, "changed_at": NOW}  # fmt: skip
    with sessions() as session:
        tenancy.enter(engine.writing(session), north)
        dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
        made = dialect.insert(TherapistRow)
        said = (
            made.on_conflict_do_update(index_elements=["id"], set_={"name": "spoilt"})
            if or_else == "change"
            else made.on_conflict_do_nothing()
        )
        with pytest.raises(tenancy.NoClinic, match="look first"):
            session.execute(said, [row])
    with sessions() as session:
        tenancy.enter(session, south)
        assert session.scalars(select(TherapistRow.name)).all() == ["south"]
    tried(1)


@pytest.mark.parametrize(
    ("sql", "is_open"),
    [
        ("SELECT clients.id FROM clients WHERE clients.clinic_id = ?", False),
        ("SELECT clients.id FROM clients WHERE clients.clinic_id = %(clinic)s", False),
        ("SELECT clients.id FROM clients", True),
        ("SELECT clients.id FROM clients WHERE clients.clinic_id = clinics.id", True),
        # each time that it is read it has to be asked for its clinic
        ("SELECT clients.id FROM clients WHERE clients.clinic_id = ? UNION SELECT clients.id FROM clients", True),
        (
            "SELECT clients.id FROM clients WHERE clients.clinic_id = ? UNION "
            "SELECT clients.id FROM clients WHERE clients.clinic_id = ?", False,
        ),
        ("SELECT c_1.id FROM clients, clients AS c_1 WHERE clients.clinic_id = ?", True),
        ("SELECT c_1.id FROM clients, clients AS c_1 WHERE clients.clinic_id = ? AND c_1.clinic_id = ?", False),
        ('WITH c AS (SELECT id FROM "clients") SELECT id FROM c', True),
    ],
)  # fmt: skip
def test_a_table_that_is_read_twice_is_confined_twice(sql: str, is_open: bool, tried: Callable[[int], None]) -> None:
    assert bool(tenancy._unconfined(sql)) is is_open
    tried(1)
