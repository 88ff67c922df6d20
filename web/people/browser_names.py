"""What a browser is, as far as its owner needs to know it again: its family and its system, nothing finer."""

from __future__ import annotations

from web.wording.language import _

# (what stands in the header, what it is called); the first that is found counts, for many browsers name others too
FAMILIES = (("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
            ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"))  # fmt: skip
SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
           ("Mac OS X", "Mac"), ("Linux", "Linux"))  # fmt: skip
LONGEST_LOOKED_AT = 500


def code(header: str) -> str:
    """``family/system`` of a User-Agent header; either may be empty."""
    looked_at = header[:LONGEST_LOOKED_AT]
    return f"{_first(FAMILIES, looked_at)}/{_first(SYSTEMS, looked_at)}"


def words(kept: str) -> str:
    """What a person reads for such a code."""
    family, _slash, system = kept.partition("/")
    if family and system:
        return _("%(browser)s on %(system)s", browser=family, system=system)
    return family or system or _("A browser")


def _first(known: tuple[tuple[str, str], ...], header: str) -> str:
    return next((name for word, name in known if word in header), "")
