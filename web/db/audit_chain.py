"""The audit trail as a chain: each event of a clinic has the next number, and a seal that holds all before it.

The seal is HMAC-SHA256 (RFC 2104) with a secret of the key ring, over the seal before it and everything that the event
says. Who may write to the database but has no key can therefore change, add, move or remove nothing without breaking
the chain from there on. What is cut off at the end alone is seen with a seal that was kept elsewhere.

Events are kept with the session and written just before it commits, after everything else: the row that holds the head
of a clinic's chain is the last that is locked, so that writers wait for each other briefly and never in a circle.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, sessionmaker

from web.db import crypto, tenancy
from web.db.tables.base import new_key
from web.db.tables.records import AuditEventRow, AuditHeadRow

PURPOSE = "audit"
BEGINNING = bytes(32)  # the seal before the first
_PENDING = "rapport_audit"
_MARKS = "rapport_audit_marks"


def seal(secret: bytes, before: bytes, entry: Mapping[str, Any]) -> bytes:
    """The seal of an event that follows on ``before``: 32 bytes. What it is taken over never changes.

    ``entry`` has ``id, clinic_id, sequence, key, at, actor, action, subject, details``.
    """
    at: datetime = entry["at"]
    said = [
        1, before.hex(), entry["sequence"], entry["key"], entry["clinic_id"].hex, entry["id"].hex,
        at.astimezone(UTC).isoformat(timespec="microseconds"), entry["actor"], entry["action"], entry["subject"],
        entry["details"],
    ]  # fmt: skip
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.new(secret, text.encode("ascii"), hashlib.sha256).digest()


def is_sealed(secret: bytes, before: bytes, entry: Mapping[str, Any], mac: bytes) -> bool:
    """Whether an event bears its seal. What cannot even be read as one, because somebody changed its form, does not."""
    try:
        return hmac.compare_digest(seal(secret, before, entry), mac)
    except (AttributeError, TypeError, ValueError):
        return False


def entry_of(row: AuditEventRow) -> dict[str, Any]:
    """What of an event its seal is taken over."""
    return {
        "id": row.id, "clinic_id": row.clinic_id, "sequence": row.sequence, "key": row.key, "at": row.at,
        "actor": row.actor, "action": row.action, "subject": row.subject, "details": row.details,
    }  # fmt: skip


def keep(session: Session, row: AuditEventRow) -> None:
    """Have an event written when the session commits; nothing of it is left where the session is rolled back."""
    clinic_id = tenancy.entered(session)
    if clinic_id is None:
        raise tenancy.NoClinic("audit_events: enter a clinic first (web.db.tenancy.enter)")
    row.id, row.clinic_id = new_key(), clinic_id
    session.info.setdefault(_PENDING, []).append(row)


def append(session: Session) -> None:
    """Write the events that the session keeps, after all else that it has changed; the chain is locked from here on."""
    pending: list[AuditEventRow] = session.info.pop(_PENDING, [])
    if not pending:
        return
    session.flush()
    head = _head(session)
    key, secret = crypto.derived(PURPOSE)
    for row in pending:
        row.sequence, row.key = head.sequence + 1, key
        row.mac = seal(secret, head.mac, entry_of(row))
        head.sequence, head.mac = row.sequence, row.mac
        session.add(row)
    session.flush()


def end(session: Session) -> tuple[int, str]:
    """(sequence, seal) of the last event. Whoever writes at this moment has ended before: the chain is locked."""
    head = _head(session)
    return head.sequence, head.mac.hex()


def guard(maker: sessionmaker[Any]) -> None:
    """Let every session that ``maker`` makes write its events before it commits, and before it reads events."""
    event.listen(maker, "before_commit", _before_commit)
    event.listen(maker, "do_orm_execute", _before_reading)
    event.listen(maker, "after_transaction_create", _mark)
    event.listen(maker, "after_soft_rollback", _forget_back_to)
    event.listen(maker, "after_transaction_end", _forget_all)


def _head(session: Session) -> AuditHeadRow:
    """The locked end of the chain; of a clinic without one, a new one after the last event."""
    found = select(AuditHeadRow).with_for_update().execution_options(populate_existing=True)
    head = session.scalar(found)
    if head is None:
        last = session.scalar(select(AuditEventRow).order_by(AuditEventRow.sequence.desc()).limit(1))
        head = AuditHeadRow(sequence=last.sequence if last else 0, mac=last.mac if last else BEGINNING)
        session.add(head)
        session.flush()
    return head


def _before_commit(session: Session) -> None:
    if not session.in_nested_transaction():
        append(session)


def _before_reading(state: ORMExecuteState) -> None:
    """Who reads events sees those that the same transaction wrote; a part that may be undone writes none."""
    session = state.session
    is_asked = state.is_select and session.info.get(_PENDING) and not session.in_nested_transaction()
    if is_asked and AuditEventRow.__tablename__ in tenancy.tables_met(state):
        append(session)


def _mark(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.info.setdefault(_MARKS, {})[transaction] = len(session.info.get(_PENDING, []))


def _forget_back_to(session: Session, previous: SessionTransaction) -> None:
    """What was kept since a savepoint goes with what was done since."""
    if previous.nested:
        del session.info.get(_PENDING, [])[session.info.get(_MARKS, {}).get(previous, 0) :]


def _forget_all(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_PENDING, None)
        session.info.pop(_MARKS, None)
