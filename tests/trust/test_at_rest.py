"""What clients told us is unreadable on disk: in the database and what stands beside it, in a backup, with old keys."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import make_url, select, text
from sqlalchemy.orm import Session

from tests import keys
from tests.databases import new_database
from tests.web.checking_in import GOOD, OVER, attended, link_to
from tests.web.conftest import NOW
from web.db import crypto, engine, schema, sealing
from web.db.tables import (
    Base,
    CaseEventRow,
    CheckInRow,
    GoalRow,
    HandoverRow,
    IntakeRow,
    MeasureRow,
    OutboxRow,
    ShownListRow,
    ShownMatchRow,
)
from web.db.tables.sealed import sealed_of
from web.services import backups, check_ins, clinics
from web.services import sealing as service
from web.services.check_ins import Said


@pytest.fixture(autouse=True)
def the_usual_ring() -> Iterator[None]:
    yield
    crypto.use(keys.RING)


class Canaries:
    """Words that stand nowhere else, each with the place where it was said."""

    def __init__(self) -> None:
        self.mark, self.said = f"kanarie{uuid4().hex[:12]}", dict[str, str]()

    def __call__(self, place: str) -> str:
        return self.said.setdefault(place, f"{self.mark}æ{len(self.said)}")

    def found_in(self, files: list[Path]) -> set[str]:
        """The places whose words stand in a file, in any of the ways in which a database may write them."""
        held = b"".join(file.read_bytes() for file in files)
        return {place for place, word in self.said.items() if any(way in held for way in _ways(word))}


def _ways(word: str) -> tuple[bytes, ...]:
    """As it is, in UTF-16, as JSON escapes it, and in hexadecimal (without the letter that is not ASCII)."""
    plain = word.split("æ")[0] + "æ"
    return word.encode(), word.encode("utf-16-le"), plain.replace("æ", "\\u00e6").encode(), word.encode().hex().encode()


def say_everything(session: Session, canary: Canaries, with_whom: str = "t01") -> UUID:
    """Let a client, a therapist and a coordinator say something in every place that is sealed; the client's key."""
    who = attended(session, with_whom, name="Ada")
    clinic = clinics.find(session, None)
    said = Said(GOOD.bond, GOOD.goals, GOOD.way, GOOD.overall, GOOD.helped, ("rigid",), canary("check_ins.comment"))
    check_ins.say(session, clinic, link_to(session, who), said, now=OVER)
    row = session.scalars(select(CheckInRow).where(CheckInRow.session_id == who.session_id)).one()
    row.reply, row.helped, row.hindered = canary("check_ins.reply"), [canary("check_ins.helped")], [
        canary("check_ins.hindered")
    ]  # fmt: skip
    intake = session.scalars(select(IntakeRow).where(IntakeRow.client_id == who.client_id)).one()
    intake.answers = intake.answers | {"concerns": {"concern_text": canary("intakes.answers")}}
    version = intake_version(session, who.client_id)
    version.answers = version.answers | {"concern_text": canary("intake_versions.answers")}
    of = {"client_id": who.client_id}
    session.add(GoalRow(**of, words=canary("goals.words"), made_at=NOW))
    session.add(CaseEventRow(**of, at=NOW, actor="a", kind="note", details={}, words=canary("case_events.words")))
    session.add(HandoverRow(**of, therapist_id=who.therapist_id, words=canary("handovers.words"), written_at=NOW))
    answers = {"1": canary("measures.answers")}
    session.add(MeasureRow(**of, instrument="own", version="1", moment="course", answers=answers, score=1, said_at=NOW))
    session.add(
        OutboxRow(kind="k", key=f"k:{who.client_id}", recipient=canary("outbox.recipient"), due_at=NOW, created_at=NOW,
                  params={"name": canary("outbox.params")})
    )  # fmt: skip
    of_client = select(ShownListRow.id).where(ShownListRow.intake_version_id == version.id)
    match = session.scalars(select(ShownMatchRow).where(ShownMatchRow.list_id.in_(of_client)).limit(1)).one()
    match.explanation = match.explanation | {"because": canary("shown_matches.explanation")}
    session.flush()
    return who.client_id


def intake_version(session: Session, client_id: Any) -> Any:
    from web.db.queries import intakes

    return intakes.current_version(session, client_id)


def files_of(url: str, session: Session) -> list[Path]:
    """Everything that the database keeps of itself on disk."""
    name = make_url(url).database
    assert name is not None
    if url.startswith("sqlite"):
        return [path for path in Path(name).parent.glob(f"{Path(name).name}*") if path.is_file()]
    with engine.engine(url).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        folder = Path(connection.scalar(text("SHOW data_directory")))
        oid = connection.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
    if not os.access(folder / "base", os.R_OK):
        pytest.skip("this PostgreSQL server keeps its files elsewhere")
    found = [*(folder / "base" / str(oid)).iterdir(), *(folder / "pg_wal").iterdir()]
    return [path for path in found if path.is_file()]


def filled(url: str) -> Canaries:
    canary = Canaries()
    with engine.sessions(url)() as session:
        clinics.find(engine.writing(session), None)
        say_everything(session, canary)
        session.commit()
    return canary


def test_every_sealed_column_has_a_canary(harbour: str) -> None:
    """A new column that is sealed is said something in here, or this fails."""
    mine = ("intakes", "intake_versions", "check_ins", "goals", "case_events", "handovers", "measures", "outbox",
            "shown_matches")  # fmt: skip
    kinds = [mapper.class_ for mapper in Base.registry.mappers if mapper.class_.__tablename__ in mine]
    places = {f"{kind.__tablename__}.{name}" for kind in kinds for name in sealed_of(kind)}
    assert set(filled(harbour).said) == places


@pytest.mark.P5
def test_nothing_that_was_said_stands_on_disk(
    harbour: str, tmp_path: Path, tried: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database, its journal and a backup, byte by byte; and a cipher that does nothing is found out."""
    canary = filled(harbour)
    backups.make(harbour, tmp_path / "harbour.backup", now=NOW)
    with engine.sessions(harbour)() as session:
        files = [*files_of(harbour, session), tmp_path / "harbour.backup"]
        assert canary.found_in(files) == set()
        with monkeypatch.context() as broken:
            broken.setattr(crypto, "_cipher", lambda key: Idle())
            open_words = filled(harbour)
        assert open_words.found_in(files_of(harbour, session)) == set(open_words.said)
    tried(len(canary.said) * len(files))


class Idle:
    """A cipher that hides nothing, and opens what a real one has sealed."""

    def encrypt(self, nonce: bytes, plain: bytes, bound: bytes) -> bytes:
        return plain + bytes(16)

    def decrypt(self, nonce: bytes, body: bytes, bound: bytes) -> bytes:
        try:
            return AESGCM(keys.RING.keys[keys.NAME]).decrypt(nonce, body, bound)
        except InvalidTag:
            return body[:-16]


@pytest.mark.P5
def test_what_was_plain_before_the_upgrade_stands_nowhere_after_it(harbour: str, tried: Callable[[int], None]) -> None:
    canary = filled(harbour)
    with engine.sessions(harbour)() as session:
        schema.downgrade(harbour, "0005", losing=True)
        assert canary.found_in(files_of(harbour, session)) == set(canary.said)
        schema.upgrade(harbour)
        assert canary.found_in([file for file in files_of(harbour, session) if "pg_wal" not in str(file)]) == set()
    assert opened(harbour, canary) == set(canary.said)
    tried(len(canary.said))


def opened(url: str, canary: Canaries) -> set[str]:
    """The places whose words can be read with the keys at hand."""
    found = []
    with engine.sessions(url)() as session:
        clinics.find(session, None)
        for mapper in Base.registry.mappers:
            for name in sealed_of(mapper.class_):
                found += [str(value) for value in session.scalars(select(getattr(mapper.class_, name)))]
    text_of_all = "\n".join(found)
    return {place for place, word in canary.said.items() if word in text_of_all}


class Stopped(Exception):
    pass


@pytest.mark.P5
def test_a_rotation_that_is_stopped_after_each_batch_loses_nothing(
    harbour: str, tried: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time with a fresh start: what is sealed with either key opens, until nothing needs the old one."""
    canary, monkey = filled(harbour), monkeypatch
    monkey.setattr(service, "AT_ONCE", 40)
    both = {**keys.RING.keys, "knew": bytes(reversed(range(32)))}
    n_stops, done = 0, None
    while done is None:
        crypto.use(crypto.KeyRing(both, "knew"))
        sealing.require(engine.engine(harbour))
        try:
            done = service.rotate(engine.sessions(harbour), report=_stop)
        except Stopped:
            n_stops += 1
        if n_stops % 5 == 1:
            assert opened(harbour, canary) == set(canary.said)
    assert n_stops > 10 and done.idle == (keys.NAME,)
    crypto.use(crypto.KeyRing({"knew": both["knew"]}, "knew"))
    sealing.require(engine.engine(harbour))
    assert opened(harbour, canary) == set(canary.said)
    with engine.sessions(harbour)() as session:
        service.require_idle(session, keys.NAME)
        with pytest.raises(service.StillNeeded):
            service.require_idle(session, "knew")
    tried(n_stops)


def _stop(n_rows: int) -> None:
    raise Stopped


def test_marks_are_made_anew_with_the_key(harbour: str) -> None:
    with engine.sessions(harbour)() as session:
        clinics.find(engine.writing(session), None)
        attended(session, name="Ada")
        session.commit()
        before = session.scalars(select(IntakeRow.email_mark).where(IntakeRow.email_mark.is_not(None))).all()
    crypto.use(crypto.KeyRing({**keys.RING.keys, "knew": bytes(32)}, "knew"))
    service.rotate(engine.sessions(harbour))
    with engine.sessions(harbour)() as session:
        clinics.find(session, None)
        after = session.scalars(select(IntakeRow.email_mark).where(IntakeRow.email_mark.is_not(None))).all()
    assert len(after) == len(before) and not {*before} & {*after}
    assert after == [crypto.mark("email", "ada@there.example")]


@pytest.mark.P5
def test_a_wrong_ring_is_refused_before_anything_is_read(harbour: str, tried: Callable[[int], None]) -> None:
    made = engine.engine(harbour)
    for ring, said in (
        (crypto.KeyRing({"knew": bytes(32)}, "knew"), r"'ktest', which is not on the ring"),
        (crypto.KeyRing({keys.NAME: bytes(32)}, keys.NAME), r"'ktest' on the ring is not the one"),
    ):
        crypto.use(ring)
        for ask in (lambda: sealing.require(made), lambda: schema.require_current(harbour)):
            with pytest.raises(crypto.NoKey, match=said):
                ask()
    crypto.use(keys.RING)
    schema.require_current(harbour)
    tried(4)


@pytest.mark.P5
def test_a_backup_holds_every_row_and_opens_on_either_engine(
    harbour: str, postgresql: str, tmp_path: Path, tried: Callable[[int], None]
) -> None:
    canary = filled(harbour)
    n_rows = backups.make(harbour, tmp_path / "one.backup", now=NOW)
    with new_database(postgresql) as other:
        for target in (f"sqlite:///{tmp_path}/restored.sqlite", other):
            assert backups.restore(target, tmp_path / "one.backup", now=NOW) == n_rows
            assert everything(target) == everything(harbour)
            assert opened(target, canary) == set(canary.said)
            with pytest.raises(backups.NotEmpty):
                backups.restore(target, tmp_path / "one.backup", now=NOW)
    tried(2 * n_rows)


def everything(url: str) -> dict[str, set[str]]:
    """Every row of every table as text, but of what opens something: that opens nothing any more."""
    with engine.engine(url).connect() as connection:
        return {
            table.name: {repr(tuple(row)) for row in connection.execute(select(table))}
            for table in Base.metadata.sorted_tables
            if table.name not in {*backups.OPENS, "kiosks"}
        }


@pytest.mark.P5
def test_a_backup_that_was_touched_is_refused_and_leaves_nothing(
    tmp_path: Path, tried: Callable[[int], None], trials: Callable[[int, int], int]
) -> None:
    """Bits turned over the whole file, pieces swapped and cut off; the database stays empty."""
    source, path, n_cases = f"sqlite:///{tmp_path}/source.sqlite", tmp_path / "one.backup", 0
    schema.upgrade(source)
    with engine.sessions(source)() as session:
        clinics.create(engine.writing(session), "north", "North", now=NOW)
        session.commit()
    backups.make(source, path, now=NOW)
    whole, step = path.read_bytes(), trials(97, 7)
    for at in range(0, len(whole), step):
        changed = bytearray(whole)
        changed[at] ^= 1 << at % 8
        n_cases += _refused(tmp_path, bytes(changed))
    for length in range(0, len(whole), step):
        n_cases += _refused(tmp_path, whole[:length])
    n_cases += _refused(tmp_path, whole + b"\0")
    tried(n_cases)


def _refused(folder: Path, changed: bytes) -> int:
    path, target = folder / "changed.backup", folder / "target.sqlite"
    path.write_bytes(changed)
    with pytest.raises((backups.BadBackup, crypto.NoKey, schema.SchemaError)):
        backups.restore(f"sqlite:///{target}", path, now=NOW)
    assert schema.current(f"sqlite:///{target}") is None
    return 1
