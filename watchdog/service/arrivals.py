"""What the RIS and its readers show of our orders: noticed at once, stored after that.

The detector and memory learn of everything that one look showed before anything waits for the
database: an arrival that waits there would make the path look slow, or broken.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from watchdog.clock import Clock
from watchdog.errors import Fenced
from watchdog.hl7.order import canary_damaged
from watchdog.model.observation import Ev
from watchdog.model.order import Arrival, Order, OrderState
from watchdog.model.text import Text
from watchdog.orders import life
from watchdog.orders.number import is_ours
from watchdog.service.keeping import CANCEL_REJECTED, ORDER_REJECTED, Keeper
from watchdog.service.watch import CANCEL_REFUSED, Watch


class Noticed(NamedTuple):
    """What was shown of an order, and the order with that taken in."""

    arrival: Arrival
    order: Order
    first: bool
    """Nothing had shown its arrival before."""
    new: bool
    """Nothing had shown it on this rung before."""

    @property
    def stops_sending(self) -> bool:
        return self.arrival.refused or bool(self.arrival.acted_on)

    @property
    def is_news(self) -> bool:
        """There is something to store, or to do."""
        return self.new or self.stops_sending or self.arrival.cancelled


class Shown(NamedTuple):
    """What one look, or one message of the RIS, showed of our orders."""

    noticed: list[Noticed]
    ended: list[Arrival]
    """Of orders that memory does not hold: they have ended, or are in no book."""

    @property
    def is_news(self) -> bool:
        return bool(self.ended) or any(each.is_news for each in self.noticed)


class Arrivals:
    """Takes in what is seen of our orders in the RIS, for all paths."""

    def __init__(self, keeper: Keeper, clock: Clock, key: bytes) -> None:
        self._keep, self._clock, self._key = keeper, clock, key
        self._worked_on: set[str] = set()
        """Our orders that somebody was seen to work on, and IT was told of."""
        self.ignored = 0
        """Arrivals of numbers that are not ours, or not in the book."""

    async def arrived(self, watch: Watch, arrival: Arrival) -> None:
        """The RIS itself, or a reader, showed one of our orders; stored when this returns."""
        await self.store(watch, self.notice(watch, (arrival,)))

    def notice(self, watch: Watch, arrivals: Iterable[Arrival]) -> Shown:
        """Let memory and the detector know of all of it before anything waits for the database."""
        shown = Shown([], [])
        for arrival in arrivals:
            if not is_ours(self._key, watch.id, arrival.placer):
                self.ignored += 1
            elif (order := watch.orders.get(arrival.placer)) is None:
                shown.ended.append(arrival)
            else:
                shown.noticed.append(self._notice(watch, order, arrival))
        return shown

    def _notice(self, watch: Watch, order: Order, arrival: Arrival) -> Noticed:
        damaged = canary_damaged(arrival.text)
        first = order.arrived_at is None and not arrival.refused
        new = first or (arrival.level not in order.levels and not arrival.refused)
        if new:
            order = life.arrived(order, arrival, self._clock.now(), damaged=damaged is True)
            watch.put(order, ended=life.is_terminal(order))
            watch.dirty[order.placer] = order
            watch.reads_text(arrival.reader, damaged=damaged)
            watch.stirred.set()
        watch.hears_of(arrival.level, first=first)
        if first:
            self._keep.notice(watch, Ev.PROBE_ARRIVED, order.placer)
        return Noticed(arrival, order, first=first, new=new)

    async def store(self, watch: Watch, shown: Shown) -> None:
        """Carry through what follows from what was noticed, and store it."""
        await self._carry_through(watch, shown.noticed)
        for arrival in shown.ended:
            order = await self._keep.find(arrival.placer)
            if order is None or order.path != watch.id:
                self.ignored += 1
            else:
                await self._carry_through(watch, [self._notice(watch, order, arrival)])

    async def _carry_through(self, watch: Watch, noticed: Sequence[Noticed]) -> None:
        if any(each.first for each in noticed):
            await self._keep.consequences(watch)
        # what stops sending goes first: storing the rest may take seconds
        for each in sorted(noticed, key=lambda each: not each.stops_sending):
            await self._store(watch, each)

    async def _store(self, watch: Watch, noticed: Noticed) -> None:
        order, arrival, now = noticed.order, noticed.arrival, self._clock.now()
        # readers show an order until it is cancelled: storing it each time would delay the rest
        if noticed.new:
            await self._keep.save(watch, watch.orders.get(order.placer, order))
        if arrival.cancelled and order.state in (OrderState.ARRIVED, OrderState.CANCEL_SENT):
            # also when the RIS or its staff cancelled it before we did
            await self._keep.step(watch, order, OrderState.CANCELLED, ended_at=now)
        elif arrival.refused:
            await self._refused_by_ris(watch, order, now)
        if arrival.acted_on:
            await self._acted_on(watch, order, arrival.acted_on)
        if self._keep.fenced and order.placer in watch.dirty:
            raise Fenced("another node leads: who told us of an arrival is to tell it again")

    async def _refused_by_ris(self, watch: Watch, order: Order, now: datetime) -> None:
        """UA, UC or UD: the order arrived and was refused, or its cancel was."""
        cancel = order.state in (OrderState.CANCEL_SENT, OrderState.DEBT)
        # first of all nothing more leaves: storing the rest may take seconds
        opened = await self._keep.open_breaker(
            watch, f"{CANCEL_REFUSED} refused by the RIS" if cancel else "the RIS refused an order"
        )
        if order.state is OrderState.CANCEL_SENT:
            await self._keep.step(
                watch, order, OrderState.DEBT, ended_at=now, detail="the RIS refused the cancel"
            )
        elif not cancel:
            await self._keep.saw(watch, Ev.PROBE_NAK, order.placer, code="UA")
        if opened:
            await self._keep.tell_stopped(watch, CANCEL_REJECTED if cancel else ORDER_REJECTED)

    async def _acted_on(self, watch: Watch, order: Order, what: str) -> None:
        """Somebody works on a synthetic order: stop at once, and say so, once for each order."""
        if order.placer in self._worked_on:
            return
        self._worked_on.add(order.placer)
        await self._keep.open_breaker(watch, f"somebody acted on a synthetic order ({what})")
        because = Text(
            f"Någon arbetar med provremissen {order.placer} i RIS ({what}). Sändningen är stoppad.",
            f"Somebody works on test order {order.placer} in the RIS ({what}). Sending is stopped.",
        )
        await self._keep.tell_stopped(watch, because)
