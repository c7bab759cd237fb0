"""Clears against failing probes, carried out: asked, confirmed, published, run out (hazard R10)."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from watchdog.clock import Clock
from watchdog.errors import UnknownIncident
from watchdog.incidents import life, override
from watchdog.incidents.advice import clock_time
from watchdog.incidents.setting import Setting, Step, told
from watchdog.model.ids import uuid7
from watchdog.model.incident import Incident
from watchdog.model.outage import Phase
from watchdog.model.text import Text
from watchdog.service.advance import Advance
from watchdog.service.board import Board
from watchdog.service.group_watch import GroupWatch
from watchdog.service.groups import Groups
from watchdog.service.watch import Watch
from watchdog.storage import overrides
from watchdog.storage.engine import Database
from watchdog.storage.incidents import Incidents


@dataclass(frozen=True, slots=True, kw_only=True)
class _Probed:
    """A path, or a group of systems: what its probes say, and how its incident is changed."""

    watch: Watch | GroupWatch
    phase: Phase
    setting: Callable[[], Setting]
    record: Callable[[Step], Awaitable[None]]
    advance: Callable[[], Awaitable[object]]


class Overriding:
    """Two persons against the probes, for half an hour."""

    def __init__(
        self,
        watches: Mapping[str, Watch],
        *,
        advance: Advance,
        groups: Groups,
        board: Board,
        database: Database,
        incidents: Incidents,
        clock: Clock,
    ) -> None:
        self._watches, self._advance, self._groups = watches, advance, groups
        self._board, self._database = board, database
        self._incidents, self._clock = incidents, clock

    async def override(self, ident: str, by: str, reason: str) -> str:
        """A clear against failing probes: the first person asks, a second confirms (R10)."""
        probed, stored = await self._find(ident)
        watch = probed.watch
        board, now = self._board, self._clock.now()
        async with watch.lock:
            mine = watch.incident
            incident = mine if mine is not None and mine.id == ident else stored
            asked = override.waiting(board.overrides, ident, now)
            if asked is None:
                fresh = f"ovr_{uuid7(now, secrets.token_bytes(10))}"
                made = override.ask(
                    incident, probed.phase, by=by, reason=reason, now=now, ident=fresh
                )
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
            await probed.record(told(incident, probed.setting(), because, by))
        await probed.advance()
        return answer

    async def refresh(self) -> None:
        """Read what is in force; an end stands in the timeline, and everybody told hears it."""
        now = self._clock.now()
        self._board.overrides = await overrides.current(self._database, now)
        for found in self._board.overrides:
            if found.ends_at is None or now < found.ends_at:
                continue
            probed = self._probed(found.path)
            if probed is not None:
                async with probed.watch.lock:
                    incident = probed.watch.incident
                    if incident is not None and incident.id == found.incident:
                        because = Text(
                            "Avblåsningen för hand har gått ut: proverna avgör igen.",
                            "The clear by hand has run out: the probes decide again.",
                        )
                        await probed.record(told(incident, probed.setting(), because))
                await probed.advance()
            await overrides.save(self._database, replace(found, told_end=True))

    async def _find(self, ident: str) -> tuple[_Probed, Incident]:
        """From memory first: what only the journal holds is in no database yet."""
        incident = self._present(ident) or await self._incidents.get(ident)
        probed = self._probed(incident.path) if incident is not None else None
        if incident is None or probed is None:
            raise UnknownIncident(f"No incident is called {ident[:60]}.")
        return probed, life.serious(incident)

    def _present(self, ident: str) -> Incident | None:
        watched = chain(self._watches.values(), self._groups.watches.values())
        mine = (watch.incident for watch in watched)
        return next((each for each in mine if each is not None and each.id == ident), None)

    def _probed(self, ident: str) -> _Probed | None:
        path, group = self._watches.get(ident), self._groups.watches.get(ident)
        if path is not None:
            return _Probed(
                watch=path,
                phase=path.detector.phase,
                setting=partial(self._advance.setting, path),
                record=partial(self._advance.record, path),
                advance=partial(self._advance.advance, path),
            )
        if group is not None:
            return _Probed(
                watch=group,
                phase=group.fold.phase,
                setting=partial(self._groups.setting, group),
                record=partial(self._groups.record, group),
                advance=partial(self._groups.advance, group),
            )
        return None
