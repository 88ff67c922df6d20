"""Numbers and yes-or-no as cells hold them, strictly, and what the usual other spellings were meant to be."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from web.exchange.problems import Unreadable, unreadable

LONGEST = 400  # the smallest of all numbers, written out, has 340 digits
YES, NO = ("yes", "true", "y", "1"), ("no", "false", "n", "0")

_WHOLE = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
POWER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?e[+-]?[0-9]+", re.IGNORECASE)
_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}([,.'’ \u00a0\u202f][0-9]{3})+")
_MONEY = re.compile(r"(?:[€$£¥₹₺₽]|[A-Z]{3})? ?([0-9]+)(?:[.,]([0-9]{1,2}))? ?(?:[€$£¥₹₺₽]|[A-Z]{3})?")
_UNIT = re.compile(r"([+-]?[0-9]+(?:\.[0-9]+)?) ?([^\W\d_]+\.?)")
_ABSENT = frozenset({"nan", "inf", "infinity", "-inf", "+inf", "-infinity"})


def read_whole(text: str) -> int:
    """``12``, and ``12.0`` as some programs write it."""
    number = _number(text, "a whole number such as 12")
    if number != int(number):
        raise unreadable("not_whole", text, "expected a whole number such as 12")
    return int(number)


def read_number(text: str) -> float:
    """``12`` or ``0.75``."""
    return float(_number(text, "a number such as 12 or 0.75"))


def read_cents(text: str) -> int:
    """``6000``; an amount with a currency or with decimals is told apart from cents."""
    found = _MONEY.fullmatch(text)
    if found and not _WHOLE.fullmatch(text) and text != f"{found[1]}.0":
        cents = int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))
        amount = f"{cents // 100}.{cents % 100:02}"
        raise unreadable("currency", text, f"the column is in cents, without a sign: {amount} is written {cents}")
    return read_whole(text)


def read_yes_no(text: str) -> bool:
    """``yes``, ``true``, ``y``, ``1`` and their opposites, in whatever case."""
    word = text.casefold()
    if word not in YES + NO:
        raise unreadable("yes_no", text, "expected yes or no, or nothing when it is not known")
    return word in YES


def write_number(value: float) -> str:
    """The shortest text that reads back as the same number, without a power of ten: 12, 0.75, 0.00001."""
    text = format(Decimal(repr(value)), "f")
    return text.removesuffix(".0")


def write_yes_no(value: bool) -> str:
    return YES[0] if value else NO[0]


def _number(text: str, expected: str) -> Decimal:
    if len(text) > LONGEST or not _NUMBER.fullmatch(text):
        raise _not_a_number(text, expected)
    return Decimal(text)


def _not_a_number(text: str, expected: str) -> Unreadable:
    """The refusal of what is no number, with the number that was probably meant."""
    short = text[:LONGEST]
    if any(letter.isdigit() and not letter.isascii() for letter in short):
        plain = "".join(_ascii_digit(letter) for letter in short)
        return unreadable("foreign_digits", text, f"write the digits 0 to 9: {plain}")
    if short.casefold() in _ABSENT:
        return unreadable("not_finite", text, f"expected {expected}; leave the cell empty when it is not known")
    if POWER.fullmatch(short):
        return unreadable("power_of_ten", text, f"write the number out, without a power of ten; expected {expected}")
    if _GROUPED.fullmatch(short):
        digits = re.sub(r"[^0-9+-]", "", short)
        decimal = f", or {short.replace(',', '.')} if the comma is a decimal one" if _COMMA.fullmatch(short) else ""
        return unreadable("grouped_digits", text, f"write {digits} without separators of thousands{decimal}")
    if _COMMA.fullmatch(short):
        return unreadable("decimal_comma", text, f"write {short.replace(',', '.')} with a decimal point")
    if short.endswith("%"):
        return unreadable("percent", text, f"expected {expected}, without a per cent sign")
    if (money := _MONEY.fullmatch(short)) and (len(short) != sum(map(len, money.groups("")))):
        return unreadable("currency", text, f"write the number alone; expected {expected}")
    if unit := _UNIT.fullmatch(short):
        return unreadable("unit", text, f"write {unit[1]} without the unit")
    return unreadable("not_a_number", text, f"expected {expected}")


def _ascii_digit(letter: str) -> str:
    return str(unicodedata.digit(letter)) if letter.isdigit() else letter
