"""By what it is seen that two clients gave the same address or number, which are sealed: marks that nobody can read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from web.db import crypto

SHORTEST_NUMBER = 6  # digits, of which fewer tell nobody apart


def of_email(email: str) -> bytes | None:
    """The mark of a mailbox: without the alias that many servers let people add, ana+x@there is ana@there."""
    name, _, place = unicodedata.normalize("NFC", email.strip()).lower().partition("@")
    return crypto.mark("email", f"{name.split('+')[0]}@{place}") if name and place else None


def of_phone(phone: str) -> bytes | None:
    """The mark of a telephone number, without the country's code, which some write and some do not."""
    digits = re.sub(r"\D", "", phone).lstrip("0")
    return crypto.mark("phone", digits[-9:]) if len(digits) >= SHORTEST_NUMBER else None


def of_contact(said: Mapping[str, Any]) -> tuple[bytes | None, bytes | None]:
    """(email_mark, phone_mark) of how somebody can be reached."""
    return of_email(str(said.get("email") or "")), of_phone(str(said.get("phone") or ""))
