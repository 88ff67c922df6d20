"""``make bench ONLY=at_rest``: what it costs that everything which clients say is sealed in the database.

The demo's pages, in this process, beside the same pages with a cipher that does nothing: what is sealed is packed,
bound and read in the same way, so that the difference is what sealing and opening cost. Pairs are taken in turn.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import select

from benchmarks import clinics
from benchmarks.clinics import Stored
from benchmarks.report import Row, publish
from web import create_app
from web.db import crypto
from web.db.tables import IntakeVersionRow
from web.services import demo, demo_people
from web.settings import Settings

COMMAND = "make bench ONLY=at_rest"
REPEATS, AT_MOST = 41, 1.3
PAGES = (
    (demo_people.CLIENT, "/matches/"),
    (demo_people.CLIENT, "/my-data/"),
    (demo_people.IN_THERAPY, "/check-ins/"),
    ("therapist", "/courses/"),
    ("coordinator", "/queue/"),
    ("coordinator", "/queue/?order=name"),
)
NOTES = (
    "ours: AES-256-GCM; the peer: the same code with a cipher that copies, on the same rows, page by page in turn",
    "medians of 41 pairs; a page is made anew each time (the browser keeps none here)",
)


class Idle:
    """A cipher that copies: 16 bytes longer, as the real one."""

    def encrypt(self, nonce: bytes, plain: bytes, bound: bytes) -> bytes:
        return plain + bytes(16)

    def decrypt(self, nonce: bytes, body: bytes, bound: bytes) -> bytes:
        return body[:-16]


def main() -> bool:
    figures: dict[str, object] = {}
    with clinics.temporary() as folder:
        (folder / "sealed").mkdir()
        (folder / "plain").mkdir()
        sealed = furnished(clinics.demo_clinic(folder / "sealed"))
        with idle():
            plain = furnished(clinics.demo_clinic(folder / "plain"))
        rows = [page(sealed, plain, who, path, figures) for who, path in PAGES]
        rows.append(whole(sealed, plain, figures))
    return publish("at_rest", COMMAND, rows, NOTES, figures)


@contextmanager
def idle() -> Iterator[None]:
    """Everything that is sealed within is only copied."""
    real = crypto._cipher
    crypto._cipher = lambda key: Idle()  # type: ignore[assignment]
    try:
        yield
    finally:
        crypto._cipher = real


def furnished(clinic: Stored) -> tuple[Stored, Flask]:
    demo.furnish(clinic.url, clinic.clinic, clinics._now())
    app = create_app(Settings(environment="demo", database_url=clinic.url, secret_key="benchmark" * 8))
    return clinic, app


def page(
    sealed: tuple[Stored, Flask], plain: tuple[Stored, Flask], who: str, path: str, figures: dict[str, object]
) -> Row:
    """A page that somebody opens."""
    ours, floor = asking(sealed[1], who, path), asking(plain[1], who, path)
    return row(f"{path} as {who.replace('_', ' ')}", ours, floor, figures)


def asking(app: Flask, who: str, path: str) -> Callable[[], None]:
    client = app.test_client()
    assert client.post("/tour/as", data={"persona": who}).status_code < 400, who

    def ask() -> None:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)

    return ask


def whole(sealed: tuple[Stored, Flask], plain: tuple[Stored, Flask], figures: dict[str, object]) -> Row:
    """Every intake of the clinic, as a fit reads them."""

    def reading(clinic: Stored) -> Callable[[], None]:
        def read() -> None:
            with clinic.session() as session:
                assert len(session.scalars(select(IntakeVersionRow.answers)).all()) > 500

        return read

    return row("every intake of the demo read", reading(sealed[0]), reading(plain[0]), figures)


def row(work: str, ours: Callable[[], None], floor: Callable[[], None], figures: dict[str, object]) -> Row:
    def copied() -> None:
        with idle():
            floor()

    ours(), copied()
    pairs = [(_ms(ours), _ms(copied)) for _ in range(REPEATS)]
    mine, theirs = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    figures[work] = {"ms": round(mine, 2), "copied_ms": round(theirs, 2)}
    return Row(work, f"{mine:.2f} ms", f"{theirs:.2f} ms", ratio, f"<= {AT_MOST}", ratio <= AT_MOST)


def _ms(work: Callable[[], None]) -> float:
    """Milliseconds of the processor that some work took: others who work here do not count."""
    began = time.process_time()
    work()
    return 1_000 * (time.process_time() - began)
