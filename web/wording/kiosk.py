"""What the clinic's tablet says about what has just happened on it; it names nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from web.wording.language import lazy

SAID_OF: Mapping[str, Any] = {
    "wrong": lazy("This code opens nothing: it may be mistyped, used or older than ten minutes. Ask for a new one."),
    "over": lazy("The time on this page was over, so that nobody else reads what was written. Ask for a new code."),
    "other": lazy("A page that was left open earlier was sent just now. It was not kept; ask for a new code for it."),
    "used": lazy("Something was said about this hour already, by a link or a code. Nothing was changed."),
}
