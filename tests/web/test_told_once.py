"""A page that holds a token is neither kept by a browser nor sent compressed: its length would give the token away."""

from __future__ import annotations

import pytest
from flask import Response
from flask_wtf.csrf import generate_csrf

from tests.web.conftest import Clinic
from web import headers

ASKS = {"Accept-Encoding": "br, gzip, deflate"}


@pytest.mark.S21
@pytest.mark.parametrize("path", ["/", "/sign-in", "/help-now", "/how-it-works", "/therapists", "/nothing", "/healthz"])
def test_no_page_is_sent_compressed(clinic: Clinic, path: str) -> None:
    answer = clinic.client.get(path, headers=ASKS)
    assert "Content-Encoding" not in answer.headers and answer.data


def test_style_and_scripts_are(clinic: Clinic) -> None:
    assert clinic.client.get("/static/rapport.css", headers=ASKS).headers["Content-Encoding"] == "br"


def test_a_page_with_the_token_of_a_form_is_not_marked_as_everybodys(clinic: Clinic) -> None:
    """Although its route says that it is the same for everybody: somebody's form has come to stand on it."""
    app = clinic.client.application
    with app.test_request_context("/how-it-works"):
        assert headers.same_for_everybody(Response("page")).headers["Cache-Control"] == headers.ASKED_AGAIN
    with app.test_request_context("/how-it-works"):
        generate_csrf()
        answer = headers.same_for_everybody(Response("page"))
        assert "Cache-Control" not in answer.headers and "ETag" not in answer.headers
        assert app.process_response(answer).headers["Cache-Control"] == headers.NEVER_KEPT
