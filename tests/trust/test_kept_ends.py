"""Every end of a trail that was kept elsewhere counts, the oldest as well: a later one takes none of them back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests import keys
from tests.trust.test_audit_trail import NOW, N, Tape
from tests.trust.test_audit_trail import trail as trail
from web.db import audit_chain, crypto
from web.db.tenancy import entered
from web.exchange import audit_files
from web.exchange.audit_files import Anchor
from web.services import audit_trail, clinics
from web.services.audit_trail import REWRITTEN, Verdict


def written_anew(session: Session, first: int) -> None:
    """Sealed anew from an event on, by somebody who has the database and the key."""
    tape, (_, secret) = Tape(session), crypto.ring().derived(audit_chain.PURPOSE)
    tape.edit(first, "subject", "x")
    before = bytes(tape.row(first - 1)["mac"])
    for row in list(audit_trail.rows.chain(session)):
        if row.sequence >= first:  # type: ignore[attr-defined]
            before = audit_chain.seal(secret, before, audit_chain.entry_of(row))  # type: ignore[arg-type]
            tape.edit(row.sequence, "mac", before)  # type: ignore[attr-defined]
    tape.run("UPDATE audit_heads SET mac = :mac", mac=before)


def head(session: Session, at: datetime) -> Anchor:
    return audit_trail.head(session, clinics.find(session, None), now=at)


@pytest.fixture
def usual_ring() -> Iterator[None]:
    yield
    crypto.use(keys.RING)


@pytest.mark.P8
def test_an_end_that_is_kept_again_after_a_rewriting_does_not_hide_it(
    trail: Session, tmp_path: Path, tried: Callable[[int], None]
) -> None:
    """At a clinic where nothing was done between two days the worker keeps the end of the same entry twice."""
    path, tomorrow = tmp_path / "ends.jsonl", NOW + timedelta(days=1)
    audit_files.append_anchors(path, [head(trail, NOW)])
    audit_files.append_anchors(path, [head(trail, tomorrow)])
    assert audit_trail.verify(trail, audit_files.read_anchors(path)) == Verdict(N)
    written_anew(trail, 5)
    audit_files.append_anchors(path, [head(trail, tomorrow + timedelta(days=1))])
    kept = audit_files.read_anchors(path)
    assert [one.sequence for one in kept] == [N, N, N]
    for ends in (kept, kept[::-1]):
        assert audit_trail.verify(trail, ends) == Verdict(N - 1, N, REWRITTEN)
    tried(3)


@pytest.mark.P8
def test_an_end_that_is_kept_beside_the_keys_is_not_replaced_by_one_in_a_file(
    trail: Session, usual_ring: None, tried: Callable[[int], None]
) -> None:
    clinic_id, kept = entered(trail), head(trail, NOW)
    assert clinic_id is not None
    newer = {**keys.RING.keys, "knewer": bytes(reversed(range(32)))}
    written_anew(trail, 5)
    crypto.use(crypto.KeyRing(newer, "knewer", {"knewer": {clinic_id: (kept.sequence, kept.mac)}}))
    assert audit_trail.verify(trail) == Verdict(N - 1, N, REWRITTEN)
    assert audit_trail.verify(trail, [head(trail, NOW)]) == Verdict(N - 1, N, REWRITTEN)
    tried(2)
