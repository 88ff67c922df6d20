"""What a therapist may learn about their own work: strengths and edges, how well they see it, what reading changes."""

from matcher.development.acknowledged import AcknowledgedEffect, acknowledged_effect
from matcher.development.batches import BATCHES, Batches, Fresh, told
from matcher.development.findings import FEWEST, SLIDERS, Finding, Voice, strengths
from matcher.development.mirror import Mirror, self_view

__all__ = [
    "BATCHES",
    "FEWEST",
    "SLIDERS",
    "AcknowledgedEffect",
    "Batches",
    "Finding",
    "Fresh",
    "Mirror",
    "Voice",
    "acknowledged_effect",
    "self_view",
    "strengths",
    "told",
]
