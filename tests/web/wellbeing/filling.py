"""Somebody in a browser who fills in the questionnaires of a well-being check."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from tests.web.desk import Desk
from tests.web.seekers import Seeker, seeker
from web.db.tables import FlagRow, MeasureRow
from web.services import links

NOT_TOLD, TOLD = "We could not tell the practice", "Your answer stands at the top of the list"
NOW = "/well-being/now"


def sheet(phq: str = "111111110", gad: str = "1111111", **more: str) -> dict[str, str]:
    """A form; a digit an item, a dot for one that is left out. Item 9 bears the page's mark above zero."""
    sent = {f"phq-9:{k}": value for k, value in enumerate(phq, start=1) if value != "."}
    sent |= {f"gad-7:{k}": value for k, value in enumerate(gad, start=1) if value != "."}
    if sent.get("phq-9:9", "0") != "0":
        sent["phq-9:9"] += "!"
    return sent | more


def scores(desk: Desk, client_id: UUID) -> dict[str, float]:
    with desk.session() as session:
        rows = session.scalars(select(MeasureRow).where(MeasureRow.client_id == client_id))
        return {row.instrument: row.score for row in rows}


def flags(desk: Desk) -> list[tuple[UUID, str]]:
    with desk.session() as session:
        return [(flag.intake_id, flag.kind) for flag in session.scalars(select(FlagRow)) if flag.kind == "safety"]


def link_for(desk: Desk, client_id: UUID, *, days: float = 7) -> str:
    now = datetime.now(UTC)
    with desk.session() as session:
        return links.make(session, links.WELL_BEING, client_id, now=now, until=now + timedelta(days=days))


def client_of(somebody: Seeker) -> UUID:
    with somebody.desk.session() as session:
        found = somebody.kept(session).client_id
    assert found is not None
    return found


__all__ = ["NOT_TOLD", "NOW", "TOLD", "client_of", "flags", "link_for", "scores", "seeker", "sheet"]
