"""Flask-Security, confined to what is used: the form at the door and its Argon2id. It gets no routes of its own."""

from __future__ import annotations

import hashlib
import hmac

from flask import Flask, abort
from flask_login.utils import _user_context_processor
from flask_security import Security

from web import visits
from web.people import presenters
from web.people.datastore import AccountDatastore
from web.people.forms import SignInForm
from web.services import passwords


def install(app: Flask) -> None:
    """Let the library check passwords, and tell templates of staff who is here."""
    app.config.update(_settings(app))
    security = Security()
    security.init_app(app, AccountDatastore(), register_blueprint=False, login_form=SignInForm)
    security.unauthn_handler(_not_signed_in)
    security.unauthz_handler(lambda name, parameters: abort(403))
    _take_away(app, security)
    app.jinja_env.globals.update(signed_in=visits.person, staff_pages=presenters.pages)


def _settings(app: Flask) -> dict[str, object]:
    secret = str(app.secret_key).encode()
    return {
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_SINGLE_HASH": {"argon2"},
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
            "argon2__type": "ID",
            "argon2__time_cost": passwords.TIME_COST,
            "argon2__memory_cost": passwords.MEMORY_KIB,
            "argon2__parallelism": passwords.PARALLELISM,
        },
        "SECURITY_PASSWORD_SALT": hmac.new(secret, b"passwords", hashlib.sha256).hexdigest(),
        "SECURITY_PASSWORD_NORMALIZE_FORM": passwords.FORM,
        "SECURITY_PASSWORD_LENGTH_MIN": passwords.SHORTEST,
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_FLASH_MESSAGES": False,
        "SECURITY_CLI_USERS_NAME": False,
        "SECURITY_CLI_ROLES_NAME": False,
        "SESSION_PROTECTION": None,  # a sign-in is bound to its token, not to what a browser calls itself
    }


def _not_signed_in(mechanisms: list[str] | None = None, headers: dict[str, str] | None = None) -> None:
    raise visits.NotSignedIn


def _take_away(app: Flask, security: Security) -> None:
    """What the library adds to every request: a second way in by a token in the address or a body, and looks into the
    session for a cookie that is never given, which would make every answer, even a static file, depend on cookies."""
    security.login_manager.request_loader(lambda request: None)
    security.principal.identity_loaders.clear()
    app.after_request_funcs[None].remove(security.login_manager._update_remember_cookie)
    app.template_context_processors[None].remove(_user_context_processor)
