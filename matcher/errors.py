"""What can go wrong in the matcher, each with the words that mend it."""

from __future__ import annotations

_SHOWN = 60


class MatcherError(Exception):
    """Base of every error that the matcher raises on purpose."""


class InvalidInput(MatcherError, ValueError):
    """A value that the matcher cannot work with.

    ``field`` names the place, ``value`` is what was found there, ``mend`` says what to do. The message holds all
    three, for the person who gave the value. Logs hold ``field`` and ``mend`` only: a value may be personal.
    """

    def __init__(self, field: str, value: object, mend: str) -> None:
        self.field = field
        self.value = value
        self.mend = mend
        super().__init__(f"{field}: {shown(value)}: {mend}")


class NotFitted(MatcherError):
    """An estimate was asked for before the model had seen any ratings."""


def shown(value: object) -> str:
    """A value as an error message may show it: printable, on one line, cut after 60 characters.

    >>> shown("Mar\u00eda"), len(shown("a" * 10_000))
    ("'Mar\\\\xeda'", 69)
    """
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        value = value.item()  # numpy's numbers would say their type
    try:
        text = ascii(value)
    except ValueError:  # Python does not write a whole number of more than 4,300 digits
        text = "a whole number of thousands of digits"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... (cut)"
