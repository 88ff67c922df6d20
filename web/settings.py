"""What the environment says about this installation, read once, typed, and refused with the mend where it is wrong."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

ENVIRONMENTS = ("development", "production", "demo", "test")
SQLITE_DEFAULT = "sqlite:///instance/rapport.sqlite"
DATABASES = ("sqlite:///", "postgresql+psycopg://")
SECRET_LENGTH = 32
API_BODY_BYTES = 1_000_000
HERE = ("localhost", "127.0.0.1", "::1")
CHECKED, OPENLY = ("verify-full", "verify-ca"), "disable"  # as libpq calls TLS with a certificate that is checked


class WrongSetting(ValueError):
    """A variable of the environment that cannot be worked with; the text says how to mend it."""

    def __init__(self, name: str, mend: str) -> None:
        self.name = name
        super().__init__(f"{name}: {mend}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that differs between two installations. The secrets stay out of its repr."""

    environment: str = "development"
    database_url: str = field(default=SQLITE_DEFAULT, repr=False)
    secret_key: str = field(default_factory=lambda: secrets.token_hex(SECRET_LENGTH), repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    threads: int = 4
    trusted_hosts: tuple[str, ...] = ()
    proxies: int = 0
    keys: Path | None = None
    crisis_contacts: Path | None = None
    audit_anchor: Path | None = None
    timezone: str = "UTC"
    public_address: str | None = None
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str | None = None
    address_limit: str = "600 per minute"
    api_limit: str = "120 per minute"

    def __post_init__(self) -> None:
        _one_of("RAPPORT_ENV", self.environment, ENVIRONMENTS)
        _check_database(self.database_url)
        if self.environment == "production":
            _check_way_to_database(self.database_url)
        if len(self.secret_key) < SECRET_LENGTH:
            raise WrongSetting("SECRET_KEY", f"must have at least {SECRET_LENGTH} characters; {_MAKE_SECRET}")
        if self.crisis_contacts is not None and not self.crisis_contacts.is_file():
            raise WrongSetting("RAPPORT_CRISIS_CONTACTS", f"there is no file {str(self.crisis_contacts)!r}")
        _check_timezone(self.timezone)
        _check_mail(self.smtp_url, self.mail_from)

    @property
    def keys_beside(self) -> Path | None:
        """Where the keys are kept when no file is named: beside a SQLite database, and in production nowhere."""
        if self.environment == "production":
            return None
        is_file = self.database_url.startswith(DATABASES[0])
        return Path(self.database_url.removeprefix(DATABASES[0]) if is_file else "instance/rapport").with_suffix(
            ".keys"
        )

    @property
    def is_demo(self) -> bool:
        """Whether everybody in the database is invented."""
        return self.environment == "demo"


def read(environ: Mapping[str, str] | None = None, *, environment: str = "development") -> Settings:
    """The settings of this process; ``environment`` is what RAPPORT_ENV means when it is not set."""
    given = {name: value for name, value in (os.environ if environ is None else environ).items() if value.strip()}
    given.setdefault("RAPPORT_ENV", environment)
    if given["RAPPORT_ENV"] == "production" and "SECRET_KEY" not in given:
        raise WrongSetting("SECRET_KEY", f"must be set in production; {_MAKE_SECRET}")
    if given["RAPPORT_ENV"] == "production" and "RAPPORT_KEYS" not in given:
        raise WrongSetting("RAPPORT_KEYS", "must name the file of keys in production; make one with: rapport keys make")
    return Settings(**{name: parse(variable, given[variable]) for variable, (name, parse) in _READ.items()
                       if variable in given})  # fmt: skip


def single_threaded_arithmetic() -> None:
    """One thread of arithmetic a worker, before numpy loads: several workers would fight over the same cores."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def processors() -> int:
    """How many arithmetic may keep busy: what OMP_NUM_THREADS says, or else all that this process may run on."""
    said = os.environ.get("OMP_NUM_THREADS", "")
    return int(said) if said.isdecimal() and int(said) > 0 else len(os.sched_getaffinity(0))


def _text(name: str, value: str) -> str:
    return value.strip()


def _words(name: str, value: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in value.split(",") if word.strip())


def _path(name: str, value: str) -> Path:
    return Path(value)


def _whole(low: int, high: int) -> Callable[[str, str], int]:
    def parse(name: str, value: str) -> int:
        if not value.strip().isascii() or not value.strip().isdigit() or not low <= int(value) <= high:
            raise WrongSetting(name, f"must be a whole number from {low} to {high}, not {value[:20]!r}")
        return int(value)

    return parse


def _check_database(url: str) -> None:
    """An address that can be worked with; the text never holds it, for it may hold a password."""
    from sqlalchemy import make_url  # loads slowly, and most commands never come here
    from sqlalchemy.exc import ArgumentError

    if not url.startswith(DATABASES):
        raise WrongSetting("DATABASE_URL", f"must begin with {' or '.join(DATABASES)}")
    try:
        found = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise WrongSetting("DATABASE_URL", "cannot be read; is the port a number, and are % and @ escaped?") from error
    if found.get_backend_name() == "postgresql" and find_spec("psycopg") is None:
        raise WrongSetting("DATABASE_URL", 'PostgreSQL needs its driver: pip install "rapport[postgres]"')
    if found.get_backend_name() == "sqlite" and found.database in (None, "", ":memory:"):
        raise WrongSetting("DATABASE_URL", "must name a file, such as sqlite:///instance/rapport.sqlite")


def _check_way_to_database(url: str) -> None:
    """Another machine is reached with TLS and its certificate is checked, or openly where somebody has said so."""
    from sqlalchemy import make_url

    found = make_url(url)
    said = found.query.get("host", "")
    hosts = {found.host or "", *([said] if isinstance(said, str) else said)} - {"", *HERE}
    is_here = all(host.startswith("/") for host in hosts)  # a socket
    if not is_here and found.query.get("sslmode") not in (*CHECKED, OPENLY):
        mend = (
            "the database is on another machine: add ?sslmode=verify-full, so that it is reached with TLS and its "
            "certificate is checked, or ?sslmode=disable where nobody else has the network between"
        )
        raise WrongSetting("DATABASE_URL", mend)


def _check_timezone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        mend = f"must be the name of a time zone, such as Europe/Lisbon, not {name[:40]!r}"
        raise WrongSetting("RAPPORT_TIMEZONE", mend) from error


def _check_mail(url: str | None, sender: str | None) -> None:
    """A mail server and whom mail is from, or neither; the text never holds the address, for it may hold a password."""
    if url is None:
        return
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_whole = False
    if not is_whole:
        raise WrongSetting("SMTP_URL", "must read like smtp://name:password@mail.example.org:587, or smtps:// for TLS")
    if sender is None or "@" not in sender:
        raise WrongSetting("MAIL_FROM", "must be the address that mail comes from, such as care@harbour.example")


def _address(name: str, value: str) -> str:
    parts = urlsplit(value.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise WrongSetting(name, f"must read like https://harbour.example, not {value[:60]!r}")
    return value.strip().rstrip("/")


def _one_of(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise WrongSetting(name, f"must be one of {', '.join(choices)}, not {value[:20]!r}")


def _limit(name: str, value: str) -> str:
    from limits import parse  # loads slowly, and most commands never come here

    try:
        parse(value)
    except ValueError as wrong:
        raise WrongSetting(name, f"must read like '120 per minute', not {value[:20]!r}") from wrong
    return value.strip()


_MAKE_SECRET = "make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"  # noqa: S105 - a hint

_READ: Mapping[str, tuple[str, Callable[[str, str], object]]] = {
    "RAPPORT_ENV": ("environment", _text),
    "DATABASE_URL": ("database_url", _text),
    "SECRET_KEY": ("secret_key", _text),
    "HOST": ("host", _text),
    "PORT": ("port", _whole(1, 65_535)),
    "RAPPORT_WORKERS": ("workers", _whole(1, 64)),
    "RAPPORT_THREADS": ("threads", _whole(1, 64)),
    "RAPPORT_HOSTS": ("trusted_hosts", _words),
    "RAPPORT_PROXIES": ("proxies", _whole(0, 5)),
    "RAPPORT_KEYS": ("keys", _path),
    "RAPPORT_CRISIS_CONTACTS": ("crisis_contacts", _path),
    "RAPPORT_AUDIT_ANCHOR": ("audit_anchor", _path),
    "RAPPORT_TIMEZONE": ("timezone", _text),
    "RAPPORT_ADDRESS": ("public_address", _address),
    "SMTP_URL": ("smtp_url", _text),
    "MAIL_FROM": ("mail_from", _text),
    "RAPPORT_ADDRESS_LIMIT": ("address_limit", _limit),
    "RAPPORT_API_LIMIT": ("api_limit", _limit),
}
