"""The daily test notice: every way to a person is used once a day, and must be taken in a minute.

Source: hazards, R11. It says of itself that nothing has happened; what was not taken shows in
`/healthz` and the metrics until the next day's was.
"""

import uuid
from datetime import datetime

from watchdog.model.calendar import STOCKHOLM
from watchdog.model.endpoint import DailyTest
from watchdog.model.health import Check, Fitness
from watchdog.model.ids import EVENT_NAMESPACE
from watchdog.notify.others import trial_notice
from watchdog.runtime import Watcher

LOOK_S, TAKEN_WITHIN_S = 10.0, 60.0
NAME = "notices:dailyTest"


class Daily:
    """Writes the day's test notices into the outbox; the same ones again are not stored twice."""

    def __init__(self, watcher: Watcher, test: DailyTest) -> None:
        self._watcher, self._test = watcher, test
        self._clock = watcher.runtime.clock
        self._written = ""
        self._begun: datetime | None = None

    async def turn(self) -> None:
        """Write today's once it is time, and see what came of them."""
        now = self._clock.now()
        local = now.astimezone(STOCKHOLM)
        if local.time() >= self._test.at and self._written != str(local.date()):
            await self._write(now, str(local.date()))
        if self._begun is not None and (now - self._begun).total_seconds() >= TAKEN_WITHIN_S:
            await self._look(now)
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

    async def _look(self, now: datetime) -> None:
        """How many of today's nobody has taken."""
        missing = 0
        for name in self._test.endpoints:
            stored = await self._watcher.runtime.outbox.get(_ident(self._written, name))
            missing += stored is None or stored.delivered_at is None
        self._watcher.lasting[NAME] = Check(
            name=NAME,
            value=missing,
            unit="notices not taken",
            fitness=Fitness.WARN if missing else Fitness.WELL,
            at=now,
        )


def _ident(day: str, endpoint: str) -> str:
    """One a day and endpoint, whichever node writes it."""
    return str(uuid.uuid5(EVENT_NAMESPACE, f"daily/{day}/{endpoint}"))
