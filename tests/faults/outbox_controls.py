"""Two bad orders, kept for ever as negative controls: the harness must find what each of them loses.

Both are common: a notice marked before it is sent, and an incident stored apart from its notices.
"""

from collections.abc import Callable
from typing import Any

from tests.faults.outbox_points import Reached
from watchdog.model.incident import Incident, IncidentEvent
from watchdog.model.notice import Attempt, Notice
from watchdog.runner.dispatch import Dispatcher
from watchdog.service.recorder import Recorder
from watchdog.storage import incidents, outbox


def mark_before_sending(point: Callable[[str], Reached]) -> None:
    """A dispatcher that marks a notice delivered before it sends."""
    marked = point("control.marked")

    async def deliver(self: Any, notice: Notice) -> None:
        attempt = Attempt(
            notice=notice.id,
            number=notice.attempts + 1,
            at=self._clock.now(),
            took_ms=0,
            outcome="",
        )
        await self._delivered(notice, attempt)
        marked()
        known = {each.id: each for each in self._watcher.runtime.board.endpoints}
        await self._watcher.sender.send(notice, known[notice.endpoint])
        self.kick.set()

    Dispatcher._deliver = deliver  # pyright: ignore[reportPrivateUsage]


def store_in_two_transactions(point: Callable[[str], Reached]) -> None:
    """A recorder that stores the incident, and its notices in a transaction of their own."""
    between = point("control.between")

    async def store(
        self: Any, _: object, incident: Incident, events: list[IncidentEvent], notices: list[Notice]
    ) -> None:
        async with self._database.transaction() as db:
            await incidents.save(db, incident, events)
        between()
        async with self._database.transaction() as db:
            await outbox.follow(db, incident, events, notices, self._clock.now())

    Recorder._store = store  # pyright: ignore[reportPrivateUsage]


CONTROLS: dict[str, tuple[Callable[[Callable[[str], Reached]], None], str, int]] = {
    "mark_before_sending": (mark_before_sending, "control.marked", 24),
    "two_transactions": (store_in_two_transactions, "control.between", 12),
}
"""Name to what replaces the product's method, its bad step, and the highest n for that."""
