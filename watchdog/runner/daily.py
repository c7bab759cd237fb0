"""The daily test: every way to a person is used once a day, and must be taken in a minute.

Source: hazards, R11. It says of itself that nothing has happened; what was not taken shows in
`/healthz` and the metrics until it is, or the next day's were. With `drill`, an incident goes the whole way
too: declared, stored with its notices, told, ended, told.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog

from watchdog.errors import Refused, StorageError
from watchdog.model.calendar import STOCKHOLM
from watchdog.model.endpoint import DailyTest
from watchdog.model.health import Check, Fitness
from watchdog.model.ids import EVENT_NAMESPACE
from watchdog.model.notice import Notice
from watchdog.notify.others import trial_notice
from watchdog.runtime import Watcher
from watchdog.service.drilling import DAILY

log = structlog.get_logger()
LOOK_S = 10.0
TAKEN_WITHIN = timedelta(seconds=60)
NAME, DRILL = "notices:dailyTest", "notices:dailyDrill"
TOLD_IN_DRILL = 2
"""Each endpoint is told of the beginning and of the end."""


class Daily:
    """Writes the day's test notices into the outbox; the same ones again are not stored twice."""

    def __init__(self, watcher: Watcher, test: DailyTest) -> None:
        self._watcher, self._test = watcher, test
        self._clock = watcher.runtime.clock
        self._written = ""
        self._begun: datetime | None = None
        self._drilled = ""
        self._drill_begun: datetime | None = None

    async def turn(self) -> None:
        """Begin today's once it is time, and see what came of it."""
        now = self._clock.now()
        local = now.astimezone(STOCKHOLM)
        if local.time() >= self._test.at:
            day = str(local.date())
            if self._written != day:
                await self._write(now, day)
            if self._test.drill and self._drilled != day:
                await self._drill(day)
        if self._begun is not None and now >= self._begun + TAKEN_WITHIN:
            await self._look(now)
        if self._drill_begun is not None and now >= self._drill_begun + DAILY + TAKEN_WITHIN:
            await self._look_at_drill(now)
        await self._clock.sleep(LOOK_S)

    async def _write(self, now: datetime, day: str) -> None:
        runtime, outgoing = self._watcher.runtime, self._watcher.outgoing
        known = {endpoint.id: endpoint for endpoint in runtime.config.endpoints}
        first = outgoing.places(len(self._test.endpoints))
        notices = [
            trial_notice(
                known[name],
                ident=_ident(day, name),
                now=now,
                instance=runtime.config.instance,
                sites=runtime.config.sites,
                by="den dagliga kontrollen",
                order=first + place,
            )
            for place, name in enumerate(self._test.endpoints)
        ]
        await runtime.outbox.add(notices)
        outgoing.on_notices()
        self._written, self._begun = day, now

    async def _drill(self, day: str) -> None:
        """Hold today's drill, unless this or another node has; a real incident puts it off."""
        ident, incidents = f"inc_{_ident(day, 'drill')}", self._watcher.runtime.incidents
        try:
            if await incidents.get(ident) is None:
                await self._watcher.drilling.daily(self._test.drill, ident, self._test.endpoints)
            held = await incidents.get(ident)
        except (Refused, StorageError) as error:
            log.warning("no_daily_drill_yet", path=self._test.drill, error=str(error))
            return
        if held is not None:
            self._drilled, self._drill_begun = day, held.opened_at

    async def _look(self, now: datetime) -> None:
        """How many of today's nobody has taken."""
        outbox = self._watcher.runtime.outbox
        stored = [await outbox.get(_ident(self._written, name)) for name in self._test.endpoints]
        self._show(NAME, len(self._test.endpoints) - _taken(stored), now)

    async def _look_at_drill(self, now: datetime) -> None:
        """How many notices of today's drill were not taken, or not even written."""
        ident = f"inc_{_ident(self._drilled, 'drill')}"
        stored = await self._watcher.runtime.outbox.of_incident(ident)
        self._show(DRILL, TOLD_IN_DRILL * len(self._test.endpoints) - _taken(stored), now)

    def _show(self, name: str, missing: int, now: datetime) -> None:
        self._watcher.lasting[name] = Check(
            name=name,
            value=missing,
            unit="notices not taken",
            fitness=Fitness.WARN if missing else Fitness.WELL,
            at=now,
        )


def _taken(stored: Iterable[Notice | None]) -> int:
    return sum(notice is not None and notice.delivered_at is not None for notice in stored)


def _ident(day: str, what: str) -> str:
    """One a day and endpoint, or drill, whichever node writes it."""
    return str(uuid.uuid5(EVENT_NAMESPACE, f"daily/{day}/{what}"))
