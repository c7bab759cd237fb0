"""There is room on the database's disk again: how long until everything goes on."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

from tests.faults.ending import Wrong
from tests.faults.small_disk import SmallDisk
from tests.support.single import Single

RESUMES_S = 30.0


@dataclass(slots=True, kw_only=True)
class Resumed:
    """Seconds from the moment when there was room."""

    journal_s: float = -1.0
    """Until the journal was empty: what it held is in the database."""
    rows_s: float = -1.0
    """Until an order's row was stored."""
    orders_s: float = -1.0
    """Until an engine was handed an order."""
    server_ended: bool = False
    """PostgreSQL had ended by itself, and the operator's service manager started it."""

    @property
    def worst_s(self) -> float:
        return max(self.journal_s, self.rows_s, self.orders_s)


async def resumes(site: Single, disk: SmallDisk) -> Resumed:
    """Make room, and wait for all three. Wrong if they take too long."""
    clock, found = site.clock, Resumed()
    freed, at = clock.monotonic(), clock.now()

    async def brought_in() -> bool:
        return lines(site.journal) == 0

    async def sent() -> bool:
        return bool(site.sent(at, "biztalk"))

    async def seconds(met: Callable[[], Awaitable[bool]]) -> float:
        while not await met():
            await asyncio.sleep(0.05)
        return round(clock.monotonic() - freed, 2)

    await asyncio.to_thread(disk.free)
    operator = asyncio.create_task(_kept_running(site, found))
    try:
        async with asyncio.timeout(RESUMES_S):
            found.rows_s = await seconds(lambda: _stored(site, at))
            found.orders_s = await seconds(sent)
            found.journal_s = await seconds(brought_in)
    except TimeoutError:
        raise Wrong(f"{RESUMES_S:g} s after there was room: {found}") from None
    finally:
        operator.cancel()
        await asyncio.wait({operator})
    return found


async def _stored(site: Single, since: datetime) -> bool:
    try:
        return bool(await site.rows("SELECT 1 FROM orders WHERE planned_at > %s LIMIT 1", since))
    except psycopg.Error:
        return False


async def _kept_running(site: Single, found: Resumed) -> None:
    """As a service manager does for the operator: what has ended is started again."""
    while True:
        if not site.server.is_running:
            found.server_ended = True
            await asyncio.to_thread(site.server.start)
        await asyncio.sleep(0.5)


def lines(journal: Path) -> int:
    """How many the journal has that the database does not."""
    return len(journal.read_bytes().splitlines()) if journal.exists() else 0
