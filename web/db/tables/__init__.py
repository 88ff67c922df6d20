"""Every table, by noun. A row that belongs to a clinic carries it, and refers only to rows of the same clinic."""

from web.db.tables.base import Base, OfClinic
from web.db.tables.clients import ClientRow, IntakeVersionRow
from web.db.tables.clinics import ApiTokenRow, ClinicRow, PlaceRow
from web.db.tables.emergencies import EmergencyAccessRow
from web.db.tables.feedback import (
    AlertRow,
    AppointmentRow,
    CheckInRow,
    GoalRatingRow,
    GoalRow,
    InstrumentRow,
    KioskCodeRow,
    KioskRow,
    LinkRow,
    MeasureRow,
    OwnRatingRow,
    ReleaseRow,
)
from web.db.tables.intakes import ConsentRow, FlagRow, IntakeRow
from web.db.tables.lists import ShownListRow, ShownMatchRow
from web.db.tables.people import (
    AccountRow,
    ChallengeRow,
    MembershipRow,
    PasskeyRow,
    PersonRow,
    RecoveryCodeRow,
    SignInPolicyRow,
    SignInRow,
    StaffLinkRow,
)
from web.db.tables.privacy import ErasureRow
from web.db.tables.records import AuditEventRow, AuditHeadRow, JobRow, OutboxRow, SealingKeyRow
from web.db.tables.therapists import TherapistRow, TherapistVersionRow
from web.db.tables.treatment import DyadRow, RatingRow, SessionRow
from web.db.tables.versions import ModelRow, WeightsActivationRow, WeightsDraftRow, WeightsRow
from web.db.tables.waiting import (
    CaseEventRow,
    CaseRow,
    DepartureRow,
    ForecastRow,
    HandoverRow,
    PlacementRow,
    ProposalRow,
    RequestChoiceRow,
    RequestRow,
)

__all__ = [
    "AccountRow",
    "AlertRow",
    "ApiTokenRow",
    "AppointmentRow",
    "AuditEventRow",
    "AuditHeadRow",
    "Base",
    "CaseEventRow",
    "CaseRow",
    "ChallengeRow",
    "CheckInRow",
    "ClientRow",
    "ClinicRow",
    "ConsentRow",
    "DepartureRow",
    "DyadRow",
    "EmergencyAccessRow",
    "ErasureRow",
    "FlagRow",
    "ForecastRow",
    "GoalRatingRow",
    "GoalRow",
    "HandoverRow",
    "InstrumentRow",
    "IntakeRow",
    "IntakeVersionRow",
    "JobRow",
    "KioskCodeRow",
    "KioskRow",
    "LinkRow",
    "MeasureRow",
    "MembershipRow",
    "ModelRow",
    "OfClinic",
    "OutboxRow",
    "OwnRatingRow",
    "PasskeyRow",
    "PersonRow",
    "PlaceRow",
    "PlacementRow",
    "ProposalRow",
    "RatingRow",
    "RecoveryCodeRow",
    "ReleaseRow",
    "RequestChoiceRow",
    "RequestRow",
    "SealingKeyRow",
    "SessionRow",
    "ShownListRow",
    "ShownMatchRow",
    "SignInPolicyRow",
    "SignInRow",
    "StaffLinkRow",
    "TherapistRow",
    "TherapistVersionRow",
    "WeightsActivationRow",
    "WeightsDraftRow",
    "WeightsRow",
]
