"""What every answer says to the browser: nothing from elsewhere, nothing framed, nothing kept that is personal."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

from flask import Flask, Response, current_app, g, request
from flask_compress import Compress
from flask_compress.flask_compress import DictCache

STATIC = Path(__file__).parent / "static"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
SECURITY: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
COMPRESSED = frozenset({"text/css", "text/javascript", "application/javascript", "image/svg+xml"})
WAIT = frozenset({429, 503})
NEVER_KEPT = "no-store"
KEPT_FOR_GOOD = "public, max-age=31536000, immutable"
ASKED_AGAIN = "public, no-cache"


def install(app: Flask) -> None:
    """Set the headers of every answer, and give each static file an address that changes with its content."""
    versions = _versions()
    compressed = _compressing(app)

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, object]) -> None:
        if endpoint == "static" and values.get("filename") in versions:
            values["v"] = versions[str(values["filename"])]

    @app.after_request
    def set_headers(response: Response) -> Response:
        response.headers.update(SECURITY)
        if request.endpoint == "static" or "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = _cache(response, versions)
        compressed(response)
        if response.status_code not in WAIT:  # the limiter sends it with every answer
            response.headers.pop("Retry-After", None)
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
        return response


def same_for_everybody(response: Response) -> Response:
    """Mark an answer that holds nothing personal: a browser may keep it, and asks whether it is still good."""
    if "csrf_token" in g or current_app.config["DEMO"]:  # a form's token is in it, or the strip with who one is
        return response
    response.headers["Cache-Control"] = ASKED_AGAIN
    response.add_etag()
    response.make_conditional(request)
    return response


def _compressing(app: Flask) -> Callable[[Response], object]:
    """Send style, scripts and drawings compressed, each compressed once.

    Pages are not: they hold tokens beside what a person typed, and the length of a compressed page would give both away
    bit by bit (BREACH, 2013).
    """
    app.config.update(
        COMPRESS_REGISTER=False,
        COMPRESS_MIMETYPES=sorted(COMPRESSED),
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=11,
        COMPRESS_LEVEL=9,
        COMPRESS_CACHE_BACKEND=DictCache,
        COMPRESS_CACHE_KEY=lambda asked: asked.path,
    )
    compress = Compress(app)

    def send(response: Response) -> None:
        if request.endpoint == "static" and response.status_code == 200 and response.mimetype in COMPRESSED:
            response.direct_passthrough = False
            response.get_data()
            compress.after_request(response)

    return send


def _versions() -> dict[str, str]:
    """A short hash of each of our own files; a vendored file has its version in its path."""
    return {
        path.relative_to(STATIC).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        for path in STATIC.rglob("*")
        if path.is_file() and "vendor" not in path.parts
    }


def _cache(response: Response, versions: Mapping[str, str]) -> str:
    if request.endpoint != "static" or response.status_code >= 400:
        return NEVER_KEPT
    name = (request.view_args or {}).get("filename", "")
    fixed = name.startswith("vendor/") or (name in versions and request.args.get("v") == versions[name])
    return KEPT_FOR_GOOD if fixed else ASKED_AGAIN
