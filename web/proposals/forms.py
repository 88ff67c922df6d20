"""What the forms of a proposal send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort

from web.services.proposal_settings import FLOORS

SHOWN = ("all", "below", "best", "kept", "none")


@dataclass(frozen=True, slots=True)
class Asked:
    """An act about somebody, and the part of the page to come back to."""

    act: str
    client: str
    therapist: str
    back: Mapping[str, Any]


def revision(form: Mapping[str, str]) -> int:
    """The revision that was seen."""
    said = form.get("revision", "")
    if not said.isascii() or not said.isdigit() or len(said) > 9:
        abort(400)
    return int(said)


def people(form: Mapping[str, str]) -> Asked:
    """What shall be done about whom."""
    client, therapist = form.get("client", ""), form.get("therapist", "")
    if not (client or therapist) or len(client) > 36 or len(therapist) > 100:
        abort(400)
    return Asked(form.get("act", ""), client, therapist, view(form))


def rules(form: Mapping[str, str]) -> dict[str, Any]:
    """Policy, balance and floor; the service refuses what it does not know."""
    floors = {"" if floor is None else f"{floor:g}": floor for floor in FLOORS}
    if form.get("floor", "") not in floors:
        abort(400)
    return {
        "policy": form.get("policy", ""),
        "balance": form.get("balance", ""),
        "floor": floors[form.get("floor", "")],
    }


def view(said: Mapping[str, str]) -> dict[str, Any]:
    """Which lines are shown, as an address says it; all of them, from the first, where it says nothing."""
    shows, page = said.get("show", ""), said.get("page", "")
    found: dict[str, Any] = {}
    if shows in SHOWN[1:]:
        found["show"] = shows
    if page.isascii() and page.isdigit() and 1 < int(page[:6]) < 10_000:
        found["page"] = int(page[:6])
    return found
