"""The matches page beside the least that a page can be, by wrk; and what a visit weighs, by a real browser."""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path

from benchmarks import clinics, serving
from benchmarks.clinics import Stored
from benchmarks.report import Row
from benchmarks.serving import Running
from web.db import mapping
from web.pages import MOST
from web.services import intakes, lists

PATH = "/matches/"
FEW, MANY = 60, int(1.5 * MOST)  # visitors in turn: all pages kept, and none
WORKERS, CONNECTIONS, SECONDS, REPEATS = 2, 8, 4, 5
FIRST_KB, NEXT_KB = 200, 40
_SCRIPT = """
local links = {{ {links} }}
local k = 0
request = function()
  k = k % #links + 1
  return wrk.format("GET", "{path}", {{ ["Cookie"] = "intake=" .. links[k] }})
end
"""


def rows(folder: Path, figures: dict[str, object]) -> list[Row]:
    """Requests a second and the slowest hundredth for the matches page; the weight of a first and of a later visit."""
    clinic = clinics.stored(folder, clinics.invented(500, 600))
    links = visitors(clinic, MANY)
    with serving.rapport(clinic, folder, workers=WORKERS) as ours:
        size = len(_page(ours, links[0]))
        figures["bytes of the matches page"] = size
        found = [*_weights(ours, links[0], figures)]
        if shutil.which("wrk") is None:
            return [Row("matches page by wrk", "not run", "no wrk here", None, "", None), *found]
        with serving.bare_page(folder, workers=WORKERS, size=size) as floor:
            for label, some in (("pages kept", links[:FEW]), ("each page made anew", links)):
                found = [*_load(ours, floor, folder, label, some, figures), *found]
    return found


def visitors(clinic: Stored, n: int) -> list[str]:
    """People who have sent their intake and seen a list; their private links."""
    now = datetime.now(UTC)
    links = []
    with clinic.session(writes=True) as session:
        for intake in (clinic.people * (n // len(clinic.people) + 1))[:n]:
            link = intakes.begin(session, now=now)
            kept = intakes.of_link(session, link, now=now)
            for step, said in intakes.by_step(mapping.answers_of(intake)).items():
                kept = intakes.save(session, kept, step, said, now=now)
            lists.make(session, clinic.clinic, intakes.send(session, kept, consent="bench", now=now), now=now)
            links.append(link)
    return links


def _load(
    ours: Running, floor: Running, folder: Path, label: str, links: Sequence[str], figures: dict[str, object]
) -> list[Row]:
    pairs = [(_wrk(ours, folder, PATH, links), _wrk(floor, folder, "/page", links)) for _ in range(REPEATS + 1)][1:]
    figures[f"wrk, {label}: (requests a second, p99 ms) of ours and the floor"] = pairs
    rate = statistics.median(a[0] / b[0] for a, b in pairs)
    slow = statistics.median(a[1] / b[1] for a, b in pairs)
    mine, theirs = ([statistics.median(pair[k][j] for pair in pairs) for j in (0, 1)] for k in (0, 1))
    must = label == "pages kept"
    return [
        Row(f"matches page, 500 therapists, {label}", f"{mine[0]:.0f} a second", f"bare page {theirs[0]:.0f}", rate,
            ">= 1/2" if must else "", rate >= 0.5 if must else None),
        Row(f"the slowest hundredth, {label}", f"{mine[1]:.1f} ms", f"bare page {theirs[1]:.1f} ms", slow,
            "<= 2" if must else "", slow <= 2 if must else None),
    ]  # fmt: skip


def _wrk(server: Running, folder: Path, path: str, links: Sequence[str]) -> tuple[float, float]:
    """(requests a second, p99 in ms)."""
    script = folder / "visitors.lua"
    script.write_text(_SCRIPT.format(links=", ".join(f'"{link}"' for link in links), path=path))
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", "-s", str(script)]
    said = subprocess.run(
        [*command, f"http://127.0.0.1:{server.port}"], capture_output=True, text=True, check=True
    ).stdout
    if "Non-2xx" in said:
        raise SystemExit(f"{path} was refused: {said}")
    slow = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if slow is None or rate is None:
        raise SystemExit(f"wrk said something else: {said}")
    return float(rate[1]), float(slow[1]) * {"us": 1e-3, "ms": 1.0, "s": 1e3}[slow[2]]


def _page(server: Running, link: str) -> bytes:
    with closing(HTTPConnection("127.0.0.1", server.port)) as connection:
        connection.request("GET", PATH, headers={"Cookie": f"intake={link}"})
        response = connection.getresponse()
        page = response.read()
        if response.status != 200:
            raise SystemExit(f"{PATH} answered {response.status}")
        return page


def _weights(server: Running, link: str, figures: dict[str, object]) -> list[Row]:
    """What a browser takes over the wire for the matches page, with nothing kept and with everything kept."""
    chromium = shutil.which("chromium")
    if chromium is None:
        return [Row("weight of a visit", "not run", "no chromium here", None, f"<= {FIRST_KB} KB", None)]
    first, later = _visits(chromium, f"http://localhost:{server.port}", link)
    figures["bytes over the wire, first visit and next"] = [first, later]
    return [
        Row(
            "weight of the first visit",
            f"{first / 1000:.0f} KB",
            "",
            None,
            f"<= {FIRST_KB} KB",
            first <= FIRST_KB * 1000,
        ),
        Row("weight of the next", f"{later / 1000:.0f} KB", "", None, f"<= {NEXT_KB} KB", later <= NEXT_KB * 1000),
    ]


def _visits(chromium: str, address: str, link: str) -> tuple[int, int]:
    from playwright.sync_api import sync_playwright

    taken: list[int] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context()
        context.add_cookies([{"name": "intake", "value": link, "url": address}])
        page = context.new_page()
        wire = context.new_cdp_session(page)
        wire.send("Network.enable")
        wire.on("Network.loadingFinished", lambda event: taken.append(int(event["encodedDataLength"])))
        weights = []
        for _ in range(2):
            taken.clear()
            page.goto(address + PATH, wait_until="networkidle")
            weights.append(sum(taken))
        browser.close()
    return weights[0], weights[1]


NOTES = (
    f"matches page: 500 therapists, five cards, {WORKERS} workers, wrk with {CONNECTIONS} connections, {SECONDS} s, "
    f"median of {REPEATS} pairs, ours and the bare page in turn",
    f"pages kept: {FEW} visitors in turn, each page made once a worker; each page made anew: {MANY} visitors in turn, "
    f"of whom a worker keeps {MOST}",
    "bare page: Flask and Jinja on the same server, no database, five cards of eight values, filled up to equal size",
    "weight: bytes over the wire as Chromium counts them, headers and fonts included; the page is not compressed",
)
