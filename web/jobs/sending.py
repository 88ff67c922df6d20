"""Promised messages are sent, each once.

A message is claimed under a lease, given to the server, and noted as sent. No lock is held while the server is talked
to: on SQLite nobody else could write meanwhile. A worker that dies between the server's yes and the note lets the
message be sent once more when the lease is over, with the same Message-ID; nothing else sends a message twice.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from smtplib import SMTP
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from web import logs
from web.db import engine
from web.db.queries import clinics as clinic_rows
from web.db.queries import outbox
from web.db.tables import OutboxRow
from web.exchange.mail import NotTaken, Server, Unreachable, deliver
from web.jobs.rows import Sessions
from web.services import clinics, letters, reminders
from web.services.clinics import Clinic
from web.services.reminders import Written

LEASE = timedelta(minutes=5)
RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
WAIT_FOR_SERVER = timedelta(minutes=1)
WAITING, SENT, FAILED = "waiting", "sent", "failed"
PASSED = "passed"  # what was due is not wanted any more, or not at this hour: look for the next


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this worker sends, in its attempt."""

    id: UUID
    kind: str
    recipient: str
    params: Mapping[str, str]
    attempt: int
    host: str | None
    paths: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends what is due. ``address`` is where the pages are, for clinics that have no host name of their own."""

    sessions: Sessions
    server: Server
    address: str | None
    zone: tzinfo

    def send_due(self, *, now: datetime) -> int:
        """Send what is due in every clinic; how many messages that were. A server that is away is asked again later.

        Each lease begins when its message is claimed, however long the server took for those before.
        """
        began = time.monotonic()

        def clock() -> datetime:
            return now + timedelta(seconds=int(time.monotonic() - began))

        with self.sessions() as session:
            known = clinics.every(session)
        n_sent = 0
        with ExitStack() as stack:
            connection: SMTP | None = None
            for clinic in known:
                while (claimed := self._claim(clinic, clock())) is not None:
                    if isinstance(claimed, str):
                        continue
                    try:
                        connection = connection or stack.enter_context(self.server.connected())
                        n_sent += self._send(connection, clinic, claimed, now)
                    except Unreachable as away:
                        self._settle(clinic, claimed, WAITING, now, due_at=now + WAIT_FOR_SERVER, counts=False)
                        structlog.get_logger().warning("mail server away", error=str(away))
                        return n_sent
        return n_sent

    def _send(self, connection: SMTP, clinic: Clinic, claimed: Claimed, now: datetime) -> int:
        log = structlog.get_logger().bind(clinic_id=str(clinic.id), job=claimed.kind)
        try:
            address = f"https://{claimed.host}" if claimed.host else self.address
            said = letters.letter(
                claimed.kind, claimed.params, clinic_name=clinic.name, address=address, zone=self.zone,
                paths=claimed.paths,
            )  # fmt: skip
            message = self.server.message(
                str(claimed.id), claimed.recipient, said.subject, said.text, name=clinic.name, now=now, stop=said.stop
            )
            deliver(connection, message)
        except NotTaken as refused:
            again = None if refused.for_good or claimed.attempt > len(RETRY_AFTER) else RETRY_AFTER[claimed.attempt - 1]
            self._settle(clinic, claimed, FAILED if again is None else WAITING, now, due_at=now + (again or LEASE))
            log.warning("mail not taken", error=str(refused))
            return 0
        except (Unreachable, DBAPIError):
            raise
        except Exception as error:  # one message that cannot be written holds up no other
            self._settle(clinic, claimed, FAILED, now)
            logs.failure(error)
            return 0
        self._settle(clinic, claimed, SENT, now)
        log.info("mail sent")
        return 1

    def _claim(self, clinic: Clinic, now: datetime) -> Claimed | str | None:
        """The next message that is due, ours for a while; PASSED where it is not to be sent, or not now."""
        if not self._has_due(clinic, now):
            return None
        with self.sessions() as session:
            clinics.enter(engine.writing(session), clinic)
            row = outbox.due(session, now)
            if row is None:
                return None
            try:
                with session.begin_nested():
                    written = reminders.write(session, clinic, row, now=now, zone=self.zone)
            except DBAPIError:
                raise
            except Exception as error:  # one message that cannot be written holds up no other
                logs.failure(error)
                row.state = FAILED
                session.commit()
                return PASSED
            if written.not_before is not None or not written.is_needed:
                _pass(row, written)
                session.commit()
                return PASSED
            row.attempts += 1
            row.due_at = now + LEASE
            host = clinic_rows.by_id(session, clinic.id).host
            claimed = Claimed(row.id, row.kind, row.recipient, dict(row.params), row.attempts, host, written.paths)
            session.commit()
            return claimed

    def _has_due(self, clinic: Clinic, now: datetime) -> bool:
        """Looked up without the lock of whoever writes: mostly there is nothing."""
        with self.sessions() as session:
            clinics.enter(session, clinic)
            return outbox.has_due(session, now)

    def _settle(
        self,
        clinic: Clinic,
        claimed: Claimed,
        state: str,
        now: datetime,
        *,
        due_at: datetime | None = None,
        counts: bool = True,
    ) -> None:
        """Note what came of an attempt, unless another worker has taken the message up since."""
        with self.sessions() as session:
            clinics.enter(engine.writing(session), clinic)
            row = outbox.locked(session, claimed.id)
            if row is None or (row.state, row.attempts) != (WAITING, claimed.attempt):
                return
            row.state, row.sent_at = state, now if state == SENT else None
            if state == SENT:
                row.recipient = ""  # to whom it went is kept no longer than it is needed
            row.due_at, row.attempts = due_at or row.due_at, row.attempts if counts else row.attempts - 1
            session.commit()


def _pass(row: OutboxRow, written: Written) -> None:
    """Send it later, or not at all; then nobody is remembered by it."""
    if written.not_before is not None:
        row.due_at = written.not_before
    else:
        row.state, row.recipient = SENT, ""  # settled: without a moment at which it was sent
