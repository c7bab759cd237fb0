"""What went wrong once and must not again: races, restarts and doubts of the order path."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import Table

from tests.support.patience import comes_true
from tests.support.world import World
from watchdog.errors import StorageError
from watchdog.model.order import Arrival, Level, Order, OrderState
from watchdog.model.outage import Phase
from watchdog.simulator.faults import FaultKind
from watchdog.storage.engine import Row
from watchdog.storage.requests import Request

PATH = "halland_vas_biztalk_ris"


async def test_a_late_result_of_a_transmission_does_not_bring_a_cancelled_order_back(
    world: World,
) -> None:
    await world.healthy(0.5)
    await world.breaks(FaultKind.WRONG_ACK_ID)  # the result comes after the order was cancelled
    await asyncio.sleep(4)
    await world.mends()
    await world.cleaned()
    await asyncio.sleep(2.5)

    async def all_cancelled() -> bool:
        return set(await world.runtime.book.counts()) == {"cancelled"}

    assert await comes_true(all_cancelled)


async def test_an_order_that_waits_for_its_commit_does_not_leave_after_a_stop(world: World) -> None:
    await world.healthy(0.5)
    watch = world.watcher.watches[PATH]
    book = world.runtime.book
    save, hold = book.save, asyncio.Event()
    held: list[str] = []

    async def slow(*orders: Order) -> None:
        await save(*orders)
        if orders[0].path == PATH and orders[0].state is OrderState.SENDING:
            held.append(orders[0].placer)
            await hold.wait()

    book.save = slow  # type: ignore[method-assign]
    waiting = asyncio.create_task(world.watcher.desk.send(watch, "probe"))
    await asyncio.sleep(0.2)
    await world.watcher.people.stop(PATH, "story", "stop while an order waits")
    hold.set()
    assert await waiting is None
    await asyncio.sleep(0.5)
    assert held
    assert not set(held) & set(world.sent())


async def test_an_order_that_waits_for_its_connection_does_not_leave_after_a_stop(
    world: World,
) -> None:
    await world.healthy(0.5)
    watch = world.watcher.watches[PATH]
    connect, hold = watch.client._connect, asyncio.Event()

    async def slow() -> object:
        await hold.wait()
        return await connect()

    watch.client._connect = slow  # type: ignore[method-assign]
    await watch.client.close()
    order = await world.watcher.desk.send(watch, "probe")
    assert order is not None
    await world.watcher.people.stop(PATH, "story", "stop while an order waits")
    hold.set()

    async def refused() -> bool:
        stored = await world.runtime.book.get(order.placer)
        return stored is not None and stored.state is OrderState.REFUSED

    assert await comes_true(refused)
    assert order.placer not in world.sent()
    assert watch.detector.flight.find(order.placer) is None  # its absence accuses nobody


async def test_an_order_that_waits_to_be_cancelled_is_not_stored_at_every_look(
    world: World,
) -> None:
    await world.healthy(0.5)
    watch, book = world.watcher.watches[PATH], world.runtime.book
    save, stored = book.save, dict[str, list[float]]()

    async def noted(*orders: Order) -> None:
        for order in orders:
            if order.state is OrderState.ARRIVED:
                stored.setdefault(order.placer, []).append(world.clock.monotonic())
        await save(*orders)

    book.save = noted  # type: ignore[method-assign]
    watch.cancels_held = True
    await asyncio.sleep(3)
    watch.cancels_held = False

    assert stored
    assert [at for times in stored.values() for at in times if at - times[0] > 1] == []


async def test_a_probe_on_a_path_that_a_person_stopped_is_refused(world: World) -> None:
    await world.healthy(0.2)
    await world.watcher.people.stop(PATH, "story", "stopped")
    for kind in ("probe", "commission"):
        request = Request(
            id=kind, kind=kind, arguments={"path": PATH}, by="x", at=datetime.now(UTC)
        )
        outcome, detail = await world.watcher.people.carry_out(request)
        assert outcome == "refused"
        assert "stopped" in detail


async def test_a_resume_whose_answer_cannot_be_stored_lifts_no_later_rejection(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.healthy(0.2)
    people, requests = world.watcher.people, world.runtime.requests
    await people.stop(PATH, "story", "stopped")
    done, tries, resumed = requests.done, list[str](), list[str]()

    async def away(request: Request, *_: object) -> None:
        tries.append(request.id)
        raise StorageError("the database is away")

    async def resume(path: str, by: str, reason: str) -> str:
        resumed.append(path)
        return "Sending goes on."

    monkeypatch.setattr(requests, "done", away)
    monkeypatch.setattr(people, "resume", resume)
    wish = {"path": PATH, "reason": "it is mended"}
    await requests.add(
        Request(id="r1", kind="resume", arguments=wish, by="x", at=datetime.now(UTC))
    )

    async def tried_thrice() -> bool:
        return len(tries) >= 3

    assert await comes_true(tried_thrice)
    monkeypatch.setattr(requests, "done", done)

    async def answered() -> bool:
        found = await requests.get("r1")
        return found is not None and found.outcome == "done"

    assert await comes_true(answered)
    assert resumed == [PATH]


async def test_an_order_that_the_ris_cancelled_by_itself_has_arrived(world: World) -> None:
    await world.healthy(0.2)
    await world.stop_sending()
    await asyncio.sleep(1)
    watch = world.watcher.watches[PATH]
    order = replace(
        await _an_order(world), state=OrderState.ACKNOWLEDGED, e5_at=None, e6_at=None, ended_at=None
    )
    watch.put(order, ended=False)
    seen = Arrival(placer=order.placer, level=Level.E6, reader="sql", cancelled=True)
    await world.watcher.arrivals.arrived(watch, seen)

    async def cancelled() -> bool:  # the path's own reader sees it as well
        stored = await world.runtime.book.get(order.placer)
        assert stored is not None
        return stored.state is OrderState.CANCELLED and Level.E6 in stored.levels

    assert await comes_true(cancelled)


async def test_an_arrival_that_is_not_ours_changes_nothing_and_is_counted(world: World) -> None:
    await world.healthy(0.2)
    watch, arrivals = world.watcher.watches[PATH], world.watcher.arrivals
    order = await _an_order(world)
    forged = Arrival(placer=order.placer[:-1] + "0", level=Level.E6, reader="sql")
    assert forged.placer != order.placer
    before = arrivals.ignored
    for arrival in (forged, replace(forged, placer="WD0"), replace(forged, placer="A person's")):
        await arrivals.arrived(watch, arrival)
    assert arrivals.ignored == before + 3
    assert not {"WD0", "A person's", forged.placer} & set(watch.orders)
    metrics = (await world.http.get("/metrics")).text
    counted = next(x for x in metrics.splitlines() if x.startswith("remissvakt_arrivals_ignored_t"))
    assert float(counted.split()[-1]) >= before + 3


async def test_an_arrival_counts_though_the_database_does_not_take_it(world: World) -> None:
    await world.healthy(0.5)
    put, failing = world.runtime.database.put, True

    async def maybe(table: Table, *rows: Row) -> None:
        if failing:
            raise StorageError("the disk is full")
        await put(table, *rows)

    watch = world.watcher.watches[PATH]
    order = await world.watcher.desk.send(watch, "probe")
    assert order is not None
    world.runtime.database.put = maybe  # type: ignore[method-assign]
    await asyncio.sleep(1.5)
    assert watch.detector.phase is Phase.CLEAR
    failing = False
    await world.cleaned()
    stored = await world.runtime.book.get(order.placer)
    assert stored is not None
    assert stored.state is OrderState.CANCELLED


async def test_notices_survive_a_dead_receiver_in_both_directions(world: World) -> None:
    await world.healthy()
    world.hospital.hooks.down = True
    await world.breaks(FaultKind.SWALLOW)
    await world.until(lambda told: told["workflow"]["urgent"] == "paper_and_fax")
    await world.mends()
    await world.state("normal")
    assert world.hospital.hooks.received == []
    world.hospital.hooks.down = False
    await world.hooked("cleared", "tib_halland")
    kinds = [
        hook["type"].split(".")[-2]
        for hook in world.hospital.hooks.received
        if hook["endpoint"] == "tib_halland"
    ]
    # a machine with much else to do may see it relapse
    assert kinds == ["advice_changed", "recovering"] * max(1, len(kinds) // 2) + ["cleared"]
    cleared = world.hooks("cleared", "tib_halland")[0]["data"]
    assert (cleared["state"], cleared["workflow"]["urgent"]) == ("normal", "electronic")


async def _an_order(world: World) -> Order:
    """One that was cancelled, as soon as there is one."""
    ended: list[Order] = []

    async def found() -> bool:
        ended[:] = await world.runtime.book.find(states=(OrderState.CANCELLED,), path=PATH)
        return bool(ended)

    assert await comes_true(found)
    return ended[-1]


async def test_somebody_who_works_on_our_order_stops_the_sending(world: World) -> None:
    await world.healthy(0.2)
    world.hospital.lanes["biztalk"].ris.act_on = True
    await world.until(lambda told: told["reason"] == "probe_rejected", 10)

    async def told() -> bool:
        heard = [hook["data"]["because"]["en"] for hook in world.hooks("updated", "it")]
        return any(line.startswith("Somebody works on test order WD") for line in heard)

    assert await comes_true(told)
    assert (await world.path())["sending"] == "rejected"
    # sending has stopped already: that somebody works on another one is told all the same, once
    world.hospital.lanes["biztalk"].ris.act_on = False
    other = replace(await _an_order(world), state=OrderState.ACKNOWLEDGED, ended_at=None)
    seen = Arrival(placer=other.placer, level=Level.E6, reader="sql", acted_on="started")
    for _ in range(2):
        await world.watcher.arrivals.arrived(world.watcher.watches[PATH], seen)

    async def told_of_the_other() -> bool:
        heard = [hook["data"]["because"]["en"] for hook in world.hooks("updated", "it")]
        return len([line for line in heard if other.placer in line]) == 1

    assert await comes_true(told_of_the_other)
