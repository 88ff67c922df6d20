"""The API by its own document: requests made from it at random, each answered as it says, and to no stranger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.trust.hostile.clinic import PROGRAM, Caller, DryClinic
from web import access
from web.db import engine
from web.services import clinics, tokens

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
          response_headers_conformance]  # fmt: skip
SEED = 20_260_302
STRANGERS: tuple[dict[str, str], ...] = ({"Authorization": "Bearer nobody"}, {}, {"Authorization": "Basic YTpi"})
Trials = Callable[[int, int], int]


@pytest.fixture(scope="module")
def bearers(furnished: str, everybody: Mapping[str, Caller]) -> dict[str, dict[str, str]]:
    """Scope → the header of a token that has it and no other; ``all`` for one that has all."""
    found = {"all": dict(everybody[PROGRAM].headers)}
    with engine.sessions(furnished)() as session:
        clinics.find(engine.writing(session), None)
        for scope in tokens.SCOPES:
            token = tokens.issue(session, now=datetime.now(UTC), scopes=(scope,))
            found[scope] = {"Authorization": f"Bearer {token}"}
        session.commit()
    return found


@pytest.mark.S20
def test_whatever_is_asked_the_answer_is_as_the_document_says(
    dry: DryClinic, bearers: Mapping[str, dict[str, str]], trials: Trials, tried: Callable[[int], None]
) -> None:
    """About fourteen operations: some hundred requests in all, or more than a hundred thousand at length."""
    n = asked(dry, bearers, trials(10, 750), is_long=trials(0, 1) == 1)
    assert n >= trials(200, 100_000)
    tried(n)


def asked(clinic: DryClinic, bearers: Mapping[str, dict[str, str]], n: int, *, is_long: bool = False) -> int:
    """Ask every operation so often, with its scope and now and then with another one and with none; how many requests.

    At length every request is made once more with each other scope, with a token of nobody and with none.
    """
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", clinic.app)
    return sum(_asked(clinic, found.ok(), bearers, n, is_long) for found in schema.get_all_operations())


def _asked(clinic: DryClinic, operation: Any, bearers: Mapping[str, dict[str, str]], n: int, is_long: bool) -> int:
    path = operation.path.replace("{proposal_id}", "00000000-0000-0000-0000-000000000007")
    endpoint = clinic.app.url_map.bind("localhost").match(path, method=operation.method.upper())[0]
    scope, n_examples, cases = access.ROUTES[endpoint].scope, 0, 0
    others = [name for name in bearers if name not in {"all", scope}]

    @seed(SEED)
    @settings(
        max_examples=n, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        nonlocal n_examples, cases
        n_examples += 1
        cases += 1
        response = case.call(headers=bearers[scope if scope and n_examples % 2 else "all"])
        case.validate_response(response, checks=CHECKS)
        if scope is None or not (is_long or n_examples % 4 == 1):
            return
        for other in others if is_long else [others[n_examples % len(others)]]:
            refused = case.call(headers=bearers[other])
            assert refused.status_code in {403, *_BEFORE}, (case, other, refused.status_code)
        for headers in STRANGERS if is_long else STRANGERS[:1]:
            stranger = case.call(headers=headers)
            assert stranger.status_code in {401, *_BEFORE}, (case, headers, stranger.status_code)
        cases += len(others) + len(STRANGERS) if is_long else 2

    ask()
    return cases


_BEFORE = {405, 406}  # a header that asks for something else than JSON is refused before anybody is asked for a token


@pytest.mark.S20
def test_an_answer_that_is_otherwise_would_be_found(
    dry: DryClinic, bearers: Mapping[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted hole: nobody asks for a token any more, and whoever has one of any kind may do all."""
    monkeypatch.setattr(access, "_bearer", lambda scope: tokens.verify(_session(), bearers["all"]["Authorization"][7:]))
    with pytest.raises((AssertionError, BaseExceptionGroup)):
        asked(dry, bearers, 8)


def _session() -> Any:
    from web import edge

    return edge.session()
