"""Passwords: long, any Unicode, none that is tried first, kept as an Argon2id hash.

A password alone needs 15 characters, beside a second factor 8; no composition is asked for (NIST SP 800-63B-4, section
3.1.1.2).
"""

from __future__ import annotations

import secrets
import string
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from zxcvbn.frequency_lists import FREQUENCY_LISTS

SHORTEST, SHORTEST_OF_TWO, LONGEST = 15, 8, 200
FORM = "NFKC"
TIME_COST, MEMORY_KIB, PARALLELISM = 2, 19_456, 1
FEWEST_DIFFERENT = 6
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb")
_RUN = 4  # characters in a row that are one key after the other
_COMMON = (
    "password", "passw0rd", "p@ssword", "p@ssw0rd", "letmein", "iloveyou", "welcome", "administrator", "admin",
    "changeme", "secret", "rapport", "therapist", "therapy", "monkey", "dragon", "sunshine", "princess", "football",
    "baseball", "superman", "trustno1", "correcthorsebatterystaple", "tobeornottobe", "abc123", "qwerty", "1q2w3e4r",
    "thisismypassword", "mypassword", "donttouchmythings", "letmeinplease", "opensesame",
)  # fmt: skip
# those that stand most often in lists of stolen ones, and the commonest words and names, each of which zxcvbn keeps in
# the list alone where it ranks best (Wheeler 2016, section 5)
_STOLEN = frozenset().union(*FREQUENCY_LISTS.values())
_DECORATION = string.digits + string.punctuation + string.whitespace


_HASHER = PasswordHasher(time_cost=TIME_COST, memory_cost=MEMORY_KIB, parallelism=PARALLELISM)


class WeakPassword(ValueError):
    """A password that will not do; the text says why and never holds it, the ``code`` says it to pages."""

    def __init__(self, code: str, words: str) -> None:
        self.code = code
        super().__init__(words)


def normal(password: str) -> str:
    """The one form of a password that keyboards write differently."""
    return unicodedata.normalize(FORM, password)


def hash_of(password: str, *personal: str, shortest: int = SHORTEST) -> str:
    """The Argon2id hash of a new password. Raises WeakPassword; ``personal`` are words that it must not consist of."""
    check(password, *personal, shortest=shortest)
    return _HASHER.hash(normal(password))


def matches(hashed: str | None, password: str) -> bool:
    """Whether this is the password of a hash. Without one the same work is done, for nothing."""
    try:
        found = _HASHER.verify(hashed or _nobody(), normal(password))
    except (Argon2Error, InvalidHashError, UnicodeEncodeError):
        return False
    return found and hashed is not None


def is_short(password: str) -> bool:
    """Whether a password is too short to stand alone."""
    return len(normal(password)) < SHORTEST


@cache
def _nobody() -> str:
    return _HASHER.hash(secrets.token_urlsafe(18))


def check(password: str, *personal: str, shortest: int = SHORTEST) -> None:
    """Raises WeakPassword where a new password will not do."""
    _check(normal(password), personal, shortest)


def _check(password: str, personal: tuple[str, ...], shortest: int) -> None:
    if any("\ud800" <= letter <= "\udfff" for letter in password):
        raise WeakPassword("unreadable", "This password cannot be read; type it in UTF-8.")
    if len(password) < shortest:
        raise WeakPassword("short", f"A password has at least {shortest} characters; three or four words will do.")
    if len(password) > LONGEST:
        raise WeakPassword("long", f"A password has at most {LONGEST} characters.")
    is_plain = len(set(password.lower())) < FEWEST_DIFFERENT or _own_part(password, personal) < FEWEST_DIFFERENT
    if is_plain or _is_stolen(password.lower()):
        words = "This password is among the first that are tried; take three or four words of your own."
        raise WeakPassword("common", words)


def _is_stolen(password: str) -> bool:
    """Whether it is, once or again and again, one of the lists, with or without digits and marks around it."""
    forms = (password, password.strip(_DECORATION))
    units = {form[: (form + form).find(form, 1)] for form in forms if form}
    return not _STOLEN.isdisjoint((*forms, *units))


def _own_part(password: str, personal: tuple[str, ...]) -> int:
    """How many different characters are left without well-known words, the person's own name, and runs of keys."""
    left = "".join(letter for letter in password.lower() if not letter.isspace() and letter not in "-_.,")
    words = (*_COMMON, *(part for word in personal for part in _parts(word)))
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, "")
    for row in (*_ROWS, *(row[::-1] for row in _ROWS)):
        left = _without_runs(left, row)
    return len(set(left))


def _parts(words: str) -> list[str]:
    parts = "".join(letter if letter.isalnum() else " " for letter in words.lower()).split()
    return [part for part in parts if len(part) > 2]


def _without_runs(text: str, row: str) -> str:
    for start in range(len(row) - _RUN + 1):
        for end in range(len(row), start + _RUN - 1, -1):
            text = text.replace(row[start:end], "")
    return text
