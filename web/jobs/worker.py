"""The worker: takes one job after another, holds its lease while it is done, and writes down what came of it.

It ends cleanly on SIGTERM: at once without work, and with work by giving the job back for another worker. Killed
outright it leaves a lease that runs out, and the job is begun again. Logs name the kind, the clinic and the type of a
failure, nothing that a person wrote.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from threading import Event, Thread
from types import FrameType
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError

from matcher.errors import MatcherError
from web import logs
from web.jobs import anchoring, rows
from web.jobs.kinds import KINDS, REASONS, Asked, Kind
from web.jobs.rows import Claim, LeaseLost, Sessions
from web.jobs.sending import Sender
from web.jobs.tending import tend
from web.services import clinics
from web.services.clinics import ClinicTrouble

POLL_SECONDS = 1.0
BEAT_SECONDS = 15.0  # a lease lasts four beats
TEND_SECONDS = 60.0
MAIL_SECONDS = 5.0


class Ending(BaseException):
    """The worker was told to end while a job was being done."""


class Worker:
    """One worker of a database, whose days are those of ``zone``; ``mail`` sends what was promised, None where there is
    no mail server. ``anchors`` is the file that keeps the ends of the audit trail, a line a clinic and day.
    """

    def __init__(
        self,
        sessions: Sessions,
        kinds: Mapping[str, Kind] = KINDS,
        *,
        mail: Sender | None = None,
        zone: tzinfo = UTC,
        anchors: Path | None = None,
    ) -> None:
        self._sessions, self._kinds, self._mail, self._zone = sessions, kinds, mail, zone
        self._anchors = anchors
        self._ending, self._works, self._tend_at, self._mail_at = Event(), False, 0.0, 0.0

    def install(self) -> None:
        """End cleanly on SIGTERM and SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)

    def watch(self, parent: int) -> None:
        """End, too, when the process that started this one is gone."""
        Thread(target=self._watch, args=(parent,), daemon=True).start()

    def run(self) -> None:
        """Do what there is to do until told to end. Trouble with the database is waited out."""
        structlog.get_logger().info("worker begun")
        if self._mail is None:
            structlog.get_logger().warning("no mail is sent: set SMTP_URL and MAIL_FROM")
        while not self._ending.is_set():
            try:
                self._tend()
                self._send()
                did = self.once()
            except DBAPIError as error:
                logs.failure(error)
                did = False
            if not did:
                self._ending.wait(POLL_SECONDS)

    def _tend(self) -> None:
        """Do what has fallen due, once a minute."""
        if time.monotonic() >= self._tend_at:
            self._tend_at = time.monotonic() + TEND_SECONDS
            tend(self._sessions, zone=self._zone, now=_now())
            if self._anchors is not None:
                anchoring.keep_due(self._sessions, self._anchors, now=_now())

    def _send(self) -> None:
        """Send the messages that are due, every few seconds."""
        if self._mail is not None and time.monotonic() >= self._mail_at:
            self._mail_at = time.monotonic() + MAIL_SECONDS
            self._mail.send_due(now=_now())

    def once(self) -> bool:
        """Do one job, if there is one; whether there was."""
        claimed = rows.claim(self._sessions, tuple(self._kinds), now=_now())
        if claimed is not None:
            with suppress(LeaseLost):  # another worker has it: what this one did is void, and nothing is to be said
                self._do(claimed)
        return claimed is not None

    def _do(self, claimed: Claim) -> None:
        log = structlog.get_logger().bind(clinic_id=str(claimed.clinic_id), job=claimed.kind)
        log.info("job begun")
        over = Event()
        beats = Thread(target=self._beat, args=(claimed, over), daemon=True)
        beats.start()
        try:
            result = self._result(claimed)
        except Ending:
            rows.release(self._sessions, claimed, now=_now(), counts=False)
            log.info("job given back")
        except DBAPIError as error:
            logs.failure(error)
            rows.release(self._sessions, claimed, now=_now())
        except (MatcherError, ClinicTrouble) as refused:
            log.info("job refused", error=type(refused).__name__)
            reason = REASONS.get(type(refused), "refused")
            rows.fail(self._sessions, claimed, reason, now=_now(), field=getattr(refused, "field", ""))
        except LeaseLost:
            raise
        except Exception as error:
            logs.failure(error)
            rows.fail(self._sessions, claimed, "error", now=_now(), error=type(error).__name__)
        else:
            rows.finish(self._sessions, claimed, result, now=_now())
            log.info("job done")
        finally:
            over.set()
            beats.join()

    def _result(self, claimed: Claim) -> Mapping[str, Any]:
        """The work itself, the one part that may be interrupted."""

        def report(percent: int, stage: str) -> None:
            with suppress(DBAPIError):  # how far it is, is not worth failing for; the next beat renews the lease
                rows.progress(self._sessions, claimed, percent, stage, now=_now())

        self._works = True
        try:
            if self._ending.is_set():
                raise Ending
            with self._sessions() as session:
                clinic = clinics.of_id(session, claimed.clinic_id)
            return self._kinds[claimed.kind](self._sessions, clinic, Asked(claimed.arguments, claimed.asked_by), report)
        finally:
            self._works = False

    def _beat(self, claimed: Claim, over: Event) -> None:
        while not over.wait(BEAT_SECONDS):
            try:
                rows.renew(self._sessions, claimed, now=_now())
            except LeaseLost:
                return
            except DBAPIError as error:
                logs.failure(error)

    def _end(self, number: int, frame: FrameType | None) -> None:
        self._ending.set()
        if self._works:
            self._works = False  # told twice, it ends once
            raise Ending

    def _watch(self, parent: int) -> None:
        while not self._ending.wait(POLL_SECONDS):
            if os.getppid() != parent:
                os.kill(os.getpid(), signal.SIGTERM)
                return


def _now() -> datetime:
    return datetime.now(UTC)
