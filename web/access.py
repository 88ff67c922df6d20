"""Who may call what: policies, and the registry of every route. A route that is not declared here does not start.

The registry is one table so that it can be read at a glance and checked both ways: no rule without a policy, no policy
without a rule. What is declared is enforced before the view runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from flask import Flask, abort, g, request

from web import edge
from web.problems import Refused
from web.services import tokens


@dataclass(frozen=True, slots=True)
class Policy:
    """Everybody when ``scope`` is None, else whoever bears a token of a clinic that carries the scope."""

    scope: str | None = None


PUBLIC = Policy()
MATCHES = Policy(scope="matches")

ROUTES: Mapping[str, Policy] = MappingProxyType(
    {
        "static": PUBLIC,
        "health.alive": PUBLIC,
        "health.ready": PUBLIC,
        "start.home": PUBLIC,
        "start.help_now": PUBLIC,
        "api_v1.reference": PUBLIC,
        "api_v1.document": PUBLIC,
        "api_v1.match": MATCHES,
    }
)


class UndeclaredRoute(RuntimeError):
    """The registry and the routes of the application differ."""


def install(app: Flask) -> None:
    """Ask for the policy of every request before anything else sees it."""
    app.before_request(enforce)


def check(app: Flask, routes: Mapping[str, Policy] = ROUTES) -> None:
    """Refuse to start when a rule has no policy, or a policy no rule."""
    rules = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules()}
    undeclared = [f"{rules[name]} ({name})" for name in rules if name not in routes]
    if undeclared:
        raise UndeclaredRoute(f"{', '.join(undeclared)}: declare who may call it in web/access.py, ROUTES")
    stale = [name for name in routes if name not in rules]
    if stale:
        raise UndeclaredRoute(f"{', '.join(stale)}: no such route; remove it from web/access.py, ROUTES")


def enforce() -> None:
    """The declared policy, or no entry. A path that is no route goes on to its 404."""
    if request.endpoint is None:
        return
    policy = ROUTES.get(request.endpoint)
    if policy is None:
        abort(403)
    if policy.scope is not None:
        g.caller = _bearer(policy.scope)


def _bearer(scope: str) -> tokens.Caller:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    caller = tokens.verify(edge.session(), token.strip()) if kind.lower() == "bearer" and token else None
    if caller is None:
        raise Refused(401, "Send a valid token of your clinic in the header Authorization: Bearer …")
    if scope not in caller.scopes:
        raise Refused(403, f"This token does not carry the scope {scope!r}.")
    return caller
