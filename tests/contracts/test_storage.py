"""One suite for both databases: what is stored comes back, once, in order."""

from datetime import UTC, datetime, timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from tests.support.incidents import an_outage
from watchdog.clock import SystemClock
from watchdog.errors import Fenced
from watchdog.model.incident import EventKind, IncidentEvent
from watchdog.model.maintenance import Window
from watchdog.model.notice import Attempt, Notice
from watchdog.model.observation import Ev, Event
from watchdog.model.order import Order, OrderState
from watchdog.model.text import Text
from watchdog.storage import audit, incidents, observations, outbox, windows
from watchdog.storage.engine import NEVER, Database
from watchdog.storage.incidents import Incidents
from watchdog.storage.leader import Leadership
from watchdog.storage.meta import next_epoch, raise_epoch
from watchdog.storage.migrate import upgrade
from watchdog.storage.orders import OrderBook
from watchdog.storage.outbox import Outbox
from watchdog.storage.requests import Request, Requests
from watchdog.storage.rows import upsert
from watchdog.storage.tables import meta, metadata

NOW = datetime(2026, 11, 21, 3, 0, 0, 123456, tzinfo=UTC)


def order(placer: str, state: OrderState = OrderState.SENDING, **more: object) -> Order:
    return Order(
        placer=placer, control_id=f"C{placer}", path="p", state=state, planned_at=NOW, **more
    )


async def test_migrations_and_tables_agree(database: Database) -> None:
    await upgrade(database)  # a second time changes nothing

    def differences(connection: object) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, metadata)

    async with database.engine.connect() as db:
        assert await db.run_sync(differences) == []


async def test_whoever_works_on_after_the_lead_was_lost_stores_nothing(database: Database) -> None:
    book = OrderBook(database)
    database.fence(NEVER)
    if database.is_sqlite:  # nobody else can lead there, so there is nothing to fence off
        await book.save(order("WD1"))
        return
    with pytest.raises(Fenced):
        await book.save(order("WD1"))
    database.fence(None)
    assert await book.get("WD1") is None


async def test_the_database_keeps_acknowledged_commits(database: Database) -> None:
    await database.verify()


async def test_an_order_comes_back_as_it_was(database: Database) -> None:
    book = OrderBook(database)
    stored = order("WD1", e5_at=NOW, filler="F1", text_damaged=True, detail="å")
    await book.save(stored)
    assert await book.get("WD1") == stored
    assert await book.get("WD2") is None


async def test_an_incident_and_its_timeline_come_back(database: Database) -> None:
    incident = an_outage(NOW, site="s", scenario="x", number=2)
    events = [
        IncidentEvent(
            incident="inc_1", number=n, kind=EventKind.DECLARED, at=NOW, because=Text("å", "a")
        )
        for n in (1, 2)
    ]
    for _ in range(2):  # stored again after a doubtful commit: nothing doubles
        async with database.transaction() as db:
            await incidents.save(db, incident, events)
    found = Incidents(database)
    assert await found.get("inc_1") == incident
    assert await found.timeline("inc_1") == events
    assert await found.of_path("p", NOW) == [incident]


def notice(ident: str, endpoint: str, place: int) -> Notice:
    return Notice(
        id=ident,
        event_id=ident,
        endpoint=endpoint,
        incident="i",
        kind="declared",
        body="{}",
        created_at=NOW,
        order=place,
        next_attempt_at=NOW,
    )


def tried(notice: Notice, number: int, outcome: str = "") -> Attempt:
    return Attempt(notice=notice.id, number=number, at=NOW, took_ms=3, outcome=outcome)


async def test_notices_leave_in_order_per_endpoint_and_once(database: Database) -> None:
    stored = [notice("a1", "a", 1), notice("a2", "a", 2), notice("b1", "b", 3)]
    for _ in range(2):
        async with database.transaction() as db:
            await outbox.add(db, stored)
    box = Outbox(database)
    assert sorted(n.id for n in await box.heads(NOW)) == ["a1", "b1"]
    await box.failed(stored[0], tried(stored[0], 1, "down"), NOW + timedelta(seconds=1))
    assert [n.id for n in await box.heads(NOW) if n.endpoint == "a"] == ["a1"]
    await box.delivered(stored[0], tried(stored[0], 2))
    assert [n.id for n in await box.heads(NOW) if n.endpoint == "a"] == ["a2"]
    assert await box.next_order() == 4


async def test_a_transaction_that_fails_stores_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with database.transaction() as db:
            await outbox.add(db, [notice("x", "a", 1)])
            raise RuntimeError("between incident and notice")
    assert await Outbox(database).heads(NOW) == []


async def test_the_epoch_rises_by_one_each_time(database: Database) -> None:
    assert [await next_epoch(database) for _ in range(3)] == [1, 2, 3]


async def test_after_a_restore_the_epoch_is_above_any_that_clients_saw(database: Database) -> None:
    for _ in range(7):
        await next_epoch(database)
    raised = await raise_epoch(database, by="eva", now=NOW)
    assert raised > 100_000_000
    assert await next_epoch(database) == raised + 1
    assert (
        await raise_epoch(database, by="eva", now=NOW) == raised + 2
    )  # never below what there was
    assert (await audit.verify(database))[2] is None


async def test_a_second_restore_of_an_old_backup_does_not_bring_an_epoch_back(
    database: Database,
) -> None:
    first = await raise_epoch(database, by="eva", now=NOW)
    seen = [await next_epoch(database) for _ in range(9)]  # so often it was started since
    async with database.transaction() as db:
        await upsert(db, meta, {"key": "epoch", "value": "7"})  # as the backup has it
    again = await raise_epoch(database, by="eva", now=NOW + timedelta(minutes=1))
    assert again > max(first, *seen)


async def test_only_one_watches(database: Database) -> None:
    clock = SystemClock()
    first, second = Leadership(database, clock), Leadership(database, clock)
    assert await first.take() is True
    assert await second.take() is False
    assert (first.holds(), second.holds()) == (True, False)
    assert "already watches" in str(second.refused())
    await first.release()
    assert await second.take() is True
    assert (first.holds(), second.holds()) == (False, True)
    await second.release()


async def test_requests_wait_until_they_are_done(database: Database) -> None:
    requests = Requests(database)
    asked = Request(id="r1", kind="stop", arguments={"path": "p"}, by="x", at=NOW)
    await requests.add(asked)
    assert await requests.waiting() == [asked]
    await requests.done(asked, NOW, "refused", "no")
    assert await requests.waiting() == []
    found = await requests.get("r1")
    assert found is not None
    assert (found.outcome, found.detail) == ("refused", "no")


async def test_observations_come_back_and_real_ones_are_forgotten_first(
    database: Database,
) -> None:
    def seen(ev: Ev, id_: str, days: float) -> tuple[str, Event]:
        at = NOW - timedelta(days=days)
        return "p", Event(ev=ev, mono=100 - days, t=at.timestamp(), id=id_, sender="s1")

    await observations.append(
        database,
        [
            seen(Ev.PROBE_SENT, "old", 31),
            seen(Ev.REAL_SENT, "matched", 3),
            seen(Ev.REAL_ARRIVED, "matched", 3),
            seen(Ev.REAL_SENT, "unmatched", 3),
            seen(Ev.PROBE_SENT, "ours", 3),
            seen(Ev.REAL_SENT, "fresh", 1),
            seen(Ev.REAL_ARRIVED, "fresh", 1),
        ],
    )
    before = await observations.since(database, "p", NOW - timedelta(days=40))
    assert [event.id for event in before[:2]] == ["old", "matched"]
    assert (before[1].sender, before[1].t) == ("s1", (NOW - timedelta(days=3)).timestamp())
    await observations.prune(database, NOW)
    kept = await observations.since(database, "p", NOW - timedelta(days=40))
    assert [event.id for event in kept] == ["unmatched", "ours", "fresh", "fresh"]
    assert await observations.since(database, "other", NOW - timedelta(days=40)) == []


async def test_of_forgotten_referrals_the_count_of_each_hour_stays(database: Database) -> None:
    def seen(ev: Ev, id_: str, hours: float, path: str = "p") -> tuple[str, Event]:
        at = NOW - timedelta(hours=hours)
        return path, Event(ev=ev, mono=1000 - hours, t=at.timestamp(), id=id_, sender="s1")

    await observations.append(
        database,
        [
            *(seen(Ev.REAL_SENT, f"came{n}", 72) for n in range(3)),
            *(seen(Ev.REAL_ARRIVED, f"came{n}", 72) for n in range(3)),
            seen(Ev.REAL_SENT, "vanished", 72),
            seen(Ev.PROBE_SENT, "ours", 72),
            seen(Ev.REAL_SENT, "yesterday", 24),
            seen(Ev.REAL_SENT, "elsewhere", 72, "q"),
        ],
    )
    early = NOW - timedelta(days=90)
    before = await observations.hours(database, "p", early)
    assert [(hour.sent, hour.arrived) for hour in before] == [(4, 3), (1, 0)]
    assert before[0].begins <= NOW - timedelta(hours=72) < before[0].begins + timedelta(hours=1)
    # the three, then the one that never came, then nothing more: each is counted once
    for later in (timedelta(0), timedelta(days=28), timedelta(days=30)):
        await observations.prune(database, NOW + later)
        assert await observations.hours(database, "p", early) == before
    assert await observations.since(database, "p", early) == []
    assert [hour.sent for hour in await observations.hours(database, "q", early)] == [1]


async def test_a_window_comes_back_until_it_is_cancelled_or_over(database: Database) -> None:
    window = Window(
        id="w1",
        path="p",
        starts_at=NOW,
        ends_at=NOW + timedelta(hours=2),
        owner="Drift Ansvarig",
        reason="",
        by="test",
    )
    await windows.add(database, window)
    await windows.add(database, window)
    assert await windows.ending_after(database, NOW) == [window]
    assert await windows.ending_after(database, window.ends_at) == []
    assert await windows.cancel(database, "w1", NOW)
    assert not await windows.cancel(database, "w1", NOW)
    assert await windows.ending_after(database, NOW) == []


async def test_what_the_breaker_noted_is_found_though_another_incident_has_begun_since(
    database: Database,
) -> None:
    noted = an_outage(NOW, id="inc_noted", path="p", number=1)
    later = an_outage(NOW + timedelta(minutes=1), id="inc_later", path="p", number=1)
    event = IncidentEvent(
        incident=noted.id,
        number=1,
        kind=EventKind.UPDATED,
        at=NOW,
        because=Text("Stopp.", "Stopped."),
        by="breaker",
    )
    async with database.transaction() as db:
        await incidents.save(db, noted, [event])
        await incidents.save(db, later, [])
    book = Incidents(database)
    assert await book.is_noted("p", "breaker", NOW)
    assert not await book.is_noted("p", "breaker", NOW + timedelta(seconds=1))
    assert not await book.is_noted("q", "breaker", NOW)
    assert not await book.is_noted("p", "Anna", NOW)
