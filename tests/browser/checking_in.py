"""Hours of a demo's client, links to them, and the ways to every state of a check-in's pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page
from sqlalchemy import select

from tests.browser import walking
from tests.browser.asking import clinic_of
from web.db.queries import appointments
from web.db.tables import AppointmentRow, LinkRow, SessionRow
from web.services import check_ins, clinics, demo_people, intakes, links
from web.services.appointments import call_off

Prepare = Callable[[Page, str], None]
SLIDERS = ("bond", "goals", "way", "overall")


def hour(address: str, *, ahead: timedelta = timedelta()) -> str:
    """A link to an hour that the demo's client in therapy has just had, or has ``ahead`` of them."""
    now = datetime.now(UTC)
    with clinic_of(address) as session:
        kept = intakes.of_link(session, demo_people.link(demo_people.IN_THERAPY), now=now)
        assert kept is not None
        known = session.scalars(select(AppointmentRow).where(AppointmentRow.client_id == kept.client_id)).first()
        assert known is not None
        dyad = appointments.dyad(session, known.client_id, known.therapist_id)
        assert dyad is not None
        held = SessionRow(dyad_id=dyad.id, number=appointments.last_number(session, dyad.id) + 1)
        session.add(held)
        session.flush()
        session.add(AppointmentRow(client_id=dyad.client_id, therapist_id=dyad.therapist_id, session_id=held.id,
                                   begins_at=now + ahead - timedelta(minutes=60), state="held", made_at=now,
                                   made_by="a test", ended_at=now))  # fmt: skip
        session.flush()
        clinic = clinics.find(session, None)
        return check_ins.link_for(session, clinic, held.id, now=now, until=now + timedelta(days=7))


def changed(address: str, token: str, **values: datetime) -> str:
    """The same link, whose row has these values."""
    with clinic_of(address) as session:
        link = links.of_token(session, links.CHECK_IN, token, now=datetime.now(UTC))
        assert link is not None
        row = session.scalars(select(LinkRow).where(LinkRow.id == link.id)).one()
        for name, value in values.items():
            setattr(row, name, value)
    return token


def fill(page: Page, *, comment: str = "") -> None:
    for k, name in enumerate(SLIDERS):
        page.locator(f'input[name="{name}"][value="{7 + k % 3}"]').check()
    if comment:
        page.fill("#comment", comment)


def send(page: Page) -> None:
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_load_state()


def arrive(page: Page, address: str, token: str) -> None:
    page.goto(f"{address}/check-ins/link/{token}")


def code_for(page: Page, address: str) -> str:
    """The code that a coordinator shows for the newest hour."""
    hour(address)
    walking.be(page, address, "coordinator")
    page.goto(address + "/kiosk/hours")
    page.get_by_role("button", name=re.compile("Show the codes")).first.click()
    return page.locator(".digits").inner_text()


def begin_kiosk(page: Page, address: str) -> str:
    """This browser is the clinic's tablet; a code for it."""
    code = code_for(page, address)
    page.goto(address + "/kiosk/hours")
    page.get_by_role("button", name="Sign me out").click()
    page.wait_for_url("**/kiosk/")
    return code


def enter(page: Page, code: str) -> None:
    page.fill("#code", code)
    page.get_by_role("button", name="Begin").click()
    page.wait_for_load_state()


def _by_link(then: Callable[[Page], None] = lambda page: None) -> Prepare:
    def prepare(page: Page, address: str) -> None:
        arrive(page, address, hour(address))
        then(page)

    return prepare


def _said(page: Page) -> None:
    fill(page, comment="We went at my pace.")
    send(page)


def _expired(page: Page, address: str) -> None:
    arrive(page, address, changed(address, hour(address), expires_at=datetime.now(UTC) - timedelta(days=1)))


def _ended(page: Page, address: str) -> None:
    arrive(page, address, changed(address, hour(address), ended_at=datetime.now(UTC)))


def _not_held(page: Page, address: str) -> None:
    """Somebody noted afterwards that the hour did not take place."""
    token, now = hour(address), datetime.now(UTC)
    with clinic_of(address) as session:
        link = links.of_token(session, links.CHECK_IN, token, now=now)
        row = appointments.of_session(session, link.session_id) if link is not None and link.session_id else None
        assert row is not None
        call_off(session, clinics.find(session, None), row.id, because="missed", actor="a test", now=now)
    arrive(page, address, token)


def _kiosk(page: Page, address: str) -> None:
    enter(page, begin_kiosk(page, address))


def _kiosk_thanks(page: Page, address: str) -> None:
    _kiosk(page, address)
    fill(page)
    send(page)


# (name, the way there, whether the answer is one that browsers complain about, what proves that one has arrived)
WALKS: tuple[tuple[str, Prepare, bool, str], ...] = (
    ("check-in", _by_link(), False, ".eleven"),
    ("check-in-error", _by_link(send), True, ".govuk-error-summary"),
    ("check-in-thanks", _by_link(_said), False, "main .lead"),
    ("check-in-expired", _expired, True, "main .state"),
    ("check-in-ended", _ended, True, "main .state"),
    ("check-in-not-held", _not_held, True, "main .state"),
    ("check-in-early", lambda page, address: arrive(page, address, hour(address, ahead=timedelta(days=2))), False,
     "main .state"),
    ("check-in-wrong", lambda page, address: arrive(page, address, "A" * 22), True, "#link"),
    ("check-in-codes", lambda page, address: (code_for(page, address), None)[1], False, ".qr"),
    ("kiosk", lambda page, address: (begin_kiosk(page, address), None)[1], False, "#code"),
    ("kiosk-form", _kiosk, False, ".eleven"),
    ("kiosk-thanks", _kiosk_thanks, False, "main .lead"),
)  # fmt: skip
