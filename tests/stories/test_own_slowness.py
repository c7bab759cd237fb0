"""Our own slowness and blindness are no fault of the path, and no health either."""

import asyncio

from sqlalchemy import Table

from tests.support.patience import comes_true
from tests.support.world import PATHS, World
from watchdog.errors import StorageError
from watchdog.model.order import Arrival, Level, Order, OrderState
from watchdog.model.outage import Phase
from watchdog.orders.asking import Asking
from watchdog.service.recorder import HEARTBEATS_PER_VALIDITY
from watchdog.storage.engine import Row
from watchdog.storage.tables import path_states

PATH = PATHS["biztalk"]


class Crashing:
    """A reader with a bug of ours."""

    name, level, most = "crashing", Level.E6, 24

    async def look(self, wanted: object) -> list[Arrival]:
        raise AttributeError("a bug of ours")

    async def close(self) -> None:
        return


async def crash_the_readers(world: World) -> None:
    for reader, _ in world.runner._readers[PATH]:
        await reader.close()
    world.runner._readers[PATH] = [(Crashing(), Asking(24))]


async def test_a_reader_that_crashes_is_blindness_and_no_outage(world: World) -> None:
    await world.healthy(0.5)
    await crash_the_readers(world)
    await world.runner.listeners.pop(PATH).close()
    await world.state("unknown", 10)
    assert "outage" not in await world.states_during(4)


async def test_a_port_to_which_the_ris_tells_nothing_is_no_eye_beside_blind_readers(
    world: World,
) -> None:
    world.hospital.lanes["biztalk"].ris.feedback = None
    await world.healthy(0.5)
    watch = world.watcher.watches[PATH]

    async def not_fed_back() -> bool:
        return not watch.is_fed_back

    assert await comes_true(not_fed_back)
    await crash_the_readers(world)
    await world.state("unknown", 10)
    assert "outage" not in await world.states_during(4)


async def test_a_slow_database_makes_no_path_look_slow(world: World) -> None:
    await world.healthy(0.5)
    watch, book = world.watcher.watches[PATH], world.runtime.book
    save, slowed = book.save, list[str]()

    async def slow(*orders: Order) -> None:
        await save(*orders)
        if any(order.state is OrderState.ARRIVED for order in orders):
            slowed.append(orders[0].placer)
            await asyncio.sleep(1.5)

    book.save = slow  # type: ignore[method-assign]
    phases = set[Phase]()
    for _ in range(120):
        await asyncio.sleep(0.05)
        phases.add(watch.detector.phase)
    assert len(slowed) >= 3
    assert phases == {Phase.CLEAR}


async def test_orders_leave_and_arrivals_count_while_a_state_is_being_stored(world: World) -> None:
    await world.healthy(0.5)
    watch = world.watcher.watches[PATH]
    async with watch.lock:  # as whoever waits for the database with it
        began, before = world.clock.monotonic(), set(world.sent())
        await asyncio.sleep(2.5)
        life, left = watch.detector.life, set(world.sent()) - before
    assert left
    assert life is not None
    assert life > began


async def test_a_state_that_could_not_be_stored_is_stored_again_sooner_than_a_heartbeat(
    world: World,
) -> None:
    await world.healthy(0.5)
    watch, database = world.watcher.watches[PATH], world.runtime.database
    tries, put = list[float](), database.put

    async def failing(table: Table, *rows: Row) -> None:
        if table is not path_states:
            return await put(table, *rows)
        if rows[0]["path"] == PATH:
            tries.append(world.clock.monotonic())
        raise StorageError("the disk is full")

    database.put = failing  # type: ignore[method-assign]
    await asyncio.sleep(3)
    database.put = put  # type: ignore[method-assign]
    heartbeat_s = watch.config.cadence.valid_for_s / HEARTBEATS_PER_VALIDITY
    assert len(tries) > 1.5 * 3 / heartbeat_s
