"""The environment is read once, and a wrong setting says how it is mended without repeating a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from web import settings
from web.settings import WrongSetting

SECRET = "s" * 32


def test_nothing_set_is_a_development_machine() -> None:
    read = settings.read({})
    assert (read.environment, read.port, read.database_url) == (
        "development",
        8000,
        "sqlite:///instance/rapport.sqlite",
    )
    assert len(read.secret_key) >= 32
    assert read.secret_key != settings.read({}).secret_key


def test_each_variable_arrives_as_its_type(tmp_path: Path) -> None:
    contacts = tmp_path / "contacts.toml"
    contacts.write_text("")
    read = settings.read(
        {
            "RAPPORT_ENV": "production",
            "SECRET_KEY": SECRET,
            "RAPPORT_KEYS": "/etc/rapport/rapport.keys",
            "DATABASE_URL": "postgresql+psycopg://rapport@localhost/rapport",
            "PORT": " 8080 ",
            "RAPPORT_HOSTS": "harbour.example, www.harbour.example,",
            "RAPPORT_CRISIS_CONTACTS": str(contacts),
            "RAPPORT_API_LIMIT": "5 per second",
            "RAPPORT_TIMEZONE": "Europe/Lisbon",
            "RAPPORT_ADDRESS": "https://harbour.example/",
            "SMTP_URL": "smtp://care:hunter2@mail.example:587",
            "MAIL_FROM": "care@harbour.example",
            "UNRELATED": "x",
        }
    )
    assert read.port == 8080
    assert read.trusted_hosts == ("harbour.example", "www.harbour.example")
    assert read.crisis_contacts == contacts
    assert read.keys == Path("/etc/rapport/rapport.keys") and read.keys_beside is None
    assert read.api_limit == "5 per second"
    assert (read.timezone, read.public_address) == ("Europe/Lisbon", "https://harbour.example")
    assert read.mail_from == "care@harbour.example" and "hunter2" not in repr(read)


@pytest.mark.parametrize(
    ("environ", "name", "mend"),
    [
        ({"RAPPORT_ENV": "production"}, "SECRET_KEY", "must be set in production"),
        ({"RAPPORT_ENV": "production", "SECRET_KEY": "  "}, "SECRET_KEY", "must be set in production"),
        ({"RAPPORT_ENV": "production", "SECRET_KEY": SECRET}, "RAPPORT_KEYS", "must name the file of keys"),
        ({"SECRET_KEY": "short-secret"}, "SECRET_KEY", "at least 32 characters"),
        ({"RAPPORT_ENV": "live"}, "RAPPORT_ENV", "one of development, production, demo, test"),
        ({"DATABASE_URL": "postgres://x:hunter2@db/rapport"}, "DATABASE_URL", "postgresql\\+psycopg://"),
        ({"DATABASE_URL": "postgresql+psycopg://x:hunter2@db:port/rapport"}, "DATABASE_URL", "is the port a number"),
        *(
            (
                {
                    "RAPPORT_ENV": "production",
                    "SECRET_KEY": SECRET,
                    "RAPPORT_KEYS": "/etc/rapport.keys",
                    "DATABASE_URL": f"postgresql+psycopg://x@{rest}",
                },
                "DATABASE_URL",
                "add \\?sslmode=verify-full",
            )
            for rest in ("db/x", "db/x?sslmode=require", "/x?host=db", "localhost/x?host=/tmp&host=db")
        ),
        ({"DATABASE_URL": "sqlite:///"}, "DATABASE_URL", "must name a file"),
        ({"DATABASE_URL": "sqlite:///:memory:"}, "DATABASE_URL", "must name a file"),
        ({"PORT": "80a"}, "PORT", "whole number from 1 to 65535"),
        ({"PORT": "0"}, "PORT", "whole number from 1 to 65535"),
        ({"PORT": "٨٠٠٠"}, "PORT", "whole number from 1 to 65535"),
        ({"RAPPORT_WORKERS": "1000"}, "RAPPORT_WORKERS", "whole number from 1 to 64"),
        ({"RAPPORT_API_LIMIT": "many"}, "RAPPORT_API_LIMIT", "'120 per minute'"),
        ({"RAPPORT_TIMEZONE": "Lisbon"}, "RAPPORT_TIMEZONE", "such as Europe/Lisbon"),
        ({"RAPPORT_TIMEZONE": "../etc/passwd"}, "RAPPORT_TIMEZONE", "such as Europe/Lisbon"),
        ({"RAPPORT_ADDRESS": "harbour.example"}, "RAPPORT_ADDRESS", "https://harbour.example"),
        ({"SMTP_URL": "mail.example:hunter2"}, "SMTP_URL", "must read like smtp://"),
        ({"SMTP_URL": "smtp://x:hunter2@mail.example:port", "MAIL_FROM": "a@b"}, "SMTP_URL", "must read like smtp://"),
        ({"SMTP_URL": "smtp://mail.example"}, "MAIL_FROM", "care@harbour.example"),
        ({"RAPPORT_CRISIS_CONTACTS": "nowhere.toml"}, "RAPPORT_CRISIS_CONTACTS", "there is no file 'nowhere.toml'"),
    ],
)
def test_a_wrong_setting_names_itself_and_the_mend(environ: dict[str, str], name: str, mend: str) -> None:
    with pytest.raises(WrongSetting, match=mend) as wrong:
        settings.read(environ)
    assert wrong.value.name == name
    assert "hunter2" not in str(wrong.value) and "short-secret" not in str(wrong.value)


def test_postgresql_without_its_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "find_spec", lambda name: None)
    with pytest.raises(WrongSetting, match=r"pip install \"rapport\[postgres\]\""):
        settings.read({"DATABASE_URL": "postgresql+psycopg://localhost/rapport"})
    assert settings.read({}).database_url.startswith("sqlite")


def test_the_default_environment_is_the_commands() -> None:
    with pytest.raises(WrongSetting, match="SECRET_KEY"):
        settings.read({}, environment="production")


def test_secrets_stay_out_of_the_repr() -> None:
    shown = repr(settings.read({"SECRET_KEY": SECRET, "DATABASE_URL": "postgresql+psycopg://x:hunter2@db/rapport"}))
    assert SECRET not in shown and "hunter2" not in shown


@pytest.mark.parametrize(
    "rest", ["db/x?sslmode=verify-full", "db/x?sslmode=disable", "127.0.0.1/x", "localhost/x", "/x?host=/run/pg"]
)
def test_in_production_a_database_elsewhere_is_reached_with_a_checked_certificate_or_openly_by_choice(
    rest: str,
) -> None:
    url = f"postgresql+psycopg://x@{rest}"
    given = {"RAPPORT_ENV": "production", "SECRET_KEY": SECRET, "RAPPORT_KEYS": "/etc/rapport.keys"}
    assert settings.read({**given, "DATABASE_URL": url}).database_url == url
