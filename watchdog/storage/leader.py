"""One running watcher per database: an advisory lock on PostgreSQL, a locked file beside SQLite."""

import fcntl
from pathlib import Path
from typing import IO

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from watchdog.errors import Refused
from watchdog.storage.engine import Database

LOCK_ID = 0x52454D49  # "REMI"


class Leadership:
    """Held from start to end of a run."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._file: IO[str] | None = None
        self._connection: AsyncConnection | None = None

    async def take(self) -> None:
        """Refused when another process already sends orders for this database."""
        if self._database.is_sqlite:
            path = Path(self._database.url.split("///", 1)[-1] + ".lock")
            self._file = path.open("w")  # noqa: ASYNC230 - once, at start
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                self._file.close()
                self._file = None
                raise Refused(_taken(str(path))) from None
            return
        self._connection = await self._database.engine.connect()
        got = (
            await self._connection.execute(text("SELECT pg_try_advisory_lock(:i)"), {"i": LOCK_ID})
        ).scalar()
        await self._connection.commit()
        if not got:
            await self._connection.close()
            self._connection = None
            raise Refused(_taken("an advisory lock on the database"))

    async def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._connection is not None:
            # closing returns it to the pool, and the lock belongs to its session
            await self._connection.execute(text("SELECT pg_advisory_unlock(:i)"), {"i": LOCK_ID})
            await self._connection.close()
            self._connection = None


def _taken(what: str) -> str:
    return (
        f"Another Remissvakt already watches with this database ({what} is held). Two would send "
        "twice as many orders: stop the other first, or give this one a database of its own."
    )
