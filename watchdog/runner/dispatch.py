"""The outbox worker: what is due is sent, in order per endpoint; marked only after it was taken."""

import asyncio
import contextlib
import random
from datetime import datetime, timedelta

import structlog

from watchdog.errors import DeliveryError, StorageError
from watchdog.model.notice import Attempt, Notice
from watchdog.notify.backoff import MOST_ASKED_S, next_channel_due, set_back, steps_aside, wait_s
from watchdog.runtime import Watcher
from watchdog.within import within

log = structlog.get_logger()
POLL_S, ANSWER_S = 1.0, 2.0
FINISH_S = 1.0
"""What is on its way when we are stopped may arrive and be noted, so that it is not sent again."""


class Dispatcher:
    """Sends until cancelled. Each endpoint has its own turn, so a dead one cannot hold up another."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self._clock = watcher.runtime.clock
        self._busy: dict[str, asyncio.Task[None]] = {}
        self.kick = asyncio.Event()
        self.delivered, self.failed = 0, 0
        self._unnoted: dict[str, tuple[Notice, Attempt]] = {}
        """Taken by their receivers, which the database could not note yet."""
        self._again_at: dict[str, datetime] = {}
        """When a notice is due again whose failure the database could not note."""

    async def run(self) -> None:
        """Look for due notices when told that there are some, and at least once a second."""
        try:
            while True:
                self.kick.clear()
                nap = POLL_S
                with contextlib.suppress(StorageError):
                    nap = await self._start_due()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(nap):
                        await self.kick.wait()
        finally:
            await self._stop()

    async def _stop(self) -> None:
        if self._busy and self._watcher.runtime.leads():
            await asyncio.wait(self._busy.values(), timeout=FINISH_S)
        for task in self._busy.values():
            task.cancel()
        if self._busy:
            await asyncio.wait(self._busy.values())

    async def _start_due(self) -> float:
        """Start a delivery for each endpoint whose oldest notice is due; seconds to the next one."""
        # who is busy is asked before the outbox: a delivery that ends while we read would show us
        # its notice as waiting still, and send it twice; it kicks us again when it ends
        busy = {endpoint for endpoint, task in self._busy.items() if not task.done()}
        journal, now = self._watcher.runtime.journal, self._clock.now()
        # the journal first: the database may have stopped answering
        here = journal.heads(now, self._unnoted)
        nap = self._start(here, busy, now)
        told = {notice.endpoint for notice in here} | busy
        if not self._watcher.runtime.leads():
            return nap
        with contextlib.suppress(StorageError):
            await self._note_again()
        taken = {*self._unnoted, *journal.taken}
        stored = await within(ANSWER_S, self._watcher.runtime.outbox.heads(now, taken))
        if not self._watcher.runtime.leads():  # we were paused while we asked
            return nap
        return min(nap, self._start([n for n in stored if n.endpoint not in told], busy, now))

    def _start(self, heads: list[Notice], busy: set[str], now: datetime) -> float:
        """Start to deliver what is due; seconds until the next one is."""
        nap = POLL_S
        for notice in heads:
            if notice.endpoint in busy:
                continue
            due = max(notice.next_attempt_at or now, self._again_at.get(notice.id, now))
            wait = (due - now).total_seconds()
            if wait <= 0 or (notice.is_due(now) and set_back(wait)):
                busy.add(notice.endpoint)
                self._busy[notice.endpoint] = asyncio.create_task(self._deliver(notice))
            else:
                nap = min(nap, wait)
        return max(nap, 0.01)

    async def _note_again(self) -> None:
        """What was delivered while the database took nothing is noted as soon as it does."""
        for ident, (notice, attempt) in list(self._unnoted.items()):
            if not await self._watcher.runtime.journal.tried(attempt, None):
                await within(ANSWER_S, self._watcher.runtime.outbox.delivered(notice, attempt))
            del self._unnoted[ident]

    async def _deliver(self, notice: Notice) -> None:
        known = {each.id: each for each in self._watcher.runtime.board.endpoints}
        endpoint = known.get(notice.endpoint)
        began, number = self._clock.monotonic(), notice.attempts + 1
        outcome, asked, refused = "", 0.0, False
        try:
            if endpoint is None:
                raise DeliveryError(f"{notice.endpoint} is no longer configured")  # noqa: TRY301
            await self._watcher.sender.send(notice, endpoint)
        except Exception as error:  # noqa: BLE001 - whatever it was, the notice is tried again
            outcome = str(error) or type(error).__name__
            asked = min(getattr(error, "after_s", None) or 0.0, MOST_ASKED_S)
            refused = isinstance(error, DeliveryError) and error.refused
        attempt = Attempt(
            notice=notice.id,
            number=number,
            at=self._clock.now(),
            took_ms=round(1000 * (self._clock.monotonic() - began)),
            outcome=outcome[:200],
        )
        if outcome:
            aside = steps_aside(number, refused=refused)
            await self._failed(notice, attempt, asked, attempt.at if aside else None)
        else:
            await self._delivered(notice, attempt)
        self.kick.set()

    async def _delivered(self, notice: Notice, attempt: Attempt) -> None:
        self.delivered += 1
        runtime = self._watcher.runtime
        try:
            if not await runtime.journal.tried(attempt, None):
                await within(ANSWER_S, runtime.outbox.delivered(notice, attempt))
        except StorageError:
            self._unnoted[notice.id] = (notice, attempt)

    async def _failed(
        self, notice: Notice, attempt: Attempt, asked_s: float, refused_at: datetime | None
    ) -> None:
        """It is tried again, for ever; after three tries or 30 s the next channel tells it too.

        So does what waits behind it; `refused_at`: what is newer passes it.
        """
        self.failed += 1
        outbox, due = self._watcher.runtime.outbox, notice.not_before or notice.created_at
        since = (attempt.at - due).total_seconds()
        wait = max(wait_s(since, random.random()), asked_s)  # noqa: S311 - jitter
        log.warning("notice_failed", endpoint=notice.endpoint, error=attempt.outcome)
        next_at = attempt.at + timedelta(seconds=wait)
        self._again_at[notice.id] = next_at  # should nothing be able to note it
        with contextlib.suppress(StorageError):
            if not await self._watcher.runtime.journal.tried(attempt, next_at, refused_at):
                await within(ANSWER_S, outbox.failed(notice, attempt, next_at, refused_at))
            del self._again_at[notice.id]
            if next_channel_due(attempt.number, since) and await within(
                ANSWER_S, outbox.bring_forward(notice, attempt.at)
            ):
                log.warning("next_channel", endpoint=notice.endpoint, notice=notice.id)
