"""What people have written, wherever it is kept: every text column of every table is theirs or ours, and says which."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import JSON, String, TypeDecorator, select, update

from tests.trust.hostile.clinic import bare
from web.db import crypto
from web.db.tables import Base
from web.db.tables.sealed import SealedBytes, packed, unpacked

# columns that hold what somebody wrote
THEIRS = frozenset(
    {
        "clinics.name",
        "people.name",
        "instruments.title",
        "instruments.licence",
        "places.name",
        "therapists.name",
        "therapist_versions.name",
        "weights_drafts.note",
        "weights_versions.note",
        "case_events.words",
        "goals.words",
        "handovers.words",
        "check_ins.comment",
        "check_ins.reply",
        "emergency_accesses.reason",
        "passkeys.name",
    }
)
# documents in which some values are what somebody wrote, under these names
DOCUMENTS = frozenset(
    {
        "therapists.profile",
        "therapist_versions.profile",
        "intakes.answers",
        "intake_versions.answers",
        "instruments.questionnaire",
    }
)
WRITTEN = frozenset({"concern_text", "goals", "name", "statement", "title", "text", "label", "question", "comment"})
# columns and documents that hold our own codes, keys, moments and figures, or addresses that are checked to the letter
OURS = frozenset(
    {
        "erasures.asked_by",
        "accounts.totp",
        "audit_events.key",
        "emergency_accesses.role",
        "passkey_challenges.host",
        "passkey_challenges.purpose",
        "passkeys.host",
        "sign_in_policies.second_factor",
        "sign_ins.browser",
        "sign_ins.second",
        "staff_links.kind",
        "sealing_keys.name",
        "sealing_keys.proof",
        "clinics.slug",
        "clinics.host",
        "clinics.currency",
        "people.email",
        "accounts.password",
        "accounts.uniquifier",
        "api_tokens.scopes",
        "audit_events.actor",
        "audit_events.action",
        "audit_events.subject",
        "audit_events.details",
        "clients.external_id",
        "forecasts.prices",
        "forecasts.verdict",
        "forecasts.made_by",
        "instruments.code",
        "instruments.version",
        "instruments.added_by",
        "jobs.kind",
        "jobs.key",
        "jobs.arguments",
        "jobs.state",
        "jobs.stage",
        "jobs.asked_by",
        "jobs.result",
        "kiosks.begun_by",
        "memberships.role",
        "memberships.status",
        "models.version",
        "models.summary",
        "outbox.kind",
        "outbox.key",
        "outbox.recipient",
        "outbox.params",
        "outbox.state",
        "places.code",
        "proposals.state",
        "proposals.settings",
        "proposals.result",
        "proposals.made_by",
        "proposals.ended_by",
        "therapist_versions.external_id",
        "therapists.external_id",
        "weights_drafts.weights",
        "weights_drafts.client_bounds",
        "weights_drafts.based_on",
        "weights_drafts.edited_by",
        "weights_drafts.proposed_by",
        "weights_versions.version",
        "weights_versions.weights",
        "weights_versions.client_bounds",
        "weights_versions.author",
        "weights_versions.based_on",
        "case_events.actor",
        "case_events.kind",
        "case_events.details",
        "cases.state",
        "cases.closed_reason",
        "consents.kind",
        "consents.version",
        "departures.kind",
        "departures.made_by",
        "dyads.held_because",
        "goals.shown_to",
        "measures.instrument",
        "measures.version",
        "measures.moment",
        "measures.answers",
        "measures.shown_to",
        "releases.figures",
        "weights_activations.version",
        "weights_activations.kind",
        "weights_activations.author",
        "weights_activations.approved_by",
        "alerts.kind",
        "alerts.figures",
        "alerts.settled_by",
        "alerts.outcome",
        "flags.kind",
        "flags.sources",
        "goal_ratings.moment",
        "shown_lists.weights_version",
        "shown_lists.model_version",
        "shown_lists.refusals",
        "shown_lists.remedies",
        "shown_lists.notes",
        "shown_lists.wanted",
        "shown_lists.release",
        "appointments.state",
        "appointments.made_by",
        "check_ins.helped",
        "check_ins.hindered",
        "check_ins.shown_to",
        "kiosk_codes.made_by",
        "requests.state",
        "shown_matches.contributions",
        "shown_matches.explanation",
        "links.kind",
        "links.shown_by",
        "request_choices.state",
        "request_choices.reason",
        "placements.state",
        "placements.origin",
        "placements.reason",
        "placements.made_by",
        "placements.ended_because",
    }
)


def columns() -> dict[str, Any]:
    """``table.column`` → column, of every column of text or of a document."""
    found = {}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
            if isinstance(kind, String | JSON) or isinstance(column.type, SealedBytes):
                found[f"{table.name}.{column.name}"] = column
    return found


def fill(url: str, payloads: Sequence[str]) -> int:
    """Put a payload into every place in which somebody wrote something, in turn; how many places."""
    database, filled, n = bare(url), columns(), 0
    with database.begin() as connection:
        for name in sorted(THEIRS | DOCUMENTS):
            column = filled[name]
            keys = list(column.table.primary_key.columns)
            for *key, value in connection.execute(select(*keys, column)).all():
                if not value:
                    continue
                value = _opened(name, key, value)
                here = [f"{payloads[(n + k) % len(payloads)]}" for k in range(20)]
                changed = _within(value, iter(here).__next__) if name in DOCUMENTS else here[0]
                changed = _sealed(name, key, changed) if isinstance(column.type, SealedBytes) else changed
                same = [one == said for one, said in zip(keys, key, strict=True)]
                connection.execute(update(column.table).where(*same).values({column.name: changed}))
                n += 1
    database.dispose()
    return n


def _opened(name: str, key: Sequence[Any], value: Any) -> Any:
    return unpacked(crypto.open_sealed(name, key[-1], value)) if isinstance(value, bytes) else value


def _sealed(name: str, key: Sequence[Any], value: Any) -> bytes:
    return crypto.seal(name, key[-1], packed(value))


def _within(document: Any, following: Callable[[], str]) -> Any:
    """A document with another text wherever somebody's own stands."""
    if isinstance(document, dict):
        return {
            name: _text(value, following) if name in WRITTEN else _within(value, following)
            for name, value in document.items()
        }
    return [_within(value, following) for value in document] if isinstance(document, list) else document


def _text(value: Any, following: Callable[[], str]) -> Any:
    if isinstance(value, str):
        return following()
    return [_text(one, following) for one in value] if isinstance(value, list) else _within(value, following)
