"""``rapport worker``: does the jobs that pages and programs ask for, such as a new fit."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from web import settings
from web.commands import opened

if TYPE_CHECKING:
    from web.jobs.sending import Sender


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now, and end.")
@click.option("--under", type=int, metavar="PID", hidden=True, help="End when this process is gone.")
def worker(once: bool, under: int | None) -> None:
    """Do jobs, one after another, until it is told to end (Ctrl-C or SIGTERM).

    `rapport serve` and `rapport demo` run one of their own; run more where there is much to do, on any machine that
    reaches the database. A job whose worker dies is taken up by another within a minute or two.
    """
    from web import logs
    from web.db import engine, schema
    from web.jobs.worker import Worker

    read = opened.chosen()
    url = read.database_url
    schema.require_current(url)
    logs.configure()
    working = Worker(engine.sessions(url), mail=_mail(read), zone=ZoneInfo(read.timezone), anchors=read.audit_anchor)
    working.install()
    if under is not None:
        os.nice(5)  # pages come first
        working.watch(under)
    if not once:
        working.run()
        return
    while working.once():
        pass


def _mail(read: settings.Settings) -> Sender | None:
    """What sends mail; None without a server, and in the demo, whose people are invented."""
    from web.db import engine
    from web.exchange.mail import Server
    from web.jobs.sending import Sender

    if read.smtp_url is None or read.mail_from is None or read.is_demo:
        return None
    server = Server(read.smtp_url, read.mail_from)
    return Sender(engine.sessions(read.database_url), server, read.public_address, ZoneInfo(read.timezone))
