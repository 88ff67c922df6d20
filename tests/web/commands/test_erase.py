"""``rapport erase`` and ``rapport clinic keep`` as their users run them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tests.web.commands.running import done, rapport_on, refused
from tests.web.conftest import Clinic
from tests.web.desk import desk_of
from tests.web.waiting_room import client_of, sent
from web.db.queries import reach


def test_a_client_is_erased_once_it_was_said_that_one_is_sure(clinic: Clinic, tmp_path: Path) -> None:
    desk = desk_of(clinic, tmp_path)
    rapport = rapport_on(desk.url)
    with desk.session() as session:
        kept = sent(session, now=datetime.now(UTC))
        row = reach.by_key(session, client_of(kept))
        assert row is not None
        key, name = row.id, row.external_id
    assert "no client with this id" in refused(rapport("erase", "nobody", "--yes"))
    assert "Aborted" in refused(rapport("erase", name, stdin="n\n"))
    with desk.session() as session:
        assert reach.by_key(session, key) is not None
    assert "rows were erased" in done(rapport("erase", name, "--files", stdin="y\n"))
    with desk.session() as session:
        assert reach.by_key(session, key) is None
    assert "no client with this id" in refused(rapport("erase", name, "--yes"))


def test_how_long_closed_cases_are_kept_is_said_and_told(clinic: Clinic, tmp_path: Path) -> None:
    rapport = rapport_on(desk_of(clinic, tmp_path).url)
    assert "for good" in done(rapport("clinic", "keep"))
    assert "for 36 months" in done(rapport("clinic", "keep", 36))
    assert "for 36 months" in done(rapport("clinic", "keep"))
    assert rapport("clinic", "keep", 0).exit_code == 2
    assert "for good" in done(rapport("clinic", "keep", "--for-good"))
