"""Who leads: an advisory lock on PostgreSQL, a locked file beside SQLite.

The lock belongs to a session that PostgreSQL ends by itself when it has been idle for two seconds, so
a leader that was paused loses it; and a leader counts itself one only for a little less than that
after its last heartbeat, so it knows. What it may still write then is stopped by the epoch
(`Database.fence`). Source: design decisions, section 5.
"""

import asyncio
import fcntl
import math
from pathlib import Path
from typing import IO, LiteralString

import structlog

from watchdog.clock import Clock
from watchdog.dburl import sqlite_file
from watchdog.errors import Refused, StorageError
from watchdog.storage.engine import Database
from watchdog.storage.session import Session

log = structlog.get_logger()
LOCK_ID = 0x52454D49  # "REMI"
IDLE_S = 2.0
BEAT_S = 0.5
EPOCH: LiteralString = "SELECT value FROM meta WHERE key = 'epoch'"
HOLDS_S = 1.6
"""Less than `IDLE_S`: it is certain then that nobody else leads."""
END_OTHERS: LiteralString = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'relation'"
    " AND relation = to_regclass('meta') AND pid <> pg_backend_pid()"
    " AND mode IN ('RowShareLock', 'RowExclusiveLock')"
)
"""Whoever writes as a leader holds the epoch's row; what a former one left open would hold us up."""


class Leadership:
    """Taken, kept by a heartbeat, and lost."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._file: IO[str] | None = None
        self._session: Session | None = None
        self._beaten = -math.inf
        self.epoch_seen: int | None = None
        """The epoch in force when the lock was taken; None with a file."""

    def holds(self) -> bool:
        """True while nobody else can lead."""
        if self._database.is_sqlite:
            return self._file is not None
        return self._clock.monotonic() - self._beaten < HOLDS_S

    async def take(self) -> bool:
        """True if we lead now, False if another does. StorageError if the database cannot say."""
        if self._database.is_sqlite:
            return self._take_file()
        began = self._clock.monotonic()
        url = self._database.plain_url  # a session of its own: the lock must not share one
        session = await Session.connected(url, IDLE_S)
        try:
            got = await session.ask("SELECT pg_try_advisory_lock(%s)", LOCK_ID)
            # seen by the session that holds the lock: if we are paused now, both are gone
            self.epoch_seen = int(await session.ask(EPOCH) or 0)
            if got:
                await session.ask(END_OTHERS)
        except BaseException:  # cancelled too: a lock that nobody keeps must not outlive us
            await session.close()
            raise
        if not got:
            await session.close()
            return False
        self._session, self._beaten = session, began
        return True

    async def keep(self) -> None:
        """Beat until the lock is lost; for ever with a file."""
        if self._database.is_sqlite:
            await asyncio.Event().wait()
        while (session := self._session) is not None:
            began = self._clock.monotonic()
            try:
                found = int(await session.ask(EPOCH) or 0)
                self._database.mind_epoch(found)
            except StorageError as error:
                log.warning("leadership_lost", error=str(error))
                await self.release()
                return
            self._beaten = began  # counted from before the question, as PostgreSQL does at least
            await self._clock.sleep(BEAT_S)

    async def release(self) -> None:
        """Let another lead."""
        self._beaten = -math.inf
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    def refused(self) -> Refused:
        """What a second process on one SQLite file is told."""
        return Refused(
            f"Another Remissvakt already watches with this database ({self._lock_file} is held). Two "
            "would send twice as many orders: stop the other first, give this one a database of its "
            "own, or let both share one PostgreSQL."
        )

    @property
    def _lock_file(self) -> Path:
        return Path(f"{sqlite_file(self._database.url)}.lock")

    def _take_file(self) -> bool:
        file = self._lock_file.open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._file = file
        return True
