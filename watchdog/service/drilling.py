"""Drills: the whole chain of notices, marked as a drill everywhere, while nothing has happened.

What clinics are told by the status API stays as it is: a drill is for the people who are rung up, who
acknowledge, and for whoever stands in for them. It ends by itself, and at once when it becomes serious.
"""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from watchdog.clock import Clock
from watchdog.errors import Refused, StorageError
from watchdog.incidents import life
from watchdog.incidents.acknowledge import acknowledge
from watchdog.incidents.setting import Setting, Step
from watchdog.model.ids import uuid7
from watchdog.model.incident import Incident
from watchdog.model.outage import Phase, Reason, State
from watchdog.model.site import Config, Watched
from watchdog.service.advance import Advance
from watchdog.service.board import Board
from watchdog.service.recorder import Outgoing, Recorder
from watchdog.service.told import Told
from watchdog.service.views import PathView
from watchdog.service.watch import Watch
from watchdog.storage.engine import Database
from watchdog.storage.incidents import Incidents
from watchdog.storage.journal import Journal

log = structlog.get_logger()
LONGEST = timedelta(hours=1)
DAILY = timedelta(minutes=1)
"""How long a drill of the machine's own lasts."""
DAILY_REASON = "den dagliga kontrollen av larmkedjan"


@dataclass(slots=True, kw_only=True)
class Drill(Told[Watched]):
    """One drill on one path; the path itself is not touched."""

    of: Watch
    previous: State = State.NORMAL


def _drill(watch: Watch, incident: Incident | None) -> Drill:
    return Drill(
        of=watch, config=watch.config, site=watch.site, routine=watch.routine, incident=incident
    )


class Drilling:
    """Begins, follows and ends drills."""

    def __init__(
        self,
        watches: Mapping[str, Watch],
        *,
        advance: Advance,
        config: Config,
        database: Database,
        board: Board,
        incidents: Incidents,
        outgoing: Outgoing,
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._watches, self._advance, self._clock = watches, advance, clock
        self._incidents = incidents
        self._open: dict[str, Drill] = {}
        self._lock = asyncio.Lock()
        """Held while a drill is changed: people ask while time passes."""
        self._recorder = Recorder[Drill](
            config,
            database,
            board,
            clock,
            outgoing,
            journal=journal,
            view=self._view,
            state=lambda drill: advance.views.state(drill.of),
        )

    def of(self, ident: str) -> Drill | None:
        """The drill with this incident's id, while it lasts."""
        return self._open.get(ident)

    async def begin(self, path: str, by: str, reason: str) -> str:
        """Everybody who would be told of an outage of this path is told of a drill. Its id."""
        ident = f"inc_{uuid7(self._clock.now(), secrets.token_bytes(10))}"
        async with self._lock:
            return await self._begin(path, by, reason, ident)

    async def daily(self, path: str, ident: str, audience: tuple[str, ...]) -> None:
        """A drill for these endpoints alone, whom nobody asks to acknowledge; it ends by itself."""
        async with self._lock:
            await self._begin(path, "remissvakt", DAILY_REASON, ident, " ".join(audience))

    async def _begin(self, path: str, by: str, reason: str, ident: str, audience: str = "") -> str:
        watch = self._watches.get(path)
        if watch is None:
            known = ", ".join(sorted(self._watches))
            raise Refused(f"No path is called {path[:60]}: drills are for {known}.")
        if watch.incident is not None and not watch.incident.is_over:
            raise Refused(f"{path} has a real incident, {watch.incident.id}: no drill now.")
        if any(drill.id == path for drill in self._open.values()):
            raise Refused(f"A drill on {path} is under way: end it first.")
        now = self._clock.now()
        opened = Incident(
            id=ident,
            path=path,
            site=watch.site.id,
            scenario=watch.config.scenario,
            reason=Reason.DECLARED_BY_HAND,
            opened_at=now,
            drill=True,
            audience=audience,
        )
        drill = _drill(watch, None)
        setting = self._setting(drill, opened)
        self._open[opened.id] = drill  # first: a store that is late may still be carried out
        await self._record(drill, life.declare_by_hand(opened, setting, by, reason))
        if drill.unstored:
            raise StorageError(
                f"Drill {opened.id} is told as soon as the database takes it: end it if that is late."
            )
        return opened.id

    async def end(self, ident: str, by: str, reason: str) -> str:
        """Everybody who was told of the drill is told that it is over."""
        async with self._lock:
            return await self._end(ident, by, reason)

    async def _end(self, ident: str, by: str, reason: str) -> str:
        drill = self._open.get(ident)
        if drill is None or drill.incident is None:
            raise Refused(f"No drill is called {ident[:60]}, or it has ended.")
        setting = self._advance.setting(drill.of)
        incident, events = life.clear_by_hand(drill.incident, setting, by, reason, Phase.CLEAR)
        if incident is not None:  # there is no paper to enter afterwards
            closed = replace(incident, closed_at=setting.now, closed_by=by, close_reason=reason)
            await self._record(drill, (closed, events))
        if drill.unstored:
            return f"Drill {ident} ends as soon as the database takes it."
        del self._open[ident]
        return f"Drill {ident} has ended."

    async def acknowledge(self, ident: str, endpoint: str, name: str, by: str) -> str:
        """A person has seen the drill, as they would a real outage."""
        async with self._lock:
            drill = self._open.get(ident)
            if drill is None or drill.incident is None:
                raise Refused(f"Drill {ident} has ended.")
            setting = self._advance.setting(drill.of)
            await self._record(drill, acknowledge(drill.incident, setting, endpoint, name, by))
        return f"{endpoint} has acknowledged drill {ident}."

    async def turn(self) -> None:
        """What time does to drills: somebody is silent, it lasts too long, or it becomes serious."""
        for ident, drill in list(self._open.items()):
            async with self._lock:
                await self._time_passes(ident, drill)
        await self._clock.sleep(1.0)

    async def _time_passes(self, ident: str, drill: Drill) -> None:
        await self._recorder.store_pending(drill)
        incident = drill.incident
        if incident is None or incident.is_over:
            if not drill.unstored:  # its end is told when the database has taken it
                self._open.pop(ident, None)
        elif drill.of.incident is not None and drill.of.incident.is_outage:
            log.warning("drill_became_serious", path=drill.id)
            await self._end(ident, "remissvakt", "det är skarpt läge, övningen avbryts")
        elif incident.audience and self._clock.now() >= incident.opened_at + DAILY:
            await self._end(ident, "remissvakt", DAILY_REASON)
        elif self._clock.now() >= incident.opened_at + LONGEST:
            await self._end(ident, "remissvakt", "övningen har pågått en timme")
        else:
            await self._record(drill, life.clock(incident, self._setting(drill, incident)))

    async def take_over(self) -> None:
        """Drills that an earlier run or another node began go on here."""
        for incident in await self._incidents.open_drills():
            watch = self._watches.get(incident.path)
            if watch is not None:
                self._open[incident.id] = _drill(watch, incident)

    def _setting(self, drill: Drill, incident: Incident) -> Setting:
        """This moment; nobody is asked to acknowledge what the machine exercises with itself."""
        setting = self._advance.setting(drill.of)
        return replace(setting, asked=()) if incident.audience else setting

    async def _record(self, drill: Drill, step: Step) -> None:
        await self._recorder.record(drill, step)

    def _view(self, drill: Drill) -> PathView:
        """The path as it would be seen if this were serious: notices tell what clinics would do."""
        view = self._advance.views.view(drill.of)
        mono = self._clock.monotonic()
        snapshot = replace(
            view.snapshot,
            phase=Phase.DECLARED,
            reason=Reason.DECLARED_BY_HAND,
            evaluated_mono=mono,
            declared_by_hand=True,
        )
        return replace(view, snapshot=snapshot, incident=drill.incident)
