"""Every sentence for people passes through the catalogue, and the template of the catalogues holds it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from matcher.measures import INSTRUMENTS
from tests.architecture.test_imports import ROOT
from tests.web.conftest import NOW, settings_for
from web import create_app
from web.db import engine, schema
from web.services import (
    clinics,
    demo,
    demo_check_ins,
    demo_courses,
    demo_measures,
    demo_people,
    demo_requests,
    demo_waiting,
)
from web.wording import language

OPEN, CLOSE = "\u27e6", "\u27e7"
SPOKEN = {"alt", "aria-label", "title", "placeholder", "content"}
OURS = {"Rapport", "–", "Rapport –", "– Rapport"}  # a name is no sentence


class Bracketed:
    """A language in which every sentence stands in brackets."""

    def ugettext(self, words: str) -> str:
        return f"{OPEN}{words}{CLOSE}"

    def ungettext(self, one: str, many: str, n: int) -> str:
        return f"{OPEN}{one if n == 1 else many}{CLOSE}"


class Texts(HTMLParser):
    """What a page says: its text, and what is read out of its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._quiet = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._quiet += tag in {"script", "style", "code", "pre"}
        named = dict(attrs)
        spoken = SPOKEN if tag != "meta" or named.get("name") == "description" else set()
        self.found += [value for name, value in attrs if name in spoken and value]

    def handle_endtag(self, tag: str) -> None:
        self._quiet -= tag in {"script", "style", "code", "pre"}

    def handle_data(self, data: str) -> None:
        if not self._quiet:
            self.found.append(data)


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FlaskClient, str]]:
    """A visitor of the demo whose language is brackets, and everything in it that is data and no sentence."""
    url = f"sqlite:///{tmp_path_factory.mktemp('brackets') / 'demo.sqlite'}"
    clinic = demo.prepare(url, NOW)
    demo.furnish(url, clinic, NOW)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(language, "_catalogue", Bracketed)
        app = create_app(settings_for(url, environment="demo"))
        yield app.test_client(), data_of(url)


def data_of(url: str) -> str:
    """The text of every row that people wrote, and of the files of a clinic."""
    assert schema.current(url)
    seed = (ROOT / "seed_data").rglob("*.*")
    written = [path.read_text().replace('""', '"') for path in seed if path.suffix in {".csv", ".json"}]
    written.append((ROOT / "web/start/crisis_contacts.toml").read_text())
    written += [staff.name + staff.email for staff in demo_people.STAFF.values()]
    with engine.sessions(url)() as session:
        found = clinics.find(session, None)
        written += [found.name, found.slug, found.currency]
    written += [
        repr(demo_waiting.PEOPLE),
        repr(demo_people._CONTACTS),
        repr(demo_measures.STORIES),
        repr(demo_courses.PEOPLE),
        *(f"{one.name.lower()}@tolmaren.example" for one in demo_courses.PEOPLE),
        repr(demo_check_ins.HOURS),
        repr(INSTRUMENTS),
        *(one.title + one.lead + one.attribution for one in INSTRUMENTS.values()),
        *(item.words + answer.words for one in INSTRUMENTS.values() for item in one.items for answer in item.answers),
        repr(demo_requests.SEEKERS),
        repr(demo_people._DANGER),
        demo_people.PASSWORD,
        "default-1",
    ]
    return " ".join(" ".join(written).split())


def outside(text: str) -> str:
    """What stands in no brackets."""
    depth, kept = 0, []
    for letter in text:
        depth += (letter == OPEN) - (letter == CLOSE)
        kept.append(" " if depth or letter == CLOSE else letter)
    return " ".join("".join(kept).split())


def unsaid(page: str, data: str) -> list[str]:
    """The texts of a page that passed through no catalogue."""
    texts = Texts()
    texts.feed(page)
    left = {outside(" ".join(text.split())) for text in texts.found}
    return sorted(
        piece
        for text in left
        for piece in re.split(r" [·|] | – |, |\n", text)
        if re.search(r"[^\W\d_]{2}", piece) and piece.strip() not in OURS and piece.strip(" .:·–-()") not in data
    )


PUBLIC = ("/", "/how-it-works", "/therapists", "/examples", "/help-now", "/sign-in", "/tour/", "/nothing",
          "/intake/carry-on", "/intake/link/none", "/intake/")  # fmt: skip
STEPS = tuple(f"/intake/{name}" for name in (
    "concerns", "safety", "practicalities", "about", "wishes", "style", "before", "expectations", "check", "link", ""
))  # fmt: skip
AS = {
    "client": (*STEPS, "/matches/", "/matches/?more", "/matches/compare?with=t01&with=t02", "/matches/compare",
               "/request/", "/request/ask?first=nobody"),
    "client_in_therapy": ("/check-ins/", "/well-being/", "/well-being/questions", "/well-being/told", "/goals/"),
    "therapist": ("/caseload/", "/caseload/profile", *(f"/caseload/profile/{topic}" for topic in (
        "about", "yourself", "concerns", "style", "openings", "capacity", "fee")), "/queue/"),
    "coordinator": ("/queue/", "/queue/?state=all&over=y", "/queue/openings?therapist=t02", "/queue/at-risk"),
    "clinic_lead": ("/insights/",),
}  # fmt: skip


def test_every_page_passes_through_the_catalogue(
    visitor: tuple[FlaskClient, str], tried: Callable[[int], None]
) -> None:
    tried(len(PUBLIC) + sum(map(len, AS.values())))
    client, data = visitor
    faults = {path: found for path in PUBLIC if (found := unsaid(client.get(path).text, data))}
    for persona, paths in AS.items():
        client.post("/tour/as", data={"persona": persona})
        for path in paths:
            answer = client.get(path)
            assert answer.status_code in {200, 403, 409, 422}, path
            if found := unsaid(answer.text, data):
                faults[f"{persona} {path}"] = found
    assert not faults, "\n".join(f"{path}: {found}" for path, found in faults.items())


def test_the_brackets_catch_what_they_should() -> None:
    said = f"<p>{OPEN}Said{CLOSE} 12</p><p aria-label='Not said'>Ada, {OPEN}x {OPEN}y{CLOSE}{CLOSE} nor this</p>"
    assert unsaid(said, "Ada") == ["Not said", "nor this"]


def test_the_template_of_the_catalogues_is_up_to_date(tmp_path: Path) -> None:
    kept = language.CATALOGUES / "messages.pot"
    before = kept.read_text()
    try:
        subprocess.run([sys.executable, "-m", "web.wording.extraction"], cwd=ROOT, check=True, capture_output=True)
        assert kept.read_text() == before, "sentences have changed: run make catalogue"
    finally:
        kept.write_text(before)
    assert before.count("msgid") > 600
