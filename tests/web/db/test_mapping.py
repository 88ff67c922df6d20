"""What goes into a row comes out of it as the same therapist, intake and scale, through real JSON."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings

from matcher.entities import CHECK_IN, Intake, Therapist
from tests.builders import INTAKES, THERAPISTS
from web.db import mapping
from web.db.tables import ClinicRow, TherapistRow

# how long it takes to make up somebody depends on what else the machine does, and on whether branches are counted
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@PATIENT
@given(THERAPISTS)
def test_a_therapist_comes_back(therapist: Therapist) -> None:
    profile = json.loads(json.dumps(mapping.profile_of(therapist)))
    assert not {"therapist_id", "name", "capacity"} & profile.keys()
    row = TherapistRow(external_id=therapist.id, name=therapist.name, capacity=therapist.capacity, profile=profile)
    assert mapping.therapist_of(row) == therapist


@PATIENT
@given(INTAKES)
def test_an_intake_comes_back(intake: Intake) -> None:
    answers = json.loads(json.dumps(mapping.answers_of(intake)))
    assert "client_id" not in answers
    assert mapping.intake_of(intake.id, answers) == intake


def test_a_scale_comes_back() -> None:
    assert mapping.scale_of(ClinicRow(scale_lowest=0.0, scale_top=1.0, scale_step=0.025)) == CHECK_IN
