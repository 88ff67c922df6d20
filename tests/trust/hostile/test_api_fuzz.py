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
    n = asked(dry, bearers, trials(10, 4_500))
    assert n >= trials(200, 100_000)
    tried(n)


def asked(clinic: DryClinic, bearers: Mapping[str, dict[str, str]], n: int) -> int:
    """Ask every operation so often, with its scope, with another one and with none; how many requests those were."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", clinic.app)
    return sum(_asked(clinic, found.ok(), bearers, n) for found in schema.get_all_operations())


def _asked(clinic: DryClinic, operation: Any, bearers: Mapping[str, dict[str, str]], n: int) -> int:
    path = operation.path.replace("{proposal_id}", "00000000-0000-0000-0000-000000000007")
    endpoint = clinic.app.url_map.bind("localhost").match(path, method=operation.method.upper())[0]
    scope, cases = access.ROUTES[endpoint].scope, 0
    others = [name for name in bearers if name not in {"all", scope}]

    @seed(SEED)
    @settings(
        max_examples=n, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        nonlocal cases
        cases += 1
        response = case.call(headers=bearers[scope if scope and cases % 2 else "all"])
        case.validate_response(response, checks=CHECKS)
        if scope is not None and cases % 4 == 1:
            cases += 2
            refused = case.call(headers=bearers[others[cases % len(others)]])
            assert refused.status_code in {403, *_BEFORE}, (case, refused.status_code)
            stranger = case.call(headers={"Authorization": "Bearer nobody"})
            assert stranger.status_code in {401, *_BEFORE}, (case, stranger.status_code)

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
