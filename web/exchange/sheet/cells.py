"""A cell before its meaning is read: what nobody can see in it, what a conversion has broken, white space around it."""

from __future__ import annotations

import re

from web.exchange.problems import Unreadable, unreadable
from web.exchange.schema.fields import check_text
from web.exchange.sheet import forms
from web.exchange.sheet.forms import Form
from web.exchange.sheet.protection import restore

MAX_CELL = 10_000
_AROUND = " \t\r\n\u00a0\u200b\u2060\ufeff\u3000"
_BROKEN_BYTES = re.compile("[\udc80-\udcff]")
# UTF-8 that was read as Windows-1252: Ã¼ for ü, â€™ for ’
_MOJIBAKE = re.compile("[ÃÂ][\u00a0-\u00bf]|ÃŸ|â€")
_SPREADSHEET_ERROR = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!)|#{3,}", re.IGNORECASE)


def clean(cell: str, form: Form) -> str:
    """The text that a cell holds, empty where it says nothing. Raises Unreadable for text that is broken."""
    if len(cell) > MAX_CELL:
        raise unreadable("too_long", cell, f"a cell holds at most {MAX_CELL:,} characters, this has {len(cell):,}")
    if not (cell.isascii() and cell.isprintable()):
        _check_letters(cell)
    text = restore(cell)
    bare = text.strip(_AROUND)
    if _SPREADSHEET_ERROR.fullmatch(bare):
        raise unreadable("spreadsheet_error", bare, "a formula of the spreadsheet failed here; write the value itself")
    return text if form.free and bare else bare


def value_of(text: str, form: Form) -> object:
    """The value of a cell's text. Raises Unreadable."""
    try:
        return form.read(text)
    except Unreadable as error:
        if text.casefold() in forms.BLANKS | forms.BLANK_WORDS and error.faults[0].code != "not_finite":
            raise forms.placeholder(text) from None
        raise


def _check_letters(cell: str) -> None:
    if _BROKEN_BYTES.search(cell):
        raise unreadable("broken_bytes", cell, "bytes that are no text in UTF-8; write the text anew and save as UTF-8")
    check_text(cell, MAX_CELL)
    if found := _MOJIBAKE.search(cell):
        mend = f"{found[0]!r} looks like a letter that was decoded wrongly; open the original as UTF-8 and save it anew"
        raise unreadable("mojibake", cell, mend)
