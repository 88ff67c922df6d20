"""The pages of the weights, put together: what is looked at, with what was typed and what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from matcher.errors import InvalidInput
from web import edge, visits
from web.services import factors, learned_weights, tuning, weights
from web.services.tuning import DRAFT, RELEASE, Looked
from web.services.weights import DraftConflict, WeightsTrouble
from web.weights import forms, history, learned, moves, past, presenters
from web.weights.forms import Fault, Typed
from web.wording.tuning import say_preset
from web.wording.weights import say_trouble

WRONG, TROUBLE = 422, 409
FIELDS = {"note": "#note", "at": "#at", "effective_at": "#at"}


def looked(relative: Mapping[str, float] | None = None) -> Looked:
    """How the weights stand, and what these would change."""
    return tuning.look(edge.session(), visits.clinic(), relative, **by())


def by() -> dict[str, Any]:
    """Who does it, and when."""
    return {"actor": visits.person().person_id, "now": visits.now()}


def revision() -> int:
    """The revision of the draft that the page showed; 0, which is none, where it names none."""
    return forms.revision(request.form) or 0


def chosen(name: str) -> Mapping[str, float] | None:
    """The weights of a preset, or of a version that is named."""
    presets = weights.presets()
    if name in presets:
        return presets[name]
    found = tuning.named(weights.standing(edge.session(), visits.clinic(), now=visits.now()), name)
    return found.weights if found else None


def wants_fragment() -> bool:
    """Whether a script asks for the preview alone."""
    return "HX-Request" in request.headers and request.form.get("whole") is None and "fill" not in request.form


def fragment(found: Looked, faults: tuple[Fault, ...] = ()) -> str:
    """What moves, alone."""
    shown = moves.moves(found.previewed, _at())
    return render_template("weights/preview.html", moves=shown, faults=faults, tunable=True)


def tuned(found: Looked, typed: Typed, *, is_kept: bool = True, **more: Any) -> str:
    """The tuning page."""
    return render_template(
        "weights/home.html",
        status=presenters.status(found, str(visits.person().person_id)),
        rows=presenters.rows(typed, factors.evidence()),
        revision=typed.revision,
        presets=[(name, say_preset(name)) for name in weights.presets()],
        moves=moves.moves(found.previewed, _at()),
        past=past.section(found.standing),
        done=presenters.DONE.get(request.args.get("done", "")),
        is_kept=is_kept,
        faults=typed.faults,
        **learned_now(found.standing),
        **more,
    )


def learned_now(standing: tuning.Standing) -> dict[str, Any]:
    """What the clinic's own ratings propose, and what studies say of years in practice."""
    found = learned_weights.standing_of(edge.session(), now=visits.now())
    return {"learned": learned.shown(found, standing.draft), "sources_of_years": factors.sources(learned.YEARS)}


def wrong(typed: Typed) -> str | tuple[str, int]:
    """The form again, with what has to be mended; a script gets a sentence in the place of the preview."""
    found = looked()
    if wants_fragment():
        return fragment(found, typed.faults)
    return tuned(found, typed, is_kept=False), WRONG


def publishing(found: Looked, *, faults: tuple[Fault, ...] = (), **more: Any) -> str:
    """What is published: note, moment, warnings."""
    draft = found.standing.draft
    assert draft is not None
    form = request.form
    return render_template(
        "weights/publish.html",
        status=presenters.status(found, str(visits.person().person_id)),
        beside=history.beside(found.standing.serving, draft),
        moves=moves.moves(found.previewed),
        note=form.get("note", draft.note),
        when=form.get("when", "now"),
        at=form.get("at", ""),
        revision=draft.revision,
        faults=faults,
        wrong={fault.href.removeprefix("#"): fault.text for fault in faults},
        **more,
    )


def going_back(version: str, *, faults: tuple[Fault, ...] = ()) -> str:
    """What going back would change."""
    standing = weights.standing(edge.session(), visits.clinic(), now=visits.now())
    wanted = tuning.named(standing, version) if version != DRAFT else None
    if not isinstance(wanted, tuning.Version):
        abort(404)
    found = looked(wanted.weights)
    beside = history.beside(standing.serving, wanted)
    return render_template(
        "weights/back.html", version=version, beside=beside, moves=moves.moves(found.previewed), note=wanted.note,
        faults=faults, waits=bool(standing.scheduled),
    )  # fmt: skip


def conflict(trouble: DraftConflict) -> tuple[str, int]:
    """Both drafts: mine as typed, theirs as it is kept now. Saving again would replace theirs, and says so."""
    found = looked()
    mine = forms.read(request.form)
    if trouble.draft is None or not any(mine.texts.values()):
        return _home_again(found, say_trouble(trouble.code, trouble.params)), TROUBLE
    theirs = forms.of(trouble.draft, trouble.draft)
    both = [
        (row.name, row.text, presenters.share(trouble.draft.weights[row.code]), row.share, theirs.texts[row.code])
        for row in presenters.rows(mine, factors.evidence())
    ]
    mine = Typed(mine.texts, mine.bounds, trouble.draft.revision, mine.numbers, mine.faults)
    who = presenters.person_words(trouble.draft.edited_by)
    return tuned(found, mine, is_kept=False, conflict={"who": who, "both": both}), TROUBLE


def again(trouble: WeightsTrouble, **more: Any) -> tuple[str, int]:
    """The page from which something was asked that cannot be done, and why not."""
    said = say_trouble(trouble.code, trouble.params)
    faults = (Fault(said, "#seen" if trouble.code == "not_acknowledged" else ""),)
    if request.endpoint == "weights.go_back":
        return going_back(str((request.view_args or {})["version"]), faults=faults), TROUBLE
    found = looked()
    if request.endpoint in {"weights.let_serve", "weights.approve"} and found.standing.draft:
        return publishing(found, faults=faults, **more), TROUBLE
    return _home_again(found, said), TROUBLE


def refused(error: InvalidInput) -> tuple[str, int]:
    """The page again, with what the service found wrong."""
    fault = Fault(error.mend[0].upper() + error.mend[1:], FIELDS.get(error.field, ""))
    if request.endpoint == "weights.go_back":
        return going_back(RELEASE, faults=(fault,)), WRONG
    found = looked()
    if request.endpoint in {"weights.let_serve", "weights.approve"} and found.standing.draft:
        return publishing(found, faults=(fault,)), WRONG
    typed = forms.read(request.form)
    typed = Typed(typed.texts, typed.bounds, typed.revision, typed.numbers, (*typed.faults, fault))
    return tuned(found, typed, is_kept=False), WRONG


def done(what: str) -> Response:
    """On to the page, which says what was done."""
    return redirect(url_for("weights.home", done=what), 303)


def _home_again(found: Looked, said: str) -> str:
    typed = forms.of(presenters.shown_of(found.standing), found.standing.draft)
    return tuned(found, Typed(typed.texts, typed.bounds, typed.revision, typed.numbers, (Fault(said),)))


def _at() -> int:
    text = request.form.get("at", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 1
