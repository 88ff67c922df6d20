"""All that a clinic lead needs to change the weights: how they stand, what a change would do, and who has to agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.entities import Weights
from web.services import panels, weight_drafts, weight_publishing, weights
from web.services.clinics import Clinic
from web.services.panels import Previewed
from web.services.weights import Activation, Actor, Draft, ShutOut, Standing, Version, WeightsTrouble

CURRENT = "serving"  # the name under which pages ask for what serves, and DRAFT for the draft
DRAFT = "draft"
RELEASE = weights.RELEASE


@dataclass(frozen=True, slots=True)
class Looked:
    """How the weights stand, and what those that were looked at would change beside those that serve.

    ``shuts_out`` is what has to be agreed to, ``needs_second`` whether somebody else has to agree.
    """

    standing: Standing
    previewed: Previewed
    shuts_out: tuple[ShutOut, ...]
    needs_second: bool


def look(
    session: Session, clinic: Clinic, relative: Mapping[str, float] | None = None, *, actor: UUID, now: datetime
) -> Looked:
    """What these weights would change; without any, those of the draft, or where there is none, nothing.

    Nothing is stored. InvalidInput for weights that cannot be normalised.
    """
    standing = weights.standing(session, clinic, now=now)
    if relative is None:
        relative = (standing.draft or standing.serving).weights
    previewed = panels.preview(session, clinic, relative, now=now)
    found = shut_out(previewed)
    alone = not standing.two_person and not (found and weights.leads(session) - {actor})
    return Looked(standing, previewed, found, not alone)


def shut_out(found: Previewed) -> tuple[ShutOut, ...]:
    """Whoever loses every first place, as publishing asks for it: therapists one by one, then groups."""
    groups = [ShutOut("group", cell.kind, cell.code, cell.n_therapists or 0) for cell in found.shut_out_groups]
    return (*(ShutOut("therapist", None, None, 1) for _one in found.shut_out), *groups)


def warnings(session: Session, clinic: Clinic, relative: Mapping[str, float], now: datetime) -> tuple[ShutOut, ...]:
    """Whoever these weights would shut out."""
    return shut_out(panels.preview(session, clinic, relative, now=now))


def publish(
    session: Session,
    clinic: Clinic,
    revision: int,
    note: str,
    effective_at: datetime | None,
    acknowledged: bool,
    *,
    actor: UUID,
    now: datetime,
) -> Literal["published", "scheduled", "proposed"]:
    """Let the draft serve with this note, or ask the second person where one is needed; all of it or nothing."""
    with session.begin_nested():
        draft = weight_drafts.seen(session, clinic, revision)
        said = weights.draft_of_row(session, draft)
        said = weight_drafts.save_draft(
            session, clinic, said.relative, said.bounds, note, revision, actor=actor, now=now
        )  # fmt: skip
        found = look(session, clinic, said.weights, actor=actor, now=now)
        if found.needs_second:
            weight_publishing.propose(
                session, clinic, said.revision, effective_at, found.shuts_out, acknowledged, actor=actor, now=now
            )
            return "proposed"
        weight_publishing.publish(
            session, clinic, said.revision, effective_at, found.shuts_out, acknowledged, actor=actor, now=now
        )
    return "published" if effective_at is None else "scheduled"


def publish_as_it_is(
    session: Session,
    clinic: Clinic,
    revision: int,
    effective_at: datetime | None,
    acknowledged: bool,
    *,
    actor: Actor,
    now: datetime,
) -> Activation:
    """Let the draft serve without a second person, which is refused where one is needed."""
    draft = weights.draft_of_row(session, weight_drafts.seen(session, clinic, revision))
    found = warnings(session, clinic, draft.weights, now)
    return weight_publishing.publish(session, clinic, revision, effective_at, found, acknowledged, actor=actor, now=now)


def approve(
    session: Session, clinic: Clinic, revision: int, acknowledged: bool, *, actor: UUID, now: datetime
) -> Literal["published", "scheduled"]:
    """Let serve what somebody else proposed."""
    draft = weights.draft_of_row(session, weight_drafts.seen(session, clinic, revision))
    found = warnings(session, clinic, draft.weights, now)
    made = weight_publishing.approve(session, clinic, revision, found, acknowledged, actor=actor, now=now)
    return "scheduled" if made.state == "scheduled" else "published"


def roll_back(
    session: Session, clinic: Clinic, version: str | None, acknowledged: bool, *, actor: Actor, now: datetime
) -> Activation:
    """Let an earlier version serve again."""
    wanted = weights.version_of(session, version)
    found = warnings(session, clinic, wanted.weights, now) if wanted else ()
    return weight_publishing.roll_back(session, clinic, version, found, acknowledged, actor=actor, now=now)


def named(standing: Standing, name: str | None) -> Version | Draft | None:
    """What a page asks for by name: the draft, what serves, the release's own weights, or a version."""
    if name == DRAFT:
        return standing.draft
    if name in (None, "", CURRENT):
        return standing.serving
    return standing.versions.get(None if name == RELEASE else name)


def between(
    session: Session, clinic: Clinic, before: Version | Draft, after: Version | Draft, now: datetime
) -> Previewed:
    """What one would change beside the other, on the clinic's recent intakes."""
    return panels.between(session, clinic, Weights("before", before.weights), after.weights, now=now)


__all__ = [
    "CURRENT",
    "DRAFT",
    "RELEASE",
    "Activation",
    "Draft",
    "Looked",
    "Standing",
    "Version",
    "WeightsTrouble",
    "approve",
    "between",
    "look",
    "named",
    "publish",
    "publish_as_it_is",
    "roll_back",
]
