"""Portraits as images: kept for good, drawn for any features, refused where they are no words."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from web import headers, portraits
from web.exchange.reading import read_therapists
from web.folders import seed_data


def test_every_therapist_of_the_demo_has_a_face_of_their_own(clinic, client: FlaskClient) -> None:
    faces = set()
    for therapist in read_therapists(seed_data() / "therapists.csv").entities:
        with clinic.app.test_request_context():
            address = portraits.address(therapist.portrait)
        answer = client.get(address)
        assert answer.mimetype == "image/svg+xml" and answer.headers["Cache-Control"] == headers.KEPT_FOR_GOOD
        assert ElementTree.fromstring(answer.text).tag == "{http://www.w3.org/2000/svg}svg"
        faces.add(answer.text)
    assert len(faces) == 40


@pytest.mark.S9
def test_what_is_no_feature_is_refused_or_draws_a_usual_face(client: FlaskClient, tried: Callable[[int], None]) -> None:
    usual = client.get("/portrait.svg?skin=peach").text
    assert client.get("/portrait.svg?skin=nothing").text == usual
    for value in ('"><script>', "<b>", "x" * 40, "{{7*7}}", "javascript:x"):
        answer = client.get("/portrait.svg", query_string={"skin": value, value: "x"})
        assert answer.status_code == 400 or value not in answer.text, value
    for value in ("a\x00b", "\u202e", "é", "x" * 41):
        assert client.get("/portrait.svg", query_string={"skin": value}).status_code == 400, value
    assert client.get("/portrait.svg?" + "&".join(f"k{n}=x" for n in range(21))).status_code == 400
    tried(12)
