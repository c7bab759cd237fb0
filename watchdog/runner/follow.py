"""An API process follows the database that a watching process fills."""

import asyncio
import json
from datetime import datetime

import structlog

from watchdog.detection.effective import Snapshot
from watchdog.errors import StorageError
from watchdog.incidents.window import SHOWN_FOR, is_shown, unfinished
from watchdog.model.incident import Incident
from watchdog.model.outage import Phase, Reason
from watchdog.model.site import GroupConfig, Watched
from watchdog.model.system import SystemState, SystemStatus
from watchdog.runner.peers import Peering
from watchdog.runtime import Runtime
from watchdog.service.views import PathView
from watchdog.storage import overrides, subscriptions, windows
from watchdog.storage.changes import Changes
from watchdog.storage.meta import epoch
from watchdog.storage.states import PathState
from watchdog.within import within

log = structlog.get_logger()
LOOK_S = 5.0
LEAST_S = 0.05


class Follower:
    """Publishes on the board what the database says; what is not renewed there goes stale here."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._first_seen: dict[tuple[str, datetime], float] = {}

    async def run(self) -> None:
        """Look when the leader has stored something, and now and then, until cancelled."""
        cadences = [each.cadence for each in self._runtime.config.watched.values()]
        every = min((cadence.valid_for_s for cadence in cadences), default=45) / 45
        changes = Changes(self._runtime.database, self._runtime.clock)
        listening = asyncio.create_task(changes.listen())
        peering = asyncio.create_task(Peering(self._runtime).run())
        self._runtime.board.follows = True
        try:
            while True:
                try:
                    await within(LOOK_S, self.look())
                except StorageError as error:
                    log.warning("cannot_follow", error=str(error))
                self._runtime.board.refresh()
                if self._runtime.database.is_sqlite:
                    await self._runtime.clock.sleep(min(1.0, every * 2))
                    continue
                await self._runtime.clock.sleep(LEAST_S)  # many changes at once are one look
                await changes.wait(min(1.0, every * 5))
        finally:
            self._runtime.board.follows = False
            for task in (listening, peering):
                task.cancel()
            await asyncio.wait({listening, peering})

    async def look(self) -> None:
        """One look at the database."""
        runtime = self._runtime
        # ages are told from here: what a slow database takes to answer makes nothing younger
        mono, now = runtime.clock.monotonic(), runtime.clock.now()
        states = await runtime.states.all()
        runtime.board.windows = await windows.ending_after(runtime.database, now)
        runtime.board.overrides = await overrides.current(runtime.database, now)
        runtime.board.subscribed = await subscriptions.current(runtime.database)
        await runtime.keys.listed()  # to be known when the database is gone
        for ident, config in runtime.config.watched.items():
            if ident not in states:
                continue
            try:
                self._systems(config, states[ident])
                mine = await runtime.incidents.of_path(ident, now - SHOWN_FOR)
                runtime.board.publish(self._view(config, states[ident], mine, now, mono))
            except ValueError as error:  # it goes stale here; the others are shown
                log.error("not_understood", path=ident, error=type(error).__name__)
        known = {(p, at) for p, s in states.items() for at in (s.evaluated_at, s.life_at) if at}
        self._first_seen = {k: v for k, v in self._first_seen.items() if k in known}
        if states:
            force = await epoch(runtime.database)
            # an earlier leader's rows, or those of a path that is no more, count from elsewhere
            counted = (s.revision for s in states.values() if s.epoch == force)
            runtime.board.adopt(force, max(counted, default=0))

    def _systems(self, config: Watched, state: PathState) -> None:
        """What the watching process saw of the group's systems."""
        if isinstance(config, GroupConfig):
            known: dict[str, str] = json.loads(state.learned).get("systems", {})
            self._runtime.board.systems[config.site] = {
                name: SystemStatus(system=name, state=SystemState(found))
                for name, found in known.items()
            }

    def _view(
        self,
        config: Watched,
        state: PathState,
        incidents: list[Incident],
        now: datetime,
        mono: float,
    ) -> PathView:
        cadence, chapters = config.cadence, self._runtime.routines[config.site].scenarios
        current = unfinished(incidents)

        def moment(at: datetime | None) -> float | None:
            """Never younger than we have known it: another host's clock may be ahead of ours."""
            if at is None:
                return None
            by_clock = mono - max(0.0, (now - at).total_seconds())
            return min(by_clock, self._first_seen.setdefault((config.id, at), mono))

        evaluated, life = moment(state.evaluated_at) or mono, moment(state.life_at)
        if life is not None and state.life_at is not None:
            # both are of one clock, so what lies between them does not depend on ours
            life = min(life, evaluated - (state.evaluated_at - state.life_at).total_seconds())
        return PathView(
            config=config,
            snapshot=Snapshot(
                phase=Phase(state.phase),
                reason=Reason(state.reason),
                evaluated_mono=evaluated,
                life_mono=life,
                evaluation_limit_s=cadence.evaluation_limit_s,
                evidence_limit_s=state.evidence_limit_s,
                valid_for_s=cadence.valid_for_s,
                verified=config.verified,
                text_damaged=state.text_damaged,
                probe_rejected=state.sending == "rejected",
                declared_by_hand=current is not None and current.is_outage and current.by_hand,
            ),
            since=state.since,
            evaluated_at=state.evaluated_at,
            last_good_at=state.life_at,
            last_arrival_at=state.last_arrival_at,
            incident=current,
            recent=tuple(i for i in incidents if i.is_over and is_shown(i, now)),
            open_orders=state.open_orders,
            sending=state.sending,
            p99_s=0.0,
            seen_scenario=state.scenario if state.scenario in chapters else "",
        )
