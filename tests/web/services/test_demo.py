"""The demo makes its own database, may run twice, and touches no other."""

from __future__ import annotations

import shutil
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from tests.browser.serving import free_port, said_by
from tests.web.commands.running import done, rapport_on, refused
from tests.web.conftest import NOW, settings_for
from web import create_app
from web.db import engine, schema
from web.db.queries import ratings
from web.services import clinics, dashboard, refit
from web.services import demo as service


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    made = f"sqlite:///{tmp_path_factory.mktemp('demo')}/demo.sqlite"
    clinic = service.prepare(made, NOW)
    service.fit(made, clinic, NOW)
    return made


def shown(url: str) -> service.Examples:
    with engine.sessions(url)() as session:
        found = service.examples(session, NOW.date())
    assert found is not None
    return found


def test_three_people_and_their_lists(url: str) -> None:
    found = shown(url)
    assert found.n_clients == 900
    lists = [example.matches for example in found.people]
    assert [len(entry.matches) + len(entry.refusals) for entry in lists] == [40, 40, 40]
    assert len(lists[0].matches) > 20 and lists[0].notes == ()
    assert lists[2].matches == () and lists[2].notes == ("no_match",)
    assert {remedy.code for remedy in lists[2].remedies} >= {"wait_for_place"}


def test_the_second_run_changes_nothing(url: str) -> None:
    before = shown(url)
    clinic = service.prepare(url, NOW + timedelta(days=1))
    assert service.fit(url, clinic, NOW).is_new is False
    assert shown(url) == before


def test_the_page_shows_them(url: str) -> None:
    page = create_app(settings_for(url, environment="demo")).test_client().get("/examples").text
    for example in shown(url).people:
        assert example.title in page
    first = shown(url).people[0]
    assert first.therapists[first.matches.matches[0].therapist_id].name in page


def test_everything_that_a_dashboard_draws_has_happened_in_it_once(url: str, tmp_path: Path) -> None:
    own = f"sqlite:///{tmp_path}/demo.sqlite"
    shutil.copyfile(url.removeprefix("sqlite:///"), tmp_path / "demo.sqlite")
    found = []
    for _again in range(2):
        clinic = service.prepare(own, NOW)
        service.furnish(own, clinic, NOW)
        with engine.sessions(own)() as session:
            clinics.enter(session, clinic)
            page = dashboard.of_clinic(session, clinic, now=NOW, zone=UTC)
            counted, waits = ratings.count(session), ratings.count_untold(session)
        drawn = [page.alliance.total, page.check_ins.total, page.acknowledged.total]
        drawn += [outcome.total for outcome in page.outcomes]
        assert all(total.n > 100 for total in drawn) and len(page.outcomes) == 2
        reached = [step.n_reached for step in page.begin.steps if step.n_reached is not None]  # a small loss hides one
        assert min(reached) > 30 and len(reached) > 3
        assert waits < refit.FEWEST_NEW  # else the clock would ask for another model as soon as somebody looks around
        found.append((page, counted, waits))
    assert found[0] == found[1]


def test_a_first_run_that_was_cut_short_goes_on_with_the_next(blank: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(service.importing, "import_file", killed)
        with pytest.raises(KeyboardInterrupt):
            service.prepare(blank, NOW)
    assert schema.current(blank) == schema.head()  # the tables are there, the clinic is not
    assert service.prepare(blank, NOW).is_demo
    assert service.prepare(blank, NOW).is_demo


def test_a_clinic_of_real_people_is_left_alone(database: str) -> None:
    with engine.sessions(database)() as session:
        engine.writing(session)
        clinics.create(session, service.SLUG, "A real clinic of that name", now=NOW)
        session.commit()
    with pytest.raises(service.DemoRefused):
        service.prepare(database, NOW)
    with engine.sessions(database)() as session:
        assert service.examples(session, NOW.date()) is None


def test_demo_mode_does_not_serve_a_real_clinic(tmp_path: Path) -> None:
    rapport = rapport_on(f"sqlite:///{tmp_path}/real.sqlite", RAPPORT_ENV="demo")
    done(rapport("db", "upgrade"))
    done(rapport("clinic", "create", "harbour", "--name", "Harbour"))
    assert "not made by the demo" in refused(rapport("serve", "--port", free_port()))


def test_tables_that_the_demo_did_not_make_are_left_alone(database: str) -> None:
    with pytest.raises(service.DemoRefused):
        service.prepare(database, NOW)


def test_the_command_prints_lists_and_addresses(tmp_path: Path, demo: Path) -> None:
    said = said_by(demo).read_text()
    assert "http://localhost:8000/" in said and "rapport_" in said
    assert "A nurse who cannot sleep" in said and "What would open more places" in said
    production = rapport_on(f"sqlite:///{tmp_path}/real.sqlite", RAPPORT_ENV="production", SECRET_KEY="s" * 32)
    assert "invented people only" in refused(production("demo"))
