"""The least that a web server can do: Flask, two routes, a constant answer, on the very server that Rapport runs on.

``python -m benchmarks.peers.bare PORT WORKERS ANSWER_FILE``
"""

from __future__ import annotations

import sys
from pathlib import Path

from flask import Flask, Response, jsonify, render_template, request

from web.server import Server
from web.settings import Settings

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title></head><body><main>
{% for card in cards %}<article><h2>{{ card.name }}</h2>{% for value in card.said %}<p>{{ value }}</p>{% endfor %}
</article>{% endfor %}</main><!-- {{ filler }} --></body></html>"""
CARDS = [
    {"name": f"Somebody {k}", "said": [f"A reason to choose them, number {j}" for j in range(7)]} for k in range(5)
]


def bare(answer: bytes) -> Flask:
    app = Flask("bare")
    filler = answer.decode()
    template = app.jinja_env.from_string(PAGE)  # once, as an application compiles the files of its pages

    @app.get("/healthz")
    def alive() -> Response:
        return jsonify(status="alive")

    @app.get("/page")
    def page() -> str:
        return render_template(template, cards=CARDS, filler=filler)

    @app.post("/api/v1/matches")
    def constant() -> Response:
        request.get_data()
        return Response(answer, mimetype="application/json")

    return app


if __name__ == "__main__":
    port, workers, answer = sys.argv[1:]
    settings = Settings(environment="test", port=int(port))
    Server(bare(Path(answer).read_bytes()), settings, workers=int(workers), after_fork=lambda: None).run()
