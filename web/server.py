"""The production server: gunicorn with threads, the application loaded once before the workers fork.

Loading before the fork lets the workers share the memory of code and model. Connections must not be shared: each worker
throws away those that it inherited.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

from web.settings import Settings
from web.unreadable import SilentLogger, Worker

GRACE_SECONDS = 20


class PortTaken(OSError):
    """Somebody else listens there already."""


class Server(BaseApplication):
    """gunicorn, told by our settings alone."""

    def __init__(self, app: Any, settings: Settings, *, workers: int, after_fork: Callable[[], None]) -> None:
        self._app, self._settings, self._workers, self._after_fork = app, settings, workers, after_fork
        super().__init__()

    def load_config(self) -> None:
        told = {
            "bind": f"{_bracketed(self._settings.host)}:{self._settings.port}",
            "workers": self._workers,
            "worker_class": Worker,
            "logger_class": SilentLogger,
            "threads": self._settings.threads,
            "preload_app": True,
            "timeout": 60,
            "graceful_timeout": GRACE_SECONDS,
            "keepalive": 5,
            "limit_request_line": 4_094,
            "limit_request_fields": 60,
            "limit_request_field_size": 8_190,
            "accesslog": None,
            "loglevel": "warning",
            "post_fork": lambda arbiter, worker: self._after_fork(),
        }
        for name, value in told.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._app


def check_port(host: str, port: int) -> None:
    """Raise PortTaken when nothing could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(
                f"Port {port} on {host} cannot be used: {error.strerror}. Choose another with PORT=."
            ) from error


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
