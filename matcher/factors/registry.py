"""Every factor of the score, in the order in which contributions are listed."""

from __future__ import annotations

from types import MappingProxyType

from matcher.factors.access import ACCESS
from matcher.factors.alliance import ALLIANCE
from matcher.factors.base import Factor
from matcher.factors.concern_expertise import CONCERN_EXPERTISE
from matcher.factors.continuity import CONTINUITY
from matcher.factors.credibility import CREDIBILITY
from matcher.factors.expectancy import EXPECTANCY
from matcher.factors.experience import EXPERIENCE
from matcher.factors.preference_fit import PREFERENCE_FIT

FACTORS: tuple[Factor, ...] = (
    ALLIANCE,
    PREFERENCE_FIT,
    CONCERN_EXPERTISE,
    CREDIBILITY,
    EXPECTANCY,
    ACCESS,
    CONTINUITY,
    EXPERIENCE,
)
FACTOR = MappingProxyType({factor.code: factor for factor in FACTORS})
