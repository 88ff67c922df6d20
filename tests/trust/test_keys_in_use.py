"""A key is taken off the ring only where nothing is sealed with it: as is written down, and as the values say."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from tests import keys
from tests.web.conftest import NOW, SLUG
from tests.web.waiting_room import sent
from web.db import crypto, engine
from web.db.queries import sealing as rows
from web.db.tables import SealingKeyRow
from web.db.tables.base import new_key
from web.services import clinics, intakes, sealing
from web.services.intakes import CONTACT

NEWER = crypto.KeyRing({**keys.RING.keys, "knewer": bytes(reversed(range(32)))}, "knewer")


@pytest.fixture
def session(harbour: str) -> Iterator[Session]:
    """A clinic in which a client has said something, sealed with a key that is not the current one any more."""
    with engine.sessions(harbour)() as opened:
        clinics.find(engine.writing(opened), None)
        sent(opened, now=NOW, name="Wren")
        opened.commit()
    crypto.use(NEWER)
    try:
        with engine.sessions(harbour)() as opened:
            clinics.find(engine.writing(opened), None)
            yield opened
    finally:
        crypto.use(keys.RING)


def test_a_key_that_seals_values_stays_although_it_is_not_written_down(
    session: Session, tried: Callable[[int], None]
) -> None:
    """Its row may have gone: with a rotation that a process of before outlived, or by hand."""
    rows.forget(session, keys.NAME)
    assert keys.NAME not in rows.names(session)
    with pytest.raises(sealing.StillNeeded, match="rapport keys rotate"):
        sealing.require_idle(session, keys.NAME)
    tried(1)


def test_a_key_that_is_written_down_stays_although_it_seals_nothing(
    session: Session, tried: Callable[[int], None]
) -> None:
    """A process may be about to seal with it; the next rotation says when it is over."""
    key = new_key()
    session.add(SealingKeyRow(id=key, name="kother", proof=crypto.seal("sealing_keys.proof", key, b"x"), since=NOW))
    session.flush()
    assert rows.count(session, "kother") == 0
    with pytest.raises(sealing.StillNeeded, match="0 values"):
        sealing.require_idle(session, "kother")
    session.execute(delete(SealingKeyRow).where(SealingKeyRow.name == "kother"))
    sealing.require_idle(session, "kother")
    tried(2)


def test_after_a_rotation_a_key_goes_in_every_clinic_or_in_none(
    harbour: str, session: Session, tried: Callable[[int], None]
) -> None:
    """Values of a clinic that the session has not entered count as well."""
    sessions = engine.sessions(harbour)
    session.rollback()
    with sessions() as opened:
        clinics.create(engine.writing(opened), "south", "South", now=NOW)
        opened.commit()
    done = sealing.rotate(sessions)
    assert done.idle == (keys.NAME,) and done.n_rows > 0
    with sessions() as opened:
        assert opened.scalar(select(func.count(SealingKeyRow.id)).where(SealingKeyRow.name == keys.NAME)) == 0
        sealing.require_idle(opened, keys.NAME)
    crypto.use(keys.RING)  # a process that has the file of before writes once more
    with sessions() as opened:
        clinics.find(engine.writing(opened), "south")
        kept = intakes.of_link(opened, intakes.begin(opened, now=NOW), now=NOW)
        assert kept is not None
        intakes.save(opened, kept, CONTACT, {"name": "Lark", "email": "lark@there.example"}, now=NOW)
        opened.commit()
    with sessions() as opened, pytest.raises(sealing.StillNeeded):
        clinics.find(opened, SLUG)
        sealing.require_idle(opened, keys.NAME)
    tried(2)


def test_a_value_bears_the_name_of_its_key_and_opens_under_no_other(tried: Callable[[int], None]) -> None:
    """Also where two names stand for the same bytes, as after a file of keys that was mended by hand."""
    secret = keys.RING.keys[keys.NAME]
    row = new_key()
    try:
        crypto.use(crypto.KeyRing({keys.NAME: secret, "ktwin": secret}, keys.NAME))
        sealed = crypto.seal("t.c", row, b"words")
        renamed = crypto.head_of("ktwin") + sealed[len(crypto.head_of(keys.NAME)) :]
        assert crypto.open_sealed("t.c", row, sealed) == b"words"
        with pytest.raises(crypto.Tampered):
            crypto.open_sealed("t.c", row, renamed)
    finally:
        crypto.use(keys.RING)
    tried(2)
