"""Follow-ups in the outbox, and the audit's chain, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from watchdog.errors import StorageError
from watchdog.model.notice import Attempt, Notice
from watchdog.storage import audit, outbox
from watchdog.storage.engine import Database
from watchdog.storage.outbox import Outbox
from watchdog.storage.tables import audit as audit_table

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


FIRST = Notice(
    id="first",
    event_id="e",
    endpoint="tib",
    incident="i",
    kind="advice_changed",
    body="{}",
    created_at=NOW,
    order=1,
    next_attempt_at=NOW,
)


def rung(ident: str, endpoint: str, after_s: float, order: int) -> Notice:
    due = later(after_s)
    return replace(
        FIRST,
        id=ident,
        endpoint=endpoint,
        order=order,
        not_before=due,
        next_attempt_at=due,
        unless="tib",
        of="first",
    )


STORED = [FIRST, rung("r1", "mail", 120, 2), rung("r2", "it", 300, 3), rung("again", "tib", 60, 4)]
NEXT = replace(FIRST, id="next", event_id="n", endpoint="it", order=5)


async def heads(box: Outbox, after_s: float) -> list[str]:
    return sorted(n.id for n in await box.heads(later(after_s)))


def tried(notice: Notice, number: int, at_s: float, outcome: str = "") -> Attempt:
    return Attempt(notice=notice.id, number=number, at=later(at_s), took_ms=2, outcome=outcome)


@pytest.fixture
async def box(database: Database) -> Outbox:
    async with database.transaction() as db:
        await outbox.add(db, [*STORED, NEXT])
    return Outbox(database)


async def test_a_rung_does_not_wait_for_hours_because_the_clock_was_set_back(box: Outbox) -> None:
    await box.delivered(FIRST, tried(FIRST, 1, 0))
    await box.delivered(NEXT, tried(NEXT, 1, 0))
    assert await heads(box, -30) == []  # another node's clock may differ by so much
    assert await heads(box, -7200) == ["again", "r1", "r2"]


async def test_a_rung_waits_for_its_time_and_holds_up_nothing_behind_it(box: Outbox) -> None:
    assert await heads(box, 0) == ["first", "next"]
    await box.delivered(FIRST, tried(FIRST, 1, 0))
    assert await heads(box, 59) == ["next"]
    assert await heads(box, 61) == ["again", "next"]
    assert await heads(box, 121) == ["again", "next", "r1"]


async def test_an_acknowledgement_drops_what_follows_and_nothing_else(
    box: Outbox, database: Database
) -> None:
    async with database.transaction() as db:
        await outbox.drop_needless(db, "i", {"tib", "radiology"}, NOW)
    assert await heads(box, 500) == ["first", "r1", "r2"]  # still awaited: all is there
    async with database.transaction() as db:
        await outbox.drop_needless(db, "i", {"radiology"}, NOW)
    assert await heads(box, 500) == ["first", "next"]
    assert await box.oldest_waiting(later(500)) == NOW


async def test_a_channel_that_fails_brings_the_next_one_forward_once(box: Outbox) -> None:
    assert await box.bring_forward(FIRST, later(30)) is True
    assert await heads(box, 31) == ["first", "next", "r1"]
    r1 = next(n for n in await box.heads(later(31)) if n.id == "r1")
    assert await box.bring_forward(r1, later(60)) is True  # the mail fails too: now IT
    await box.delivered(NEXT, tried(NEXT, 1, 60))
    assert await heads(box, 61) == ["first", "r1", "r2"]
    assert await box.bring_forward(FIRST, later(62)) is False


async def test_what_waits_behind_it_for_the_same_channel_is_brought_forward_too(
    box: Outbox, database: Database
) -> None:
    behind = replace(FIRST, id="behind", event_id="e9", order=9)
    after = replace(rung("rb", "mail", 120, 10), of="behind")
    async with database.transaction() as db:
        await outbox.add(db, [behind, after])
    assert await box.bring_forward(FIRST, later(30)) is True
    await box.delivered(NEXT, tried(NEXT, 1, 30))
    assert await heads(box, 31) == ["first", "r1"]
    r1 = next(n for n in await box.heads(later(31)) if n.id == "r1")
    await box.delivered(r1, tried(r1, 1, 31))
    assert await heads(box, 32) == ["first", "rb"]


async def test_what_a_receiver_refuses_is_passed_by_newer_ones_and_tried_again(
    box: Outbox,
) -> None:
    other = "tib answered HTTP 400"
    await box.failed(FIRST, tried(FIRST, 3, 1, other), later(5), refused_at=later(1))
    await box.delivered(NEXT, tried(NEXT, 1, 2))
    assert await heads(box, 3) == []  # it waits for its next try, and holds up nothing
    assert await heads(box, 5) == ["first"]
    assert await heads(box, -7200) == ["first", "r1", "r2"]  # the clock was set back: tried at once
    await box.failed(FIRST, tried(FIRST, 4, 5, "tib did not answer"), later(6))
    assert await heads(box, 5.5) == ["first"]  # not refused any more: in line again


async def test_every_try_is_logged_and_a_failing_endpoint_is_named(box: Outbox) -> None:
    await box.failed(FIRST, tried(FIRST, 1, 1, "tib answered HTTP 503"), later(2))
    await box.failed(FIRST, tried(FIRST, 2, 3, "tib did not answer"), later(5))
    assert await box.failing(later(40)) == {"tib": (2, 40.0)}
    await box.delivered(FIRST, tried(FIRST, 3, 6))
    assert await box.failing(later(40)) == {}
    assert [(a.number, a.outcome) for a in await box.attempts("first")] == [
        (1, "tib answered HTTP 503"),
        (2, "tib did not answer"),
        (3, ""),
    ]


async def test_a_taken_notice_can_be_sent_again_by_hand(box: Outbox) -> None:
    await box.delivered(FIRST, tried(FIRST, 1, 1))
    assert await heads(box, 2) == ["next"]
    assert (await box.resend("first", later(9))) is not None
    assert await heads(box, 9) == ["first", "next"]
    assert await box.resend("nothing", later(9)) is None


async def _fill(database: Database) -> None:
    for n in range(4):
        async with database.transaction() as db:
            await audit.append(
                db, at=later(n), by="eva", what="stop", subject="p", detail={"n": n, "å": "ö"}
            )


async def _as_owner_of_the_table(db: AsyncConnection) -> None:
    """Who may do anything takes the database's own guard away first."""
    table = " ON audit" if db.dialect.name == "postgresql" else ""
    for kind in ("update", "delete"):
        await db.execute(text(f"DROP TRIGGER audit_no_{kind}{table}"))


@pytest.mark.parametrize("how", ["UPDATE audit SET what = 'x'", "DELETE FROM audit"])
async def test_the_database_itself_refuses_to_change_what_people_did(
    database: Database, how: str
) -> None:
    await _fill(database)
    with pytest.raises(StorageError):
        async with database.transaction() as db:
            await db.execute(text(f"{how} WHERE number = 2"))
    assert (await audit.verify(database))[2] is None


async def test_nor_can_it_be_emptied_at_one_stroke(database: Database) -> None:
    await _fill(database)
    how = "DELETE FROM audit" if database.is_sqlite else "TRUNCATE audit"
    with pytest.raises(StorageError):
        async with database.transaction() as db:
            await db.execute(text(how))
    assert (await audit.verify(database))[0] == 4


async def test_an_untouched_audit_holds(database: Database) -> None:
    await _fill(database)
    good, newest, broken = await audit.verify(database)
    assert (good, broken) == (4, None)
    assert newest == (await audit.listed(database))[0].digest


@pytest.mark.parametrize("column", ["by", "what", "subject", "detail", "at"])
async def test_a_changed_row_breaks_the_audit_there(database: Database, column: str) -> None:
    await _fill(database)
    value = later(99) if column == "at" else "mallory"
    async with database.transaction() as db:
        await _as_owner_of_the_table(db)
        await db.execute(
            update(audit_table).where(audit_table.c.number == 2).values(**{column: value})
        )
    good, _, broken = await audit.verify(database)
    assert good == 1
    assert broken is not None
    assert (broken.number, broken.why) == (2, "the row was changed")


async def test_a_row_taken_out_breaks_the_audit_there(database: Database) -> None:
    await _fill(database)
    async with database.transaction() as db:
        await _as_owner_of_the_table(db)
        await db.execute(delete(audit_table).where(audit_table.c.number == 3))
    good, _, broken = await audit.verify(database)
    assert good == 2
    assert broken is not None
    assert broken.why == "a row is missing"
