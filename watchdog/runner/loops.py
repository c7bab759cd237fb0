"""The loops of each path of a watching process: pace, tick, look, control, clean up.

A reader that crashes is logged, its look counts as blindness, and the others live on.
"""

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime

import structlog

from watchdog.errors import StorageError
from watchdog.model.observation import ARRIVALS, Ev, Event
from watchdog.model.order import Arrival, Order
from watchdog.orders.asking import Asking
from watchdog.probes import control, registry
from watchdog.probes.base import ArrivalReader, CannotLook, Wanted
from watchdog.probes.listener import FeedbackListener, ListenerSettings
from watchdog.probes.tap import Tap, TapSettings
from watchdog.runner.common import CommonLoops, Turn, ended, forever
from watchdog.runner.daily import Daily
from watchdog.runner.database_control import DatabaseControl
from watchdog.runner.dispatch import Dispatcher
from watchdog.runner.heartbeat import Heartbeats
from watchdog.runner.peers import Peering
from watchdog.runner.reports import Reports
from watchdog.runner.selfcheck import SelfCheck
from watchdog.runner.startup import take_over
from watchdog.runner.systems import SystemLoops
from watchdog.runtime import Watcher
from watchdog.service.arrivals import Shown
from watchdog.service.group_watch import GroupWatch
from watchdog.service.watch import Watch
from watchdog.storage import observations
from watchdog.within import within

log = structlog.get_logger()
MOST_NAP_S = 60.0
LAST_OBSERVATIONS_S = 2.0
SHARED_PART = 0.1
"""Of the control interval: so long one path's answer of the database is good for the others."""


class Runner:
    """Runs every loop until cancelled."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self._clock = watcher.runtime.clock
        self._readers: dict[str, list[tuple[ArrivalReader, Asking]]] = {}
        self.taps: dict[str, dict[str, int]] = {}
        """The ports of each path's tap, by side."""
        self.listeners: dict[str, FeedbackListener] = {}
        self._shown: dict[str, asyncio.Queue[tuple[Shown, datetime, set[str]]]] = {
            path: asyncio.Queue() for path in watcher.watches
        }
        """By path, what looks showed and when they began, and which orders none of them showed."""
        self.dispatcher = Dispatcher(watcher)
        self._database = DatabaseControl(watcher.runtime.database, watcher.runtime.clock)
        self._crashed: set[tuple[str, str]] = set()
        self._common = CommonLoops(watcher)
        self.ready = asyncio.Event()

    async def run(self) -> None:
        """Take over, then watch. Cancelling it stops sending, then closes what was opened."""
        watcher = self._watcher
        await take_over(watcher)
        await self._open()
        watcher.outgoing.on_notices = self.dispatcher.kick.set
        try:
            async with asyncio.TaskGroup() as group:
                for watch in watcher.watches.values():
                    group.create_task(self._forever(watch, self._pace))
                    group.create_task(self._forever(watch, self._tick))
                    group.create_task(self._forever(watch, self._look))
                    group.create_task(self._forever(watch, self._store_shown))
                    group.create_task(self._forever(watch, self._control))
                    group.create_task(self._forever(watch, self._clean_up))
                for system_group in watcher.groups.watches.values():
                    group.create_task(self._follow(system_group))
                for turn in self._common.turns():
                    group.create_task(forever(turn, turn.__name__, "", self._clock))
                group.create_task(self.dispatcher.run())
                group.create_task(SystemLoops(watcher).run())
                group.create_task(Peering(watcher.runtime).run())
                for name, turn in self._beside():
                    group.create_task(forever(turn, name, "", self._clock))
                self.ready.set()
        finally:
            await self._close()

    def _beside(self) -> Iterator[tuple[str, Turn]]:
        """What is not about one path."""
        yield "report", Reports(self._watcher).turn
        yield "drills", self._watcher.drilling.turn
        yield "self_check", SelfCheck(self._watcher).turn
        config = self._watcher.runtime.config
        if config.heartbeat is not None:
            yield "heartbeat", Heartbeats(self._watcher, config.heartbeat).turn
        if config.daily_test is not None:
            yield "daily_test", Daily(self._watcher, config.daily_test).turn

    async def _open(self) -> None:
        for watch in self._watcher.watches.values():
            made = (registry.make(settings) for settings in watch.config.readers)
            self._readers[watch.id] = [(r, Asking(r.most)) for r in made if r is not None]
            if watch.config.tap is not None:
                tap = self._tap(watch, watch.config.tap)
                self.taps[watch.id] = await tap.start()
                self._watcher.taps[watch.id] = tap
                log.info("tapping", path=watch.id, ports=self.taps[watch.id])
            for settings in watch.config.readers:
                if isinstance(settings, ListenerSettings):
                    listener = self._listener(watch, settings)
                    port = await listener.start()
                    self.listeners[watch.id] = listener
                    log.info("listening", path=watch.id, port=port)
        ours = {listener.port for listener in self.listeners.values()}
        ours |= {port for ports in self.taps.values() for port in ports.values()}
        self._watcher.sender.webhook.own_ports |= ours  # no notice goes to ourselves

    def _listener(self, watch: Watch, settings: ListenerSettings) -> FeedbackListener:
        arrivals = self._watcher.arrivals
        return FeedbackListener(
            settings,
            path=watch.id,
            key=self._watcher.runtime.key,
            heard=lambda arrival: arrivals.arrived(watch, arrival),
            clock=self._clock,
        )

    def _tap(self, watch: Watch, settings: TapSettings) -> Tap:
        async def seen(event: Event) -> None:
            await self._watcher.advance.advance(watch, (event,))

        return Tap(settings, secret=self._watcher.runtime.key, seen=seen, clock=self._clock)

    async def _close(self) -> None:
        await self._common.close()
        for tap in self._watcher.taps.values():
            await tap.close()
        for listener in self.listeners.values():
            await listener.close()
        for watch in self._watcher.watches.values():
            await ended(watch.transmissions)
            await watch.client.close()
            for reader, _ in self._readers.get(watch.id, []):
                await reader.close()
        with contextlib.suppress(StorageError):
            await within(
                LAST_OBSERVATIONS_S,
                observations.append(
                    self._watcher.runtime.database, self._watcher.advance.observed()
                ),
            )
        await self._watcher.sender.close()

    async def _forever(self, watch: Watch, turn: Callable[[Watch], Awaitable[None]]) -> None:
        await forever(lambda: turn(watch), turn.__name__, watch.id, self._clock)

    # ---- one turn of each loop

    async def _pace(self, watch: Watch) -> None:
        """Send when the detector wants it; sleep until then, or until something changes."""
        mono = self._clock.monotonic()
        due = watch.detector.next_probe_at(mono)
        if due <= mono:
            sent = await self._watcher.desk.send(watch)
            if sent is None:
                await self._clock.sleep(watch.config.cadence.tick_s)
            return
        watch.kick.clear()
        nap = min(due - mono, MOST_NAP_S) if not math.isinf(due) else MOST_NAP_S
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(nap):
                await watch.kick.wait()

    async def _tick(self, watch: Watch) -> None:
        """Evaluate when it is wanted; what is observed meanwhile may bring that forward."""
        nap = self._watcher.advance.wanted_at(watch) - self._clock.monotonic()
        if nap <= 0:
            await self._watcher.advance.advance(watch)
        elif watch.stirred.is_set():
            await self._clock.sleep(nap)
        else:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(nap):
                    await watch.stirred.wait()

    async def _follow(self, watch: GroupWatch) -> None:
        """A group of systems, evaluated each tick of its cadence."""

        async def turn() -> None:
            await self._watcher.groups.advance(watch)
            await self._clock.sleep(watch.config.cadence.tick_s)

        await forever(turn, "follow", watch.id, self._clock)

    async def _look(self, watch: Watch) -> None:
        """One round of looks by every polling reader of the path."""
        readers = self._readers[watch.id]
        if not readers:
            await self._clock.sleep(MOST_NAP_S)
            return
        wanted = watch.to_ask_about()
        cadence = watch.config.cadence
        if not wanted:
            await self._clock.sleep(cadence.reader_poll_s)
            return
        began, looked_at = self._clock.monotonic(), self._clock.now()
        asked = [asking.choose(wanted) for _, asking in readers]
        looks = await asyncio.gather(
            *(self._ask(watch, each[0], about) for each, about in zip(readers, asked, strict=True))
        )
        # our sight first: an order found after blindness says nothing of the path's speed
        watch.reads = any(found is not None for found in looks)
        told = watch.id in self.listeners and watch.is_fed_back
        if not watch.reads and not told:
            self._sight(watch, Ev.CONTROL_FAIL)
        elif watch.detector.sight.readers_failed and watch.reads:
            self._sight(watch, Ev.CONTROL_OK)
        watch.detector.sight.looked(began if watch.reads else None)
        arrivals = [arrival for found in looks for arrival in found or ()]
        gone = set[str]()
        if None not in looks:  # gone means: gone from every list
            gone = set[str].intersection(*({o.placer for o in about} for about in asked))
            gone -= {arrival.placer for arrival in arrivals}
        shown = self._watcher.arrivals.notice(watch, arrivals)
        if shown.is_news or gone:
            self._shown[watch.id].put_nowait((shown, looked_at, gone))
        spent = self._clock.monotonic() - began
        await self._clock.sleep(max(cadence.reader_poll_s - spent, 0.01))

    async def _store_shown(self, watch: Watch) -> None:
        """What looks showed is stored beside them: a slow database makes nobody look more seldom."""
        shown, looked_at, gone = await self._shown[watch.id].get()
        await self._watcher.arrivals.store(watch, shown)
        await self._watcher.cleaner.read_back(watch, looked_at, gone)

    async def _ask(
        self, watch: Watch, reader: ArrivalReader, orders: list[Order]
    ) -> list[Arrival] | None:
        """What the reader saw; None if it could not look, or not in time."""
        wanted = [
            Wanted(placer=order.placer, filler=order.filler, control_id=order.control_id)
            for order in orders
        ]
        patience = min(5.0, max(0.5, watch.config.cadence.interval_s / 2))
        try:
            async with asyncio.timeout(patience):
                found = await reader.look(wanted)
            self._crashed.discard((watch.id, reader.name))
            return found  # noqa: TRY300 - the look and what it means belong together
        except (CannotLook, TimeoutError) as error:
            log.debug("cannot_look", path=watch.id, reader=reader.name, why=str(error)[:200])
            return None
        except Exception:  # a crash of ours is blindness too, never evidence
            if (watch.id, reader.name) not in self._crashed:  # once, not ten times a second
                self._crashed.add((watch.id, reader.name))
                log.exception("reader_crashed", path=watch.id, reader=reader.name)
            return None

    async def _control(self, watch: Watch) -> None:
        """Is anything to be seen at all? A configured address, or the database as the last resort."""
        controls = watch.config.controls
        if controls:
            passed = any(await asyncio.gather(*(control.passes(c) for c in controls)))
        else:
            share = SHARED_PART * watch.config.cadence.control_every_s
            passed = await self._database.answers(share, watch.detector.flight.newest_sent)
        event = self._control_event(Ev.CONTROL_OK if passed else Ev.CONTROL_FAIL)
        await self._watcher.advance.advance(watch, (event,))
        await self._clock.sleep(watch.config.cadence.control_every_s)

    async def _clean_up(self, watch: Watch) -> None:
        await self._watcher.keeper.store_again(watch)
        await self._watcher.cleaner.gave_up(watch)
        await self._watcher.cleaner.cancel_due(watch)
        await self._clock.sleep(min(1.0, watch.config.cadence.cancel_every_s / 4))

    # ---- inside

    def _sight(self, watch: Watch, ev: Ev) -> None:
        self._watcher.advance.observe(watch, (self._control_event(ev, ARRIVALS),))

    def _control_event(self, ev: Ev, scope: str = "") -> Event:
        mono, now = self._clock.monotonic(), self._clock.now()
        return Event(ev=ev, mono=mono, t=now.timestamp(), scope=scope)
