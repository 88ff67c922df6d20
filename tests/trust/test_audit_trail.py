"""Whoever writes to the database without the key cannot change the audit trail unseen; the first bad entry is named."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import LargeBinary, bindparam, text
from sqlalchemy.orm import Session

from web.db import audit_chain, crypto, engine
from web.services import audit, audit_trail, clinics
from web.services.audit_trail import Verdict

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
N = 24  # events, the clinic's own first one among them
Tamper = Callable[["Tape", random.Random], int | None]


class Tape:
    """The rows as whoever has the database may change them: the triggers are theirs to drop."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.connection = Session.connection(session)
        self.lite = self.connection.dialect.name == "sqlite"
        names = ("no_update", "no_delete", "no_replace") if self.lite else ("no_change", "no_truncate")
        for name in names:
            self.run(f"DROP TRIGGER IF EXISTS audit_events_{name}" + ("" if self.lite else " ON audit_events"))

    def run(self, sql: str, **values: Any) -> Any:
        said = text(sql)
        if "mac" in values:
            said = said.bindparams(bindparam("mac", type_=LargeBinary()))
        return self.connection.execute(said.execution_options(across_clinics=True), values)

    def edit(self, k: int, column: str, value: Any) -> None:
        name = "mac" if column == "mac" else "value"
        self.run(f"UPDATE audit_events SET {column} = :{name} WHERE sequence = :k", k=k, **{name: value})

    def row(self, k: int) -> Any:
        return self.run("SELECT * FROM audit_events WHERE sequence = :k", k=k).mappings().one()

    def copy(self, k: int, at: int, **changes: Any) -> None:
        """Put a copy of an event in at another number."""
        row = dict(self.row(k)) | {"id": uuid4().hex, "sequence": at} | changes
        details = row["details"] if isinstance(row["details"], str) else json.dumps(row["details"])
        names = ", ".join(row)
        self.run(f"INSERT INTO audit_events ({names}) VALUES ({', '.join(':' + name for name in row)})",
                 **row | {"details": details})  # fmt: skip


def edited(tape: Tape, dice: random.Random) -> int:
    """One value of one event."""
    k = dice.randint(1, N)
    column = dice.choice(["actor", "action", "subject", "details", "key", "mac", "at"])
    value: Any = {"details": '{"n": 99}', "mac": dice.randbytes(32), "key": "knew1"}.get(column, f"x{dice.random()}")
    if column == "at":
        moment = NOW + timedelta(microseconds=dice.randint(1, 10**9))
        value = moment if tape.connection.dialect.name != "sqlite" else moment.strftime("%Y-%m-%d %H:%M:%S.%f")
    tape.edit(k, column, value)
    return k


def deleted(tape: Tape, dice: random.Random) -> int:
    k = dice.randint(1, N)
    tape.run("DELETE FROM audit_events WHERE sequence = :k", k=k)
    return k


def closed_up(tape: Tape, dice: random.Random) -> int:
    """Deleted, and those behind it moved up, so that no number is missing; the head moves, too."""
    k = deleted(tape, dice)
    for n in range(k + 1, N + 1):
        tape.edit(n, "sequence", n - 1)
    tape.run("UPDATE audit_heads SET sequence = :n", n=N - 1)
    return k


def inserted(tape: Tape, dice: random.Random) -> int:
    """A copy of an event put in, those behind it moved down."""
    k = dice.randint(1, N)
    for n in range(N, k - 1, -1):
        tape.edit(n, "sequence", n + 1)
    tape.copy(dice.choice([n for n in range(1, N + 2) if n != k]), k)
    return k


def added(tape: Tape, dice: random.Random) -> int:
    """One more at the end, with a made-up seal that the head repeats."""
    mac = dice.randbytes(32)
    tape.copy(N, N + 1, mac=mac)
    tape.run("UPDATE audit_heads SET sequence = :n, mac = :mac", n=N + 1, mac=mac)
    return N + 1


def swapped(tape: Tape, dice: random.Random) -> int:
    one, two = sorted(dice.sample(range(1, N + 1), 2))
    for k, to in ((one, -1), (two, one), (-1, two)):
        tape.edit(k, "sequence", to)
    return one


def cut(tape: Tape, dice: random.Random) -> int:
    k = dice.randint(1, N)
    tape.run("DELETE FROM audit_events WHERE sequence >= :k", k=k)
    return k


def cut_with_head(tape: Tape, dice: random.Random) -> int:
    """Cut off at the end, and the head set to what is left: seen with the end that was kept elsewhere alone."""
    k = dice.randint(2, N)
    mac = bytes(tape.row(k - 1)["mac"])
    tape.run("DELETE FROM audit_events WHERE sequence >= :k", k=k)
    tape.run("UPDATE audit_heads SET sequence = :n, mac = :mac", n=k - 1, mac=mac)
    return k


def all_gone(tape: Tape, dice: random.Random) -> int:
    tape.run("DELETE FROM audit_events")
    tape.run("DELETE FROM audit_heads")
    return 1


def written_anew(tape: Tape, dice: random.Random) -> int:
    """Everything from one event on sealed anew with a secret of one's own."""
    k, secret = dice.randint(1, N), dice.randbytes(32)
    before = bytes(tape.row(k - 1)["mac"]) if k > 1 else audit_chain.BEGINNING
    tape.edit(k, "subject", "x")
    for row in audit_trail.rows.chain(tape.session):
        if row.sequence >= k:  # type: ignore[attr-defined]
            before = audit_chain.seal(secret, before, audit_chain.entry_of(row))  # type: ignore[arg-type]
            tape.edit(row.sequence, "mac", before)  # type: ignore[attr-defined]
    tape.run("UPDATE audit_heads SET mac = :mac", mac=before)
    return k


TAMPERING: tuple[Tamper, ...] = (
    edited, deleted, closed_up, inserted, added, swapped, cut, cut_with_head, all_gone, written_anew,
)  # fmt: skip


@pytest.fixture
def trail(database: str) -> Iterator[Session]:
    with engine.sessions(database)() as session:
        clinics.create(engine.writing(session), "north", "North", now=NOW)
        for n in range(1, N):
            audit.record(session, f"act.{n}", now=NOW + timedelta(seconds=n), subject=f"s{n}", actor=f"a{n % 3}", n=n)
        session.commit()
    with engine.sessions(database)() as session:
        clinics.find(engine.writing(session), None)
        yield session


def missed(session: Session, n_times: int) -> tuple[int, list[str]]:
    """(tries, those that were not seen, or seen in another place)."""
    dice, wrong = random.Random(8), []
    clinic = clinics.find(session, None)
    kept = audit_trail.head(session, clinic, now=NOW)
    tape = Tape(session)
    assert audit_trail.verify(session, [kept]) == Verdict(N)
    for n in range(n_times):
        tamper = TAMPERING[n % len(TAMPERING)]
        with session.begin_nested() as part:
            Session.connection(session)  # the savepoint begins where a connection is asked for
            first = tamper(tape, dice)
            found = audit_trail.verify(session, [kept])
            part.rollback()
        if found.holds or found.bad != first or found.n_good != first - 1:
            wrong.append(f"{tamper.__name__} at {first}: {found}")
    return n_times, wrong


@pytest.mark.P8
def test_every_tampering_is_seen_where_it_begins(
    trail: Session, trials: Callable[[int, int], int], tried: Callable[[int], None]
) -> None:
    n, wrong = missed(trail, trials(500, 5_000))
    assert not wrong, "\n".join(wrong[:20])
    tried(n)


@pytest.mark.P8
def test_a_seal_that_did_not_hold_what_was_before_would_be_seen(
    trail: Session, monkeypatch: pytest.MonkeyPatch, tried: Callable[[int], None]
) -> None:
    """Planted holes: seals that are not looked at, and ends that were kept elsewhere and are not."""
    with monkeypatch.context() as patch:
        patch.setattr(audit_chain, "is_sealed", lambda *said: True)
        _, wrong = missed(trail, 20)
        assert {line.split()[0] for line in wrong} >= {"edited", "swapped", "inserted", "closed_up"}
    tried(1)


@pytest.mark.P8
def test_an_end_kept_elsewhere_sees_what_was_sealed_with_the_key(trail: Session, tried: Callable[[int], None]) -> None:
    """Who has the key, too, can write everything anew; not what was kept where they cannot write."""
    clinic = clinics.find(trail, None)
    kept = audit_trail.head(trail, clinic, now=NOW)
    tape, (key, secret) = Tape(trail), crypto.ring().derived(audit_chain.PURPOSE)
    tape.edit(5, "subject", "x")
    before = bytes(tape.row(4)["mac"])
    for row in list(audit_trail.rows.chain(trail)):
        if row.sequence >= 5:  # type: ignore[attr-defined]
            before = audit_chain.seal(secret, before, audit_chain.entry_of(row))  # type: ignore[arg-type]
            tape.edit(row.sequence, "mac", before)  # type: ignore[attr-defined]
    tape.run("UPDATE audit_heads SET mac = :mac", mac=before)
    assert audit_trail.verify(trail).holds
    assert audit_trail.verify(trail, [kept]) == Verdict(N - 1, N, audit_trail.REWRITTEN)
    assert key
    tried(2)


@pytest.mark.P8
def test_an_entry_whose_key_was_taken_off_the_ring_is_said_so(trail: Session, tried: Callable[[int], None]) -> None:
    """After a change of keys the old entries are still checked with the old one, as long as it is there."""
    old = crypto.ring()
    newer = crypto.KeyRing({**old.keys, "knewer": bytes(reversed(range(32)))}, "knewer")
    try:
        crypto.use(newer)
        audit.record(trail, "act.later", now=NOW)
        audit_chain.append(trail)
        assert audit_trail.verify(trail) == Verdict(N + 1)
        crypto.use(crypto.KeyRing({"knewer": newer.keys["knewer"]}, "knewer"))
        assert audit_trail.verify(trail) == Verdict(0, 1, audit_trail.NO_KEY)
    finally:
        crypto.use(old)
    tried(2)
