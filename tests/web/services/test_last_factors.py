"""What goes with the last second factor: recovery codes stand in for one, and a short password cannot do without."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from tests.web.conftest import NOW
from tests.web.people.authenticator import Authenticator
from tests.web.services.test_ways_in import hired, shortened, with_app, with_passkey
from tests.web.services.test_ways_in import session as session
from tests.web.services.test_ways_in import url as url
from web.db.queries import sign_ins
from web.services import passkeys
from web.services import second_factors as factors
from web.services.second_factors import N_CODES, NeedsLongerPassword


def remove_passkeys(session: Session, person_id: UUID, n: int) -> None:
    for key in passkeys.every(session, person_id)[:n]:
        assert passkeys.remove(session, person_id, key.id, now=NOW)


def test_recovery_codes_go_with_the_last_passkey_and_not_before(session: Session) -> None:
    ada, ben = hired(session), hired(session, name="ben")
    for _ in range(2):
        assert with_passkey(session, ada, Authenticator())
    for person in (ada, ben):
        codes = factors.new_codes(session, person, now=NOW)
    remove_passkeys(session, ada, 1)
    assert sign_ins.n_codes(session, ada) == N_CODES
    remove_passkeys(session, ada, 1)
    assert sign_ins.n_codes(session, ada) == 0
    assert factors.take_recovery_code(session, ben, codes[0], now=NOW)  # those of others stay
    assert not factors.take_recovery_code(session, ada, codes[1], now=NOW)


def test_recovery_codes_stay_with_the_app_when_a_passkey_goes(session: Session) -> None:
    ada = hired(session)
    with_app(session, ada)
    assert with_passkey(session, ada, Authenticator())
    factors.new_codes(session, ada, now=NOW)
    remove_passkeys(session, ada, 1)
    assert sign_ins.n_codes(session, ada) == N_CODES


def test_of_two_passkeys_one_may_go_beside_a_short_password(session: Session) -> None:
    ada = hired(session)
    for _ in range(2):
        assert with_passkey(session, ada, Authenticator())
    shortened(session, ada)
    remove_passkeys(session, ada, 1)
    with pytest.raises(NeedsLongerPassword):
        remove_passkeys(session, ada, 1)
    assert len(passkeys.every(session, ada)) == 1
