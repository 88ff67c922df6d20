"""The alliance model: who is likely to work well with whom, from past ratings."""

from matcher.alliance.model import AllianceModel

__all__ = ["AllianceModel"]
