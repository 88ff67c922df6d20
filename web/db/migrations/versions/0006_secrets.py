"""What clients said, and how to reach them, is sealed; marks tell where two gave the same address or number.

Columns are added, renamed and dropped, never a table rebuilt: SQLite would delete what refers to it. The way back opens
everything again, and needs the keys.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from web.db import contact_marks, crypto
from web.db.tables.sealed import packed, unpacked

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# (table, column, what it holds where nothing was said: not sealed at all then)
TEXTS = (
    ("check_ins", "comment", ""),
    ("check_ins", "reply", ""),
    ("goals", "words", None),
    ("case_events", "words", ""),
    ("handovers", "words", ""),
    ("outbox", "recipient", ""),
)
DOCUMENTS = (
    ("intake_versions", "answers", None),
    ("intakes", "answers", {}),
    ("measures", "answers", {}),
    ("check_ins", "helped", []),
    ("check_ins", "hindered", []),
    ("outbox", "params", {}),
    ("shown_matches", "explanation", None),
)
_AT_ONCE = 500


def upgrade() -> None:
    op.create_table(
        "sealing_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealing_keys")),
        sa.UniqueConstraint("name", name=op.f("uq_sealing_keys_name")),
    )
    for table, column, absent in (*TEXTS, *DOCUMENTS):
        _replace(table, column, sa.LargeBinary(), lambda key, value, place=f"{table}.{column}", absent=absent: (
            None if value is None or value == absent else crypto.seal(place, key, packed(value))
        ), before=_kind(column, table))  # fmt: skip
    op.add_column("intakes", sa.Column("email_mark", sa.LargeBinary(length=16), nullable=True))
    op.add_column("intakes", sa.Column("phone_mark", sa.LargeBinary(length=16), nullable=True))
    _mark()


def downgrade() -> None:
    for column in ("email_mark", "phone_mark"):
        op.execute(f"ALTER TABLE intakes DROP COLUMN {column}")
    for table, column, absent in (*DOCUMENTS, *TEXTS):
        _replace(table, column, _kind(column, table), lambda key, value, place=f"{table}.{column}", absent=absent: (
            absent if value is None else unpacked(crypto.open_sealed(place, key, value))
        ), before=sa.LargeBinary(), filler=absent if absent is not None else _empty(table, column))  # fmt: skip
    op.drop_table("sealing_keys")


def _kind(column: str, table: str) -> sa.types.TypeEngine[Any]:
    return sa.JSON() if any((table, column) == (t, c) for t, c, _ in DOCUMENTS) else sa.Text()


def _empty(table: str, column: str) -> Any:
    return {} if isinstance(_kind(column, table), sa.JSON) else ""


def _replace(
    table: str, column: str, kind: sa.types.TypeEngine[Any], changed: Any, *, before: Any, filler: Any = None
) -> None:
    """Put another column in the place of one, with what each value becomes; ``filler`` stands there at first."""
    beside = f"{column}_new"
    default = None if filler is None else filler if isinstance(filler, str) else json.dumps(filler)
    op.add_column(table, sa.Column(beside, kind, nullable=default is None, server_default=default))
    rows = sa.table(table, sa.column("id", sa.Uuid()), sa.column(column, before), sa.column(beside, kind))
    bind, last = op.get_bind(), None
    while found := bind.execute(_next(rows, column, last)).all():
        last = found[-1].id
        new = [{"key": key, "value": value} for key, value in ((key, changed(key, old)) for key, old in found)]
        put = sa.update(rows).where(rows.c.id == sa.bindparam("key", type_=sa.Uuid()))
        bind.execute(put.values({beside: sa.bindparam("value", type_=kind)}), new)
    op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    op.execute(f"ALTER TABLE {table} RENAME COLUMN {beside} TO {column}")


def _next(rows: sa.TableClause, column: str, last: UUID | None) -> sa.Select[Any]:
    found = sa.select(rows.c.id, rows.c[column]).order_by(rows.c.id).limit(_AT_ONCE)
    return found if last is None else found.where(rows.c.id > last)


def _mark() -> None:
    """Mark how the clients of each intake can be reached."""
    rows = sa.table("intakes", sa.column("id", sa.Uuid()), *(
        sa.column(name, sa.LargeBinary()) for name in ("answers", "email_mark", "phone_mark")
    ))  # fmt: skip
    bind, last = op.get_bind(), None
    while found := bind.execute(_next(rows, "answers", last)).all():
        last = found[-1].id
        for key, sealed in found:
            said = {} if sealed is None else unpacked(crypto.open_sealed("intakes.answers", key, sealed))
            email, phone = contact_marks.of_contact(said.get("contact") or {})
            if email or phone:
                bind.execute(sa.update(rows).where(rows.c.id == key).values(email_mark=email, phone_mark=phone))
