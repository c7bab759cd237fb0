"""Plan and send synthetic orders. Safety before speed.

A row is committed before the first byte leaves; the first negative answer stops sending.
"""

import secrets
from datetime import datetime, timedelta

import structlog

from watchdog.clock import Clock
from watchdog.errors import StorageError
from watchdog.hl7.client import SendResult, Sent
from watchdog.hl7.order import new_order
from watchdog.model.observation import Ev
from watchdog.model.order import Order, OrderState
from watchdog.orders.number import control_id, placer_number
from watchdog.service.board import Board
from watchdog.service.keeping import (
    ANSWER_UNREADABLE,
    ORDER_REJECTED,
    ORDERS_SPENT,
    Keeper,
)
from watchdog.service.watch import Watch

log = structlog.get_logger()
DAY_S = 86400.0


class OrderDesk:
    """Orders out, for all paths."""

    def __init__(self, keeper: Keeper, board: Board, clock: Clock, key: bytes) -> None:
        self._keep, self._board, self._clock, self._key = keeper, board, clock, key

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
            await self._keep.commit(order)  # committed before the first byte
        except StorageError as error:
            log.error("order_not_sent", path=watch.id, error=str(error))
            return None
        watch.put(order, ended=False)
        if not self._allowed(watch, purpose):  # a stop or a rejection came during the commit
            now = self._clock.now()
            await self._keep.step(
                watch, order, OrderState.REFUSED, ended_at=now, detail="never sent: stopped"
            )
            return None
        watch.sent_today.append(self._clock.monotonic())
        before = watch.detector.pacing.in_incident
        # it leaves now: what waits for the database would count as the path's own slowness
        self._keep.notice(watch, Ev.PROBE_SENT, order.placer)
        self._keep.start(watch, self._transmit(watch, order, payload))
        await self._keep.consequences(watch)
        if watch.detector.pacing.in_incident > before and watch.detector.pacing.spent:
            await self._keep.tell_stopped(watch, ORDERS_SPENT)
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
        """No negative answer, no stop by a person, and no other node that may lead; uncommissioned,
        only the commissioning order."""
        if watch.detector.pacing.rejected or watch.stopped_by_person or not self._keep.leads():
            return False
        return watch.commissioned or purpose == "commission"

    def _incident(self, watch: Watch) -> str:
        incident = watch.incident
        return incident.id if incident is not None and not incident.is_over else ""

    async def _transmit(self, watch: Watch, order: Order, payload: bytes) -> None:
        def allowed() -> bool:
            """A negative answer, a stop or another leader may have come since the row was committed."""
            return self._allowed(watch, order.purpose)

        try:
            result = await watch.client.send(payload, order.control_id, may_leave=allowed)
        except Exception:
            # an answer that crashes us is no acceptance: the order may be on its way, sending stops
            log.exception("send_crashed", path=watch.id)
            opened = await self._keep.open_breaker(watch, "an answer could not be read")
            await self._keep.step(watch, order, OrderState.SENT, sent_at=self._clock.now())
            if opened:
                await self._keep.tell_stopped(watch, ANSWER_UNREADABLE)
            return
        now = self._clock.now()
        match result.outcome:
            case Sent.ACCEPTED:
                await self._keep.saw(watch, Ev.PROBE_ACK, order.placer, code=result.code)
                await self._keep.step(
                    watch,
                    order,
                    OrderState.ACKNOWLEDGED,
                    sent_at=now - timedelta(seconds=result.answer_s),
                    acknowledged_at=now,
                )
            case Sent.HELD:
                watch.detector.withdraw(order.placer, self._clock.monotonic())
                await self._keep.step(
                    watch, order, OrderState.REFUSED, ended_at=now, detail="never sent: stopped"
                )
            case Sent.REJECTED | Sent.UNFRAMED:
                await self._rejected(watch, order, result, now)
            case Sent.REFUSED:
                await self._keep.saw(watch, Ev.PROBE_REFUSED, order.placer, code=result.code)
                await self._keep.step(
                    watch, order, OrderState.REFUSED, ended_at=now, detail=result.detail[:400]
                )
            case Sent.RESET:
                await self._keep.saw(watch, Ev.PROBE_REFUSED, order.placer, code=result.code)
                await self._keep.step(
                    watch, order, OrderState.SENT, sent_at=now, detail=result.detail
                )
            case Sent.SILENT | Sent.WRONG_ID:
                watch.detector.pacing.unacked()
                await self._keep.step(
                    watch, order, OrderState.SENT, sent_at=now, detail=result.detail
                )

    async def _rejected(
        self, watch: Watch, order: Order, result: SendResult, now: datetime
    ) -> None:
        """A negative answer: no further order on this path until a person resumes.

        The stop is stored before the order's row. The order itself may be in the RIS all the
        same: it is looked for until it is overdue.
        """
        code = result.code or result.outcome.value
        opened = await self._keep.open_breaker(watch, f"an order was answered {code}")
        await self._keep.saw(watch, Ev.PROBE_NAK, order.placer, code=code)
        if opened:
            await self._keep.tell_stopped(watch, ORDER_REJECTED)
        if result.outcome is Sent.UNFRAMED:
            await self._keep.step(watch, order, OrderState.SENT, sent_at=now, detail=result.detail)
            return
        await self._keep.step(
            watch,
            order,
            OrderState.REFUSED,
            sent_at=now,
            ended_at=now,
            detail=f"answered {code}",
        )
