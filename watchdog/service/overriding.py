"""Clears against failing probes, carried out: asked, confirmed, published, run out (hazard R10)."""

import secrets
from collections.abc import Mapping
from dataclasses import replace

from watchdog.clock import Clock
from watchdog.errors import UnknownIncident
from watchdog.incidents import override
from watchdog.incidents.advice import clock_time
from watchdog.incidents.setting import told
from watchdog.model.ids import uuid7
from watchdog.model.incident import Incident
from watchdog.model.text import Text
from watchdog.service.advance import Advance
from watchdog.service.board import Board
from watchdog.service.watch import Watch
from watchdog.storage import overrides
from watchdog.storage.engine import Database
from watchdog.storage.incidents import Incidents


class Overriding:
    """Two persons against the probes, for half an hour."""

    def __init__(
        self,
        watches: Mapping[str, Watch],
        *,
        advance: Advance,
        board: Board,
        database: Database,
        incidents: Incidents,
        clock: Clock,
    ) -> None:
        self._watches, self._advance, self._board = watches, advance, board
        self._database, self._incidents, self._clock = database, incidents, clock

    async def override(self, ident: str, by: str, reason: str) -> str:
        """A clear against failing probes: the first person asks, a second confirms (R10)."""
        watch, stored = await self._find(ident)
        board, now = self._board, self._clock.now()
        async with watch.lock:
            mine = watch.incident
            incident = mine if mine is not None and mine.id == ident else stored
            asked = override.waiting(board.overrides, ident, now)
            if asked is None:
                fresh = f"ovr_{uuid7(now, secrets.token_bytes(10))}"
                phase = watch.detector.phase
                made = override.ask(incident, phase, by=by, reason=reason, now=now, ident=fresh)
                because = Text(
                    f"{by} vill avblåsa fast proverna inte går igenom: {made.reason} "
                    "En person till måste bekräfta inom 15 minuter.",
                    f"{by} wants to clear though the probes fail: {made.reason} "
                    "A second person must confirm within 15 minutes.",
                )
                answer = "Recorded. A second person must confirm within 15 minutes."
            else:
                made = override.grant(asked, by=by, now=now)
                until = clock_time(made.ends_at)
                because = Text(
                    f"{by} bekräftar: avblåst för hand till {until}, sedan avgör proverna igen.",
                    f"{by} confirms: cleared by hand until {until}, then the probes decide again.",
                )
                answer = f"Cleared by hand until {until}; then the probes decide again."
            await overrides.save(self._database, made)
            board.overrides = [o for o in board.overrides if o.id != made.id] + [made]
            step = told(incident, self._advance.setting(watch), because, by)
            await self._advance.record(watch, step)
        await self._advance.advance(watch)
        return answer

    async def refresh(self) -> None:
        """Read what is in force; an end stands in the timeline, and everybody told hears it."""
        now = self._clock.now()
        self._board.overrides = await overrides.current(self._database, now)
        for found in self._board.overrides:
            if found.ends_at is None or now < found.ends_at:
                continue
            watch = self._watches.get(found.path)
            if watch is not None:
                async with watch.lock:
                    incident = watch.incident
                    if incident is not None and incident.id == found.incident:
                        because = Text(
                            "Avblåsningen för hand har gått ut: proverna avgör igen.",
                            "The clear by hand has run out: the probes decide again.",
                        )
                        step = told(incident, self._advance.setting(watch), because)
                        await self._advance.record(watch, step)
                await self._advance.advance(watch)
            await overrides.save(self._database, replace(found, told_end=True))

    async def _find(self, ident: str) -> tuple[Watch, Incident]:
        incident = await self._incidents.get(ident)
        if incident is None or incident.path not in self._watches:
            raise UnknownIncident(f"No incident of a path is called {ident[:60]}.")
        return self._watches[incident.path], incident
