"""How each route of the application is called by somebody who may call it: who that is, and with what it is filled."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from itsdangerous import URLSafeTimedSerializer
from werkzeug.routing import Rule

from tests.trust.town import At, House, Town
from web import access
from web.db.queries import waiting

# parts of addresses that name a thing of a clinic, and those that are words of ours
THINGS = frozenset(
    {
        "intake_id", "placement_id", "choice_id", "alert_id", "appointment_id", "check_in_id", "session_id", "flag_id",
        "therapist_key", "proposal_id", "note_id", "client_id", "goal_id", "measure_id", "job_id", "activation_id",
        "therapist", "link", "token", "version", "access_id", "person_id", "sign_in_id", "passkey_id",
    }
)  # fmt: skip
WORDS: Mapping[str, str] = {
    "filename": "rapport.css", "topic": "about", "name": "concerns", "kind": "no_match", "because": "household",
    "wanted": "count", "persona": "client", "role": "coordinator",
    "form": "json",
}  # fmt: skip
# fields of forms, queries and bodies that name a thing: endpoint → (field, what it names)
FIELDS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "queue.give_back": (("place", "placement_id"),),
    "queue.assign": (("therapist", "external_id"),),
    "queue.bulk": (("case", "ticked"),),
    "emergency.begin": (("whom", "client_id"),),
    "queue.openings": (("therapist", "external_id"),),
    "departures.agreed": (("client", "client_id"),),
    "proposals.change": (("client", "client_id"), ("therapist", "external_id")),
    "request.ask": (("first", "external_id"), ("second", "external_id")),
    "matches.compare": (("with", "external_id"),),
    "checkins.say": (("token", "link"), ("held", "link")),
    "wellbeing.answer_linked": (("token", "link"),),
    "wellbeing.linked": (),
    "intake.paste": (("link", "link"),),
    "api_v1.make_request": (("client_id", "client_id"), ("therapist_ids", "external_id")),
    "api_v1.begin_proposal": (("excluded_clients", "client_id"), ("excluded_therapists", "external_id")),
}
BODIES: Mapping[str, Mapping[str, Any]] = {
    "emergency.begin": {"reason": "Nobody can reach their therapist."},
    "queue.assign": {"do": "assign", "revision": "1"},
    "queue.bulk": {"do": "prioritise", "to": "2"},
    "queue.give_back": {"revision": "1", "place": str(UUID(int=7))},
    "queue.close": {"reason": "found_elsewhere", "revision": "1"},
    "queue.prioritise": {"priority": "2", "revision": "1"},
    "queue.note": {"note": "A word."},
    "queue.rematch": {"reason": "other", "words": "They ask for it.", "revision": "1", "again": "1"},
    "queue.contacted": {"outcome": "spoken"},
    "courses.rate": {"score": "7"},
    "courses.reply": {"words": "Thank you."},
    "courses.settle": {"outcome": "talked"},
    "courses.call_off": {"why": "cancelled"},
    "caseload.decline": {"reason": "full"},
    "handover.write": {"words": "They like the window open."},
    "handover.answer": {"answer": "yes"},
    "goals.show_to": {"shown_to": "named"},
    "checkins.show_to": {"shown_to": "named"},
    "wellbeing.show_to": {"shown_to": "named"},
    "departures.announce": {"kind": "leaves", "begins_on": "2031-01-01"},
    "departures.agreed": {"answer": "yes"},
    "proposals.change": {"act": "leave_client", "revision": "1"},
    "proposals.commit": {"revision": "1"},
    "api_v1.make_request": {},
    "api_v1.commit_proposal": {"revision": 1},
}


def caller(town: Town, house: House, endpoint: str) -> tuple[At, dict[str, str]]:
    """(browser, headers) of somebody at a clinic who may call a route; of the therapist0 or client8 where they own."""
    policy = access.ROUTES[endpoint]
    if policy.scope is not None:
        return town.browser(house), {"Authorization": f"Bearer {house.tokens[policy.scope]}"}
    person = None
    if policy.roles:
        role = policy.roles[0]
        person = house.staff["therapist0" if policy.roles == ("therapist",) else role]
    # whoever has a place already cannot ask for one
    link = None if policy.roles else house.links[4 if endpoint.startswith("request.") else 8]
    browser = town.browser(house, person, link)
    return browser, {"X-CSRFToken": token_of_host(browser)}


def token_of_host(browser: At) -> str:
    """A valid token for this browser's forms, at the host that it calls."""
    with browser.session_transaction(base_url=browser.base) as kept:
        secret = kept.setdefault("csrf_token", "0" * 40)
    return str(URLSafeTimedSerializer(browser.application.secret_key, salt="wtf-csrf-token").dumps(secret))


def rules(town: Town) -> Iterator[tuple[Rule, str]]:
    """(rule, method) of every route but the static files, each method that is not an echo of another."""
    for rule in sorted(town.app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def path_of(rule: Rule, filled: Mapping[str, object]) -> str:
    """The address of a rule with its parts filled in; what is not named is a word of ours, or nobody's key."""

    def fill(found: re.Match[str]) -> str:
        converter, options, name = found[1], found[2], found[3]
        if name in filled:
            return str(filled[name])
        if converter == "any":
            return str(options).split(",")[0].strip()
        return WORDS.get(name, str(UUID(int=7)))

    return re.sub(r"<(?:(\w+)(?:\(([^)]*)\))?:)?(\w+)>", fill, rule.rule)


def own(house: House, rule: Rule, *, therapist: str = "therapist0", client: str = "client8") -> dict[str, object]:
    """What of a clinic would be named by the parts of an address: the therapist's, the client's, or the clinic's."""
    found: dict[str, object] = {}
    for name in rule.arguments & THINGS:
        things = house.things.get(name, {})
        key = next((things[owner] for owner in (therapist, client, "clinic", "client9", "client0") if owner in things),
                   None)  # fmt: skip
        if key is not None:
            found[name] = key
    return found


def send(browser: At, method: str, path: str, endpoint: str, headers: Mapping[str, str], **more: Any) -> Any:
    """Call a route as its caller does: a form, or JSON where a program calls."""
    body = dict(BODIES.get(endpoint, {})) | dict(more)
    if method in ("GET", "DELETE"):
        return browser.open(path, method=method, headers=dict(headers), query_string=more)
    if endpoint.startswith("api_v1."):
        return browser.open(path, method=method, headers=dict(headers), json=body)
    return browser.open(path, method=method, headers=dict(headers), data=body)


def body_of(town: Town, house: House, endpoint: str) -> dict[str, Any]:
    """What a route is filled with, and the revision of client8's case as it is now."""
    body = dict(BODIES.get(endpoint, {}))
    if endpoint == "request.ask":
        body["first"] = f"{house.slug}-t1"
    if endpoint.startswith("queue.") and "revision" in body:
        with town.session(house) as session:
            found = waiting.case(session, house.things["client_id"]["client8"])
            assert found is not None
            body["revision"] = str(found.revision)
    return body
