"""What people ask of the service: stop and resume, declare, clear, close, commission, probe.

From the command line and from the API alike a wish is stored as a request and carried out here, by
the process that holds the paths; the answer is stored beside it.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

import structlog

from watchdog.clock import Clock
from watchdog.errors import Refused, RemissvaktError, StorageError, UnknownIncident
from watchdog.incidents import life
from watchdog.incidents.acknowledge import acknowledge
from watchdog.model.incident import Incident
from watchdog.model.order import OrderState
from watchdog.orders.life import NEXT
from watchdog.service.advance import Advance
from watchdog.service.cleanup import Cleaner
from watchdog.service.commissioning import Commissioning
from watchdog.service.drilling import Drilling
from watchdog.service.groups import Groups
from watchdog.service.overriding import Overriding
from watchdog.service.recorder import NOWHERE, said_of_clear
from watchdog.service.subscribing import Subscribing
from watchdog.service.watch import Watch, watch_of
from watchdog.storage.incidents import Incidents
from watchdog.storage.orders import OrderBook
from watchdog.storage.requests import Request
from watchdog.storage.states import PathControl, States

log = structlog.get_logger()
Work = Callable[[dict[str, Any], str], Awaitable[str]]
"""(arguments, who asks) to a sentence or an id."""


class People:
    """Carries out requests; Refused says why not, in a sentence for the person who asked."""

    def __init__(
        self,
        watches: Mapping[str, Watch],
        *,
        advance: Advance,
        groups: Groups,
        overriding: Overriding,
        drilling: Drilling,
        subscribing: Subscribing,
        commissioning: Commissioning,
        cleaner: Cleaner,
        states: States,
        incidents: Incidents,
        book: OrderBook,
        clock: Clock,
    ) -> None:
        self._watches, self._advance, self._groups = watches, advance, groups
        self._cleaner, self._drilling, self.commissioning = cleaner, drilling, commissioning
        self._states, self._incidents, self._book = states, incidents, book
        self._clock = clock
        self._works: dict[str, Work] = {
            "stop": lambda a, by: self.stop(a["path"], by, a["reason"]),
            "resume": lambda a, by: self.resume(a["path"], by, a["reason"]),
            "declare": lambda a, by: self.declare(
                a["path"], by, a["reason"], a.get("scenario", "")
            ),
            "clear": lambda a, by: self.clear(a["incident"], by, a["reason"]),
            "override": lambda a, by: overriding.override(a["incident"], by, a["reason"]),
            "drill": lambda a, by: drilling.begin(a["path"], by, a["reason"]),
            "end_drill": lambda a, by: drilling.end(a["incident"], by, a["reason"]),
            "acknowledge": lambda a, by: self.acknowledge(
                a["incident"], a["endpoint"], a["name"], by, also=a.get("also", "").split()
            ),
            "close": lambda a, by: self.close(a["incident"], by, a["reason"]),
            "hand_over": lambda a, by: self.hand_over(a["incident"], by),
            "commission": lambda a, by: commissioning.commission(a["path"], by),
            "probe": lambda a, _: commissioning.probe(a["path"]),
            "subscribe": lambda a, by: subscribing.subscribe(a["subscription"], by),
            "unsubscribe": lambda a, _: subscribing.unsubscribe(a["subscriber"]),
            "try": lambda a, by: subscribing.trial(a["subscriber"], by),
        }

    async def carry_out(self, request: Request) -> tuple[str, str]:
        """(outcome, detail): `done` or `refused`, with a sentence or an id."""
        work = self._works.get(request.kind)
        if work is None:
            return "refused", f"Nothing here knows how to {request.kind}."
        try:
            detail = await work(request.arguments, request.by)
        except RemissvaktError as error:
            return "refused", str(error)
        log.info("request", kind=request.kind, by=request.by, outcome="done")
        return "done", detail

    async def stop(self, path: str, by: str, reason: str) -> str:
        """No synthetic order leaves on the path until somebody resumes."""
        watch = watch_of(self._watches, path)
        if watch.control is not None and watch.control.sending == "rejected":
            # that stop says why, and holds the cancels too where one was refused: it stands
            return f"Sending on {path} has stopped by itself already: {watch.control.reason}."
        await self._control(watch, "stopped", by, reason)
        watch.obey_people()
        await self._advance.advance(watch)
        return f"Sending on {path} is stopped."

    async def resume(self, path: str, by: str, reason: str) -> str:
        """Sending goes on, after a stop by hand or a negative answer."""
        watch = watch_of(self._watches, path)
        pacing = watch.detector.pacing
        if (watch.control is None or watch.control.sending == "on") and not pacing.spent:
            raise Refused(f"Sending on {path} is not stopped.")
        await self._control(watch, "on", by, reason)
        pacing.allow_more()
        watch.obey_people()
        watch.cancels_held = False
        watch.detector.pacing.resume()
        await self._advance.advance(watch)
        watch.kick.set()
        if not watch.commissioned:
            return f"{path} waits for `remissvakt commission {path}` before it sends."
        return f"Sending on {path} goes on."

    async def declare(self, path: str, by: str, reason: str, scenario: str = "") -> str:
        """Declare an outage by hand; wins at once. The incident's id.

        `scenario` names the chapter of the routine for a group of systems; a path has its own.
        """
        if path in self._groups.watches:
            return await self._groups.declare(path, by, reason, scenario)
        watch = watch_of(self._watches, path)
        async with watch.lock:
            current = watch.incident
            self._advance.see(watch, declared=True)  # the chapter that applies follows from it
            step = life.declare_by_hand(current, self._advance.setting(watch), by, reason)
            await self._advance.record(watch, step)
            stored = not watch.unstored
        await self._advance.advance(watch)
        if not stored:
            raise StorageError(NOWHERE)
        return step[0].id if step[0] is not None else ""

    async def clear(self, ident: str, by: str, reason: str) -> str:
        """Clear an outage that was declared by hand; refused while the probes do not pass."""
        if (group := await self._group_of(ident)) is not None:
            return await self._groups.clear(group, ident, by, reason)
        watch, incident = await self._find(ident)
        async with watch.lock:
            if watch.incident is not None and watch.incident.id == ident:
                incident = watch.incident
            setting = self._advance.setting(watch)
            step = life.clear_by_hand(incident, setting, by, reason, watch.detector.phase)
            await self._advance.record(watch, step)
            stored = not watch.unstored
        await self._advance.advance(watch)
        return said_of_clear(ident, stored=stored)

    async def acknowledge(
        self, ident: str, endpoint: str, name: str, by: str, *, also: Collection[str] = ()
    ) -> str:
        """A person behind an endpoint has seen it; `by` is empty if that person said so.

        `also`: ids of other incidents that this person was shown, to be acknowledged if they have the
        same cause. What nobody was shown asks for itself.
        """
        if self._drilling.of(ident) is not None:
            return await self._drilling.acknowledge(ident, endpoint, name, by)
        if (group := await self._group_of(ident)) is not None:
            return await self._groups.acknowledge(group, ident, endpoint, name, by)
        watch, incident = await self._find(ident)
        async with watch.lock:
            if watch.incident is None or watch.incident.id != ident:
                raise Refused(f"Incident {incident.id} is not the present one of {watch.id}.")
            incident, setting = watch.incident, self._advance.setting(watch)
            await self._advance.record(watch, acknowledge(incident, setting, endpoint, name, by))
        same = await self._acknowledge_the_same(watch, ident, endpoint, name, by, shown=also)
        await self._advance.advance(watch)
        seen = " and ".join((ident, *same))
        return f"{endpoint} has acknowledged incident {seen}."

    async def _acknowledge_the_same(
        self,
        watch: Watch,
        ident: str,
        endpoint: str,
        name: str,
        by: str,
        *,
        shown: Collection[str],
    ) -> list[str]:
        """Outages of the same cause that wait for the same person: one word is enough for all `shown`."""
        seen: list[str] = []
        for other, _ in self._advance.of_one_cause(watch):
            async with other.lock:
                its = other.incident
                if its is None or its.id not in shown or endpoint not in its.awaited:
                    continue
                setting = self._advance.setting(other)
                step = acknowledge(its, setting, endpoint, name, by, same_cause_as=ident)
                await self._advance.record(other, step)
                seen.append(its.id)
        return seen

    async def close(self, ident: str, by: str, reason: str) -> str:
        """A person's word that back-entry is done."""
        if (group := await self._group_of(ident)) is not None:
            return await self._groups.close(group, ident, by, reason)
        watch, incident = await self._find(ident)
        unfinished = await self._book.unfinished(ident)
        async with watch.lock:
            if watch.incident is not None and watch.incident.id == ident:
                incident = watch.incident
            step = life.close(incident, self._clock.now(), by, reason, unfinished)
            if watch.incident is None or watch.incident.id == ident:
                await self._advance.record(watch, step)
            else:
                current, watch.incident = watch.incident, None
                await self._advance.record(watch, step)
                watch.incident = current
        await self._advance.advance(watch)
        return f"Incident {ident} is closed."

    async def hand_over(self, ident: str, by: str) -> str:
        """Put every unfinished order of an incident on the list for the RIS administrator."""
        watch, _ = await self._find(ident)
        handed = 0
        for order in await self._book.find(incident=ident):
            if OrderState.DEBT in NEXT[order.state] and order.state is not OrderState.DEBT:
                await self._cleaner.hand_over(watch, order, by)
                handed += 1
        return f"{handed} orders handed over: see `remissvakt orders debt`."

    async def _control(self, watch: Watch, sending: str, by: str, reason: str) -> None:
        control = PathControl(
            path=watch.id, sending=sending, by=by, reason=reason, at=self._clock.now()
        )
        before = watch.control
        await self._states.control(control)
        if watch.control is not before:
            watch.breaker_unstored = True  # it stands, and is stored after ours
            raise Refused(f"Sending on {watch.id} has stopped by itself meanwhile: ask again.")
        watch.control = control

    async def _group_of(self, ident: str) -> str | None:
        """The group whose incident this is."""
        if any(w.incident is not None and w.incident.id == ident for w in self._watches.values()):
            return None
        for group in self._groups.watches.values():
            if group.incident is not None and group.incident.id == ident:
                return group.id
        incident = await self._incidents.get(ident)
        known = incident is not None and incident.path in self._groups.watches
        return incident.path if incident is not None and known else None

    async def _find(self, ident: str) -> tuple[Watch, Incident]:
        """From memory first: what only the journal holds is in no database yet."""
        for watch in self._watches.values():
            if watch.incident is not None and watch.incident.id == ident:
                return watch, watch.incident
        incident = await self._incidents.get(ident)
        if incident is None or incident.path not in self._watches:
            raise UnknownIncident(f"No incident is called {ident[:60]}.")
        return self._watches[incident.path], life.serious(incident)
