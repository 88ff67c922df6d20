"""What text the databases take: what only one of them could keep is refused by both.

PostgreSQL holds no NUL, SQLite does, and neither holds half of a letter. Whoever sends one is told so before any
statement is.
"""

from __future__ import annotations

import re

_NUL_IN_DOCUMENT = re.compile(r'[\[{"](?:[^\\]|\\(?!u0000).)*\\u0000', re.DOTALL)


class UnkeptText(ValueError):
    """A text with NUL or half of a letter in it; the error does not say which."""

    def __init__(self) -> None:
        super().__init__("remove the character that no text holds: NUL, or half of a letter")


def require(text: str) -> str:
    """The text, or the document as text, in which NUL is written as an escape. Raises UnkeptText."""
    if not can_be_kept(text):
        raise UnkeptText
    return text


def can_be_kept(text: str) -> bool:
    """Whether every database can keep it."""
    if "\x00" in text or ("\\u0000" in text and _NUL_IN_DOCUMENT.match(text)):
        return False
    try:
        text.isascii() or text.encode()
    except UnicodeEncodeError:
        return False
    return True
