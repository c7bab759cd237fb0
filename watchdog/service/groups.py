"""Groups of systems: the chain decide -> store -> publish for what no referral can be sent to test."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from watchdog.clock import Clock
from watchdog.detection.effective import Snapshot
from watchdog.errors import Refused, StorageError
from watchdog.incidents import life
from watchdog.incidents.acknowledge import acknowledge
from watchdog.incidents.setting import Setting, Step
from watchdog.incidents.window import is_shown
from watchdog.model.ids import incident_id
from watchdog.model.outage import Phase
from watchdog.model.routine import Routine
from watchdog.model.site import Config
from watchdog.scenarios.group import GroupFold, seen
from watchdog.service.board import Board
from watchdog.service.group_watch import GroupWatch
from watchdog.service.recorder import (
    HEARTBEATS_PER_VALIDITY,
    NOWHERE,
    Outgoing,
    Recorder,
    may_be_told,
    said_of_clear,
)
from watchdog.service.systems import Systems
from watchdog.service.views import PathView
from watchdog.storage.engine import Database
from watchdog.storage.journal import Journal
from watchdog.storage.states import PathState

log = structlog.get_logger()


class Groups:
    """Every group of the configuration."""

    def __init__(
        self,
        *,
        config: Config,
        routines: dict[str, Routine],
        database: Database,
        board: Board,
        systems: Systems,
        clock: Clock,
        outgoing: Outgoing,
        journal: Journal,
    ) -> None:
        self._board, self._systems, self._clock = board, systems, clock
        self._recorder = Recorder[GroupWatch](
            config,
            database,
            board,
            clock,
            outgoing,
            journal=journal,
            view=self.view,
            state=self._state,
        )
        self.watches = {
            group.id: GroupWatch(
                config=group,
                site=config.sites[group.site],
                routine=routines[group.site],
                fold=GroupFold(recovery_s=group.cadence.recovery_span_s),
                since=clock.now(),
            )
            for group in config.groups.values()
        }

    async def advance(self, watch: GroupWatch) -> None:
        """Look at what its systems are now, and carry every consequence through."""
        async with watch.lock:
            await self._advance(watch)

    async def _advance(self, watch: GroupWatch) -> None:
        now, mono = self._clock.now(), self._clock.monotonic()
        report = self._systems.report(watch.config.site)
        group = watch.config
        self._board.systems[group.site] = report.stands_for
        watch.states = {name: status.state.value for name, status in report.stands_for.items()}
        found = seen(group.hops, group.scenarios, report.systems, report.verdict)
        before = watch.fold.scenario
        transition = watch.fold.tick(mono, now.timestamp(), found)
        if transition is not None:
            watch.previous, watch.since = self._board.effective(self.view(watch)).state, now
            watch.evaluated = mono
            log.info(
                "transition",
                path=watch.id,
                before=transition.before.value,
                after=transition.after.value,
                reason=transition.reason.value,
            )
            await self.record(watch, life.after(watch.incident, transition, self.setting(watch)))
        elif before and watch.fold.scenario != before and watch.incident is not None:
            await self.record(watch, life.other_scenario(watch.incident, self.setting(watch)))
        if watch.incident is not None:
            await self.record(watch, life.clock(watch.incident, self.setting(watch)))
        await self._recorder.store_pending(watch)
        await self._publish(watch, mono)

    async def record(self, watch: GroupWatch, step: Step) -> None:
        """Store a change of the group's incident with its notices. Call with the lock held."""
        await self._recorder.record(watch, step)

    async def declare(self, group: str, by: str, reason: str, scenario: str) -> str:
        """Declare by hand, for one chapter of the routine; what no probe can see is known to people."""
        watch = self.watches[group]
        allowed = watch.config.scenarios
        if scenario and scenario not in allowed:
            raise Refused(f"{group} answers for {', '.join(allowed)}: name one of them.")
        async with watch.lock:
            setting = replace(self.setting(watch), scenario=scenario or watch.config.scenario)
            step = life.declare_by_hand(watch.incident, setting, by, reason)
            watch.by_hand = setting.scenario
            await self.record(watch, step)
            stored = not watch.unstored
            await self._publish(watch, self._clock.monotonic())
        if not stored:
            raise StorageError(NOWHERE)
        return step[0].id if step[0] is not None else ""

    async def clear(self, group: str, ident: str, by: str, reason: str) -> str:
        """Clear what was declared by hand. Refused while a system is seen not to work."""
        watch = self.watches[group]
        async with watch.lock:
            incident = watch.incident
            if incident is None or incident.id != ident or not incident.by_hand:
                raise Refused(
                    "Only what was declared by hand is cleared by hand. Are the probes wrong: two persons "
                    "may override them for 30 minutes (`remissvakt incident override`)."
                )
            phase = watch.fold.phase
            if phase is Phase.UNKNOWN:  # what no probe can see, only people know
                phase = Phase.CLEAR
            step = life.clear_by_hand(incident, self.setting(watch), by, reason, phase)
            await self.record(watch, step)
            watch.by_hand = ""
            stored = not watch.unstored
            await self._publish(watch, self._clock.monotonic())
        return said_of_clear(ident, stored=stored)

    async def acknowledge(self, group: str, ident: str, endpoint: str, name: str, by: str) -> str:
        """A person behind an endpoint has seen it."""
        watch = self.watches[group]
        async with watch.lock:
            incident = watch.incident
            if incident is None or incident.id != ident:
                raise Refused(f"Incident {ident} is over: nothing is to acknowledge.")
            step = acknowledge(incident, self.setting(watch), endpoint, name, by)
            await self.record(watch, step)
            await self._publish(watch, self._clock.monotonic())
        return f"{endpoint} has acknowledged incident {ident}."

    async def close(self, group: str, ident: str, by: str, reason: str) -> str:
        """A person's word that back-entry is done."""
        watch = self.watches[group]
        async with watch.lock:
            return await self._close(watch, ident, by, reason)

    async def _close(self, watch: GroupWatch, ident: str, by: str, reason: str) -> str:
        mine = [i for i in (watch.incident, *watch.recent) if i is not None and i.id == ident]
        if not mine:
            raise Refused(f"Incident {ident} ended more than 72 hours ago, or is not known here.")
        current = watch.incident
        step = life.close(mine[0], self._clock.now(), by, reason, unfinished=0)
        await self.record(watch, step)
        if current is not None and current.id != ident:
            watch.incident = current
        return f"Incident {ident} is closed."

    def view(self, watch: GroupWatch) -> PathView:
        """The group as the board shows it."""
        now, fold = self._clock.now(), watch.fold
        mono = self._clock.monotonic()
        watch.recent = [i for i in watch.recent if is_shown(i, now)]
        incident = watch.shown
        current = incident if incident is not None and not incident.is_over else None
        good = self._wall(fold.good_at, now, mono)
        return PathView(
            config=watch.config,
            snapshot=self._snapshot(watch),
            since=watch.since,
            evaluated_at=self._wall(watch.evaluated, now, mono) or now,
            last_good_at=good,
            last_arrival_at=good,
            incident=current,
            recent=tuple(i for i in watch.recent if current is None or i.id != current.id),
            open_orders=0,
            sending="none",
            p99_s=0.0,
            seen_scenario=watch.held.scenario if watch.held else watch.scenario,
        )

    async def _publish(self, watch: GroupWatch, mono: float) -> None:
        watch.evaluated = mono
        if not watch.unstored or may_be_told(watch.published, watch.fold.phase):
            watch.published = watch.fold.phase
        self._board.publish(self.view(watch))
        every = watch.config.cadence.valid_for_s / HEARTBEATS_PER_VALIDITY
        if watch.published is not watch.stored_phase or mono - watch.last_heartbeat >= every:
            watch.stored_phase = watch.published
            await self._recorder.store_state(watch, every)

    def setting(self, watch: GroupWatch) -> Setting:
        """This moment, for the pure rules of incidents."""
        now = self._clock.now()
        return Setting(
            path=watch.config,
            site=watch.site,
            now=now,
            mono=self._clock.monotonic(),
            fresh_id=incident_id(watch.id, watch.last_incident, now),
            asked=self._board.config.asked(watch.site.id),
            scenario=watch.scenario,
        )

    def _snapshot(self, watch: GroupWatch) -> Snapshot:
        cadence = watch.config.cadence
        return Snapshot(
            phase=watch.published,
            reason=watch.fold.reason if watch.held is None else watch.held.reason,
            evaluated_mono=watch.evaluated,
            life_mono=watch.fold.good_at,
            evaluation_limit_s=cadence.evaluation_limit_s,
            evidence_limit_s=cadence.evidence_limit(0.0),
            valid_for_s=cadence.valid_for_s,
            declared_by_hand=watch.shown is not None
            and watch.shown.is_outage
            and watch.shown.by_hand,
        )

    def _state(self, watch: GroupWatch) -> PathState:
        now, mono = self._clock.now(), self._clock.monotonic()
        good = self._wall(watch.fold.good_at, now, mono)
        return PathState(
            path=watch.id,
            epoch=self._board.epoch,
            revision=self._board.revision,
            phase=watch.published.value,
            reason=watch.fold.reason.value,
            since=watch.since,
            evaluated_at=self._wall(watch.evaluated, now, mono) or now,
            life_at=good,
            last_arrival_at=good,
            evidence_limit_s=watch.config.cadence.evidence_limit(0.0),
            text_damaged=False,
            open_orders=0,
            sending="none",
            learned=json.dumps({"systems": watch.states}),
            scenario=watch.scenario,
        )

    def _wall(self, moment: float | None, now: datetime, mono: float) -> datetime | None:
        if moment is None or moment == float("-inf"):
            return None
        return now - timedelta(seconds=mono - moment)
