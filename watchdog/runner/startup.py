"""What an earlier run left: its orders, its incidents, its stops, and what it had learned."""

import asyncio
from datetime import datetime, timedelta

import structlog

from watchdog.detection.learned import restore, stored
from watchdog.incidents.life import BREAKER, goes_on, note
from watchdog.incidents.window import SHOWN_FOR, is_shown, unfinished
from watchdog.model.order import Order, OrderState
from watchdog.model.text import Text
from watchdog.orders.life import after_restart, is_sought, is_terminal
from watchdog.runtime import Watcher
from watchdog.service.group_watch import GroupWatch
from watchdog.service.watch import CANCEL_REFUSED, Watch
from watchdog.storage.meta import next_epoch
from watchdog.storage.states import PathState

log = structlog.get_logger()
ANNOUNCED_AGAIN_AFTER = timedelta(minutes=5)
STOPPED = Text(
    "Sändningen av provremisser har stoppat av sig själv; den väntar på att en person återupptar den.",
    "The sending of test orders has stopped by itself; it waits until a person resumes it.",
)


async def take_over(watcher: Watcher) -> None:
    """Raise the epoch and give every watch its past. Orders are never sent again."""
    runtime = watcher.runtime
    await runtime.journal.bring_into(runtime.database)  # an earlier run's, before it is read
    outgoing = watcher.outgoing  # what the journal held stands before what this run stores
    outgoing.next_order = max(outgoing.next_order, await runtime.outbox.next_order())
    runtime.board.epoch = await next_epoch(runtime.database, runtime.epoch_seen)
    runtime.database.fence(runtime.board.epoch)
    await watcher.subscribing.refresh()  # before anybody is told anything
    states = await runtime.states.all()
    controls = await runtime.states.controls()
    commissions = await runtime.states.commissions()
    again: list[Watch] = []
    for watch in watcher.watches.values():
        watch.control = controls.get(watch.id)
        if watch.control is not None and watch.control.sending == "rejected":
            watch.detector.pacing.reject(runtime.clock.monotonic())
            watch.cancels_held = CANCEL_REFUSED in watch.control.reason
        record = commissions.get(watch.id)
        watch.commissioned = not runtime.config.production or (
            record is not None and record.fingerprint == watch.config.fingerprint
        )
        if not watch.commissioned:
            log.warning("not_commissioned", path=watch.id)
        watch.obey_people()
        watch.sent_today = await _sent_today(watcher, watch)
        _relearn(watch, states.get(watch.id))
        await _orders(watcher, watch)
        await _incident(watcher, watch)
        if await _is_announced_again(watcher, watch):  # before this run has its say
            again.append(watch)
        await _tell_of_stop(watcher, watch)
    await _all_advance(watcher)
    for watch in again:
        async with watch.lock:
            await _goes_on(watcher, watch, "har startat om", "has restarted")
    for group in watcher.groups.watches.values():
        await _group(watcher, group)
        if await _is_announced_again(watcher, group):
            async with group.lock:
                await _goes_on(watcher, group, "har startat om", "has restarted")
    await watcher.drilling.take_over()
    log.info("started", epoch=runtime.board.epoch, paths=len(watcher.watches))


async def _all_advance(watcher: Watcher) -> None:
    """Evaluate every path, together: what they store shares its commits."""
    watches = watcher.watches.values()
    advances = [asyncio.create_task(watcher.advance.advance(each)) for each in watches]
    try:
        await asyncio.gather(*advances)
    finally:  # where one failed this run ends, and the others must store nothing any more
        for each in advances:
            each.cancel()


async def _sent_today(watcher: Watcher, watch: Watch) -> list[float]:
    """When the orders of the last 24 hours were planned: the daily maximum outlives a restart."""
    now, mono = watcher.runtime.clock.now(), watcher.runtime.clock.monotonic()
    planned = await watcher.runtime.book.planned_since(watch.id, now - timedelta(days=1))
    return [mono - (now - at).total_seconds() for at in planned]


async def _orders(watcher: Watcher, watch: Watch) -> None:
    now, mono = watcher.runtime.clock.now(), watcher.runtime.clock.monotonic()
    book, overdue = watcher.runtime.book, timedelta(seconds=watch.config.cadence.overdue_s)
    # a rejected one may be in the RIS all the same, and is looked for as long as it was before
    rejected = await book.find(states=(OrderState.REFUSED,), path=watch.id, since=now - overdue)
    for order in (*await book.open(watch.id), *rejected):
        kept = after_restart(order)
        if kept is not order:
            await book.save(kept)
        if is_terminal(kept) and not is_sought(kept):
            continue
        watch.put(kept, ended=False)
        if kept.arrived_at is None and kept.state is not OrderState.LOST:
            watch.detector.inherit(kept.placer, mono - (now - _left(kept)).total_seconds())


def _left(order: Order) -> datetime:
    return order.sent_at or order.planned_at


async def _incident(watcher: Watcher, watch: Watch) -> None:
    """A declared outage stands after a restart, until fresh orders prove it over."""
    runtime = watcher.runtime
    now, mono = runtime.clock.now(), runtime.clock.monotonic()
    mine = await runtime.incidents.of_path(watch.id, now - SHOWN_FOR)
    watch.recent = [i for i in mine if i.is_over and is_shown(i, now)]
    watch.last_incident = await runtime.incidents.newest(watch.id)
    watch.incident = current = unfinished(mine)
    if current is not None and current.is_outage and not current.by_hand:
        watch.detector.resume_outage(
            mono,
            current.reason,
            partial=current.partial,
            sender=current.sender,
            orders=current.orders,
        )


async def _is_announced_again(watcher: Watcher, watch: Watch | GroupWatch) -> bool:
    """True if who was told of an outage that goes on hears it again: not at every restart of a bad
    night, but always where the recovery had begun, for how far it had come is not known any more.
    """
    incident = watch.incident
    if incident is None or not incident.is_outage:
        return False
    timeline = await watcher.runtime.incidents.timeline(incident.id)
    now = watcher.runtime.clock.now()
    lately = bool(timeline) and now - timeline[-1].at < ANNOUNCED_AGAIN_AFTER
    return incident.recovering_at is not None or not lately


async def _goes_on(watcher: Watcher, watch: Watch | GroupWatch, sv: str, en: str) -> None:
    """Who was told of it hears that the outage stands. Call with the lock held."""
    instance = watcher.runtime.config.instance
    because = Text(
        f"Remissvakt ({instance}) {sv}. Driftstoppet pågår.",
        f"Remissvakt ({instance}) {en}. The outage goes on.",
    )
    if watch.incident is None or not watch.incident.is_outage:
        return
    if isinstance(watch, Watch):
        setting = watcher.advance.setting(watch)
        await watcher.advance.record(watch, goes_on(watch.incident, setting, because, "remissvakt"))
    else:
        setting = watcher.groups.setting(watch)
        await watcher.groups.record(watch, goes_on(watch.incident, setting, because, "remissvakt"))


async def _tell_of_stop(watcher: Watcher, watch: Watch) -> None:
    """IT hears that sending stopped by itself, if the run that stopped it ended before it told that."""
    control = watch.control
    if control is None or control.sending != "rejected":
        return
    # in any of its incidents: another one may have begun since
    if await watcher.runtime.incidents.is_noted(watch.id, BREAKER, control.at):
        return
    async with watch.lock:
        step = note(watch.incident, watcher.advance.setting(watch), STOPPED)
        await watcher.advance.record(watch, step)


async def adopt(watcher: Watcher) -> None:
    """An outage that another node declared while we could not see each other is ours to end."""
    for found in await watcher.runtime.incidents.open():
        if not found.is_outage:
            continue
        watch, group = watcher.watches.get(found.path), watcher.groups.watches.get(found.path)
        if watch is not None and not watch.unstored:
            async with watch.lock:
                # asked again: its end may have been decided while we waited, and not be stored yet
                if not watch.unstored and (watch.incident is None or not watch.incident.is_outage):
                    log.warning("adopted", path=watch.id, incident=found.id)
                    await _incident(watcher, watch)
                    watch.stirred.set()
                    if watch.incident is not None and watch.incident.recovering_at is not None:
                        await _goes_on(watcher, watch, "har tagit över", "has taken over")
        elif group is not None and not group.unstored:
            async with group.lock:
                if not group.unstored and (group.incident is None or not group.incident.is_outage):
                    log.warning("adopted", path=group.id, incident=found.id)
                    await _group(watcher, group)
                    if group.incident is not None and group.incident.recovering_at is not None:
                        await _goes_on(watcher, group, "har tagit över", "has taken over")


async def _group(watcher: Watcher, watch: GroupWatch) -> None:
    """A group's declared outage stands after a restart, until its systems are seen to work."""
    now = watcher.runtime.clock.now()
    mine = await watcher.runtime.incidents.of_path(watch.id, now - SHOWN_FOR)
    watch.recent = [i for i in mine if i.is_over and is_shown(i, now)]
    watch.incident = unfinished(mine)
    watch.last_incident = await watcher.runtime.incidents.newest(watch.id)
    if watch.incident is not None and watch.incident.is_outage:
        if watch.incident.by_hand:
            watch.by_hand = watch.incident.scenario
        else:
            watch.fold.resume_outage(watch.incident.scenario)


def _relearn(watch: Watch, state: PathState | None) -> None:
    if state is not None:
        restore(watch.detector, stored(state.learned))
