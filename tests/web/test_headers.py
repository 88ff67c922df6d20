"""What every answer says to the browser, to the letter."""

from __future__ import annotations

import hashlib
import json
import re

import pytest

from tests.web.conftest import Clinic
from web import headers

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGES = ("/", "/how-it-works", "/therapists", "/portrait.svg", "/help-now")
PROGRAMS = ("/api/v1/", "/api/v1/openapi.json", "/healthz", "/readyz", "/static/rapport.css")
ERRORS = ("/nothing", "/api/v1/nothing", "/api/v1/matches", "/static/nothing.css")


@pytest.mark.S21
@pytest.mark.parametrize("path", PAGES + PROGRAMS + ERRORS)
def test_every_answer_is_closed_to_the_outside(clinic: Clinic, path: str, tried: pytest.FixtureRequest) -> None:
    said = clinic.client.get(path).headers
    assert said["Content-Security-Policy"] == CSP
    assert said["X-Content-Type-Options"] == "nosniff"
    assert said["Referrer-Policy"] == "no-referrer"
    assert said["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in said["Permissions-Policy"]
    assert "Server" not in said and "Set-Cookie" not in said
    tried(1)  # type: ignore[operator]


@pytest.mark.parametrize("path", ["/help-now", "/healthz", *ERRORS])
def test_what_may_be_personal_or_passing_is_not_kept(clinic: Clinic, path: str) -> None:
    assert clinic.client.get(path).headers["Cache-Control"] == "no-store"


def test_an_answer_of_the_api_is_not_kept(clinic: Clinic) -> None:
    answer = clinic.match({"client_id": "c1", "concerns": ["grief"]})
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_static_file_is_kept_for_good_at_its_own_address_only(clinic: Clinic) -> None:
    page = clinic.client.get("/").text
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(addresses) == 5  # the mark, two fonts, the style sheet, the script
    for address in addresses:
        assert clinic.client.get(address).headers["Cache-Control"] == "public, max-age=31536000, immutable", address
    for address in ("/static/rapport.css", "/static/rapport.css?v=old"):
        answer = clinic.client.get(address)
        assert answer.headers["Cache-Control"] == "public, no-cache"
        again = clinic.client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304


def test_a_page_that_is_the_same_for_everybody_is_asked_for_again(clinic: Clinic) -> None:
    for path in ("/api/v1/openapi.json", "/how-it-works"):
        answer = clinic.client.get(path)
        assert answer.headers["Cache-Control"] == "public, no-cache"
        again = clinic.client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_over_tls_the_browser_is_told_to_stay_there(clinic: Clinic) -> None:
    assert "Strict-Transport-Security" not in clinic.client.get("/").headers
    told = clinic.client.get("/", base_url="https://localhost").headers["Strict-Transport-Security"]
    assert told.startswith("max-age=63072000")


def test_what_is_vendored_is_what_the_manifest_says() -> None:
    vendor = headers.STATIC / "vendor"
    listed = {
        name: digest
        for package in json.loads((vendor / "manifest.json").read_text())
        for name, digest in package["files"].items()
        if package["version"] in name and package["licence"]
    }
    found = {
        path.relative_to(vendor).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in vendor.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert found == listed
    assert sum(name.endswith(".woff2") for name in found) == 4


def test_the_style_sheet_asks_for_files_that_are_there_and_for_nothing_else() -> None:
    asked = re.findall(r'url\("?([^")]+)"?\)', (headers.STATIC / "rapport.css").read_text())
    assert len(asked) == 4
    assert all((headers.STATIC / name).is_file() for name in asked)
