"""A node: it follows what another decides until it leads, and leads until another does.

Without the database nobody leads: a node that led goes on deciding, sends no order and gives no
all-clear, and tells from its journal (design decisions, section 5).
"""

import asyncio
import contextlib

import structlog

from watchdog.errors import StorageError
from watchdog.runner.follow import Follower
from watchdog.runner.loops import Runner
from watchdog.runtime import Runtime, Watcher, build_watcher
from watchdog.storage.leader import Leadership
from watchdog.storage.meta import epoch, next_epoch

log = structlog.get_logger()
TRY_S = 0.5


class Node:
    """Runs until cancelled; `runtime.watcher` is what it leads with, or None."""

    def __init__(self, runtime: Runtime, leadership: Leadership) -> None:
        self._runtime, self._leadership = runtime, leadership
        runtime.leads = leadership.holds

    async def run(self) -> None:
        """Follow and lead in turn. Refused if another holds a database that only one can have."""
        try:
            while True:
                if not await self._taken():
                    if self._runtime.database.is_sqlite:
                        raise self._leadership.refused()
                    await self._follow()
                await self._lead()
        finally:
            await self._leadership.release()

    async def _taken(self) -> bool:
        try:
            return await self._leadership.take()
        except StorageError as error:
            log.warning("cannot_lead", error=str(error))
            return False

    async def _follow(self) -> None:
        """Show what the leader stores, until we lead."""
        log.info("following", instance=self._runtime.config.instance)
        following = asyncio.create_task(Follower(self._runtime).run())
        try:
            while not await self._taken():
                await self._bring_in()
                await self._runtime.clock.sleep(TRY_S)
                if following.done():
                    following.result()
        finally:
            await _ended(following)

    async def _lead(self) -> None:
        """Watch until another leads."""
        watcher = await build_watcher(self._runtime)
        running = asyncio.create_task(Runner(watcher).run())
        self._runtime.watcher = watcher
        log.info("leading", instance=self._runtime.config.instance)
        try:
            while True:
                beating = asyncio.create_task(self._leadership.keep())
                try:
                    await asyncio.wait({running, beating}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    await _ended(beating)
                if running.done():
                    running.result()
                if not await self._again(watcher):
                    return
        finally:
            self._runtime.watcher, self._runtime.at_hand = None, None
            self._runtime.alone = False
            await _ended(running)
            self._runtime.database.fence(None)
            log.info("stepped_down", instance=self._runtime.config.instance)

    async def _again(self, watcher: Watcher) -> bool:
        """After the lock was lost: True once it is ours again, False as soon as another has it."""
        runtime = self._runtime
        while True:
            try:
                if not await self._leadership.take():
                    return False
                if await epoch(runtime.database) != runtime.board.epoch:
                    # another led meanwhile, and what we hold in memory knows nothing of it
                    await self._leadership.release()
                    return False
                runtime.database.fence(None)
                runtime.board.epoch = await next_epoch(runtime.database)
                runtime.database.fence(runtime.board.epoch)
            except StorageError:
                runtime.alone = True
                await runtime.clock.sleep(TRY_S)
                continue
            runtime.alone = False
            for watch in watcher.watches.values():
                watch.kick.set()
            return True

    async def _bring_in(self) -> None:
        """What we decided without the database, before another led."""
        with contextlib.suppress(StorageError):
            await self._runtime.journal.bring_into(self._runtime.database)


async def _ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
