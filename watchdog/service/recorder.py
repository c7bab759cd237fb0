"""An incident's change and its notices: one transaction, retried with the same ids until it is stored.

Nobody is told of what was not stored, and nothing stored goes untold.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import structlog

from watchdog.clock import Clock
from watchdog.errors import Fenced, StorageError
from watchdog.incidents.address import address
from watchdog.incidents.advice import workflow_of
from watchdog.incidents.setting import Step
from watchdog.model.incident import EventKind, Incident, IncidentEvent
from watchdog.model.instruction import Clinic
from watchdog.model.notice import Notice
from watchdog.model.outage import Phase, Urgency
from watchdog.model.routine import Audience
from watchdog.model.site import Config
from watchdog.notify.plan import plan
from watchdog.notify.render import Situation
from watchdog.routines.select import anyone, instruct
from watchdog.service.board import Board
from watchdog.service.told import Told, Unstored
from watchdog.service.views import PathView
from watchdog.storage import changes, incidents, outbox
from watchdog.storage.engine import Database
from watchdog.storage.journal import Journal, Record
from watchdog.storage.states import PathState, renew, save_state
from watchdog.within import within

log = structlog.get_logger()
IDS_IN_NOTICE = 20
AGAIN_SHARE = 1 / 3
"""Of the time between two such writes: so soon one that failed is tried again."""
HEARTBEATS_PER_VALIDITY = 5
"""How often an unchanged state is written for other processes, within its validity."""
JOURNALED = frozenset(
    {
        EventKind.SUSPECTED,
        EventKind.UNCONFIRMED,
        EventKind.DECLARED,
        EventKind.ADVICE_CHANGED,
        EventKind.UPDATED,
        EventKind.ACKNOWLEDGED,
    }
)
"""Events that a journal line may store; recovery and all-clear wait for the database."""
STORE_S = 2.0
"""A store that takes longer has failed; it is tried again with the same ids."""


NOWHERE = (
    "The declaration is in force here and could be stored nowhere yet, so nobody else is told: another "
    "node may lead. Ask that one, repeat it in a few seconds, and ring."
)
"""What a person is told who declared an outage that neither the database nor the journal took."""


def may_be_told(before: Phase, after: Phase) -> bool:
    """True if a change is cautious: it may be told although it could not be stored.

    No way out of an outage is cautious, not even that of a path which is now only slow.
    """
    if before in (Phase.DECLARED, Phase.RECOVERING):
        return after is Phase.DECLARED
    return after in (Phase.SUSPECTED, Phase.DECLARED, Phase.UNKNOWN)


def _cautious(events: Sequence[IncidentEvent]) -> bool:
    """True if it may be told although only the journal has it."""
    return all(event.kind in JOURNALED for event in events)


def said_of_clear(ident: str, *, stored: bool) -> str:
    """What a person is told who cleared an incident."""
    if stored:
        return f"Incident {ident} is cleared."
    return f"Incident {ident} stands until the database takes the all-clear; ask again."


W = TypeVar("W", bound=Told[Any])


@dataclass(slots=True)
class Outgoing:
    """The order of the outbox, which everything that records shares, and who is woken."""

    next_order: int
    key: bytes
    """Makes the addresses on which people acknowledge."""
    may_journal: Callable[[], bool] = lambda: True
    """False for a node that was paused, and must first find out whether another leads."""
    on_notices: Callable[[], None] = lambda: None

    def places(self, count: int) -> int:
        """The first of `count` places in line that nobody else gets, stored or not."""
        first = self.next_order
        self.next_order += count
        return first


class Recorder(Generic[W]):
    """Records incidents of one kind of watched thing."""

    def __init__(
        self,
        config: Config,
        database: Database,
        board: Board,
        clock: Clock,
        outgoing: Outgoing,
        *,
        journal: Journal,
        view: Callable[[W], PathView],
        state: Callable[[W], PathState],
        cause: Callable[[W], Incident | None] = lambda _: None,
    ) -> None:
        """`cause`: the outage declared before it that is broken at the same place, or None."""
        self._config, self._database, self._board = config, database, board
        self._clock, self._outgoing, self._journal = clock, outgoing, journal
        self._view, self._state, self._cause = view, state, cause

    async def record(self, watch: W, step: Step, *, orders: int = 0) -> None:
        """Store a change of its incident with its notices. Call with the lock held."""
        incident, events = step
        if incident is None or not events:
            return
        incident = replace(incident, orders=max(incident.orders, orders))
        before, watch.incident = watch.incident, incident
        if any(event.kind is EventKind.DECLARED for event in events):
            watch.held = None
        if events[0].number == 1:
            watch.last_incident = incident.id
        if incident.is_over and incident.declared_at is not None:
            watch.recent = [i for i in watch.recent if i.id != incident.id] + [incident]
        watch.unstored.append(Unstored(incident, events, self._notices(watch, incident, events)))
        await self.store_pending(watch)
        if watch.unstored and before is not None and not before.is_over and not _cautious(events):
            watch.held = watch.held or before

    async def store_pending(self, watch: W) -> None:
        """One transaction for each change; what fails stays, in order, for the next try."""
        while watch.unstored:
            incident, events = watch.unstored[0].incident, watch.unstored[0].events
            notices = self._in_line(watch.unstored[0].notices)
            try:
                await within(STORE_S, self._store(watch, incident, events, notices))
            except Fenced:
                return  # it is another node's to decide
            except StorageError as error:
                log.error("not_stored", path=watch.id, incident=incident.id, error=str(error))
                if not await self._journaled(incident, events, notices, watch.unstored[1:]):
                    return
            watch.unstored.pop(0)
            if notices:
                self._outgoing.on_notices()
        watch.held = None

    async def _store(
        self, watch: W, incident: Incident, events: list[IncidentEvent], notices: list[Notice]
    ) -> None:
        async with self._database.transaction() as db:
            await incidents.save(db, incident, events)
            await outbox.follow(db, incident, events, notices, self._clock.now())
            await save_state(db, self._state(watch))
            await changes.tell(db)

    async def _journaled(
        self,
        incident: Incident,
        events: list[IncidentEvent],
        notices: list[Notice],
        behind: Sequence[Unstored],
    ) -> bool:
        """True if the journal has it; what would end caution waits for the database."""
        if not self._outgoing.may_journal():
            return False
        # an end waits for the database, unless a newer outage waits behind it
        again = any(event.kind is EventKind.DECLARED for later in behind for event in later.events)
        if not _cautious(events) and not again:
            return False
        now = self._clock.now()
        record = Record(at=now, incident=incident, events=tuple(events), notices=tuple(notices))
        try:
            await self._journal.append(record)
        except StorageError as error:
            log.error("not_journaled", incident=incident.id, error=str(error))
            return False
        return True

    async def store_state(self, watch: W, every_s: float) -> None:
        """What is published of it, for other processes, every `every_s` seconds.

        A failure is only logged, and tried again sooner than that: they know the rest already.
        """
        watch.last_heartbeat = mono = self._clock.monotonic()
        try:
            await renew(self._database, self._state(watch), STORE_S)
        except StorageError as error:
            watch.last_heartbeat = mono - every_s * (1 - AGAIN_SHARE)
            log.warning("state_not_stored", path=watch.id, error=str(error))

    def _notices(self, watch: W, incident: Incident, events: list[IncidentEvent]) -> list[Notice]:
        """Who is told of it, as things are with it: not as they are shown until it is stored."""
        held, watch.held = watch.held, None
        out: list[Notice] = []
        for event in events:
            out += plan(event, self._board.endpoints, self._situation(watch, incident), len(out))
        watch.held = held
        return out

    def _in_line(self, notices: list[Notice]) -> list[Notice]:
        """The same, behind everything that was stored before."""
        first = self._outgoing.places(len(notices))
        return [replace(notice, order=first + notice.order) for notice in notices]

    def _situation(self, watch: W, incident: Incident) -> Situation:
        """What notices tell: the workflow of its first clinic, a fax only if all of them have that
        one, and to a unit its own."""
        clinics = [c for c in self._config.clinics.values() if c.path == watch.id]
        asking = clinics[0] if clinics else anyone(watch.routine)
        found = self._told(watch, incident, asking)
        if any(self._told(watch, incident, each).fax != found.fax for each in clinics[1:]):
            found = replace(found, fax="", fax_flagged=False, faxes_differ=True)
        units: dict[str, Situation] = {}
        for endpoint in self._board.endpoints:
            unit = endpoint.unit or ""
            if unit in watch.routine.units and watch.site.id in endpoint.sites:
                mine = next((c for c in clinics if c.unit == unit), anyone(watch.routine, unit))
                units[unit] = self._told(watch, incident, mine)
        return replace(found, units=units)

    def _told(self, watch: W, incident: Incident, asking: Clinic) -> Situation:
        """The same as one clinic has it."""
        now, view = self._clock.now(), self._view(watch)
        effective = self._board.effective(view)
        workflows: dict[str, str] = {}
        headline, fax, flagged = watch.routine.scenarios[view.scenario].headline, "", False
        for urgency in Urgency:
            told = instruct(watch.routine, view.scenario, asking, urgency, now)
            way = workflow_of(watch.watched, watch.routine, effective, incident, told)
            workflows[urgency.value] = way.value
            if urgency is Urgency.URGENT and told.fax:
                fax, flagged = told.fax[0].number, bool(told.fax[0].flags)
        staff = instruct(
            watch.routine, view.scenario, asking, Urgency.URGENT, now, audience=Audience.RADIOLOGY
        )
        missing, first = watch.missing()[-IDS_IN_NOTICE:], self._cause(watch)
        return Situation(
            incident=incident,
            path=watch.watched,
            site=watch.site,
            epoch=self._board.epoch,
            revision=self._board.revision,
            instance=self._config.instance,
            public_url=self._config.public_url,
            previous=watch.previous.value,
            workflow=workflows,
            headline=headline,
            scenario=view.scenario,
            steps=tuple(step.text for step in (*staff.first_actions, *staff.steps)),
            fax=fax,
            fax_flagged=flagged,
            same_cause_as=first.id if first is not None else "",
            same_cause_name=self._config.watched[first.path].name.sv if first is not None else "",
            order_ids=tuple((order.placer, order.control_id) for order in missing),
            acknowledge={
                ident: address(self._config.public_url, self._outgoing.key, incident.id, ident)
                for ident in incident.awaited
            },
        )
