"""Text that a spreadsheet would run as a formula is written with an apostrophe before it, and read back without.

A cell is dangerous where it begins with ``= + - @``, their full-width twins, a tab or a line break, white space or
apostrophes before them not counted. So is what stands after a semicolon, tab or line break inside a text: a spreadsheet
that expects semicolons begins a new cell there, in spite of quotation marks. Reading takes away exactly one apostrophe
at each such place, writing adds exactly one: every text comes back as it was.
See OWASP, "CSV Injection".
"""

from __future__ import annotations

import re

_DANGER = "(?=[ \u00a0\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20\t\r\n])"
_UNSAFE = re.compile(rf"(\A|[;\t\r\n])('*){_DANGER}")
_SAFE = re.compile(rf"(\A|[;\t\r\n])'('*){_DANGER}")


def protect(text: str) -> str:
    """The text as a spreadsheet may see it.

    >>> protect("=1+1"), protect("a; -b"), protect("well-known")
    ("'=1+1", "a;' -b", 'well-known')
    """
    return _UNSAFE.sub(r"\1'\2", text)


def restore(text: str) -> str:
    """The text that was protected.

    >>> restore("'=1+1"), restore("'tis")
    ('=1+1', "'tis")
    """
    return _SAFE.sub(r"\1\2", text) if "'" in text else text
