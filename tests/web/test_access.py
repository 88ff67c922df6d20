"""Every route has a declared policy, and what is declared is enforced."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

import web.start
from tests.web.conftest import Clinic, settings_for
from tests.web.staff import address, hire, signed_in, token_of
from web import access, create_app
from web.db import engine, schema
from web.services import clinics


def test_a_route_without_a_policy_does_not_start(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = Blueprint("secret", __name__)
    secret.add_url_rule("/secret/<int:case>", "show", lambda case: "all of it")
    monkeypatch.setattr(web.start, "blueprint", _with(secret))
    with pytest.raises(access.UndeclaredRoute, match=r"/secret/<int:case> \(start\.secret\.show\).*ROUTES"):
        create_app(settings_for(clinic.database_url))


def _with(inner: Blueprint) -> Blueprint:
    outer = Blueprint("start", __name__)
    outer.add_url_rule("/", "home", lambda: "")
    outer.add_url_rule("/help-now", "help_now", lambda: "")
    outer.register_blueprint(inner)
    return outer


def test_a_policy_without_a_route_does_not_start(clinic: Clinic) -> None:
    with pytest.raises(access.UndeclaredRoute, match=r"start\.gone: no such route"):
        access.check(clinic.app, {**access.ROUTES, "start.gone": access.PUBLIC})


def test_a_route_added_after_the_start_is_not_entered(clinic: Clinic) -> None:
    app = create_app(settings_for(clinic.database_url))
    app.add_url_rule("/late", "late", lambda: "all of it")
    answer = app.test_client().get("/late")
    assert answer.status_code == 403
    assert b"all of it" not in answer.data


@pytest.mark.S1
def test_every_cell_of_route_and_caller_is_as_declared(
    clinic: Clinic, tried: Callable[[int], None], trials: Callable[[int, int], int]
) -> None:
    """Routes × methods × callers: a public route opens to all, another only to a token with its scope.

    A method that no route takes is refused before anybody is asked for: at length to each caller, else to one in turn.
    """
    callers = {
        "nobody": {},
        "not a token": {"Authorization": "Bearer nonsense"},
        "no bearer": {"Authorization": f"Basic {clinic.token}"},
        "empty": {"Authorization": "Bearer "},
        "other scope": {"Authorization": f"Bearer {clinic.token_without_scope}"},
        "expired": {"Authorization": f"Bearer {clinic.expired_token}"},
        "token": {"Authorization": f"Bearer {clinic.token}"},
    }
    cells, is_long = 0, trials(0, 1) == 1
    for n, rule in enumerate(clinic.app.url_map.iter_rules()):
        path = _path(rule)
        for method in METHODS:
            is_taken = method in _others(clinic.app, rule)
            for k, (name, headers) in enumerate(callers.items()):
                if not is_taken and not is_long and (n + k) % len(callers):
                    continue
                cells += 1
                status = (
                    clinic.app.test_client()
                    .open(path, method=method, headers=headers, environ_base=address())
                    .status_code
                )
                assert _expected(clinic.app, rule, method, name, status), f"{name} {method} {path}: {status}"
    tried(cells)


# for the link, so that help comes before all else
ASK_THEMSELVES = {"intake.safety", "intake.answer_safety", "wellbeing.answer"}
HELD = ("invited", "suspended", "removed")  # a role that does not hold
AT_THE_DOOR = {"people.sign_out", "people.sign_in", "people.second", "people.passkey", "people.join_link",
               "people.reset_link", "tour.look"}  # fmt: skip
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
MADE_UP: tuple[object, ...] = (None, "", "A" * 22, "x" * 10_000, "\x00", 7, ["A" * 22])  # tokens of a sign-in
SAMPLES = {"path": "rapport.css", "uuid": UUID(int=7), "int": 1, "string": "x", "default": "x"}


def _path(rule: Rule) -> str:
    """An address of the rule, which names nothing that there is."""
    return re.sub(r"<(?:(\w+)(?:\(([^)]*)\))?:)?\w+>", _sample, rule.rule)


def _sample(found: re.Match[str]) -> str:
    return found[2].split(",")[0] if found[1] == "any" else str(SAMPLES[found[1] or "default"])


def _others(app: Flask, rule: Rule) -> set[str]:
    """The methods that some rule takes at the same address."""
    return {method for other in app.url_map.iter_rules() if other.rule == rule.rule for method in other.methods or ()}


def _expected(app: Flask, rule: Rule, method: str, caller: str, status: int) -> bool:
    policy = access.ROUTES[rule.endpoint]
    if method not in _others(app, rule):
        return status == 405
    if method not in (rule.methods or ()):
        return True  # another rule's cell
    reads = method in {"GET", "HEAD", "OPTIONS"}
    if not reads and policy.scope is None and policy.forged == "page":
        return status == 400  # none of these callers has a page of ours
    if method == "OPTIONS" and policy.scope is None:
        return status == (303 if policy.roles else 403 if policy.intake else 200)
    if policy.roles:
        return status == (303 if reads else 401)
    if policy.intake or rule.endpoint in ASK_THEMSELVES:
        return status in {400, 403}
    if policy.scope is None or caller == "token":
        return status not in {401, 403, 405} and status < 500
    return status == (403 if caller == "other scope" else 401)


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Flask]:
    url = f"sqlite:///{tmp_path_factory.mktemp('staffed') / 'rapport.sqlite'}"
    schema.upgrade(url)
    with engine.sessions(url)() as session:
        clinics.create(engine.writing(session), "north", "North", now=datetime.now(UTC))
        session.commit()
    return url, create_app(settings_for(url))


@pytest.mark.S1
def test_every_cell_of_route_role_and_status_is_as_declared(
    staffed: tuple[str, Flask], tried: Callable[[int], None], trials: Callable[[int, int], int]
) -> None:
    """Routes × methods × roles × statuses: a route with roles opens to those whose role holds, and to nobody else.

    At length all; else each route meets one of the three roles that do not hold, another one of each role.
    """
    url, app = staffed
    cells, is_long = 0, trials(0, 1) == 1
    for k, role in enumerate(access.STAFF):
        for j, status in enumerate(("active", *HELD)):
            person = hire(url, role, status=status)
            client = signed_in(app, url, person)
            for n, rule in enumerate(app.url_map.iter_rules()):
                policy = access.ROUTES[rule.endpoint]
                if policy.scope is not None or rule.endpoint in AT_THE_DOOR:
                    continue  # these end the sign-in, or never look at it
                if status in HELD and not is_long and (n + k + j) % len(HELD):
                    continue
                for method in sorted(set(METHODS) & (rule.methods or set())):
                    headers = {"X-CSRFToken": token_of(client)}
                    answer = client.open(_path(rule), method=method, headers=headers, environ_base=address())
                    cells += 1
                    opens = not policy.roles or (status == "active" and role in policy.roles)
                    where = f"{role}, {status}: {method} {rule.rule}: {answer.status_code}"
                    assert answer.status_code < 500, where
                    assert (answer.status_code == 403) == (not opens) or not policy.roles, where
                    assert answer.location is None or "/sign-in" not in answer.location, where
                if rule.endpoint == "kiosk.begin":  # the tablet is nobody's: who was signed in is not any more
                    client = signed_in(app, url, person)
    tried(cells)


@pytest.mark.S1
def test_nobody_without_a_sign_in_passes_a_route_with_roles(
    staffed: tuple[str, Flask], tried: Callable[[int], None], trials: Callable[[int, int], int]
) -> None:
    """Reading leads to the door, changing is refused, whatever the browser brings along (at length all of it)."""
    _, app = staffed
    cells, n_each = 0, trials(3, len(MADE_UP))
    for n, rule in enumerate(app.url_map.iter_rules()):
        if not access.ROUTES[rule.endpoint].roles:
            continue
        for method in sorted(set(METHODS) & (rule.methods or set())):
            for k in range(n_each):
                made_up = MADE_UP[(n + k) % len(MADE_UP)]
                client = app.test_client()
                with client.session_transaction() as kept:
                    kept.update({"sign_in": made_up, "_user_id": "A" * 32})
                answer = client.open(_path(rule), method=method, headers={"X-CSRFToken": token_of(client)})
                cells += 1
                assert answer.status_code == (303 if method in {"GET", "HEAD", "OPTIONS"} else 401), rule.rule
                assert answer.location is None or answer.location.startswith("/sign-in")
    tried(cells)


def test_a_refusal_says_how_to_come_in(client: FlaskClient) -> None:
    answer = client.post("/api/v1/matches", json={})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
