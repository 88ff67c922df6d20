"""The limits as they come with the product, each to the figure: none of them is loosened in passing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.trust.hostile.clinic import DryClinic
from web import limits, patience, server
from web.db import engine
from web.services import emergencies, kiosks, own_sign_ins, passwords, people, staff_links
from web.services.sign_in_policy import SignInPolicy
from web.settings import Settings

TOLD: dict[str, object] = {
    # a body, its parts, and what of a form is held in memory; without these Flask takes whatever comes
    "MAX_CONTENT_LENGTH": 1_000_000,
    "MAX_FORM_MEMORY_SIZE": 1_000_000,
    "MAX_FORM_PARTS": 500,
    # what stands before a body
    "limit_request_line": 4_094,
    "limit_request_fields": 60,
    "limit_request_field_size": 8_190,
    # how long somebody is waited for
    "timeout": 60,
    "graceful_timeout": 20,
    "keepalive": 5,
    "READING_SECONDS": 30.0,
    "STANDING_SECONDS": 10.0,
    "SENDING_SECONDS": 30.0,
    "BUSY_SECONDS": 5,
    # how often one may ask, and try
    "address_limit": "600 per minute",
    "api_limit": "120 per minute",
    "SIGN_IN": "10 per 5 minutes",
    "ALL_SIGN_INS": "1000 per 5 minutes",
    "SECOND_FACTOR": "5 per 5 minutes;20 per hour;50 per day",
    "RESETS": "5 per day",
    # how long one is in, and how long a link opens
    "idle": timedelta(minutes=30),
    "most": timedelta(hours=12),
    "half way": timedelta(minutes=10),
    "fresh": timedelta(minutes=10),
    "reset": timedelta(hours=6),
    "invitation": timedelta(days=7),
    "emergency": timedelta(minutes=60),
    "tablet": timedelta(hours=12),
    "form on the tablet": timedelta(minutes=10),
    # passwords, and what each try at one costs
    "shortest": 15,
    "shortest of two": 8,
    "hash": (2, 19_456, 1),
}


def in_force(clinic: DryClinic) -> dict[str, object]:
    """The same names, with what holds in this application, in the server that would serve it, and in the services."""
    told = Settings(environment="test", database_url=clinic.url)
    served = server.Server(clinic.app, told, workers=1, after_fork=lambda: None).cfg
    policy = SignInPolicy()
    return {
        **{name: clinic.app.config[name] for name in TOLD if name.startswith("MAX_")},
        **{name: getattr(served, name) for name in ("timeout", "graceful_timeout", "keepalive")},
        **{name: getattr(served, name) for name in TOLD if name.startswith("limit_")},
        **{name: getattr(patience, name) for name in TOLD if name.endswith("ING_SECONDS")},
        **{name: getattr(limits, name) for name in ("SIGN_IN", "ALL_SIGN_INS", "SECOND_FACTOR", "RESETS")},
        "BUSY_SECONDS": engine.BUSY_SECONDS,
        "address_limit": told.address_limit,
        "api_limit": told.api_limit,
        "idle": policy.idle,
        "most": policy.at_most,
        "half way": people.HALF_WAY_FOR,
        "fresh": own_sign_ins.FRESH_FOR,
        "reset": staff_links.LIVES[staff_links.RESET],
        "invitation": staff_links.LIVES[staff_links.INVITATION],
        "emergency": emergencies.AT_MOST,
        "tablet": kiosks.LASTS,
        "form on the tablet": kiosks.FORM_FOR,
        "shortest": passwords.SHORTEST,
        "shortest of two": passwords.SHORTEST_OF_TWO,
        "hash": (passwords.TIME_COST, passwords.MEMORY_KIB, passwords.PARALLELISM),
    }


@pytest.mark.S13
def test_every_limit_is_as_it_was_promised(dry: DryClinic, tried: Callable[[int], None]) -> None:
    assert in_force(dry) == TOLD
    tried(len(TOLD))


@pytest.mark.S13
@pytest.mark.parametrize(("name", "loose"), [("MAX_CONTENT_LENGTH", None), ("MAX_FORM_PARTS", 50_000)])
def test_a_limit_that_is_gone_would_be_found(
    dry: DryClinic, monkeypatch: pytest.MonkeyPatch, name: str, loose: Any
) -> None:
    """The planted holes: what Flask does by itself, and a form of as many parts as somebody likes."""
    monkeypatch.setitem(dry.app.config, name, loose)
    assert in_force(dry) != TOLD
