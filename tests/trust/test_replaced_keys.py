"""Who knows a key that was replaced, and may write to the database, cannot write the trail anew with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from tests import keys
from tests.trust.test_audit_trail import Tape
from web import key_file
from web.db import audit_chain, crypto, engine
from web.services import audit, audit_trail, clinics, sealing
from web.services.audit_trail import Verdict

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
N_OLD, N_NEW = 8, 5  # entries of each key, the clinic's own first one among the old


@pytest.fixture(autouse=True)
def the_usual_ring() -> Iterator[None]:
    yield
    crypto.use(keys.RING)


def replaced(url: str) -> None:
    """A key more on the ring, as ``rapport keys add`` leaves it."""
    both = {**keys.RING.keys, "knewer": bytes(reversed(range(32)))}
    crypto.use(crypto.KeyRing(both, "knewer"))
    crypto.use(crypto.KeyRing(both, "knewer", {"knewer": sealing.ends(engine.sessions(url))}))


def written(url: str, slug: str, n: int) -> None:
    with engine.sessions(url)() as session:
        clinics.find(engine.writing(session), slug)
        for k in range(n):
            audit.record(session, f"act.{k}", now=NOW, subject=f"s{k}")
        session.commit()


def verdict(url: str, slug: str) -> Verdict:
    with engine.sessions(url)() as session:
        clinics.find(session, slug)
        return audit_trail.verify(session)


@pytest.fixture
def changed(database: str) -> str:
    """A clinic with entries of two keys, and one that is younger than the second."""
    with engine.sessions(database)() as session:
        clinics.create(engine.writing(session), "north", "North", now=NOW)
        session.commit()
    written(database, "north", N_OLD - 1)
    replaced(database)
    written(database, "north", N_NEW)
    with engine.sessions(database)() as session:
        clinics.create(engine.writing(session), "young", "Young", now=NOW)
        session.commit()
    written(database, "young", 2)
    return database


def sealed_anew(session: Session, since: int, upto: int) -> None:
    """The entries from one on, sealed with the old key; those above the last are cut off, with the head's row."""
    tape, secret, before = Tape(session), crypto.ring().derived(audit_chain.PURPOSE, keys.NAME)[1], bytes(32)
    rows: list[Any] = list(audit_trail.rows.chain(session))
    clinic = {"clinic": rows[0].clinic_id.hex if tape.lite else rows[0].clinic_id}
    mine = "sequence = :k AND clinic_id = :clinic"
    for row in rows:
        if row.sequence >= since:
            entry = audit_chain.entry_of(row) | {"key": keys.NAME}
            mac = audit_chain.seal(secret, before, entry)
            said = {"k": row.sequence, "key": keys.NAME, "mac": mac, **clinic}
            tape.run(f"UPDATE audit_events SET key = :key, mac = :mac WHERE {mine}", **said)
        before = row.mac if row.sequence < since else mac
        if row.sequence == upto:
            break
    tape.run("DELETE FROM audit_events WHERE sequence > :k AND clinic_id = :clinic", k=upto, **clinic)
    end = "UPDATE audit_heads SET mac = :mac, sequence = :k WHERE clinic_id = :clinic"
    tape.run(end, mac=before, k=upto, **clinic)
    session.expire_all()


@pytest.mark.P8
@pytest.mark.parametrize(
    ("since", "upto", "found"),
    [
        (1, N_OLD + N_NEW, Verdict(N_OLD, N_OLD + 1, audit_trail.OLD_KEY)),
        (N_OLD + 1, N_OLD + N_NEW, Verdict(N_OLD, N_OLD + 1, audit_trail.OLD_KEY)),
        (N_OLD + N_NEW, N_OLD + N_NEW, Verdict(N_OLD + N_NEW - 1, N_OLD + N_NEW, audit_trail.OLD_KEY)),
        (1, N_OLD - 1, Verdict(N_OLD - 1, N_OLD, audit_trail.CUT)),
    ],
)
def test_what_is_sealed_anew_with_the_old_key_is_seen(
    changed: str, since: int, upto: int, found: Verdict, tried: Callable[[int], None]
) -> None:
    """Planted hole: with a ring that remembers no ends every one of these trails holds."""
    assert verdict(changed, "north") == Verdict(N_OLD + N_NEW) and verdict(changed, "young").holds
    with engine.sessions(changed)() as session:
        clinics.find(engine.writing(session), "north")
        sealed_anew(session, since, upto)
        assert audit_trail.verify(session) == found
        crypto.use(crypto.KeyRing(crypto.ring().keys, "knewer"))
        assert audit_trail.verify(session) == Verdict(upto)
    tried(2)


@pytest.mark.P8
def test_words_of_before_that_are_changed_are_seen_by_the_end_that_the_key_remembers(
    changed: str, tried: Callable[[int], None]
) -> None:
    """All that the old key sealed written anew, the rest cut off: the chain holds in itself."""
    with engine.sessions(changed)() as session:
        clinics.find(engine.writing(session), "north")
        Tape(session).run("UPDATE audit_events SET subject = 'x' WHERE sequence = 3")
        sealed_anew(session, 1, N_OLD)
        assert audit_trail.verify(session) == Verdict(N_OLD - 1, N_OLD, audit_trail.REWRITTEN)
    tried(1)


@pytest.mark.P8
def test_a_clinic_that_is_younger_than_the_key_bears_it_from_its_first_entry_on(
    changed: str, tried: Callable[[int], None]
) -> None:
    with engine.sessions(changed)() as session:
        clinics.find(engine.writing(session), "young")
        sealed_anew(session, 1, 3)
        assert audit_trail.verify(session) == Verdict(0, 1, audit_trail.OLD_KEY)
    tried(1)


@pytest.mark.P8
def test_who_writes_while_a_key_is_added_has_ended_before_its_end_is_read(
    database: str, tried: Callable[[int], None]
) -> None:
    """An entry that was sealed a moment before with the old key is at the end, or before it; never behind."""
    with engine.sessions(database)() as session:
        clinics.create(engine.writing(session), "north", "North", now=NOW)
        session.commit()
    busy = engine.sessions(database)()
    clinics.find(engine.writing(busy), None)
    audit.record(busy, "act.slow", now=NOW)
    audit_chain.append(busy)  # sealed with the old key, and not committed
    adding = Thread(target=replaced, args=(database,))
    adding.start()
    adding.join(0.3)
    assert adding.is_alive()
    busy.commit()
    adding.join(30)
    assert not adding.is_alive()
    written(database, "north", 1)
    assert verdict(database, "north") == Verdict(3)
    (end,) = crypto.ring().ends["knewer"].values()
    assert end[0] == 2
    tried(1)


@pytest.mark.P8
def test_another_key_or_an_end_that_is_kept_later_makes_nothing_hold_again(
    changed: str, tried: Callable[[int], None]
) -> None:
    """All that the old key sealed is written anew, the rest cut off; then that end is remembered as well."""
    with engine.sessions(changed)() as session:
        clinic = clinics.find(engine.writing(session), "north")
        Tape(session).run("UPDATE audit_events SET subject = 'x' WHERE sequence = 3")
        sealed_anew(session, 1, N_OLD)
        session.commit()
    ring, now = crypto.ring(), sealing.ends(engine.sessions(changed))
    more = {**ring.keys, "kthird": bytes(range(1, 33))}
    crypto.use(crypto.KeyRing(more, "kthird", {**ring.ends, "kthird": now}))
    assert verdict(changed, "north") == Verdict(N_OLD - 1, N_OLD, audit_trail.REWRITTEN)
    with engine.sessions(changed)() as session:
        clinics.find(session, "north")
        found = audit_trail.verify(session, [audit_trail.head(session, clinic, now=NOW)])
    assert found == Verdict(N_OLD - 1, N_OLD, audit_trail.REWRITTEN)
    tried(2)


@pytest.mark.P8
def test_a_trail_that_is_taken_as_it_is_holds_from_then_on(changed: str, tried: Callable[[int], None]) -> None:
    """After an older backup: work has gone on, with the newer key, before anybody said so."""
    with engine.sessions(changed)() as session:
        clinics.find(engine.writing(session), "north")
        sealed_anew(session, N_OLD, N_OLD - 2)
        session.commit()
    written(changed, "north", 6)
    assert verdict(changed, "north") == Verdict(N_OLD - 1, N_OLD, audit_trail.REWRITTEN)
    ends = sealing.ends_as_they_are(engine.sessions(changed))
    assert {end[0] for end in ends["knewer"].values()} == {N_OLD - 2, 0}
    crypto.use(crypto.KeyRing(crypto.ring().keys, "knewer", ends))
    assert verdict(changed, "north") == Verdict(N_OLD + 4) and verdict(changed, "young").holds
    tried(2)


@pytest.mark.P8
def test_a_clinic_that_is_gone_with_its_trail_is_missed(changed: str, tried: Callable[[int], None]) -> None:
    sessions = engine.sessions(changed)
    assert sealing.gone(sessions) == []
    ring = crypto.ring()
    other = {UUID(int=5): (9, "ab" * 32), UUID(int=6): (0, "00" * 32)}
    crypto.use(crypto.KeyRing(ring.keys, "knewer", {"knewer": {**ring.ends["knewer"], **other}}))
    assert sealing.gone(sessions) == [UUID(int=5)]
    tried(1)


@pytest.mark.P8
def test_a_key_that_comes_while_the_trail_is_checked_stops_nothing(changed: str, tried: Callable[[int], None]) -> None:
    """The check had begun with the ring of before."""
    before = crypto.ring()
    later = crypto.KeyRing({**before.keys, "kthird": bytes(range(1, 33))}, "kthird", before.ends)
    crypto.use(later)
    written(changed, "north", 1)
    crypto.use(before, again=lambda: later)
    assert verdict(changed, "north") == Verdict(N_OLD + N_NEW + 1)
    tried(1)


def test_the_file_of_keys_keeps_the_ends_and_refuses_what_are_none(tmp_path: Path) -> None:
    path, clinic = tmp_path / "rapport.keys", UUID(int=7)
    first = key_file.make(path, NOW)
    second = key_file.add(path, NOW)
    key_file.keep_ends(path, second, {clinic: (12, "ab" * 32)})
    ring = key_file.read(path)
    assert (list(ring.keys), ring.current, ring.ends) == ([first, second], second, {second: {clinic: (12, "ab" * 32)}})
    key_file.keep_ends_anew(path, {second: {clinic: (3, "cd" * 32)}})
    assert key_file.read(path).ends == {second: {clinic: (3, "cd" * 32)}}
    with pytest.raises(crypto.NoKey, match="not on the ring"):
        key_file.keep_ends(path, "kother", {})
    whole = path.read_text()
    for bad in ('"ends": 3', '"ends": {"x": [1, "ab"]}', '"ends": {"' + str(clinic) + '": [1]}', '"ends": [[]]'):
        path.write_text(whole.replace('"ends": {', bad + ', "not": {'))
        with pytest.raises(crypto.NoKey, match="no file of keys"):
            key_file.read(path)
