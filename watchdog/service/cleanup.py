"""Leaving nothing behind: cancels after proof, lost orders named, debts handed to people."""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from watchdog.clock import Clock
from watchdog.errors import StorageError
from watchdog.hl7.client import Sent
from watchdog.hl7.order import cancel_order
from watchdog.model.cadence import RIS_CANCELS_PER_S
from watchdog.model.order import Order, OrderState
from watchdog.orders import life
from watchdog.orders.number import control_id
from watchdog.service.keeping import CANCEL_REJECTED, Keeper
from watchdog.service.watch import CANCEL_REFUSED, Watch

log = structlog.get_logger()
LONGEST_TURN_S = 1.0
"""Nobody waits longer for a turn: the rest of the clean-up would wait with it."""


class Cleaner:
    """Cancels only what the order book holds, and only after its arrival is proven."""

    def __init__(self, keeper: Keeper, clock: Clock) -> None:
        self._keep, self._clock = keeper, clock
        self._next_turn: dict[tuple[str, str], float] = {}
        """By RIS, when the next cancel may go there."""

    async def gave_up(self, watch: Watch) -> None:
        """Mark orders whose place was given to a scout, and end those that are overdue."""
        now = self._clock.now()
        given_up = set(watch.detector.pacing.gave_up())
        overdue = timedelta(seconds=watch.config.cadence.overdue_s)
        for placer in list(watch.orders):
            # it may have arrived while the ones before were stored
            order = watch.orders.get(placer)
            if order is None:
                continue
            if order.placer in given_up and OrderState.LOST in life.NEXT[order.state]:
                order = await self._keep.step(watch, order, OrderState.LOST, detail="given up")
            never_seen = order.arrived_at is None and now - order.planned_at > overdue
            if never_seen and order.state is OrderState.REFUSED:
                watch.put(order, ended=True)  # rejected, and not to be seen in the RIS either
                continue
            if never_seen and order.state is OrderState.LOST and order.ended_at is None:
                await self._keep.save(
                    watch, replace(order, ended_at=now, detail="never seen in the RIS")
                )
            elif never_seen and OrderState.LOST in life.NEXT[order.state]:
                await self._keep.step(
                    watch, order, OrderState.LOST, ended_at=now, detail="never seen in the RIS"
                )

    async def cancel_due(self, watch: Watch) -> bool:
        """Send the next cancel that is due, at most one per drain interval; True if one went out."""
        cadence = watch.config.cadence
        if not self._may(watch):
            return False
        if self._clock.monotonic() - watch.last_cancel < cadence.cancel_every_s:
            return False
        now = self._clock.now()
        for known in sorted(watch.orders.values(), key=lambda o: o.next_cancel_at or now):
            order = watch.orders.get(known.placer)  # storing the ones before may have taken seconds
            if order is None:
                continue
            if life.cancel_exhausted(order, cadence.cancel_retries_s, now):
                await self._keep.step(
                    watch, order, OrderState.DEBT, ended_at=now, detail="cancel not confirmed"
                )
            elif self._is_due(watch, order):
                return await self._in_turn(watch, order)
        return False

    def _may(self, watch: Watch) -> bool:
        return not watch.cancels_held and self._keep.leads()

    def _is_due(self, watch: Watch, order: Order) -> bool:
        retries_s, now = watch.config.cadence.cancel_retries_s, self._clock.now()
        return life.may_cancel(order) and life.cancel_is_due(order, retries_s, now)

    async def _in_turn(self, watch: Watch, order: Order) -> bool:
        """Cancel it as soon as its RIS may be asked again; not in this round if that is far off."""
        if watch.config.cadence.spares_the_ris:
            mono, ris = self._clock.monotonic(), watch.config.ris
            turn = max(mono, self._next_turn.get(ris, mono))
            if turn - mono > LONGEST_TURN_S:
                return False
            self._next_turn[ris] = turn + 1 / RIS_CANCELS_PER_S
            if turn > mono:
                await self._clock.sleep(turn - mono)
            # meanwhile it may have ended, or been stopped
            if watch.orders.get(order.placer) is not order or not self._may(watch):
                return False
        watch.last_cancel = self._clock.monotonic()
        await self._cancel(watch, order)
        return True

    async def _cancel(self, watch: Watch, order: Order) -> None:
        now = self._clock.now()
        message_id = control_id(secrets.token_bytes(10))
        begun = life.cancelling(order, message_id, now, watch.config.cadence.cancel_retries_s)
        try:
            await self._keep.commit(begun)  # committed before the first byte, as for the order
        except StorageError as error:
            log.error("cancel_not_sent", path=watch.id, error=str(error))
            return
        if watch.orders.get(order.placer) is not order:
            return  # it ended, or went on, during the commit; what it is by now is stored after that
        watch.put(begun, ended=False)
        payload = cancel_order(
            watch.config.send.template,
            placer=begun.placer,
            filler=begun.filler,
            control_id=message_id,
            now=now,
        )
        self._keep.start(watch, self._transmit_cancel(watch, begun, payload, message_id))

    async def _transmit_cancel(
        self, watch: Watch, order: Order, payload: bytes, message_id: str
    ) -> None:
        def allowed() -> bool:
            return not watch.cancels_held and self._keep.leads()

        result = await watch.client.send(payload, message_id, may_leave=allowed)
        current = watch.orders.get(order.placer)
        if current is None or current.cancel_control_id != message_id:
            return
        now = self._clock.now()
        if result.outcome in (Sent.REJECTED, Sent.UNFRAMED):
            code = result.code or result.outcome.value
            opened = await self._keep.open_breaker(watch, f"{CANCEL_REFUSED} answered {code}")
            await self._keep.step(
                watch, current, OrderState.DEBT, ended_at=now, detail=f"cancel answered {code}"
            )
            if opened:
                await self._keep.tell_stopped(watch, CANCEL_REJECTED)
        elif result.outcome in (Sent.REFUSED, Sent.HELD):
            # no byte left: a try that was none, and the path will not be better within seconds;
            # and if it is not seen in the RIS now, that is not our doing
            tries = current.cancel_attempts - 1
            sent = current.cancel_sent_at if tries else None
            await self._keep.save(
                watch, replace(current, cancel_attempts=tries, cancel_sent_at=sent)
            )
        elif result.outcome is Sent.ACCEPTED and watch.config.cancel_by_ack:
            await self._keep.step(
                watch, current, OrderState.CANCELLED, ended_at=now, detail="by acknowledgement only"
            )

    async def read_back(self, watch: Watch, looked_at: datetime, gone: set[str]) -> None:
        """The E6 readers looked at `looked_at` and showed none of these: cancelled, if asked to be."""
        for order in list(watch.orders.values()):
            cancelled = (
                order.state is OrderState.CANCEL_SENT
                and order.e6_at is not None
                and order.placer in gone
                and order.cancel_sent_at is not None
                and order.cancel_sent_at < looked_at
            )
            if cancelled:
                await self._keep.step(
                    watch,
                    order,
                    OrderState.CANCELLED,
                    ended_at=looked_at,
                    detail="gone on read-back",
                )

    async def hand_over(self, watch: Watch, order: Order, by: str) -> None:
        """Put an order on the list for the RIS administrator."""
        await self._keep.step(
            watch,
            order,
            OrderState.DEBT,
            ended_at=self._clock.now(),
            detail=f"handed over by {by}"[:400],
        )
