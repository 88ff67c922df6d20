"""Where to go after signing in: a page of our own, or home."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

LONGEST = 1_000
NEVER = ("/sign-in", "/sign-out", "/sign-in/second", "/sign-in/again")


def own(wanted: str | None) -> str | None:
    """The path, where it leads to a page of ours and nowhere else; None otherwise.

    Browsers drop tabs and line breaks in an address and read ``\\`` as ``/``; decoded once more by a page on the way,
    or tidied by one (``/home/..//``), a path may come to begin with ``//``. What looks like that is no page of ours.
    """
    if not wanted or len(wanted) > LONGEST:
        return None
    return wanted if all(_is_plain(form) for form in (wanted, unquote(wanted))) else None


def _is_plain(path: str) -> bool:
    if not path.isprintable() or "\\" in path or not path.startswith("/") or "//" in path.partition("?")[0]:
        return False
    parts = urlsplit(path)  # raises for a host alone, and what came so far names none
    if ".." in parts.path.split("/"):
        return False
    return not parts.scheme and not parts.netloc and parts.path not in NEVER
