"""Who sent it: what browsers say, and what is left where they say nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from web import forgery


@pytest.mark.S4
@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),  # our pages send no referrer
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://here.example"}, False),
        ({"Sec-Fetch-Site": ""}, False),
        ({"Origin": "http://here.example"}, True),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "http://here.example.evil.example"}, False),
        ({"Origin": "http://here.example:81"}, False),
        *(({"Origin": no_address}, False) for no_address in ("", "http://[", "http://[::1", "here.example", "//")),
        ({"Origin": "null"}, True),  # an old browser: the cookies decide
        ({}, True),
    ],
)
def test_whether_a_request_is_from_here(headers: dict[str, str], ours: bool, tried: Callable[[int], None]) -> None:
    with Flask("x").test_request_context("/", base_url="http://here.example", headers=headers):
        assert forgery.from_here() is ours
    tried(1)
