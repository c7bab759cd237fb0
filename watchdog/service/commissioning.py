"""One order by hand: to try a path, and to put it into service once it arrived and was cancelled."""

from collections.abc import Mapping

from watchdog.clock import Clock
from watchdog.errors import Refused
from watchdog.model.order import OrderState
from watchdog.service.orders import OrderDesk
from watchdog.service.watch import Watch, watch_of
from watchdog.storage.orders import OrderBook
from watchdog.storage.states import Commission, States

COMMISSION_S = 900.0


class Commissioning:
    """Sends outside the schedule; Refused says why not, in a sentence for the person who asked."""

    def __init__(
        self,
        watches: Mapping[str, Watch],
        *,
        desk: OrderDesk,
        states: States,
        book: OrderBook,
        clock: Clock,
    ) -> None:
        self._watches, self._desk = watches, desk
        self._states, self._book, self._clock = states, book, clock

    async def probe(self, path: str) -> str:
        """Send one order outside the schedule; its placer number."""
        order = await self._desk.send(watch_of(self._watches, path), "probe")
        if order is None:
            raise Refused(f"Sending on {path} is stopped; nothing was sent.")
        return order.placer

    async def commission(self, path: str, by: str) -> str:
        """Send one order by hand, wait for proof of arrival and cancel, and store the record."""
        watch = watch_of(self._watches, path)
        order = await self._desk.send(watch, "commission")
        if order is None:
            raise Refused(f"Sending on {path} is stopped; nothing was sent.")
        patience = min(COMMISSION_S, 3 * watch.config.cadence.overdue_s)
        end = self._clock.monotonic() + patience
        while self._clock.monotonic() < end:
            stored = await self._book.get(order.placer)
            if stored is not None and stored.state is OrderState.CANCELLED:
                await self._states.commission(
                    Commission(
                        path=path,
                        fingerprint=watch.config.fingerprint,
                        by=by,
                        placer=order.placer,
                        at=self._clock.now(),
                    )
                )
                watch.commissioned = True
                watch.obey_people()
                watch.kick.set()
                return f"{path} is commissioned: {order.placer} arrived and was cancelled."
            if stored is not None and stored.state in (OrderState.REFUSED, OrderState.DEBT):
                raise Refused(
                    f"Order {order.placer} ended as {stored.state.value}: {stored.detail}"
                )
            await self._clock.sleep(watch.config.cadence.reader_poll_s)
        raise Refused(
            f"Order {order.placer} was not proven to arrive and be cancelled within {patience:.0f} s. "
            "It stays in the order book and is cancelled when it is seen."
        )
