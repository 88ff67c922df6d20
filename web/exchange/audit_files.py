"""Audit events as files: JSON lines that can be checked again, CSV for people, and ends of chains kept elsewhere."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from web.exchange.problems import BadInput, Problem, shown
from web.exchange.sheet.protection import protect

COLUMNS = ("sequence", "at", "actor", "action", "subject", "details", "key", "mac")
_TAIL = 65_536


@dataclass(frozen=True, slots=True)
class Anchor:
    """The end of a clinic's chain at a moment, to be kept where whoever changes the database cannot change it."""

    clinic: str
    sequence: int
    mac: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """One event, as it is shown and written out."""

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    details: Mapping[str, Any]
    key: str = ""
    mac: bytes = field(default=b"", repr=False)


def json_lines(events: Iterable[Event]) -> Iterator[str]:
    """One JSON object a line."""
    for event in events:
        yield json.dumps(_said(event), ensure_ascii=False) + "\n"


def csv_lines(events: Iterable[Event]) -> Iterator[str]:
    """A line a row, the first with the names of the columns; no cell is a formula to a spreadsheet."""
    yield _row(COLUMNS)
    for event in events:
        said = _said(event) | {"details": json.dumps(dict(event.details), sort_keys=True, ensure_ascii=False)}
        yield _row([protect(str(said[name])) for name in COLUMNS])


def anchor_line(anchor: Anchor) -> str:
    """The end of a chain as a line of JSON."""
    return json.dumps({
        "clinic": anchor.clinic, "sequence": anchor.sequence, "mac": anchor.mac, "at": anchor.at.isoformat(),
    }) + "\n"  # fmt: skip


def read_anchors(path: Path) -> list[Anchor]:
    """The ends that a file keeps. Raises BadInput, which names the line."""
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if line.strip():
            found.append(_anchor(line, number, path))
    return found


def append_anchors(path: Path, anchors: Iterable[Anchor]) -> None:
    """Add lines to a file that is never written anew, for its owner alone; they are on the disk when this returns."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "a", encoding="utf-8") as file:
        file.writelines(anchor_line(anchor) for anchor in anchors)
        file.flush()
        os.fsync(file.fileno())


def last_kept(path: Path) -> dict[str, datetime]:
    """Clinic → when its end was last kept, as the last part of the file says."""
    if not path.exists():
        return {}
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        lines = file.read().decode("utf-8", "replace").splitlines()
    found: dict[str, datetime] = {}
    for line in lines:
        try:
            said = json.loads(line)
            found[said["clinic"]] = datetime.fromisoformat(said["at"])
        except (ValueError, KeyError, TypeError):
            continue  # the first line of the part may be half of one
    return found


def _anchor(line: str, number: int, path: Path) -> Anchor:
    try:
        said = json.loads(line)
        anchor = Anchor(
            str(said["clinic"]), int(said["sequence"]), str(said["mac"]), datetime.fromisoformat(said["at"])
        )
        bytes.fromhex(anchor.mac)
    except (ValueError, KeyError, TypeError):
        text = "expected what rapport audit anchor writes, a line of JSON for each end of a chain"
        raise BadInput((Problem(number, "", shown(line), text, "anchor"),)) from None
    return anchor


def _said(event: Event) -> dict[str, object]:
    return {
        "sequence": event.sequence, "at": event.at.isoformat(), "actor": event.actor, "action": event.action,
        "subject": event.subject, "details": dict(event.details), "key": event.key, "mac": event.mac.hex(),
    }  # fmt: skip


def _row(cells: Iterable[object]) -> str:
    held = io.StringIO()
    csv.writer(held, lineterminator="\r\n").writerow(cells)
    return held.getvalue()
