"""The morning report: once a day, to everybody with the role `administrators`."""

from datetime import datetime, timedelta

from watchdog.model.calendar import STOCKHOLM
from watchdog.model.incident import Incident
from watchdog.notify.others import morning_report
from watchdog.runtime import Watcher

LOOK_S = 30.0
MOST = 500


class Reports:
    """Writes the day's reports into the outbox; the same ones again are not stored twice."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self._clock = watcher.runtime.clock
        self._written = ""

    async def turn(self) -> None:
        """Write today's reports once it is time; a service that was down writes them late."""
        now = self._clock.now()
        local = now.astimezone(STOCKHOLM)
        if local.time() >= self._watcher.runtime.config.report_at and self._written != str(
            local.date()
        ):
            await self.write(now)
            self._written = str(local.date())
        await self._clock.sleep(LOOK_S)

    async def write(self, now: datetime) -> int:
        """Today's reports; how many there are."""
        runtime, outgoing = self._watcher.runtime, self._watcher.outgoing
        readers = [e for e in runtime.board.endpoints if e.role == "administrators"]
        if not readers:
            return 0
        local = now.astimezone(STOCKHOLM)
        due = datetime.combine(local.date(), runtime.config.report_at, STOCKHOLM)
        since = due - timedelta(days=1)  # by the clock on the wall, also when summer time changes
        found = await runtime.incidents.listed(limit=MOST)
        first = outgoing.places(len(readers))
        notices = [
            morning_report(
                reader,
                [i for i in found if i.site in reader.sites and _concerns(i, since)],
                since=since,
                now=now,
                instance=runtime.config.instance,
                sites=runtime.config.sites,
                order=first + place,
            )
            for place, reader in enumerate(readers)
        ]
        await runtime.outbox.add(notices)
        outgoing.on_notices()
        return len(notices)


def _concerns(incident: Incident, since: datetime) -> bool:
    """Declared since then, or not over yet; drills happened to nobody."""
    new = incident.declared_at is not None and incident.declared_at >= since
    return not incident.drill and (new or not incident.is_over)
