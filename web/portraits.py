"""Portraits drawn by code, as images of their own: the same face is sent once, and kept by the browser for good."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, render_template, request, url_for

from web import folders, headers
from web.exchange.problems import Unreadable
from web.exchange.schema.fields import check_text

blueprint = Blueprint("portraits", __name__)
MOST_FEATURES = 20
LONGEST = 40
_DRAWN_BY = ("components/portrait.html", "components/portrait_hair.html")


@blueprint.record_once
def offer(state: object) -> None:
    """Let every template say where a portrait is."""
    app: Flask = state.app  # type: ignore[attr-defined]
    app.jinja_env.globals["portrait_url"] = address
    app.extensions["rapport_portraits"] = _version(folders.templates())


@blueprint.get("/portrait.svg")
def draw() -> Response:
    """A portrait from its features. Unknown features draw a usual face, so that a portrait never breaks a page."""
    features = {name: value for name, value in request.args.items() if name != "v"}
    if len(features) > MOST_FEATURES or not all(_is_word(word) for pair in features.items() for word in pair):
        abort(400)
    image = render_template("components/portrait.svg", features=features)
    response = Response(image, mimetype="image/svg+xml")
    response.headers["Cache-Control"] = headers.KEPT_FOR_GOOD
    return response


def address(features: Mapping[str, str]) -> str:
    """Where the portrait with these features is; it changes with the way it is drawn."""
    version = {"v": current_app.extensions["rapport_portraits"]}
    return url_for("portraits.draw", **dict(sorted(features.items())), **version)


def _is_word(word: str) -> bool:
    try:
        check_text(word, LONGEST, one_line=True)
    except Unreadable:
        return False
    return word.isascii()


def _version(folder: Path) -> str:
    drawn = b"".join((folder / name).read_bytes() for name in _DRAWN_BY)
    return hashlib.sha256(drawn).hexdigest()[:8]
