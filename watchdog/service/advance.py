"""advance(): decide (pure) -> store (one transaction) -> publish and notify.

The only place that runs the whole chain of a path: a transition, its incident, its notices and the
path's state share one transaction (`recorder.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from watchdog.clock import Clock
from watchdog.incidents import life, peers
from watchdog.incidents.setting import Setting, Step
from watchdog.model.ids import incident_id
from watchdog.model.incident import Incident
from watchdog.model.observation import Event
from watchdog.model.outage import Transition
from watchdog.model.site import Config
from watchdog.service.board import Board
from watchdog.service.path_views import PathViews
from watchdog.service.recorder import HEARTBEATS_PER_VALIDITY, Outgoing, Recorder, may_be_told
from watchdog.service.systems import PathSeen, Systems
from watchdog.service.watch import Watch
from watchdog.storage.engine import Database
from watchdog.storage.journal import Journal

log = structlog.get_logger()


class Advance:
    """Advances the watches of paths."""

    def __init__(
        self,
        watches: Mapping[str, Watch],
        *,
        config: Config,
        database: Database,
        board: Board,
        systems: Systems,
        clock: Clock,
        outgoing: Outgoing,
        journal: Journal,
    ) -> None:
        self._watches = watches
        self._board, self._clock, self._systems = board, clock, systems
        self.views = PathViews(board, systems, clock)
        self._recorder = Recorder[Watch](
            config,
            database,
            board,
            clock,
            outgoing,
            journal=journal,
            view=self.views.view,
            state=self.views.state,
            cause=self._cause,
        )
        self._seen: list[tuple[str, Event]] = []
        self.transitions = 0

    def observed(self) -> list[tuple[str, Event]]:
        """Observations since the last call, to be flushed."""
        seen, self._seen = self._seen, []
        return seen

    def observe(self, watch: Watch, events: Sequence[Event]) -> None:
        """Take observations in at the moment when they are made.

        Never behind the lock: who holds it may wait for the database for seconds, and an arrival
        that waits with it would make the path look slow.
        """
        for event in events:
            watch.detector.observe(event)
            self._seen.append((watch.id, event))
        if events:
            watch.stirred.set()

    async def advance(self, watch: Watch, events: Sequence[Event] = ()) -> list[Transition]:
        """Take observations in, let time pass, and carry every consequence through."""
        self.observe(watch, events)
        async with watch.lock:
            watch.stirred.clear()
            watch.evaluated = self._clock.monotonic()
            transitions = watch.detector.tick(watch.evaluated)
            self.see(watch)
            for transition in transitions:
                await self._fold(watch, transition)
            await self._hear_peers(
                watch
            )  # first: on the way back, by their word too, no paper begins
            if watch.incident is not None:
                step = life.clock(watch.incident, self.setting(watch))
                if step[1]:
                    await self.record(watch, step)
            await self._mind_scenario(watch)
            await self._recorder.store_pending(watch)
            await self._publish(watch)
            if events or transitions:
                watch.kick.set()
            return transitions

    def wanted_at(self, watch: Watch) -> float:
        """When `advance` is wanted next, our monotonic clock; what is observed may bring that forward.

        As the detector has it, and a tick after the last time where more than its own evidence may
        have changed; never later than its state has to be renewed for other processes.
        """
        at = watch.evaluated
        due = min(watch.detector.next_wake(at), watch.last_heartbeat + _renewed_every(watch))
        told = watch.incident is not None or watch.unstored or self._board.config.peers
        if told or watch.stirred.is_set():
            due = min(due, at + watch.config.cadence.tick_s)
        return due

    def see(self, watch: Watch, *, declared: bool = False) -> None:
        """Let the site's systems know of the path; `declared`: a person is about to say that it is out."""
        incident, word = watch.incident, self._board.word(watch.id)
        out = (incident is not None and incident.is_outage) or (word is not None and word.outage)
        self._systems.path_seen(watch.id, _seen(watch, out=out or declared))

    def setting(self, watch: Watch) -> Setting:
        """This moment, for the pure rules of incidents."""
        now = self._clock.now()
        return Setting(
            path=watch.config,
            site=watch.site,
            now=now,
            mono=self._clock.monotonic(),
            fresh_id=incident_id(watch.id, watch.last_incident, now),
            scenario=self.views.scenario(watch),
            asked=self._board.config.asked(watch.site.id),
            contradicted=self._board.word(watch.id) is not None,
            last_good_at=self.views.wall(watch.detector.life, self._clock.monotonic()),
        )

    async def _hear_peers(self, watch: Watch) -> None:
        """Other watchdogs may declare, and must agree to an all-clear."""
        if not self._board.config.peers:
            return
        word = self._board.word(watch.id)
        own = watch.detector
        step = peers.heard(watch.incident, self.setting(watch), word, own.phase, own.reason)
        if step[1]:
            await self.record(watch, step)

    async def record(self, watch: Watch, step: Step) -> None:
        """Store a change of the path's incident with its notices. Call with the lock held."""
        if step[0] is not None:
            life.serious(step[0])  # a drill's is stored by `drilling.py` alone
        await self._recorder.record(watch, step, orders=watch.detector.pacing.in_incident)

    async def _fold(self, watch: Watch, transition: Transition) -> None:
        self.transitions += 1
        watch.previous = self._board.effective(self.views.view(watch)).state
        watch.since = self._clock.now()
        before = watch.evaluated_phase
        watch.evaluated_phase = transition.after
        log.info(
            "transition",
            path=watch.id,
            before=transition.before.value,
            after=transition.after.value,
            reason=transition.reason.value,
            evidence_nats=round(transition.grounds.evidence_nats, 1),
        )
        await self.record(watch, life.after(watch.incident, transition, self.setting(watch)))
        if watch.unstored and not may_be_told(before, transition.after):
            watch.evaluated_phase = before  # what could not be stored is told only where cautious

    async def _publish(self, watch: Watch) -> None:
        mono = self._clock.monotonic()
        phase = watch.detector.phase
        if watch.unstored and not may_be_told(watch.evaluated_phase, phase):
            phase = watch.evaluated_phase
        changed = phase is not watch.stored_phase
        watch.evaluated_phase = phase
        self._board.publish(self.views.view(watch))
        every = _renewed_every(watch)
        if changed or mono >= watch.last_heartbeat + every:
            watch.stored_phase = phase
            await self._recorder.store_state(watch, every)

    def of_one_cause(self, watch: Watch) -> list[tuple[Watch, Incident]]:
        """Other paths that are out and known to be broken at the same hop, if this one is out."""
        if watch.incident is None or not watch.incident.is_outage:
            return []
        # as it was decided: what is shown waits for the database
        others = (self._watches[path] for path in sorted(self._systems.same_break(watch.id)))
        found = ((other, other.incident) for other in others)
        return [(other, its) for other, its in found if its is not None and its.is_outage]

    def _cause(self, watch: Watch) -> Incident | None:
        """The outage that was declared first of those of one cause, unless it is this one."""
        mine = watch.incident
        if mine is None:
            return None
        first = min((mine, *(its for _, its in self.of_one_cause(watch))), key=_declared_at)
        return first if first is not mine else None

    async def _mind_scenario(self, watch: Watch) -> None:
        """Clinics are told by another chapter than people were: they hear of it, once it lasts."""
        incident, mono = watch.incident, self._clock.monotonic()
        seen = self.views.scenario(watch) or watch.config.scenario
        if incident is None or not incident.is_outage or incident.scenario == seen:
            watch.other_since = None
            return
        if watch.other_since is None:
            watch.other_since = mono
        if mono - watch.other_since >= watch.config.cadence.evaluation_limit_s:
            setting = replace(self.setting(watch), scenario=seen)
            await self.record(watch, life.other_scenario(incident, setting))


def _renewed_every(watch: Watch) -> float:
    """Seconds between two renewals of its stored state."""
    return watch.config.cadence.valid_for_s / HEARTBEATS_PER_VALIDITY


def _declared_at(incident: Incident) -> tuple[datetime, str]:
    return incident.declared_at or datetime.max.replace(tzinfo=UTC), incident.id


def _seen(watch: Watch, *, out: bool) -> PathSeen:
    detector = watch.detector
    missing = [order for order in detector.proof.missing if not order.real][-3:]
    accepts = any(order.acked for order in missing) if missing else None
    return PathSeen(
        phase=detector.phase,
        reason=detector.reason,
        entry_accepts=accepts,
        readable=watch.reads,
        out=out,
    )
