"""What clients and therapists have in common: a place and a style of working."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from matcher import vocabulary as v
from matcher.entities import Location, Style
from web.exchange.schema.fields import Document

MAX_CENTS = 10_000_000


class LocationIn(Document):
    """A point on the earth in WGS 84."""

    latitude: float = Field(ge=-90, le=90, description="Degrees north, −90 … 90", examples=[52.52])
    longitude: float = Field(ge=-180, le=180, description="Degrees east, −180 … 180", examples=[13.405])

    def entity(self) -> Location:
        return Location(self.latitude, self.longitude)


Scale = Annotated[int | None, Field(ge=-v.STYLE_LIMIT, le=v.STYLE_LIMIT)]


def _scale(name: str) -> Any:
    (left, right), limit = v.STYLE_ENDS[name], v.STYLE_LIMIT
    return Field(
        None, description=f"Whole number, −{limit} ({left}) … {limit} ({right}); empty means not sure", examples=[-1]
    )


class StyleIn(Document):
    """Where somebody stands on the four style scales."""

    lead: Scale = _scale("lead")
    feeling: Scale = _scale("feeling")
    time: Scale = _scale("time")
    challenge: Scale = _scale("challenge")

    def entity(self) -> Style:
        return Style(self.lead, self.feeling, self.time, self.challenge)


def location_document(location: Location | None) -> dict[str, float] | None:
    return location and {"latitude": location.latitude, "longitude": location.longitude}


def style_document(style: Style) -> dict[str, int]:
    return {scale: getattr(style, scale) for scale in v.STYLES.codes if getattr(style, scale) is not None}


def frozen(value: Any) -> Any:
    """A list as entities hold it."""
    return tuple(value) if isinstance(value, list) else value


def thawed(value: Any) -> Any:
    """A tuple or mapping as documents hold it."""
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def said(document: dict[str, Any]) -> dict[str, Any]:
    """The document without what was not said: without None and what is empty."""
    return {name: value for name, value in document.items() if value not in (None, "", [], {})}
