"""Every route has a declared policy, and what is declared is enforced."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Blueprint
from flask.testing import FlaskClient

import web.start
from tests.web.conftest import Clinic, settings_for
from web import access, create_app


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
def test_every_cell_of_route_and_caller_is_as_declared(clinic: Clinic, tried: Callable[[int], None]) -> None:
    """Routes × methods × callers: a public route opens to all, another only to a token with its scope."""
    callers = {
        "nobody": {},
        "not a token": {"Authorization": "Bearer nonsense"},
        "no bearer": {"Authorization": f"Basic {clinic.token}"},
        "empty": {"Authorization": "Bearer "},
        "other scope": {"Authorization": f"Bearer {clinic.token_without_scope}"},
        "expired": {"Authorization": f"Bearer {clinic.expired_token}"},
        "token": {"Authorization": f"Bearer {clinic.token}"},
    }
    cells = 0
    for rule in clinic.app.url_map.iter_rules():
        path = rule.rule.replace("<path:filename>", "rapport.css")
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            for name, headers in callers.items():
                cells += 1
                status = clinic.client.open(path, method=method, headers=headers).status_code
                assert _expected(rule, method, name, status), f"{name} {method} {path}: {status}"
    tried(cells)


def _expected(rule: object, method: str, caller: str, status: int) -> bool:
    policy = access.ROUTES[rule.endpoint]  # type: ignore[attr-defined]
    if method not in rule.methods:  # type: ignore[attr-defined]
        return status == 405
    if policy.scope is None or caller == "token":
        return status not in {401, 403, 405} and status < 500
    return status == (403 if caller == "other scope" else 401)


def test_a_refusal_says_how_to_come_in(client: FlaskClient) -> None:
    answer = client.post("/api/v1/matches", json={})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
