"""Plan, send, confirm and cancel synthetic orders. Safety before speed.

A row is committed before the first byte leaves; the first negative answer stops sending; only what
the order book holds is cancelled, and only after its arrival is proven.
"""

import asyncio
import secrets
from collections.abc import Coroutine
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from watchdog.clock import Clock
from watchdog.errors import StorageError
from watchdog.hl7.client import SendResult, Sent
from watchdog.hl7.order import canary_damaged, cancel_order, new_order
from watchdog.incidents import life as incident_life
from watchdog.model.observation import Ev, Event
from watchdog.model.order import Arrival, Order, OrderState
from watchdog.model.text import Text
from watchdog.orders import life
from watchdog.orders.number import control_id, is_ours, placer_number
from watchdog.service.advance import Advance
from watchdog.service.board import Board
from watchdog.service.watch import CANCEL_REFUSED, Watch
from watchdog.storage.orders import OrderBook
from watchdog.storage.states import PathControl, States

log = structlog.get_logger()
DAY_S = 86400.0
RIS_CANCELS_EVERY_S = 0.5
"""At most two cancels a second per RIS over all paths; `bench` is exempt."""


class OrderDesk:
    """Everything that is done with orders, for all paths."""

    def __init__(
        self,
        *,
        book: OrderBook,
        states: States,
        advance: Advance,
        board: Board,
        clock: Clock,
        key: bytes,
    ) -> None:
        self._book, self._states, self._advance = book, states, advance
        self._board, self._clock, self._key = board, clock, key
        self._last_cancel = float("-inf")
        self.ignored = 0
        """Arrivals of numbers that are not ours, or not in the book."""

    # ---- sending

    async def send(self, watch: Watch, purpose: str = "schedule") -> Order | None:
        """Commit a row, then send one order; returns once it is on its way. None if it may not."""
        if not self._may_send(watch, purpose):
            return None
        now = self._clock.now()
        order = Order(
            placer=placer_number(self._key, watch.id, secrets.token_bytes(10)),
            control_id=control_id(secrets.token_bytes(10)),
            path=watch.id,
            state=OrderState.SENDING,
            planned_at=now,
            incident=self._incident(watch),
            epoch=self._board.epoch,
            purpose=purpose,
        )
        payload = new_order(
            watch.config.send.template, placer=order.placer, control_id=order.control_id, now=now
        )
        try:
            await self._book.save(order)  # committed before the first byte
        except StorageError as error:
            log.error("order_not_sent", path=watch.id, error=str(error))
            return None
        watch.put(order, ended=False)
        if not self._allowed(watch, purpose):  # a stop or a rejection came during the commit
            now = self._clock.now()
            await self._step(
                watch, order, OrderState.REFUSED, ended_at=now, detail="never sent: stopped"
            )
            return None
        watch.sent_today.append(self._clock.monotonic())
        await self._saw(watch, Ev.PROBE_SENT, order.placer)
        self._start(watch, self._transmit(watch, order, payload))
        return order

    def _may_send(self, watch: Watch, purpose: str) -> bool:
        mono = self._clock.monotonic()
        watch.sent_today = [sent for sent in watch.sent_today if mono - sent < DAY_S]
        most = watch.config.orders_per_day_max
        if most is not None and len(watch.sent_today) >= most:
            return False
        scheduled = purpose == "schedule"
        return self._allowed(watch, purpose) and (not scheduled or watch.detector.may_send(mono))

    def _allowed(self, watch: Watch, purpose: str) -> bool:
        """No negative answer, no stop by a person; uncommissioned, only the commissioning order."""
        if watch.detector.pacing.rejected or watch.stopped_by_person:
            return False
        return watch.commissioned or purpose == "commission"

    def _incident(self, watch: Watch) -> str:
        incident = watch.incident
        return incident.id if incident is not None and not incident.is_over else ""

    def _start(self, watch: Watch, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        watch.transmissions.add(task)
        task.add_done_callback(watch.transmissions.discard)

    async def _transmit(self, watch: Watch, order: Order, payload: bytes) -> None:
        try:
            result = await watch.client.send(payload, order.control_id)
        except Exception:
            # an answer that crashes us is no acceptance: the order may be on its way, sending stops
            log.exception("send_crashed", path=watch.id)
            await self.open_breaker(watch, "an answer could not be read")
            await self._step(watch, order, OrderState.SENT, sent_at=self._clock.now())
            return
        now = self._clock.now()
        match result.outcome:
            case Sent.ACCEPTED:
                await self._saw(watch, Ev.PROBE_ACK, order.placer, code=result.code)
                await self._step(
                    watch,
                    order,
                    OrderState.ACKNOWLEDGED,
                    sent_at=now - timedelta(seconds=result.answer_s),
                    acknowledged_at=now,
                )
            case Sent.REJECTED | Sent.UNFRAMED:
                await self._rejected(watch, order, result, now)
            case Sent.REFUSED:
                await self._saw(watch, Ev.PROBE_REFUSED, order.placer, code=result.code)
                await self._step(
                    watch, order, OrderState.REFUSED, ended_at=now, detail=result.detail[:400]
                )
            case Sent.RESET:
                await self._saw(watch, Ev.PROBE_REFUSED, order.placer, code=result.code)
                await self._step(watch, order, OrderState.SENT, sent_at=now, detail=result.detail)
            case Sent.SILENT | Sent.WRONG_ID:
                watch.detector.pacing.unacked()
                await self._step(watch, order, OrderState.SENT, sent_at=now, detail=result.detail)

    async def _rejected(
        self, watch: Watch, order: Order, result: SendResult, now: datetime
    ) -> None:
        """A negative answer: no further order on this path until a person resumes.

        The stop is stored before the order's row. The order itself may be in the RIS all the
        same: it is looked for until it is overdue.
        """
        code = result.code or result.outcome.value
        await self.open_breaker(watch, f"an order was answered {code}")
        await self._saw(watch, Ev.PROBE_NAK, order.placer, code=code)
        if result.outcome is Sent.UNFRAMED:
            await self._step(watch, order, OrderState.SENT, sent_at=now, detail=result.detail)
            return
        await self._step(
            watch,
            order,
            OrderState.REFUSED,
            sent_at=now,
            ended_at=now,
            detail=f"answered {code}",
        )

    async def open_breaker(self, watch: Watch, why: str) -> None:
        """Stop sending until a person resumes; stored, so that a restart does not resume."""
        watch.detector.pacing.rejected = True
        watch.cancels_held = watch.cancels_held or CANCEL_REFUSED in why
        watch.control = PathControl(
            path=watch.id,
            sending="rejected",
            by="remissvakt",
            reason=why[:400],
            at=self._clock.now(),
        )
        log.warning("breaker_open", path=watch.id, reason=why)
        await self._store_breaker(watch)

    async def _store_breaker(self, watch: Watch) -> None:
        if watch.control is None:
            return
        try:
            await self._states.control(watch.control)
            watch.breaker_unstored = False
        except StorageError as error:
            watch.breaker_unstored = True
            log.error("breaker_not_stored", path=watch.id, error=str(error))

    async def store_again(self, watch: Watch) -> None:
        """Store what the database did not take when it happened."""
        if watch.breaker_unstored:
            await self._store_breaker(watch)
        for order in list(watch.dirty.values()):
            await self._save(watch, watch.orders.get(order.placer, order))

    # ---- arrival

    async def arrived(self, watch: Watch, arrival: Arrival) -> None:
        """A reader or the RIS itself showed one of our orders."""
        if not is_ours(self._key, watch.id, arrival.placer):
            self.ignored += 1
            return
        order = watch.orders.get(arrival.placer) or await self._book.get(arrival.placer)
        if order is None or order.path != watch.id:
            self.ignored += 1
            return
        now = self._clock.now()
        damaged = canary_damaged(arrival.text)
        first = order.arrived_at is None and not arrival.refused
        if first or (arrival.level not in order.levels and not arrival.refused):
            order = life.arrived(order, arrival, now, damaged=damaged)
            watch.put(order, ended=life.is_terminal(order))
        if first:  # the detector learns of it whatever the database says
            watch.text_damaged = damaged
            await self._saw(watch, Ev.PROBE_ARRIVED, order.placer)
        await self._save(watch, watch.orders.get(order.placer, order))
        if arrival.cancelled and order.state in (OrderState.ARRIVED, OrderState.CANCEL_SENT):
            # also when the RIS or its staff cancelled it before we did
            await self._step(watch, order, OrderState.CANCELLED, ended_at=now)
        elif arrival.refused:
            await self._refused_by_ris(watch, order, now)
        if arrival.acted_on:
            await self._acted_on(watch, order, arrival.acted_on)

    async def _refused_by_ris(self, watch: Watch, order: Order, now: datetime) -> None:
        """UA, UC or UD: the order arrived and was refused, or its cancel was."""
        if order.state is OrderState.CANCEL_SENT:
            order = await self._step(
                watch, order, OrderState.DEBT, ended_at=now, detail="the RIS refused the cancel"
            )
        else:
            await self._saw(watch, Ev.PROBE_NAK, order.placer, code="UA")
        cancel = order.state in (OrderState.CANCEL_SENT, OrderState.DEBT)
        await self.open_breaker(
            watch, f"{CANCEL_REFUSED} refused by the RIS" if cancel else "the RIS refused an order"
        )

    async def _acted_on(self, watch: Watch, order: Order, what: str) -> None:
        """Somebody works on a synthetic order: stop at once, and say so."""
        if watch.detector.pacing.rejected:
            return
        await self.open_breaker(watch, f"somebody acted on a synthetic order ({what})")
        because = Text(
            f"Någon arbetar med provremissen {order.placer} i RIS ({what}). Sändningen är stoppad.",
            f"Somebody works on test order {order.placer} in the RIS ({what}). Sending is stopped.",
        )
        async with watch.lock:
            setting = self._advance.setting(watch)
            await self._advance.record(watch, incident_life.note(watch.incident, setting, because))

    async def gave_up(self, watch: Watch) -> None:
        """Mark orders whose place was given to a scout, and end those that are overdue."""
        now = self._clock.now()
        given_up = set(watch.detector.pacing.gave_up())
        overdue = timedelta(seconds=watch.config.cadence.overdue_s)
        for held in list(watch.orders.values()):
            order = held
            if order.placer in given_up and OrderState.LOST in life.NEXT[order.state]:
                order = await self._step(watch, order, OrderState.LOST, detail="given up")
            never_seen = order.arrived_at is None and now - order.planned_at > overdue
            if never_seen and order.state is OrderState.REFUSED:
                watch.put(order, ended=True)  # rejected, and not to be seen in the RIS either
                continue
            if never_seen and order.state is OrderState.LOST and order.ended_at is None:
                await self._save(
                    watch, replace(order, ended_at=now, detail="never seen in the RIS")
                )
            elif never_seen and OrderState.LOST in life.NEXT[order.state]:
                await self._step(
                    watch, order, OrderState.LOST, ended_at=now, detail="never seen in the RIS"
                )

    # ---- cancelling

    async def cancel_due(self, watch: Watch) -> bool:
        """Send the next cancel that is due, at most one per drain interval; True if one went out."""
        if watch.cancels_held:
            return False
        now, mono = self._clock.now(), self._clock.monotonic()
        cadence = watch.config.cadence
        if mono - watch.last_cancel < cadence.cancel_every_s:
            return False
        bench = cadence.name == "bench"
        if not bench and mono - self._last_cancel < RIS_CANCELS_EVERY_S:
            return False
        for order in sorted(watch.orders.values(), key=lambda o: o.next_cancel_at or now):
            if life.cancel_exhausted(order, cadence.cancel_retries_s, now):
                await self._step(
                    watch, order, OrderState.DEBT, ended_at=now, detail="cancel not confirmed"
                )
            elif life.may_cancel(order) and (order.next_cancel_at or now) <= now:
                watch.last_cancel = self._last_cancel = mono
                await self._cancel(watch, order)
                return True
        return False

    async def _cancel(self, watch: Watch, order: Order) -> None:
        now = self._clock.now()
        message_id = control_id(secrets.token_bytes(10))
        begun = life.cancelling(order, message_id, now, watch.config.cadence.cancel_retries_s)
        try:
            await self._book.save(begun)  # committed before the first byte, as for the order
        except StorageError as error:
            log.error("cancel_not_sent", path=watch.id, error=str(error))
            return
        watch.put(begun, ended=False)
        payload = cancel_order(
            watch.config.send.template,
            placer=begun.placer,
            filler=begun.filler,
            control_id=message_id,
            now=now,
        )
        self._start(watch, self._transmit_cancel(watch, begun, payload, message_id))

    async def _transmit_cancel(
        self, watch: Watch, order: Order, payload: bytes, message_id: str
    ) -> None:
        result = await watch.client.send(payload, message_id)
        current = watch.orders.get(order.placer)
        if current is None or current.cancel_control_id != message_id:
            return
        now = self._clock.now()
        if result.outcome in (Sent.REJECTED, Sent.UNFRAMED):
            code = result.code or result.outcome.value
            await self.open_breaker(watch, f"{CANCEL_REFUSED} answered {code}")
            await self._step(
                watch, current, OrderState.DEBT, ended_at=now, detail=f"cancel answered {code}"
            )
        elif result.outcome is Sent.REFUSED:
            # no byte left: a try that was none, and the path will not be better within seconds
            await self._save(watch, replace(current, cancel_attempts=current.cancel_attempts - 1))
        elif result.outcome is Sent.ACCEPTED and watch.config.cancel_by_ack:
            await self._step(
                watch, current, OrderState.CANCELLED, ended_at=now, detail="by acknowledgement only"
            )

    async def read_back(self, watch: Watch, looked_at: datetime, seen: set[str]) -> None:
        """An E6 reader looked at `looked_at` and did not show an order whose cancel had gone out."""
        for order in list(watch.orders.values()):
            gone = (
                order.state is OrderState.CANCEL_SENT
                and order.e6_at is not None
                and order.placer not in seen
                and order.cancel_sent_at is not None
                and order.cancel_sent_at < looked_at
            )
            if gone:
                await self._step(
                    watch,
                    order,
                    OrderState.CANCELLED,
                    ended_at=looked_at,
                    detail="gone on read-back",
                )

    async def hand_over(self, watch: Watch, order: Order, by: str) -> None:
        """Put an order on the list for the RIS administrator."""
        await self._step(
            watch,
            order,
            OrderState.DEBT,
            ended_at=self._clock.now(),
            detail=f"handed over by {by}"[:400],
        )

    # ---- inside

    async def _saw(self, watch: Watch, ev: Ev, ident: str, *, code: str = "") -> None:
        event = Event(
            ev=ev,
            mono=self._clock.monotonic(),
            t=self._clock.now().timestamp(),
            id=ident,
            code=code,
        )
        await self._advance.advance(watch, (event,))

    async def _step(self, watch: Watch, order: Order, to: OrderState, **changes: object) -> Order:
        """Move and store what the order is by now; one that has ended meanwhile is left alone."""
        current = watch.orders.get(order.placer)
        if current is None or to not in life.NEXT[current.state]:
            return current or order
        moved = life.move(current, to, **changes)
        await self._save(watch, moved)
        return moved

    async def _save(self, watch: Watch, order: Order) -> None:
        """Memory first, so that what comes meanwhile builds on this; then the database.

        What the database does not take is stored again by the clean-up loop.
        """
        still_sought = order.state is OrderState.LOST or (
            order.state is OrderState.REFUSED and order.sent_at is not None
        )
        watch.put(order, ended=life.is_terminal(order) and not still_sought)
        watch.dirty[order.placer] = order
        try:
            await self._book.save(order)
        except StorageError as error:
            log.error("order_not_stored", path=watch.id, error=str(error))
            return
        if watch.dirty.get(order.placer) is order:
            del watch.dirty[order.placer]
