"""The loops that a watching process has once, and how every loop runs: a crash is logged, no more."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import structlog

from watchdog.clock import Clock
from watchdog.errors import StorageError
from watchdog.runner.startup import adopt
from watchdog.runtime import Watcher
from watchdog.storage import observations, windows
from watchdog.storage.requests import Request

log = structlog.get_logger()
CRASH_PAUSE_S = 1.0
FLUSH_S = 1.0
PRUNE_S = 3600.0
LEAST_REFRESH_S = 0.1
ENTERED_S = 2.0
LAST_WORDS_S = 1.0
WAIT_FOR_THE_WORLD = frozenset({"commission"})
"""Requests that take minutes: a stop or a declaration never waits for them."""
Turn = Callable[[], Awaitable[None]]


async def forever(turn: Turn, name: str, path: str, clock: Clock) -> None:
    """One turn after the other, until cancelled. What crashes a turn ends no loop."""
    while True:
        try:
            await turn()
        except StorageError as error:  # it is the database's trouble, and may last for hours
            log.warning("loop_waits", loop=name, path=path, error=str(error))
            await clock.sleep(CRASH_PAUSE_S)
        except Exception:
            log.exception("loop_crashed", loop=name, path=path)
            await clock.sleep(CRASH_PAUSE_S)


async def ended(tasks: set[asyncio.Task[None]]) -> None:
    """Give them a second, then end them: nothing may write once the database is closed."""
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=LAST_WORDS_S)
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late)


def mind_text(arguments: Mapping[str, object], by: str) -> None:
    """UnicodeEncodeError if a text cannot be stored: half a surrogate pair, from a wrong locale."""
    for value in (*arguments.values(), by):
        str(value).encode("utf-8")


def _plain(value: object) -> str:
    return str(value).encode("utf-8", "replace").decode()


class CommonLoops:
    """Observations to the database, requests of people, what time alone changes, what is old."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self._clock = watcher.runtime.clock
        self._slow_requests: dict[str, asyncio.Task[None]] = {}
        self._carried_out: dict[str, tuple[Request, str, str]] = {}
        """What came of requests whose answer the database has not taken: not carried out again."""
        watched, now = watcher.runtime.config.watched, self._clock.monotonic()
        self._gaps = {i: max(LEAST_REFRESH_S, w.cadence.tick_s) for i, w in watched.items()}
        self._refresh_at = {
            ident: now + gap * place / len(self._gaps)
            for place, (ident, gap) in enumerate(self._gaps.items())
        }

    def turns(self) -> tuple[Turn, ...]:
        """Each to be run for ever."""
        return (self.flush, self.requests, self.refresh, self.prune, self.entered, self.bring_in)

    async def close(self) -> None:
        """End the requests that wait for the world."""
        for task in self._slow_requests.values():
            task.cancel()
        await ended(set(self._slow_requests.values()))

    async def bring_in(self) -> None:
        """What the journal holds goes into the database as soon as that takes it."""
        with contextlib.suppress(StorageError):
            await self._watcher.runtime.journal.bring_into(self._watcher.runtime.database)
        await self._clock.sleep(FLUSH_S)

    async def flush(self) -> None:
        await self._clock.sleep(FLUSH_S)
        with contextlib.suppress(StorageError):
            await observations.append(
                self._watcher.runtime.database, self._watcher.advance.observed()
            )

    async def requests(self) -> None:
        """Wishes are carried out one at a time, but for those that wait for the world."""
        requests = self._watcher.runtime.requests
        for request in await requests.waiting():
            if request.id in self._slow_requests:
                continue
            if request.kind in WAIT_FOR_THE_WORLD:
                task = asyncio.create_task(self._carry_out(request))
                self._slow_requests[request.id] = task
            else:
                await self._carry_out(request)
        self._slow_requests = {i: t for i, t in self._slow_requests.items() if not t.done()}
        await self._clock.sleep(0.2)

    async def _carry_out(self, request: Request) -> None:
        if request.id not in self._carried_out:
            self._carried_out[request.id] = await self._outcome(request)
        said, outcome, detail = self._carried_out[request.id]
        await self._watcher.runtime.requests.done(said, self._clock.now(), outcome, detail)
        del self._carried_out[request.id]

    async def _outcome(self, request: Request) -> tuple[Request, str, str]:
        """The request as it may be stored, and what came of it."""
        try:
            mind_text(request.arguments, request.by)
            outcome, detail = await self._watcher.people.carry_out(request)
        except StorageError:
            raise  # it is tried again when the database answers
        except UnicodeEncodeError:
            plain = {key: _plain(value) for key, value in request.arguments.items()}
            request = replace(request, arguments=plain, by=_plain(request.by))
            outcome, detail = "refused", "A text holds something that is no letter."
        except Exception:  # one bad request must not hold up all that come after it
            log.exception("request_crashed", kind=request.kind)
            outcome, detail = "refused", "An error of ours; it is in the log."
        return request, outcome, detail

    async def refresh(self) -> None:
        """What time alone changes, looked for in each path and group as often as it ticks.

        Each keeps its own moment, so that a thousand of them hold nobody up at once.
        """
        now = self._clock.monotonic()
        due = {ident: at for ident, at in self._refresh_at.items() if at <= now}
        self._watcher.runtime.board.refresh(due)
        for ident, at in due.items():
            gap = self._gaps[ident]
            self._refresh_at[ident] = at + gap * ((now - at) // gap + 1)
        await self._clock.sleep(LEAST_REFRESH_S)

    async def entered(self) -> None:
        """What people entered beside us is read again now and then: windows, overrides, subscriptions."""
        runtime = self._watcher.runtime
        with contextlib.suppress(StorageError):
            await runtime.keys.listed()
            await adopt(self._watcher)
            now = self._clock.now()
            runtime.board.windows = await windows.ending_after(runtime.database, now)
            await self._watcher.overriding.refresh()
            await self._watcher.subscribing.refresh()
        await self._clock.sleep(ENTERED_S)

    async def prune(self) -> None:
        await observations.prune(self._watcher.runtime.database, self._clock.now())
        await self._clock.sleep(PRUNE_S)
