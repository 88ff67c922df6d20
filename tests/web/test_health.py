"""What whoever restarts and routes is told."""

from __future__ import annotations

from tests.web.conftest import Clinic, settings_for
from web import create_app


def test_a_clinic_that_can_be_served_says_so_and_whether_it_sends_mail(clinic: Clinic) -> None:
    told = clinic.client.get("/readyz")
    assert told.status_code == 200
    assert told.json == {"status": "ready", "database": True, "clinics": 1, "models": 1,
                         "mail": "off: set SMTP_URL and MAIL_FROM"}  # fmt: skip
    mail = {"smtp_url": "smtp://mail.example", "mail_from": "care@harbour.example"}
    app = create_app(settings_for(clinic.database_url, **mail))
    assert app.test_client().get("/readyz").json["mail"] == "on"
