"""What people do at a clinic, by the name of their role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from web.wording.language import lazy

_ROLES: Mapping[str, Any] = {
    "coordinator": lazy("Coordinator"),
    "clinic_lead": lazy("Clinic lead"),
    "therapist": lazy("Therapist"),
    "administrator": lazy("Administrator"),
}


def say_role(role: str) -> str:
    """The name of a role."""
    return str(_ROLES.get(role, role))
