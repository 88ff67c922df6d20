"""The least that keeping something can be: Flask, one INSERT of one row, on the very server that Rapport runs on.

SQLite with the same settings: a write-ahead log, every commit written through to the disk (``synchronous=FULL``).

``python -m benchmarks.peers.one_row PORT WORKERS DATABASE_FILE``
"""

from __future__ import annotations

import sqlite3
import sys
import threading

from flask import Flask, Response, jsonify, request

from web.db.engine import BUSY_SECONDS, PRAGMAS
from web.server import Server
from web.settings import Settings

ROW = "INSERT INTO said (bond, goals, way, overall, comment) VALUES (?, ?, ?, ?, ?)"
TABLE = (
    "CREATE TABLE IF NOT EXISTS said (id INTEGER PRIMARY KEY, bond INT, goals INT, way INT, overall INT, comment TEXT)"
)


def one_row(path: str) -> Flask:
    app, kept = Flask("one_row"), threading.local()

    def connection() -> sqlite3.Connection:
        if not hasattr(kept, "connection"):
            kept.connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
            for pragma in PRAGMAS:
                kept.connection.execute(f"PRAGMA {pragma}")
        return kept.connection

    @app.get("/healthz")
    def alive() -> Response:
        return jsonify(status="alive")

    @app.post("/check-ins/now")
    def say() -> Response:
        sent = request.form
        marks = [int(sent[name]) for name in ("bond", "goals", "way", "overall")]
        connection().execute("BEGIN IMMEDIATE")
        connection().execute(ROW, (*marks, sent["comment"]))
        connection().execute("COMMIT")
        return Response("thank you", 303, {"Location": "/"})

    return app


if __name__ == "__main__":
    port, workers, database = sys.argv[1:]
    with sqlite3.connect(database) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute(TABLE)
    settings = Settings(environment="test", port=int(port))
    Server(one_row(database), settings, workers=int(workers), after_fork=lambda: None).run()
