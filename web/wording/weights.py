"""Why something about the weights cannot be done, and what to do instead: one sentence per code of the service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from web.wording.language import _, lazy

TROUBLES: Mapping[str, Any] = {
    "administrator_ends_it": lazy("Only an administrator can end that two persons are asked for: who could end it for "
        "themselves would be alone again whenever they liked."),
    "begun": lazy("%(version)s serve already; they cannot be called off any more. Go back to earlier ones instead."),
    "called_off_already": lazy("This was called off before."),
    "draft_waits": lazy("%(who)s is working on a draft. Publish it on its page, or set it aside there first."),
    "draft_changed": lazy("%(who)s has changed the draft since you saw it. Nothing of theirs was overwritten, and "
        "nothing of yours is lost: look at the draft as it is now (revision %(revision)s), and save once more."),
    "no_activation": lazy("There is nothing of this name that could be called off."),
    "no_draft": lazy("There is no draft any more: somebody published it or set it aside. Begin a new one."),
    "no_lead": lazy("Only somebody who leads this clinic can approve weights."),
    "no_person": lazy("A program or a command is no person: ask two people who lead the clinic to propose and approve "
        "this on its page."),
    "not_acknowledged": lazy("These weights would shut people out of all lists (warnings: %(n)s). Read who it is, "
        "and say that you know; nothing was changed."),
    "not_proposed": lazy("Nobody has proposed this draft, or the proposal was withdrawn by a change."),
    "nothing_learned": lazy("Your data propose no weights, so no draft can be begun from them."),
    "overtaken": lazy("This draft was begun from %(drafted_from)s, and since then %(serving)s have taken their place. "
        "Compare the two, and say that yours shall replace them; your draft is kept."),
    "same_person": lazy("Whoever proposed the draft, or changed it last, cannot approve it as well: ask somebody else "
        "who leads this clinic."),
    "serves_already": lazy("%(version)s serve already; there is nothing to go back from."),
    "shuts_out": lazy("These weights would shut people out of all lists (warnings: %(n)s), and somebody else leads "
        "this clinic too: propose the draft, so that they can look at it and approve."),
    "two_asked": lazy("This clinic asks for two persons: propose the draft, so that somebody else can approve it. "
        "Alone you can go back only to weights that two have let serve."),
}  # fmt: skip
_VERSIONS = ("version", "drafted_from", "serving")


def say_trouble(code: str, params: Mapping[str, str | int | None]) -> str:
    """Why something cannot be done, and what to do instead."""
    said = {name: say_version(value) if name in _VERSIONS else value for name, value in params.items()}  # type: ignore[arg-type]
    words = str(TROUBLES[code]) % said
    return words[0].upper() + words[1:]


def say_version(version: str | None) -> str:
    """Which weights are meant."""
    return _("the release’s own weights") if version is None else _("the weights %(version)s", version=version)
