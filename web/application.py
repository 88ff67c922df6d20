"""The Flask application with our own reading of JSON, our own limits and our own last resort."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import jinja2
from flask.json.provider import DefaultJSONProvider
from flask_openapi import Info, OpenAPI
from govuk_frontend_wtf.main import WTFormsHelpers
from werkzeug.middleware.proxy_fix import ProxyFix

from web import folders, logs
from web.api.v1.body import refuse_invalid
from web.exchange.problems import BadInput
from web.exchange.strict_json import read_json
from web.problems import Problem, Refused, faults
from web.settings import API_BODY_BYTES, Settings

_FORM_PARTS = ("govuk_frontend_jinja", "govuk_frontend_wtf")  # whose templates name each other by package
VERSION = "1.0.0"
ABOUT = Info(
    title="The Rapport API",
    version=VERSION,
    description="Therapist matching that explains itself: an intake goes in, a ranked list with reasons comes out.",
)


class StrictJSON(DefaultJSONProvider):
    """JSON read strictly, and written in the order in which it was made."""

    sort_keys = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """The value of a JSON text. Raises Refused (400) naming each place that is no JSON."""
        try:
            return read_json(s)
        except BadInput as bad:
            raise Refused(400, faults=faults(bad)) from None


class Application(OpenAPI):
    """One installation."""

    json_provider_class = StrictJSON

    def __init__(self, settings: Settings) -> None:
        super().__init__(
            "web",
            info=ABOUT,
            security_schemes={"token": {"type": "http", "scheme": "bearer"}},
            validation_error_model=Problem,
            validation_error_callback=refuse_invalid,
            doc_ui=False,
            template_folder=str(folders.templates()),
        )
        self.openapi_version = "3.1.1"
        self.config.update(
            DEMO=settings.is_demo,
            SECRET_KEY=settings.secret_key,
            ZONE=ZoneInfo(settings.timezone),
            SENDS_MAIL=settings.smtp_url is not None,
            AUDIT_ANCHOR=settings.audit_anchor,
            TESTING=settings.environment == "test",
            PROPAGATE_EXCEPTIONS=False,
            MAX_CONTENT_LENGTH=API_BODY_BYTES,
            MAX_FORM_MEMORY_SIZE=API_BODY_BYTES,
            MAX_FORM_PARTS=500,
            TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
            # by this name a browser takes it from this very host alone, by TLS, and lets no other host set it
            SESSION_COOKIE_NAME="__Host-session" if settings.environment == "production" else "session",
            SESSION_COOKIE_SAMESITE="Lax",
            SESSION_COOKIE_HTTPONLY=True,
            SESSION_COOKIE_SECURE=settings.environment == "production",
        )
        self.jinja_loader = jinja2.ChoiceLoader(
            [
                jinja2.FileSystemLoader(str(folders.templates())),
                jinja2.PrefixLoader({name: jinja2.PackageLoader(name) for name in _FORM_PARTS}),
            ]
        )
        WTFormsHelpers(self)
        if settings.proxies:
            n = settings.proxies
            self.wsgi_app = ProxyFix(self.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]

    def log_exception(self, exc_info: Any) -> None:
        """An exception outside of the view is noted by type and place, like any other."""
        if exc_info[1] is not None:
            logs.failure(exc_info[1])
