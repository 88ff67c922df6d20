"""Every error as an answer: problem+json (RFC 9457) for programs, a calm page for people.

Both are made from tables and from pages that were rendered at start, so that they work when all else fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Flask, Response, current_app, json, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.exceptions import HTTPException, InternalServerError

from matcher.errors import InvalidInput, shown
from web import edge, logs, visits
from web.db.texts import UnkeptText
from web.exchange.problems import BadInput
from web.wording.language import LANGUAGES, language, lazy

TYPE = "application/problem+json"
REFERENCE = "/api/v1/"
MAX_FAULTS = 100
WORTH_COPYING = 20  # characters: shorter answers are chosen or typed again in a moment
_PAGES, _STAFF = "rapport_error_pages", "rapport_error_pages_of_staff"


class Fault(BaseModel):
    """One thing to mend: where it stands, what was found there, what to do."""

    model_config = ConfigDict(title="Fault")
    place: str = Field(description="Where it stands, such as `intake.concerns[0]`", examples=["intake.concerns[0]"])
    value: str = Field(description="What was found there, shortened", examples=["'anxeity'"])
    mend: str = Field(description="What to do", examples=["not a known concern; did you mean 'anxiety'?"])


class Problem(BaseModel):
    """An error after RFC 9457; `errors` names each place, value and mend."""

    model_config = ConfigDict(title="Problem")
    type: str = Field(description="Where this kind of problem is described")
    title: str = Field(description="The kind of problem, the same for every case of it")
    status: int = Field(description="The HTTP status", ge=400, le=599)
    detail: str = Field(description="What happened, and what to do")
    errors: list[Fault] = Field(default_factory=list, description="Each thing to mend")


# status → (title, what to do): for programs
KINDS: Mapping[int, tuple[str, str]] = {
    400: ("Not readable", "The request could not be read. Send well-formed JSON in UTF-8."),
    401: ("No valid token", "Send a valid token of your clinic in the header Authorization: Bearer …"),
    403: ("Not allowed", "This caller may not do this."),
    404: ("Not found", "There is nothing at this address. The reference lists what there is."),
    405: ("Wrong method", "This address does not take this method; the header Allow lists those that it takes."),
    406: ("No such format", "Answers are JSON: accept application/json."),
    408: ("Too slow", "The request took too long to arrive."),
    409: ("Not as things stand", "Something has changed, or somebody else has to agree; look again."),
    413: ("Too large", "The request is larger than 1 MB."),
    414: ("Address too long", "The address is too long."),
    415: ("Not JSON", "Send the body as JSON with the header Content-Type: application/json."),
    422: ("Not valid", "The request was read, but cannot be worked with. Each error names the place and the mend."),
    429: ("Too many requests", "Wait for as many seconds as the header Retry-After says."),
    431: ("Headers too large", "The headers of the request are too large."),
    500: ("Our mistake", "Something went wrong on our side. It has been noted; nothing was changed."),
    503: ("Not ready", "The service is not ready. Try again shortly."),
}

# status → (title, words): for people
PAGES: Mapping[int, tuple[Any, Any]] = {
    400: (lazy("We could not read that"), lazy("Please go back and try once more.")),
    401: (lazy("You are not signed in"), lazy("You were signed out, perhaps because nothing happened for a while. "
          "Please sign in and do it once more; nothing was changed.")),
    403: (lazy("This page is not for you"), lazy("If you think that it should be, ask the clinic.")),
    404: (lazy("There is no page here"), lazy("The address may have been mistyped, or the page may have moved.")),
    405: (lazy("That does not work here"), lazy("Please start again from the first page.")),
    413: (lazy("That was too much at once"), lazy("Please go back and send less.")),
    429: (lazy("Please wait a moment"), lazy("There were many requests from your connection. Try again in a minute.")),
    500: (lazy("Something went wrong on our side"), lazy("It was not you. It has been noted, and nothing was changed. "
          "Please try again in a moment.")),
    503: (lazy("We will be back in a moment"), lazy("The service is not ready. Please try again shortly.")),
}  # fmt: skip


class Refused(Exception):
    """A request that is answered with a problem."""

    def __init__(self, status: int, detail: str | None = None, faults: Iterable[Fault] = ()) -> None:
        self.status = status
        self.detail = detail or KINDS[status][1]
        self.faults = list(faults)[:MAX_FAULTS]
        super().__init__(f"{status}, {len(self.faults)} faults")


def install(app: Flask) -> None:
    """Answer every error of the application; the pages are rendered now, once."""
    app.extensions[_PAGES] = {code: _pages(app, code, "errors/error.html") for code in LANGUAGES}
    app.extensions[_STAFF] = {code: _pages(app, code, "errors/staff.html") for code in LANGUAGES}
    app.register_error_handler(Refused, lambda refused: answer(refused.status, refused.detail, refused.faults))
    app.register_error_handler(InvalidInput, lambda wrong: answer(422, faults=[fault_of(wrong)]))
    app.register_error_handler(UnkeptText, lambda text: answer(422, str(text)))
    app.register_error_handler(BadInput, lambda bad: answer(422, faults=faults(bad)))
    app.register_error_handler(RateLimitExceeded, too_many)
    app.register_error_handler(visits.NoClinic, lambda nobody: answer(404))
    app.register_error_handler(visits.NoIntake, _no_intake)
    app.register_error_handler(visits.NotSignedIn, _not_signed_in)
    app.register_error_handler(visits.Owes, _owes)
    app.register_error_handler(visits.NotFresh, _not_fresh)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(Exception, _unforeseen)


def _pages(app: Flask, code: str, template: str) -> dict[int, str]:
    with app.test_request_context("/", headers={"Accept-Language": code}):
        return {status: render_template(template, title=title, words=words) for status, (title, words) in PAGES.items()}


def answer(
    status: int, detail: str | None = None, faults: Iterable[Fault] = (), *, more: Mapping[str, Any] | None = None
) -> Response:
    """The answer to a request that went wrong, as its caller reads best; programs are told ``more`` beside it."""
    if not wants_json():
        is_staff = status != 401 and visits.keeps_sign_in()
        pages = current_app.extensions[_STAFF if is_staff else _PAGES][language()]
        return Response(pages.get(status, pages[500 if status >= 500 else 400]), status, mimetype="text/html")
    title, usual = KINDS.get(status, KINDS[500 if status >= 500 else 400])
    problem = Problem(
        type=f"{REFERENCE}#problem-{status}", title=title, status=status, detail=detail or usual, errors=list(faults)
    )
    response = Response(json.dumps(problem.model_dump() | dict(more or {})) + "\n", status, mimetype=TYPE)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="rapport"'
    return response


def wants_json() -> bool:
    """Whether a program is calling."""
    return request.path.startswith(("/api/", "/healthz", "/readyz", "/static/"))


def fault_of(wrong: InvalidInput) -> Fault:
    """What the matcher found wrong, as a fault."""
    return Fault(place=wrong.field, value=shown(wrong.value), mend=wrong.mend)


def faults(bad: BadInput) -> list[Fault]:
    """What the reading of a document found wrong, as faults."""
    return [Fault(place=found.column, value=found.value or "nothing", mend=found.mend) for found in bad.problems]


def _of_http(error: HTTPException) -> Response:
    if error.response is not None:
        return error.response
    status = error.code or 500
    if status >= 500 and isinstance(error, InternalServerError) and error.original_exception is not None:
        original = error.original_exception
        return answer(422, str(original)) if isinstance(original, UnkeptText) else _unforeseen(original)
    response = answer(status)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _no_intake(nobody: visits.NoIntake) -> Response:
    """Without its link an intake cannot be found. What was typed is shown again, so that it can be copied."""
    typed = [text for text in request.form.values() if len(text) > WORTH_COPYING]
    return Response(render_template("intake/no_link.html", typed=typed), 403, mimetype="text/html")


def _not_signed_in(nobody: visits.NotSignedIn) -> ResponseReturnValue:
    """A page is come back to after signing in; what was to be changed has to be asked for again."""
    if request.method not in edge.READS:
        return answer(401)
    wanted = request.full_path.rstrip("?")
    return redirect(url_for("people.sign_in", next=None if wanted == "/home" else wanted), 303)


def _owes(owing: visits.Owes) -> ResponseReturnValue:
    """Whoever has to set up a second factor is led there."""
    return redirect(url_for("people.own"), 303) if request.method in edge.READS else answer(403)


def _not_fresh(stale: visits.NotFresh) -> ResponseReturnValue:
    """Once more it is shown who is here; then the page is there again. What was to be changed is asked for again."""
    if request.method in edge.READS:
        return redirect(url_for("people.again", next=request.full_path.rstrip("?")), 303)
    return redirect(url_for("people.again", next=_page_above(request.path), unchanged="y"), 303)


def _page_above(path: str) -> str | None:
    """The page on which a form most likely stood: the nearest one above its address."""
    urls = current_app.url_map.bind("")
    while path.strip("/"):
        for page in (path, f"{path}/"):
            try:
                urls.match(page, method="GET")
            except HTTPException:
                continue
            return page
        path = path.rstrip("/").rpartition("/")[0]
    return None


def too_many(error: RateLimitExceeded) -> Response:
    """Whoever asks too often is told how long to wait."""
    response = answer(429)
    response.headers["Retry-After"] = str(error.limit.limit.get_expiry() if error.limit else 60)
    return response


def _unforeseen(error: Exception) -> Response:
    logs.failure(error)
    return answer(500)
