"""The least that a web server can do: Flask, two routes, a constant answer, on the very server that Rapport runs on.

``python -m benchmarks.peers.bare PORT WORKERS ANSWER_FILE``
"""

from __future__ import annotations

import sys
from pathlib import Path

from flask import Flask, Response, jsonify, request

from web.server import Server
from web.settings import Settings


def bare(answer: bytes) -> Flask:
    app = Flask("bare")

    @app.get("/healthz")
    def alive() -> Response:
        return jsonify(status="alive")

    @app.post("/api/v1/matches")
    def constant() -> Response:
        request.get_data()
        return Response(answer, mimetype="application/json")

    return app


if __name__ == "__main__":
    port, workers, answer = sys.argv[1:]
    settings = Settings(environment="test", port=int(port))
    Server(bare(Path(answer).read_bytes()), settings, workers=int(workers), after_fork=lambda: None).run()
