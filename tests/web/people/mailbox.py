"""What mail to staff says when it is sent: claimed and written as the worker does, without a server."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from sqlalchemy import select

from web.db import engine
from web.db.tables import OutboxRow
from web.services import clinics, letters, reminders
from web.services.letters import Letter


def written(url: str, *, slug: str | None = None, now: datetime | None = None) -> list[tuple[str, Letter]]:
    """(to whom, what) of each mail that waits, which is then sent."""
    now, found = now or datetime.now(UTC), []
    with engine.sessions(url)() as session:
        clinic = clinics.find(engine.writing(session), slug)
        for row in session.scalars(select(OutboxRow).where(OutboxRow.state == "waiting").order_by(OutboxRow.id)):
            made = reminders.write(session, clinic, row, now=now, zone=UTC)
            if made.is_needed:
                said = letters.letter(row.kind, row.params, clinic_name=clinic.name, address="https://north.example",
                                      zone=UTC, paths=made.paths)  # fmt: skip
                found.append((row.recipient, said))
            row.state, row.recipient = "sent", ""
        session.commit()
    return found


def link_in(letter: Letter) -> str:
    """The path of the link of a mail."""
    found = re.search(r"https://north\.example(/(?:join|sign-in/reset)/[A-Za-z0-9_-]{22})\b", letter.text)
    assert found is not None, letter.text
    return found[1]


def link_for(url: str, email: str, **more: object) -> str:
    """The path of the one link that waits for somebody."""
    [link] = [link_in(letter) for to, letter in written(url, **more) if to == email and "/" in letter.text
              and ("/join/" in letter.text or "/sign-in/reset/" in letter.text)]  # fmt: skip
    return link
