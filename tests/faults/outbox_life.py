"""One life of the service: it takes a database over, declares and clears outages, and tells of them.

It is killed at the point that its plan names, or from outside; without either it ends when every
notice that is due has been delivered.
"""

import asyncio
import contextlib
import os
import random
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.faults import outbox_controls, outbox_points
from tests.faults.outbox_peers import AppendLog
from watchdog.clock import SystemClock
from watchdog.errors import StorageError, UnknownIncident
from watchdog.model.order import Arrival, Level
from watchdog.model.outage import Phase
from watchdog.model.routine import Routine
from watchdog.model.site import Config
from watchdog.runner.dispatch import Dispatcher
from watchdog.runner.startup import take_over
from watchdog.runtime import Runtime, Watcher, build, build_watcher
from watchdog.service.recorder import Recorder
from watchdog.service.watch import Watch
from watchdog.storage.engine import Database
from watchdog.storage.leader import Leadership

MOST_ORDERS, LOST_LEAD = 20, 4
AWAY_S, BACK_S = 0.15, 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one life is to do."""

    folder: str
    """Of the installation: its journal and the notes of its lives."""
    url: str
    seed: int
    point: str = ""
    nth: int = 0
    kill_after_s: float = 0.0
    """Zero: nobody kills it from outside."""
    control: str = ""
    """The bad variant that it runs; empty: the product as it is."""
    paths: tuple[str, ...] = ()
    """Where outages are declared one after the other; none: what is open is cleared and told."""
    outages: int = 0
    """How many on each path; 0: until it is killed."""
    pause_s: float = 0.06
    """The longest pause before a clear, and before the next outage."""
    stays: bool = False
    """Outages are not cleared."""
    goes_away: bool = False
    """Every now and then the database takes and answers nothing."""


class Life:
    """The product's own parts, wired by the product, and a person who declares and clears."""

    def __init__(self, plan: Plan, config: Config, routines: dict[str, Routine]) -> None:
        self._plan, self._config, self._routines = plan, config, routines
        self._chance = random.Random(plan.seed)
        self._notes = AppendLog(Path(plan.folder) / "notes.jsonl")

    async def live(self) -> None:
        began, plan = time.monotonic(), self._plan
        point = outbox_points.trap(plan.point, plan.nth)
        if plan.control:
            outbox_controls.CONTROLS[plan.control][0](point)
        outbox_points.set_points(point)
        self._note_commits()
        config = replace(self._config, journal_file=Path(plan.folder) / "journal.jsonl")
        runtime = build(config, self._routines, SystemClock(), plan.url)
        leadership = await _lead(runtime)
        watcher = await build_watcher(runtime)
        outbox_points.set_sending_points(watcher, point)
        await take_over(watcher)
        await self._first_answer(runtime, began)
        dispatcher = Dispatcher(watcher)
        watcher.outgoing.on_notices = dispatcher.kick.set
        beside = [asyncio.create_task(dispatcher.run()), asyncio.create_task(_keep(leadership))]
        if plan.goes_away:
            beside += [asyncio.create_task(self._go_away()), asyncio.create_task(_bring(runtime))]
        async with asyncio.TaskGroup() as group:
            for path in plan.paths or config.paths:
                group.create_task(self._outages(watcher, watcher.watches[path]))
        while await _left(runtime):
            await asyncio.sleep(0.02)
        for task in beside:
            task.cancel()
        await asyncio.wait(beside)
        await leadership.release()
        await watcher.sender.close()
        await runtime.close()

    async def _outages(self, watcher: Watcher, watch: Watch) -> None:
        made = 0
        while True:
            # as each tick of the service does: what the database did not take is stored again
            await watcher.advance._recorder.store_pending(watch)  # pyright: ignore[reportPrivateUsage]
            if watch.unstored:
                await asyncio.sleep(0.02)
                continue
            current = watch.incident
            if current is None or current.is_over:
                if not self._plan.paths or 0 < self._plan.outages <= made:
                    return
                await watcher.people.declare(watch.id, "eva.ek", "prov")
                made += 1
            if self._plan.stays and made:
                await asyncio.Event().wait()
            await asyncio.sleep(self._chance.uniform(0, self._plan.pause_s))
            await _prove(watcher, watch, always=self._plan.point in ORDER_POINTS)
            if watch.incident is not None:
                with contextlib.suppress(StorageError, UnknownIncident):  # away, or in the journal
                    await watcher.people.clear(watch.incident.id, "eva.ek", "prov")
            await asyncio.sleep(self._chance.uniform(0, self._plan.pause_s))

    async def _first_answer(self, runtime: Runtime, began: float) -> None:
        """What the new process publishes first, against what the database says is open."""
        stored = {i.path for i in await runtime.incidents.open() if i.is_outage}
        shown = {v.config.id for v in runtime.board.paths() if v.incident and v.incident.is_outage}
        took = time.monotonic() - began
        self._notes.write({"what": "answers", "took_s": took, "hidden": sorted(stored - shown)})

    def _note_commits(self) -> None:
        real, notes = Recorder._store, self._notes  # pyright: ignore[reportPrivateUsage]

        async def store(recorder: Any, watch: Any, incident: Any, *rest: Any) -> None:
            await real(recorder, watch, incident, *rest)
            notes.write({"what": "stored", "incident": incident.id, "at": time.monotonic()})

        Recorder._store = store  # pyright: ignore[reportPrivateUsage]

    async def _go_away(self) -> None:
        """Now and then every transaction and every read of this process fails."""
        real_transaction, real_read = Database.transaction, Database.read

        @contextlib.asynccontextmanager
        async def fails(_: Database) -> Any:
            raise StorageError("the database is away")
            yield

        while True:
            await asyncio.sleep(self._chance.uniform(0, BACK_S))
            Database.transaction = Database.read = fails  # pyright: ignore[reportAttributeAccessIssue]
            await asyncio.sleep(self._chance.uniform(0, AWAY_S))
            Database.transaction, Database.read = real_transaction, real_read


async def _lead(runtime: Runtime) -> Leadership:
    """The lead, as soon as the database has noticed that the one before is dead."""
    leadership = Leadership(runtime.database, runtime.clock)
    while not await leadership.take():
        await asyncio.sleep(0.01)
    runtime.leads, runtime.epoch_seen = leadership.holds, leadership.epoch_seen
    return leadership


async def _keep(leadership: Leadership) -> None:
    """A life that loses the lead, because the machine is busy, ends there and then."""
    await leadership.keep()
    os._exit(LOST_LEAD)


ORDER_POINTS = frozenset({"probe.before_send", "probe.after_send", "ack.recv", "marker.seen"})


async def _prove(watcher: Watcher, watch: Watch, *, always: bool) -> None:
    """Orders leave and are seen in the RIS until the detector lets a person clear."""
    for number in range(MOST_ORDERS):
        if watch.detector.phase is Phase.CLEAR and not (always and number == 0):
            return
        order = await watcher.desk.send(watch, "probe")
        while not watcher.runtime.leads():  # a late heartbeat; if the lead is lost, so is this life
            await asyncio.sleep(0.05)
        if watch.transmissions:
            await asyncio.wait(set(watch.transmissions))
        if order is not None:
            arrival = Arrival(placer=order.placer, level=Level.E6, reader="sql")
            await watcher.arrivals.arrived(watch, arrival)
    raise AssertionError(f"{watch.id} is {watch.detector.phase} after {MOST_ORDERS} orders")


async def _left(runtime: Runtime) -> bool:
    """True while something that is due waits to be told."""
    if len(runtime.journal):
        return True
    try:
        return await runtime.outbox.oldest_waiting(runtime.clock.now()) is not None
    except StorageError:
        return True


async def _bring(runtime: Runtime) -> None:
    while True:
        with contextlib.suppress(StorageError):
            await runtime.journal.bring_into(runtime.database)
        await asyncio.sleep(0.05)
