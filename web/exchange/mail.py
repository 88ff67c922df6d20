"""A mail server by its address, and messages that it is given, one at a time."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from urllib.parse import unquote, urlsplit

from web.settings import HERE

TIMEOUT_SECONDS = 20


class Unreachable(Exception):
    """The server cannot be reached, or does not let us in: no message is at fault."""


class NotTaken(Exception):
    """The server did not take a message; ``for_good`` where asking again would not help."""

    def __init__(self, why: str, *, for_good: bool) -> None:
        self.for_good = for_good
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Server:
    """A server, and whom mail is from. Without TLS it is talked to on this machine alone."""

    url: str = field(repr=False)
    sender: str

    @contextmanager
    def connected(self) -> Iterator[smtplib.SMTP]:
        """A connection that is let in. Raises Unreachable."""
        parts = urlsplit(self.url)
        host, safe = parts.hostname or "", ssl.create_default_context()
        try:
            if parts.scheme == "smtps":
                open_: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT_SECONDS, context=safe)
            else:
                open_ = smtplib.SMTP(host, parts.port or 587, timeout=TIMEOUT_SECONDS)
                if host not in HERE:
                    open_.starttls(context=safe)
            if parts.username:
                open_.login(unquote(parts.username), unquote(parts.password or ""))
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(type(error).__name__) from error
        try:
            yield open_
        finally:
            _leave(open_)

    def message(
        self, key: str, recipient: str, subject: str, text: str, *, name: str, now: datetime, stop: str = ""
    ) -> EmailMessage:
        """A message; ``key`` names it for good, so that who gets it twice can see that. Raises NotTaken.

        ``stop`` is the address at which one click ends such messages (RFC 8058).
        """
        made = EmailMessage()
        try:
            made["From"], made["To"], made["Subject"] = formataddr((name, self.sender)), recipient, subject
            made["Message-ID"] = f"<{key}@{self.sender.rsplit('@', 1)[1]}>"
        except (ValueError, UnicodeError, IndexError) as error:
            raise NotTaken(type(error).__name__, for_good=True) from error
        made["Date"], made["Auto-Submitted"] = format_datetime(now), "auto-generated"
        if stop:
            made["List-Unsubscribe"], made["List-Unsubscribe-Post"] = f"<{stop}>", "List-Unsubscribe=One-Click"
        made.set_content(text)
        return made


def deliver(connection: smtplib.SMTP, message: EmailMessage) -> None:
    """Give a message to the server. Raises NotTaken, or Unreachable where the connection is gone."""
    try:
        connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as refused:
        codes = [code for code, _words in refused.recipients.values()]
        raise NotTaken("recipient", for_good=min(codes, default=0) >= 500) from refused
    except smtplib.SMTPServerDisconnected as gone:
        raise Unreachable(type(gone).__name__) from gone
    except smtplib.SMTPResponseException as refused:
        raise NotTaken(type(refused).__name__, for_good=refused.smtp_code >= 500) from refused
    except (ValueError, UnicodeError, smtplib.SMTPNotSupportedError) as error:
        raise NotTaken(type(error).__name__, for_good=True) from error
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable(type(error).__name__) from error


def _leave(connection: smtplib.SMTP) -> None:
    try:
        connection.quit()
    except (OSError, smtplib.SMTPException):
        connection.close()
