"""The token of a link that somebody pasted, whole or in part."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"(?:^|/)([A-Za-z0-9_-]{22})/?$")


def token_in(pasted: str) -> str:
    """What stands at the end of a pasted link; nothing where that is no token."""
    found = _TOKEN.search(pasted.strip().strip("<>").split("?")[0].split("#")[0])
    return found[1] if found else ""
