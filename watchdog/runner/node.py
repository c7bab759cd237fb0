"""A node: it follows what another decides until it leads, and leads until another does.

Without the database nobody leads: a node that led goes on deciding, sends no order and gives no
all-clear, and tells from its journal (design decisions, section 5).
"""

import asyncio

import structlog

from watchdog.errors import Fenced, StorageError
from watchdog.runner.follow import Follower
from watchdog.runner.loops import Runner
from watchdog.runtime import Runtime, Watcher, build_watcher
from watchdog.storage.engine import NEVER
from watchdog.storage.leader import Leadership
from watchdog.storage.meta import next_epoch
from watchdog.within import within

log = structlog.get_logger()
TRY_S, ANSWER_S, ENDED_S = 0.5, 2.0, 12.0


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
                try:
                    await self._lead()
                except StorageError as error:  # it went away while we took over: follow, try again
                    log.warning("cannot_lead", error=str(error))
                    await self._leadership.release()
                    await self._runtime.clock.sleep(TRY_S)
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
        """Watch until another leads. StorageError if the database goes away while we take over."""
        runtime = self._runtime
        runtime.epoch_seen = self._leadership.epoch_seen
        runtime.database.fence(None)  # the lock is ours: what we store from here on counts
        beating = asyncio.create_task(self._leadership.keep())  # from the first moment on
        running: asyncio.Task[None] | None = None
        try:
            watcher = await build_watcher(runtime)
            running = asyncio.create_task(Runner(watcher).run())
            runtime.watcher = watcher
            log.info("leading", instance=runtime.config.instance)
            while True:
                await asyncio.wait({running, beating}, return_when=asyncio.FIRST_COMPLETED)
                if running.done():
                    running.result()
                if not await self._again(watcher):
                    return
                beating = asyncio.create_task(self._leadership.keep())
        finally:
            runtime.watcher, runtime.at_hand, runtime.alone = None, None, False
            await _ended(beating)
            ended = running is None or await _ended(running)
            # whoever is still at work belongs to an epoch that is over, and stores nothing more
            runtime.database.fence(None if ended else NEVER)
            log.info("stepped_down", instance=runtime.config.instance)

    async def _again(self, watcher: Watcher) -> bool:
        """After the lock was lost: True once it is ours again, False as soon as another has it."""
        runtime = self._runtime
        while True:
            try:
                if not await self._leadership.take():
                    return False
                if self._leadership.epoch_seen not in (None, runtime.board.epoch):
                    # another led meanwhile, and what we hold in memory knows nothing of it
                    await self._leadership.release()
                    return False
                seen = self._leadership.epoch_seen
                raised = await within(ANSWER_S, next_epoch(runtime.database, seen))
                runtime.board.epoch = raised
                runtime.database.fence(raised)
            except Fenced:
                await self._leadership.release()
                return False
            except StorageError:
                await self._leadership.release()  # our own session would refuse us the next time
                runtime.alone = True
                await runtime.clock.sleep(TRY_S)
                continue
            runtime.alone = False
            for watch in watcher.watches.values():
                watch.kick.set()
            return True

    async def _bring_in(self) -> None:
        """What we decided without the database, before another led."""
        try:
            await within(ANSWER_S, self._runtime.journal.bring_into(self._runtime.database))
        except StorageError as error:
            log.warning("journal_not_brought_in", error=str(error))


async def _ended(task: "asyncio.Task[None]") -> bool:
    """End it, and wait no longer than a driver may need to give a dead connection up; False: in vain."""
    task.cancel()
    _, late = await asyncio.wait({task}, timeout=ENDED_S)
    if late:
        log.error("not_ended", task=task.get_name())
    return not late
