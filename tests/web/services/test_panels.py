"""The panel of recent intakes: which they are, when it is made anew, and that it stays within its room."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from matcher import DEFAULT_WEIGHTS
from tests.web.conftest import Clinic, keep_directory, let_serve
from tests.web.desk import Desk, desk_of
from web.db.queries import recent
from web.db.tables import ClientRow, IntakeRow, TherapistRow
from web.services import clinics, intakes, lists, panels
from web.services.panels import Previewed

NOW = datetime.now(UTC)
OTHER = {"access": 1.0}


@pytest.fixture
def desk(clinic: Clinic, tmp_path: Path) -> Desk:
    return desk_of(clinic, tmp_path)


def previewed(desk: Desk, relative: dict[str, float] = OTHER, now: datetime = NOW) -> Previewed:
    with desk.session() as session:
        return panels.preview(session, clinics.find(session, None), relative, now=now)


def kept(desk: Desk) -> panels.Kept:
    with desk.session() as session:
        return panels._kept[clinics.find(session, None).id]


def send_one(desk: Desk) -> None:
    """Somebody sends an intake in the browser."""
    with desk.session() as session:
        link = intakes.begin(session, now=NOW)
        found = intakes.of_link(session, link, now=NOW)
        assert found is not None
        found = intakes.save(session, found, "concerns", {"concerns": ["grief"]}, now=NOW)
        intakes.send(session, found, consent="1", now=NOW)


def test_the_newest_are_those_sent_here_and_files_fill_up_to_forty(desk: Desk) -> None:
    found = previewed(desk)
    assert (found.preview.n_intakes, found.n_sent, found.n_brought_in, found.has_model) == (40, 0, 40, True)
    send_one(desk)
    found = previewed(desk)
    assert (found.preview.n_intakes, found.n_sent, found.n_brought_in) == (40, 1, 39)
    with desk.session() as session:
        [first, *_rest] = recent.clients(session, 40)
        sent = session.scalars(select(IntakeRow.client_id).where(IntakeRow.sent_at.is_not(None))).one()
        assert first.id == sent
    assert str(sent) == kept(desk).panel.intake_ids[0]


def test_a_panel_is_kept_until_something_that_it_is_made_of_changes(desk: Desk) -> None:
    previewed(desk)
    first = kept(desk)
    previewed(desk, {"alliance": 1.0})
    assert kept(desk) is first  # other weights are tried on the same panel
    send_one(desk)
    previewed(desk)
    second = kept(desk)
    assert second is not first
    with desk.session() as session:
        session.scalars(select(TherapistRow).where(TherapistRow.external_id == "t01")).one().capacity = 0
        keep_directory(session)
    previewed(desk)
    third = kept(desk)
    assert third is not second
    assert not third.panel.offered[:, third.panel.therapist_ids.tolist().index("t01")].any()
    previewed(desk, now=NOW + timedelta(days=1))
    assert kept(desk) is not third  # a day later everybody can start a day sooner


def test_a_preview_beside_what_serves_moves_nobody_and_writes_nothing(desk: Desk) -> None:
    found = previewed(desk, dict(DEFAULT_WEIGHTS.values))
    assert (found.preview.n_changed, found.preview.shut_out) == (0, ())
    assert found.preview.n_lists > 30
    with desk.session() as session:
        panels.preview(session, clinics.find(session, None), OTHER, now=NOW)
        assert not session.new
        assert not session.dirty


@pytest.mark.A8
def test_whoever_is_shut_out_in_steps_is_shut_out(desk: Desk) -> None:
    """What serves since today left some nobody; saying the same again warns of them, until it has served for long."""
    only = {"experience": 1.0}
    before = previewed(desk, only)
    gone = before.shut_out
    assert gone and tuple(before.preview.shut_out) == tuple(sorted(gone, key=before.preview.shut_out.index))
    with desk.session() as session:
        let_serve(session, "w1", only, now=NOW)
        session.commit()
    after = previewed(desk, only)
    assert after.preview.shut_out == () and after.shut_out == gone
    assert previewed(desk, only, now=NOW + panels.LATELY).shut_out == {}


def test_its_lists_are_the_lists_that_clients_see(desk: Desk) -> None:
    """Who is first in the panel is who is first in the list that was made for the same intake, in its strict order."""
    send_one(desk)
    with desk.session() as session:
        clinic = clinics.find(session, None)
        row = session.scalars(select(IntakeRow).where(IntakeRow.sent_at.is_not(None))).one()
        client = session.get(ClientRow, row.client_id)
        assert client is not None
        from web.db.queries import intakes as rows

        link = rows.by_hash(session, row.link_hash)
        found = intakes._kept(link, frozenset({"safety"}))
        lists.make(session, clinic, found, now=NOW)
        stored = lists.latest(session, clinic, found, most=5)
        assert stored is not None
        shown = panels.preview(session, clinic, OTHER, now=NOW).preview.reordered
    [mine] = [one for one in shown if one.intake_id == str(client.id)]
    places = {shift.was: shift.therapist_id for shift in mine.shifts}
    assert [places[k] for k in range(1, 6)] == [match.therapist_id for match in stored.matches.matches]


def test_panels_stay_within_their_room(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "MOST_PAIRS", 100)
    monkeypatch.setattr(panels, "MOST_BYTES", 0)
    panels._kept.clear()
    found = previewed(desk)
    assert found.preview.n_intakes == 100 // len(found.names)  # a directory too large for forty is tried on fewer
    panels._kept[desk.staff["clinic_lead"].id] = kept(desk)
    previewed(desk)
    assert len(panels._kept) == 1
