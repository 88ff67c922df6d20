"""A waiting list of 2,000 people, filtered and sorted: through the page, beside a bare page as large."""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter

from benchmarks import clinics, report, serving
from benchmarks.clinics import Stored
from benchmarks.report import Row
from benchmarks.serving import Running
from web.db import mapping
from web.services import cases, intakes, lists, people
from web.services.intakes import KeptIntake

N_THERAPISTS, N_CLIENTS, N_WAITING, N_LISTS = 200, 400, 2_000, 400
REPEATS, SECONDS = 15, 0.3
EMAIL, PASSWORD = "bench@clinic.example", "harbour lights in late autumn"
ASKED = {
    "all, most urgent first": "/queue/",
    "safety, over target": "/queue/?flag=safety&over=y",
    "nobody fits": "/queue/?flag=nobody",
    "a concern, by name": "/queue/?concern=anxiety&order=name",
    "words of a name": "/queue/?words=person+12",
    "the last page": "/queue/?page=40",
}


def main() -> bool:
    """``make bench ONLY=waiting_list``."""
    figures: dict[str, object] = {}
    with clinics.temporary() as folder:
        found = rows(folder, figures)
    return report.publish("waiting_list", "make bench ONLY=waiting_list", found, NOTES, figures)


def rows(folder: Path, figures: dict[str, object]) -> list[Row]:
    """Each question beside a bare page of the same size, in turn."""
    clinic = clinics.stored(folder, clinics.invented(N_THERAPISTS, N_CLIENTS))
    wait(clinic, N_WAITING)
    return asked(clinic, folder, figures)


def asked(clinic: Stored, folder: Path, figures: dict[str, object]) -> list[Row]:
    """The same of a clinic whose people wait already."""
    found = []
    with serving.rapport(clinic, folder, workers=1, environment="test") as ours:
        cookie = _sign_in(ours, clinic)
        for label, path in ASKED.items():
            size = len(_get(ours, path, cookie)[1])
            with serving.bare_page(folder, workers=1, size=size) as floor:
                pairs = [(_get(ours, path, cookie)[0], _get(floor, "/page", "")[0]) for _ in range(REPEATS + 1)][1:]
            figures[label] = pairs
            found.append(_row(label, pairs))
    return found


def wait(clinic: Stored, n: int) -> None:
    """Put people on the waiting list, over forty days, some flagged and some urgent; some have seen a list."""
    now, rng = datetime.now(UTC), random.Random(3)
    everybody = (clinic.people * (n // len(clinic.people) + 1))[:n]
    with clinic.session(writes=True) as session:
        for k, intake in enumerate(everybody):
            then = now - timedelta(days=rng.randrange(40), minutes=rng.randrange(1_000))
            link = intakes.begin(session, now=then)
            kept = intakes.of_link(session, link, now=then)
            for step, said in intakes.by_step(mapping.answers_of(intake)).items():
                kept = intakes.save(session, kept, step, said, now=then)
            contact = {"name": f"Person {k}", "email": f"person-{k}@there.example"}
            kept = intakes.save(session, kept, intakes.CONTACT, contact, now=then)
            kept = intakes.send(session, kept, consent="bench", now=then)
            _mark(session, clinic, kept, k, rng, then)


def _mark(session: object, clinic: Stored, kept: KeptIntake, k: int, rng: random.Random, then: datetime) -> None:
    if k % 50 == 0:
        intakes.raise_flag(session, kept, "safety", now=then)  # type: ignore[arg-type]
    if k % 7 == 0:
        cases.prioritise(session, kept.client_id, rng.randrange(3), actor="bench", now=then)  # type: ignore[arg-type]
    if k < N_LISTS:
        lists.make(session, clinic.clinic, kept, now=then)  # type: ignore[arg-type]


def _sign_in(server: Running, clinic: Stored) -> str:
    """A coordinator at the door, as a browser comes in; the cookie of the session."""
    with clinic.session(writes=True) as session:
        people.create(session, EMAIL, "Ben Cher", "coordinator", password=PASSWORD, now=datetime.now(UTC))
    with closing(HTTPConnection("127.0.0.1", server.port)) as connection:
        connection.request("GET", "/sign-in")
        response = connection.getresponse()
        cookie, page = _cookie(response.msg.get_all("Set-Cookie")), response.read().decode()
        token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
        typed = f"csrf_token={token}&email={EMAIL}&password={PASSWORD.replace(' ', '+')}"
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/sign-in", typed, headers)
        response = connection.getresponse()
        response.read()
        if response.status != 303:
            raise SystemExit(f"nobody was let in: {response.status}")
        return _cookie(response.msg.get_all("Set-Cookie"))


def _cookie(headers: list[str] | None) -> str:
    return "; ".join(header.split(";")[0] for header in headers or ())


def _get(server: Running, path: str, cookie: str) -> tuple[float, bytes]:
    with closing(HTTPConnection("127.0.0.1", server.port)) as connection:
        began = perf_counter()
        connection.request("GET", path, headers={"Cookie": cookie})
        response = connection.getresponse()
        page = response.read()
        if response.status != 200:
            raise SystemExit(f"{path} answered {response.status}")
        return perf_counter() - began, page


def _row(label: str, pairs: Sequence[tuple[float, float]]) -> Row:
    ours, floor = (statistics.median(times) for times in zip(*pairs, strict=True))
    return Row(
        f"waiting list, {label}", report.shown(ours), f"bare page {report.shown(floor)}",
        statistics.median(a / b for a, b in pairs), f"<= {1e3 * SECONDS:.0f} ms", ours <= SECONDS,
    )  # fmt: skip


NOTES = (
    f"{N_WAITING} cases of {N_CLIENTS} invented clients, {N_THERAPISTS} therapists; {N_LISTS} of them have seen a list",
    f"one worker, one connection a request, median of {REPEATS} pairs, ours and the bare page in turn",
    "bare page: Flask and Jinja on the same server, no database, filled up to equal size",
)
