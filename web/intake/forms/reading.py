"""What was typed or chosen as a value; what cannot be read stays as it is, for the schema to refuse."""

from __future__ import annotations

import re
from typing import Any

from web.fields import UNSAID
from web.services.intakes import Offered


def text(said: str | None) -> str:
    return (said or "").strip().replace("\r\n", "\n")


def step(said: str | None) -> Any:
    """A step of a scale that was chosen; what is none stays a word, which the schema refuses."""
    return None if said in (None, UNSAID) else int(said) if re.fullmatch(r"-?[0-9]{1,4}", said) else said


def number(said: str | None) -> Any:
    return None if said in (None, UNSAID) else float(said) if re.fullmatch(r"[0-9]{1,6}", said) else said


def place(where: Any) -> dict[str, float]:
    return {"latitude": where.latitude, "longitude": where.longitude}


def known(field: Any, offered: Offered) -> Any:
    """A therapist of the clinic; another id is nobody's, and the schema refuses a number where it wants an id."""
    return None if field.data in (None, UNSAID) else field.data if field.data in offered.therapists else 0
