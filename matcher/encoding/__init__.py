"""Domain objects → arrays: the sole owner of id ↔ row and of the orientation, always (clients, therapists)."""

from matcher.encoding.clients import MUST, TRAITS, ClientArrays
from matcher.encoding.directory import Directory
from matcher.encoding.features import FEATURE_VERSION, client_features, match_features, therapist_features

__all__ = [
    "FEATURE_VERSION",
    "MUST",
    "TRAITS",
    "ClientArrays",
    "Directory",
    "client_features",
    "match_features",
    "therapist_features",
]
