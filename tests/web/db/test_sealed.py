"""A sealed column is opened, never compared; where nothing was sealed that must be there, that is said."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import aliased

from web.db import crypto
from web.db.tables import CheckInRow, GoalRow


def test_nothing_where_something_must_be_is_told_from_nothing_said() -> None:
    with pytest.raises(crypto.Tampered, match=r"nothing stands in goals\.words"):
        GoalRow.__dict__["words"].opened("goals.words", uuid4(), None)
    assert CheckInRow.__dict__["comment"].opened("check_ins.comment", uuid4(), None) == ""


def test_the_database_is_never_asked_to_compare_what_is_sealed() -> None:
    for kind in (GoalRow, aliased(GoalRow)):
        assert "goals" in str(select(kind.words))
        for ask in (lambda kind=kind: kind.words == "sleep", lambda kind=kind: kind.words.like("s%")):
            with pytest.raises(TypeError, match="sealed"):
                ask()
