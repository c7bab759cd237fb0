"""Word from the leader that something was stored: LISTEN/NOTIFY on PostgreSQL, nothing on SQLite.

It only makes followers quicker; they look now and then all the same.
"""

import asyncio
import contextlib

import psycopg
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from watchdog.clock import Clock
from watchdog.storage.engine import Database

log = structlog.get_logger()
AGAIN_S = 1.0


async def tell(db: AsyncConnection) -> None:
    """In the caller's transaction: followers hear of it when it is committed."""
    if db.dialect.name == "postgresql":
        await db.execute(text("SELECT pg_notify('remissvakt', '')"))


class Changes:
    """What a follower waits for between its looks."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._heard = asyncio.Event()

    async def listen(self) -> None:
        """Listen until cancelled; a lost connection is made again."""
        if self._database.is_sqlite:
            await asyncio.Event().wait()
        while True:
            with contextlib.suppress(psycopg.Error, OSError):
                await self._listen()
            await self._clock.sleep(AGAIN_S)

    async def wait(self, most_s: float) -> None:
        """Until something was stored, `most_s` seconds at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(most_s):
                await self._heard.wait()
        self._heard.clear()

    async def _listen(self) -> None:
        session = await psycopg.AsyncConnection.connect(
            self._database.plain_url, autocommit=True, connect_timeout=2
        )
        try:
            await session.execute("LISTEN remissvakt")
            async for _ in session.notifies():
                self._heard.set()
        finally:
            await session.close()
