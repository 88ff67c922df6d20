"""``rapport serve``: the production server."""

from __future__ import annotations

import dataclasses
from contextlib import nullcontext

import click

from web import settings

worker_option = click.option("--worker/--no-worker", default=True, help="Whether a job worker runs beside the server.")


@click.command()
@click.option("--host", help="The address to listen on (HOST, 127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65_535), help="The port to listen on (PORT, 8000).")
@click.option("--workers", type=click.IntRange(1, 64), help="Worker processes (RAPPORT_WORKERS, 2).")
@worker_option
def serve(host: str | None, port: int | None, workers: int | None, worker: bool) -> None:
    """Serve the pages and the API with gunicorn, and do the jobs that are asked for there.

    In production SECRET_KEY must be set; RAPPORT_ENV=development serves without.
    """
    given = {"host": host, "port": port, "workers": workers}
    try:
        chosen = settings.read(environment="production")
    except settings.WrongSetting as wrong:
        raise click.ClickException(str(wrong)) from wrong
    changed = {name: value for name, value in given.items() if value is not None}
    run(dataclasses.replace(chosen, **changed), worker=worker)


def run(chosen: settings.Settings, *, worker: bool) -> None:
    """Start the server and stay until it ends. Refuses, in a sentence, what it could not serve."""
    from web import create_app, key_file, logs
    from web.db import engine
    from web.jobs import beside
    from web.server import PortTaken, Server, check_port
    from web.services import demo, readiness

    try:
        key_file.install(chosen.keys, chosen.keys_beside)
        check_port(chosen.host, chosen.port)
        readiness.require(chosen.database_url)
        if chosen.is_demo:
            demo.require_own(chosen.database_url)
        app = create_app(chosen)
    except (PortTaken, readiness.NotReady, demo.DemoRefused, settings.WrongSetting) as refused:
        raise click.ClickException(str(refused)) from refused
    logs.configure()
    click.echo(f"Rapport listens at http://{chosen.host}:{chosen.port}", err=True)
    with beside.worker(chosen) if worker else nullcontext():
        Server(app, chosen, workers=chosen.workers, after_fork=lambda: engine.dispose(chosen.database_url)).run()
