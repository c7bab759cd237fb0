"""The journal: what it stored is stored, once, whatever happened to the process or the database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.incidents import an_outage
from watchdog.errors import StorageError
from watchdog.model.incident import EventKind, IncidentEvent
from watchdog.model.notice import Attempt, Notice
from watchdog.model.text import Text
from watchdog.storage import audit, incidents
from watchdog.storage.engine import Database
from watchdog.storage.incidents import Incidents
from watchdog.storage.journal import Journal, Record
from watchdog.storage.outbox import Outbox
from watchdog.storage.requests import Request, Requests

NOW = datetime(2026, 11, 21, 3, 0, 0, 123456, tzinfo=UTC)
INCIDENT = an_outage(NOW, number=2, awaiting="tib")
EVENT = IncidentEvent(
    incident="inc_1",
    number=2,
    kind=EventKind.DECLARED,
    at=NOW,
    because=Text("Remisser kommer inte fram.", "Orders do not arrive."),
)


def notice(ident: str, endpoint: str, order: int, **more: object) -> Notice:
    return Notice(
        id=ident,
        event_id=ident,
        endpoint=endpoint,
        incident="inc_1",
        kind="declared",
        body='{"å":1}',
        created_at=NOW,
        order=order,
        next_attempt_at=NOW,
        **more,  # pyright: ignore[reportArgumentType]
    )


TIB, IT = notice("n1", "tib", 1), notice("n2", "it", 2)
RUNG = notice("n3", "it", 3, not_before=NOW + timedelta(minutes=2), unless="tib", of="n1")
DECLARED = Record(at=NOW, incident=INCIDENT, events=(EVENT,), notices=(TIB, IT, RUNG))


@pytest.fixture
async def journal(tmp_path: Path) -> Journal:
    made = Journal(tmp_path / "journal.jsonl")
    await made.append(DECLARED)
    return made


async def test_who_asked_while_the_database_was_away_stands_in_the_audit_once(
    journal: Journal, database: Database
) -> None:
    arguments = {"path": "p", "reason": "inget syns i RIS"}
    asked = Request(
        id="r1", kind="declare", arguments=arguments, by="eva", at=NOW, done_at=NOW, outcome="done"
    )
    await journal.append(Record(at=NOW, asked=asked))
    again = [Record(at=NOW, asked=asked)]
    assert await journal.bring_into(database) == 2
    for record in again:  # a kill between commit and clean-up: the same lines are brought in anew
        await journal.append(record)
    await journal.bring_into(database)
    entries = await audit.listed(database)
    assert [(e.by, e.what, e.subject) for e in entries] == [("eva", "declare", "p")]
    assert await Requests(database).get("r1") == asked
    assert (await audit.verify(database))[2] is None


def tried(ident: str, number: int, outcome: str = "") -> Attempt:
    at = NOW + timedelta(seconds=number)
    return Attempt(notice=ident, number=number, at=at, took_ms=2, outcome=outcome)


async def everything(database: Database) -> tuple[object, ...]:
    found, box = Incidents(database), Outbox(database)
    return (
        await found.get("inc_1"),
        await found.timeline("inc_1"),
        await box.listed(),
        await box.attempts("n1"),
    )


async def test_what_was_decided_comes_into_the_database_once(
    journal: Journal, database: Database, tmp_path: Path
) -> None:
    twin = Journal(tmp_path / "journal.jsonl")  # as after a kill before the file was taken away
    assert await journal.bring_into(database) == 1
    first = await everything(database)
    assert first[:2] == (INCIDENT, [EVENT])
    assert sorted(n.id for n in await Outbox(database).heads(NOW)) == ["n1", "n2"]
    assert await twin.bring_into(database) == 1
    assert await everything(database) == first
    assert not (tmp_path / "journal.jsonl").exists()
    assert await journal.bring_into(database) == 0


async def test_a_delivery_from_the_journal_is_not_repeated_by_the_outbox(
    journal: Journal, database: Database
) -> None:
    assert [n.id for n in journal.heads(NOW)] == ["n1", "n2"]
    assert await journal.tried(tried("n1", 1, "refused"), NOW + timedelta(seconds=3)) is True
    assert await journal.tried(tried("n1", 2), None) is True
    assert [n.id for n in journal.heads(NOW)] == ["n2"]
    assert journal.taken == {"n1"}
    await journal.bring_into(database)
    assert [n.id for n in await Outbox(database).heads(NOW)] == ["n2"]
    assert [a.outcome for a in await Outbox(database).attempts("n1")] == ["refused", ""]
    assert await journal.tried(tried("n2", 1), None) is False  # the outbox has it now


async def test_what_a_receiver_refuses_is_passed_by_newer_ones_here_too(
    journal: Journal, database: Database
) -> None:
    newer, later = notice("n4", "tib", 4), replace(INCIDENT, number=3)
    more = replace(EVENT, number=3, kind=EventKind.UPDATED)
    await journal.append(Record(at=NOW, incident=later, events=(more,), notices=(newer,)))
    again = NOW + timedelta(seconds=9)
    await journal.tried(tried("n1", 3, "tib answered HTTP 400"), again, refused_at=NOW)
    assert [n.id for n in journal.heads(NOW + timedelta(seconds=5))] == ["n2", "n4"]
    assert [n.id for n in journal.heads(again)] == ["n1", "n2"]
    await journal.bring_into(database)
    box = Outbox(database)
    assert sorted(n.id for n in await box.heads(NOW + timedelta(seconds=5))) == ["n2", "n4"]


async def test_a_long_reason_holds_up_nothing(journal: Journal, database: Database) -> None:
    endless = replace(EVENT, number=3, because=Text("å" * 5000, "a" * 5000))
    await journal.append(Record(at=NOW, incident=replace(INCIDENT, number=3), events=(endless,)))
    assert await journal.bring_into(database) == 2
    timeline = await Incidents(database).timeline("inc_1")
    assert len(timeline[-1].because.sv) == 600


async def test_an_acknowledgement_in_the_journal_drops_the_rungs(
    journal: Journal, database: Database
) -> None:
    later = NOW + timedelta(minutes=5)
    seen = replace(INCIDENT, awaiting="", number=3)
    acknowledged = replace(EVENT, number=3, kind=EventKind.ACKNOWLEDGED, by="Eva")
    await journal.append(Record(at=NOW, incident=seen, events=(acknowledged,)))
    assert "n3" not in {n.id for n in journal.heads(later)}
    await journal.bring_into(database)
    waiting = {n.id for n in await Outbox(database).listed(waiting=True)}
    assert waiting == {"n1", "n2"}


async def test_what_was_dropped_while_we_were_away_does_not_come_back(
    journal: Journal, database: Database
) -> None:
    ended = replace(INCIDENT, number=9, cleared_at=NOW, awaiting="")
    async with database.transaction() as db:
        await incidents.save(db, ended, [])
    await journal.bring_into(database)
    late = NOW + timedelta(hours=1)
    assert "n3" not in {n.id for n in await Outbox(database).heads(late)}


async def test_new_advice_drops_what_followed_up_the_old_one(
    journal: Journal, database: Database
) -> None:
    later = NOW + timedelta(minutes=1)
    again = replace(EVENT, number=3, kind=EventKind.ADVICE_CHANGED, at=later)
    fresh = replace(RUNG, id="n9", created_at=later, not_before=later, order=9)
    await journal.append(
        Record(at=later, incident=replace(INCIDENT, number=3), events=(again,), notices=(fresh,))
    )
    await journal.bring_into(database)
    waiting = {n.id for n in await Outbox(database).listed(waiting=True)}
    assert waiting == {"n1", "n2", "n9"}


async def test_a_newer_incident_in_the_database_is_not_put_back(
    journal: Journal, database: Database
) -> None:
    newer = replace(INCIDENT, number=9, cleared_at=NOW)
    async with database.transaction() as db:
        await incidents.save(db, newer, [])
    await journal.bring_into(database)
    assert await Incidents(database).get("inc_1") == newer
    # what was decided meanwhile belongs to its story all the same
    timeline = await Incidents(database).timeline("inc_1")
    assert [event.number for event in timeline] == [EVENT.number]


@pytest.mark.parametrize("ended", [False, True])
async def test_an_outage_that_people_were_told_of_is_put_over_another_nodes_suspicion(
    journal: Journal, database: Database, ended: bool
) -> None:
    suspected = replace(INCIDENT, declared_at=None, awaiting="", number=7, unconfirmed=ended)
    async with database.transaction() as db:
        await incidents.save(db, suspected, [])
    await journal.bring_into(database)
    found = await Incidents(database).get("inc_1")
    assert found is not None
    assert (found.is_outage, found.is_over, found.number) == (True, False, 7)
    # and the node that only suspected it does not undo that
    async with database.transaction() as db:
        await incidents.save(db, replace(suspected, number=8, unconfirmed=True), [])
    assert await Incidents(database).get("inc_1") == found
    cleared = replace(found, cleared_at=NOW, number=9)
    async with database.transaction() as db:
        await incidents.save(db, cleared, [])
    assert await Incidents(database).get("inc_1") == cleared


@pytest.mark.parametrize("damage", ["cut", "flip", "append"])
async def test_a_line_that_was_not_finished_counts_as_not_written(
    tmp_path: Path, journal: Journal, damage: str
) -> None:
    file = tmp_path / "journal.jsonl"
    await journal.append(Record(at=NOW, attempt=tried("n1", 1)))
    data = file.read_bytes()
    lines = data.splitlines(keepends=True)
    broken = {
        "cut": data[:-7],
        "flip": lines[0] + lines[1].replace(b"n1", b"n9"),
        "append": lines[0] + b"\x00" * 40,
    }[damage]
    file.write_bytes(broken)
    again = Journal(file)
    assert len(again) == 1
    assert sorted(n.id for n in again.heads(NOW)) == ["n1", "n2"]


async def test_after_an_unfinished_line_the_next_one_is_readable(
    tmp_path: Path, journal: Journal
) -> None:
    file = tmp_path / "journal.jsonl"
    file.write_bytes(file.read_bytes() + b"deadbeef {")
    again = Journal(file)
    await again.append(Record(at=NOW, attempt=tried("n1", 1)))
    assert len(Journal(file)) == 2


async def test_a_disk_that_takes_nothing_is_an_error_and_no_record(tmp_path: Path) -> None:
    folder = tmp_path / "file"
    folder.write_text("in the way", "utf-8")
    journal = Journal(folder / "journal.jsonl")
    with pytest.raises(StorageError, match="was not written"):
        await journal.append(DECLARED)
    assert len(journal) == 0
    assert journal.heads(NOW) == []
