"""Who looks at whom: which routes of staff and programs show clients, and the entry that each look leaves behind.

Every route that asks for a role or a token is in one of the four tables; one that is in none does not start. The
entry is written before the answer leaves, and where it cannot be written the page is not shown: an entry that came
afterwards could be missing, and nobody would know. A look that is part of a change is written with the change.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from flask import Flask, request
from sqlalchemy.orm import Session

from web import edge, visits
from web.services import client_reads
from web.services.tokens import Caller

# endpoint → the part of its address that names the client, and what it is the key of
ONE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        **{
            f"queue.{name}": ("intake_id", "intake")
            for name in (
                "case", "assign", "give_back", "rematch", "renew", "prioritise", "close", "reopen", "note", "contacted",
            )
        },
        **{f"caseload.{name}": ("choice_id", "choice") for name in ("asked", "accept", "decline")},
        **{f"caseload.{name}": ("placement_id", "placement") for name in ("client", "book", "calendar")},
        **{
            f"courses.{name}": ("placement_id", "placement")
            for name in ("show", "rate", "read", "reply", "settle", "plan", "call_off")
        },
        "handover.write": ("client_id", "client"),
        "emergency.show": ("access_id", "emergency"),
        "emergency.end": ("access_id", "emergency"),
    }
)  # fmt: skip
# several clients on one page
SEVERAL = frozenset(
    {
        "queue.home", "queue.bulk", "queue.openings", "queue.at_risk", "kiosk.hours", "departures.show",
        "departures.announce", "departures.call_off", "departures.propose", "departures.agreed", "proposals.show",
        "proposals.again", "proposals.change", "proposals.rule", "proposals.sure", "proposals.commit",
        "proposals.discard", "caseload.home", "courses.home", "handover.notes", "api_v1.queue",
        "api_v1.begin_proposal", "api_v1.proposal", "api_v1.commit_proposal",
    }
)  # fmt: skip
# clients on some days alone: the route says itself when it shows one
AT_TIMES = frozenset({"audit.home"})
NOBODY = frozenset(
    {
        "keeping.home", "keeping.keep", "people.add_passkey", "people.again", "people.app",
        "people.ask_new_passkey", "people.change_password", "people.codes", "people.end_others",
        "people.end_sign_in", "people.give_role", "people.invite", "people.invite_again",
        "people.keep_policy", "people.member", "people.move_role", "people.own", "people.policy",
        "people.remove_app", "people.remove_passkey", "people.rename_passkey", "people.reset_factors",
        "people.take_back",
        "people.home", "people.everybody", "people.one_is_enough", "queue.changes", "queue.see", "departures.home",
        "proposals.home", "proposals.begin", "proposals.progress", "caseload.profile", "caseload.topic",
        "caseload.save", "development.home", "dashboard.home", "jobs_page.home", "jobs_page.changes",
        "jobs_page.again", "jobs_page.send_again", "kiosk.show", "kiosk.begin", "kiosk.end",
        "audit.check", "audit.export", "emergency.home", "emergency.begin",
        "insights.home", "insights.model", "insights.fitting", "insights.fit", "insights.serve_again",
        "insights.judge_held", "insights.rare_places", "insights.forecasting", "insights.forecast",
        "insights.keep_rare_places", "weights.home", "weights.preview", "weights.save", "weights.discard",
        "weights.rebase", "weights.publish", "weights.let_serve", "weights.approve", "weights.decline", "weights.past",
        "weights.on_past_data", "weights.try_on_past_data", "weights.compare", "weights.ask_for_two", "weights.back",
        "weights.go_back", "weights.call_off", "weights.learning", "weights.learn", "weights.draft_learned",
        "api_v1.match", "api_v1.why", "api_v1.model", "api_v1.make_request", "api_v1.weights",
        "api_v1.preview_weights", "api_v1.save_weights_draft", "api_v1.discard_weights_draft",
        "api_v1.publish_weights", "api_v1.roll_back_weights",
    }
)  # fmt: skip


class UndeclaredReading(RuntimeError):
    """A route of staff or programs does not say whether it shows clients."""


def check(app: Flask, asked: frozenset[str]) -> None:
    """Refuse to start when one of the endpoints that ask for a role or a token is in no table, or in two."""
    tables = (frozenset(ONE), SEVERAL, AT_TIMES, NOBODY)
    for endpoint in sorted(asked):
        if sum(endpoint in table for table in tables) != 1:
            raise UndeclaredReading(f"{endpoint}: say in exactly one table of web/reads.py whether it shows clients")
    stale = frozenset().union(*tables) - asked
    if stale:
        raise UndeclaredReading(f"{', '.join(sorted(stale))}: no such route of staff; remove it from web/reads.py")
    names = {rule.endpoint: rule.arguments for rule in app.url_map.iter_rules()}
    for endpoint, (name, _) in ONE.items():
        if name not in names[endpoint]:
            raise UndeclaredReading(f"{endpoint}: its address has no part {name}")


def announce(caller: Caller | None = None) -> None:
    """Have the look that this request is written down, once it is known that it shows something."""
    if request.endpoint not in NOBODY | AT_TIMES:
        shows(caller)


def shows(caller: Caller | None = None) -> None:
    """The same of a route that shows clients at times: now it does."""
    endpoint = str(request.endpoint)
    name, kind = ONE.get(endpoint, ("", ""))
    key = (request.view_args or {}).get(name)
    by = f"program {caller.token_id}" if caller is not None else str(visits.person().person_id)
    clinic_id = caller.clinic_id if caller is not None else visits.clinic().id
    edge.shows(partial(_note, clinic_id=clinic_id, by=by, page=endpoint, kind=kind, key=key))


def _note(session: Session, **said: object) -> None:
    client_reads.note(session, now=visits.now(), **said)  # type: ignore[arg-type]
