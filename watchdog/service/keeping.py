"""Keeping orders: memory and order book in step, observations to the detector, the breaker stored.

What sending (`orders.py`) and cleaning up (`cleanup.py`) have in common.
"""

import asyncio
from collections.abc import Callable, Coroutine

import structlog

from watchdog.clock import Clock
from watchdog.detection.explain import SHORT
from watchdog.errors import Fenced, StorageError
from watchdog.incidents import life as incident_life
from watchdog.model.observation import Ev, Event
from watchdog.model.order import Order, OrderState
from watchdog.model.outage import Reason
from watchdog.model.text import Text
from watchdog.orders import life
from watchdog.service.advance import Advance
from watchdog.service.watch import CANCEL_REFUSED, Watch
from watchdog.storage.orders import OrderBook
from watchdog.storage.states import PathControl, States
from watchdog.within import within

log = structlog.get_logger()
STORE_S = 5.0
ORDER_REJECTED = SHORT[Reason.PROBE_REJECTED]
CANCEL_REJECTED = Text(
    "En makulering av en provremiss avvisades; sändningen är stoppad tills en person återupptar den.",
    "The cancel of a test order was rejected; sending is stopped until a person resumes it.",
)
ORDERS_SPENT = Text(
    "Driftstoppet har kostat alla provremisser som det får kosta; inga fler sänds förrän en person "
    "återupptar dem, och bara riktiga remisser kan visa att vägen är hel.",
    "The outage has cost all test orders that it may cost; no more are sent until a person resumes "
    "them, and only real orders can show that the path is well.",
)
ANSWER_UNREADABLE = Text(
    "Svaret på en provremiss gick inte att läsa; sändningen är stoppad tills en person återupptar den.",
    "The answer to a test order could not be read; sending is stopped until a person resumes it.",
)


class Keeper:
    """Moves orders from state to state, and remembers what the database has not taken yet."""

    def __init__(
        self,
        *,
        book: OrderBook,
        states: States,
        advance: Advance,
        clock: Clock,
        leads: Callable[[], bool] = lambda: True,
    ) -> None:
        self._book, self._states = book, states
        self.advance, self.clock, self.leads = advance, clock, leads
        self.fenced = False
        """Another node leads: what this one could not store will never be stored by it."""

    async def commit(self, order: Order) -> None:
        """Store before the first byte leaves. StorageError if the database does not take it."""
        await self._book.save(order)

    async def find(self, placer: str) -> Order | None:
        """An order of the book, ended ones too."""
        return await self._book.get(placer)

    def start(self, watch: Watch, work: Coroutine[None, None, None]) -> None:
        """Run a transmission beside everything else; the watch knows of it until it ends."""
        task = asyncio.create_task(work)
        watch.transmissions.add(task)
        task.add_done_callback(watch.transmissions.discard)

    def notice(self, watch: Watch, ev: Ev, ident: str, *, code: str = "") -> None:
        """Tell the detector what was seen, at once; the consequences follow with the next advance."""
        event = Event(
            ev=ev,
            mono=self.clock.monotonic(),
            t=self.clock.now().timestamp(),
            id=ident,
            code=code,
        )
        self.advance.observe(watch, (event,))

    async def saw(self, watch: Watch, ev: Ev, ident: str, *, code: str = "") -> None:
        """Tell the detector what was seen, and carry the consequences through."""
        self.notice(watch, ev, ident, code=code)
        await self.consequences(watch)

    async def consequences(self, watch: Watch) -> None:
        """Of what was noticed since."""
        await self.advance.advance(watch)
        watch.kick.set()

    async def step(self, watch: Watch, order: Order, to: OrderState, **changes: object) -> Order:
        """Move and store what the order is by now; one that has ended meanwhile is left alone."""
        current = watch.orders.get(order.placer)
        if current is None or to not in life.NEXT[current.state]:
            return current or order
        moved = life.move(current, to, **changes)
        await self.save(watch, moved)
        return moved

    async def save(self, watch: Watch, order: Order) -> None:
        """Memory first, so that what comes meanwhile builds on this; then the database.

        What the database does not take is stored again by the clean-up loop.
        """
        watch.put(order, ended=life.is_terminal(order) and not life.is_sought(order))
        watch.dirty[order.placer] = order
        try:
            await within(STORE_S, self._book.save(order))
        except StorageError as error:
            self.fenced = self.fenced or isinstance(error, Fenced)
            log.error("order_not_stored", path=watch.id, error=str(error))
            return
        if watch.dirty.get(order.placer) is order:
            del watch.dirty[order.placer]

    async def open_breaker(self, watch: Watch, why: str) -> bool:
        """Stop sending until a person resumes; stored, so that a restart does not resume.

        True if it was not stopped by itself already: IT is to be told (`tell_stopped`).
        """
        opened = not watch.detector.pacing.rejected
        # a restart must find that in the row too
        if watch.cancels_held and CANCEL_REFUSED not in why:
            why = f"{CANCEL_REFUSED} refused before; {why}"
        watch.detector.pacing.reject(self.clock.monotonic())
        watch.cancels_held = watch.cancels_held or CANCEL_REFUSED in why
        watch.control = PathControl(
            path=watch.id,
            sending="rejected",
            by="remissvakt",
            reason=why[:400],
            at=self.clock.now(),
        )
        watch.stirred.set()
        log.warning("breaker_open", path=watch.id, reason=why)
        await self._store_breaker(watch)
        return opened

    async def tell_stopped(self, watch: Watch, because: Text) -> None:
        """Tell IT why sending has stopped by itself: whatever the path's state, a person must resume."""
        async with watch.lock:
            step = incident_life.note(watch.incident, self.advance.setting(watch), because)
            await self.advance.record(watch, step)

    async def _store_breaker(self, watch: Watch) -> None:
        if watch.control is None:
            return
        try:
            await within(STORE_S, self._states.control(watch.control))
            watch.breaker_unstored = False
        except StorageError as error:
            watch.breaker_unstored = True
            log.error("breaker_not_stored", path=watch.id, error=str(error))

    async def store_again(self, watch: Watch) -> None:
        """Store what the database did not take when it happened."""
        if watch.breaker_unstored:
            await self._store_breaker(watch)
        for order in list(watch.dirty.values()):
            await self.save(watch, watch.orders.get(order.placer, order))
