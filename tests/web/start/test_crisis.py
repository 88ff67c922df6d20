"""Whom to call is there when everything else is gone, and a wrong list is refused at start."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.web.conftest import Clinic, settings_for
from web import create_app, headers
from web.settings import WrongSetting
from web.start.crisis import CONTACTS, read_contacts


def test_the_page_needs_neither_database_nor_template_nor_limit(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(settings_for(clinic.database_url, address_limit="1 per hour"))

    def gone(*args: object, **kwargs: object) -> None:
        raise OSError("gone")

    monkeypatch.setitem(app.extensions, "rapport_sessions", gone)
    monkeypatch.setattr(app, "full_dispatch_request", gone)
    monkeypatch.setattr(app, "session_interface", None)
    app.jinja_env.loader = None
    for _ in range(3):
        answer = app.test_client().get("/help-now")
        assert answer.status_code == 200
        assert 'href="tel:112"' in answer.text
    head = app.test_client().head("/help-now")
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(len(answer.data)))
    assert all(answer.headers[name] == value for name, value in headers.SECURITY.items())


def test_another_method_does_not_pass_for_the_page(clinic: Clinic) -> None:
    assert clinic.client.post("/help-now").status_code == 405


def test_our_list_can_be_dialled_and_every_line_has_its_source() -> None:
    contacts = read_contacts()
    assert [country.emergency for country in contacts.countries] == ["112", "999", "112", "911", "911", "112"]
    assert all(line.dialled.isdigit() for country in contacts.countries for line in country.lines)
    listed = tomllib.loads(CONTACTS.read_text())["countries"]
    assert all(line["source"].startswith("https://") for country in listed for line in country.get("lines", ()))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "checked"),
        ('checked = "now"\ncountries = []', "names no country"),
        ('checked = "now"\n[[countries]]\nname = "X"', "emergency"),
        ('checked = "now"\n[[countries]]\nname = "X"\nemergency = 112', "telephone number in quotes"),
        ('checked = "now"\n[[countries]]\nname = "X"\nemergency = "javascript:1"', "telephone number in quotes"),
        ('checked = "now"\n[[countries]]\nname = ""\nemergency = "112"', "words in quotes"),
        ("checked = ", "cannot be read"),
    ],
)
def test_a_wrong_list_does_not_start(clinic: Clinic, tmp_path: Path, text: str, said: str) -> None:
    contacts = tmp_path / "contacts.toml"
    contacts.write_text(text)
    with pytest.raises(WrongSetting, match=said) as wrong:
        create_app(settings_for(clinic.database_url, crisis_contacts=contacts))
    assert wrong.value.name == "RAPPORT_CRISIS_CONTACTS"


def test_a_clinic_puts_its_own_list_in_its_place(clinic: Clinic, tmp_path: Path) -> None:
    contacts = tmp_path / "contacts.toml"
    contacts.write_text(
        'checked = "May 2026"\n[[countries]]\nname = "<b>Austria</b>"\nemergency = "144"\n'
        '[[countries.lines]]\nname = "Line"\nnumber = "+43 (1) 23-45"\nwhen = "always"\n'
    )
    page = create_app(settings_for(clinic.database_url, crisis_contacts=contacts)).test_client().get("/help-now").text
    assert 'href="tel:144"' in page and 'href="tel:+4312345"' in page
    assert "&lt;b&gt;Austria" in page and "<b>Austria" not in page
    assert "Samaritans" not in page
