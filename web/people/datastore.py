"""What the sign-in library knows of our people: plain values of a service, in the shape that it asks for."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_security import RoleMixin, UserMixin
from flask_security.datastore import UserDatastore

from web import browsers, edge
from web.services import people
from web.services.people import Credentials


class Role(RoleMixin):
    """The library wants a class; what somebody may do is asked of ``web.visits``."""

    name = ""


class Account(UserMixin):
    """Somebody at the door."""

    fs_uniquifier = ""
    roles: tuple[Role, ...] = ()

    def __init__(self, found: Credentials) -> None:
        self.id = found.person_id
        self.email = found.email
        self.password = self.kept = found.password  # the library may change the first
        self.active = found.active
        self.fs_uniquifier = found.uniquifier


class AccountDatastore(UserDatastore):
    """Finds accounts through the session of the request; only the edge commits."""

    def __init__(self) -> None:
        super().__init__(Account, Role)

    def find_user(self, case_insensitive: bool = False, **asked: Any) -> Account | None:
        """The account of an e-mail address; or of a uniquifier, while its person is signed in by our own measure."""
        if "email" in asked:
            found = people.of_email(edge.session(), asked["email"])
        elif "fs_uniquifier" in asked and g.get("person") is not None:
            found = people.of_uniquifier(edge.session(), asked["fs_uniquifier"])
            found = found if found is not None and found.person_id == g.person.person_id else None
        else:
            found = None
        account = None if found is None else Account(found)
        if account is not None and found.is_closed(known=browsers.is_known(found.email)):
            account.active = False
        return account

    def find_role(self, role: str) -> None:
        """The library is not asked for roles."""

    def put(self, model: Account) -> Account:
        """Keep the one thing that the library changes: a hash that it made anew with today's parameters."""
        people.keep_hash(edge.session(), model.id, model.password)
        model.kept = model.password
        return model

    def commit(self) -> None:
        """Left to the edge."""
