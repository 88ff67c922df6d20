"""The language of the reader: every sentence for people passes through here, so that a catalogue can translate it.

Outside of a request (commands, jobs) the sentences are in English, which is the language they are written in. Inside,
the catalogue is found once a request: a page says some two hundred sentences.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.support import NullTranslations
from flask import Flask, g, has_app_context, request
from flask_babel import Babel, get_locale, get_translations
from flask_babel.speaklater import LazyString

from matcher.vocabulary import Vocabulary

__all__ = ["CATALOGUES", "LANGUAGES", "_", "install", "label", "language", "lazy", "ngettext"]

LANGUAGES = ("en",)
CATALOGUES = Path(__file__).with_name("catalogues")
_AS_WRITTEN = NullTranslations()


def install(app: Flask) -> None:
    """Give pages and wording the language of the request."""
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(CATALOGUES))
    Babel(app, default_locale=LANGUAGES[0], locale_selector=_asked)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda words: _catalogue().ugettext(words),
        lambda one, many, n: _catalogue().ungettext(one, many, n),
        newstyle=True,
    )
    app.jinja_env.globals["label"] = label
    app.context_processor(lambda: {"language": language()})


def _(words: str, **values: Any) -> str:
    """A sentence in the language of the reader, with what is put into it: ``%(name)s``."""
    said = _catalogue().ugettext(words)
    return said % values if values else said


def ngettext(one: str, many: str, n: int, **values: Any) -> str:
    """A sentence about a number, which both forms may name as ``%(num)d``."""
    return _catalogue().ungettext(one, many, n) % {"num": n, **values}


def lazy(words: str) -> Any:
    """A sentence that is looked up when it is said, for tables that are made at import."""
    return LazyString(_, words)


def label(words: Vocabulary, code: str) -> str:
    """What a person reads for a code."""
    return _(words.label(code))


def language() -> str:
    """The code of the reader's language."""
    return str(get_locale() or LANGUAGES[0]) if has_app_context() else LANGUAGES[0]


def _catalogue() -> Any:
    if not has_app_context():
        return _AS_WRITTEN
    found = g.get("catalogue")
    if found is None:
        found = g.catalogue = get_translations()
    return found


def _asked() -> str:
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
