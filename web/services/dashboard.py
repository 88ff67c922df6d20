"""How a clinic does over time, so that nothing points at fewer than five people.

Everything is counted in whole months that are over. Each figure is cut where its last span of months closes
(``matcher.closed_spans``), so that next month's page tells of at least five people more, or of nobody; and what is told
side by side is decided together (``matcher.told_cells``). There are no filters to take one answer from another with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy.orm import Session

from matcher.evaluation.pathway import FEWEST_PAIRS, Association
from web.db.queries import clients
from web.services import acknowledging
from web.services import dashboard_courses as courses
from web.services import dashboard_flow as flow
from web.services.acknowledging import AcknowledgedEffect
from web.services.clinics import Clinic
from web.services.dashboard_courses import Alliance, Outcome, Shares
from web.services.dashboard_flow import Begin
from web.services.dashboard_spans import Calendar

SEVERAL, NOT_SAID = "several", "not_said"
__all__ = ["ATTRIBUTES", "FEWEST_PAIRS", "Association", "Dashboard", "groups_of", "of_clinic"]
ATTRIBUTES = ("languages", "gender", "age_band", "background")


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The page; ``until`` is the last month that is over, 12 · year + month − 1."""

    until: int
    alliance: Alliance
    check_ins: Shares
    outcomes: tuple[Outcome, ...]
    begin: Begin
    pathway: tuple[Association, ...]
    acknowledged: Shares
    effect: AcknowledgedEffect | None


def of_clinic(session: Session, clinic: Clinic, *, now: datetime, zone: tzinfo) -> Dashboard:
    """The dashboard of the clinic that the session has entered."""
    calendar = Calendar(now, zone)
    answers = {row[0].id: row[1] for row in clients.current(session)}
    groups = {client: groups_of(said) for client, said in answers.items()}
    hope = {client: value for client, said in answers.items() if isinstance(value := said.get("hope"), int)}
    changes = courses.changes(session)
    return Dashboard(
        until=calendar.until,
        alliance=courses.alliance(session, clinic, calendar, groups),
        check_ins=courses.check_ins(session, calendar),
        outcomes=courses.outcomes(changes, calendar),
        begin=flow.begin(session, calendar, groups),
        pathway=courses.pathway_of(session, calendar, hope, changes),
        acknowledged=courses.acknowledged(session, calendar),
        effect=acknowledging.effect(session, clinic, calendar),
    )


def groups_of(said: Mapping[str, object]) -> dict[str, str]:
    """Attribute → the one group somebody belongs to by what they said; those who named several are one group."""
    return {name: _group(said.get(name)) for name in ATTRIBUTES}


def _group(value: object) -> str:
    if isinstance(value, str):
        return value
    codes = [str(code) for code in value] if isinstance(value, Iterable) else []
    return SEVERAL if len(codes) > 1 else codes[0] if codes else NOT_SAID
