"""The alliance model: who is likely to work well with whom, from past ratings."""

from matcher.alliance.model import AllianceModel
from matcher.alliance.partitions import threads

__all__ = ["AllianceModel", "threads"]
