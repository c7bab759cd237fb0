"""The database engine: SQLite embedded by default, PostgreSQL for two or more nodes.

One write transaction at a time per process, and a group commit for rows that come often (orders,
the state of paths): what asks within 20 ms shares one commit.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from sqlalchemy import Table, event, text
from sqlalchemy.exc import DataError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from watchdog.clock import Clock
from watchdog.dburl import async_url, sqlite_file
from watchdog.errors import ConfigError, Fenced, Problem, StorageError
from watchdog.storage.rows import upsert

NEVER = -1
"""An epoch that is never in force: whoever is fenced by it stores nothing."""
GROUP_S = 0.02
CLOSE_S = 1.0
STUCK_S = 3.0
"""A write transaction that takes longer has most likely met a database that does not answer."""
CONNECTION = {
    "connect_timeout": 2,
    # a server that dies after it has taken a query would otherwise be waited for for hours
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 5000,
    "options": "-c idle_in_transaction_session_timeout=2000 -c lock_timeout=5000",
}
"""A node that is paused within a transaction must not hold up the one that takes over."""
Row = Mapping[str, Any]
Asked = tuple[Table, Sequence[Row], asyncio.Future[None]]
"""What is to be stored, and who waits for it."""


class Database:
    """Transactions on one database. StorageError when it does not take what is to be stored."""

    def __init__(self, url: str, clock: Clock) -> None:
        self.url = async_url(url)
        self._clock = clock
        self._writing = asyncio.Lock()
        self._writing_since = 0.0
        self._epoch: int | None = None
        self._waiting: list[Asked] = []
        self._flusher: asyncio.Task[None] | None = None
        self._closed = False
        self._opened: list[Any] = []
        """aiosqlite connections that may be open."""
        if (path := sqlite_file(self.url)) is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.engine: AsyncEngine = create_async_engine(self.url)
            event.listen(self.engine.sync_engine, "connect", _durable)
            event.listen(self.engine.sync_engine, "connect", self._remember)
        else:
            self.engine = create_async_engine(
                self.url, pool_size=8, pool_pre_ping=True, connect_args=CONNECTION
            )

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @property
    def plain_url(self) -> str:
        """The URL without the driver's name, as libpq knows it."""
        return self.url.replace("+psycopg", "", 1)

    def fence(self, epoch: int | None) -> None:
        """From now on store nothing unless this epoch is in force; None: no such condition."""
        self._epoch = None if self.is_sqlite else epoch
        waiting, self._waiting = self._waiting, []
        for _, _, done in waiting:
            if not done.done():
                done.set_exception(Fenced("the lead was lost before this could be stored"))

    def mind_epoch(self, found: int) -> None:
        """Fenced if another epoch than ours is in force, whoever raised it."""
        if self._epoch is not None and found != self._epoch:
            raise Fenced(f"epoch {found} is in force, not ours")

    async def _mind_fence(self, db: AsyncConnection, epoch: int | None) -> None:
        if epoch != self._epoch:
            raise Fenced("the lead was lost before this could be stored")
        if epoch is not None:
            # shared: a new leader cannot raise the epoch before this transaction has ended
            query = text("SELECT value FROM meta WHERE key = 'epoch' FOR SHARE")
            self.mind_epoch(int((await db.execute(query)).scalar() or 0))

    def _mind_stuck(self) -> None:
        waited = self._clock.monotonic() - self._writing_since
        if self._writing.locked() and waited > STUCK_S:
            # whoever waits here would wait as long as the first one: let everybody know at once
            raise StorageError(f"the database has not answered for {waited:.0f} s")

    def _mind_closed(self) -> None:
        if self._closed:  # a connection opened now would be nobody's to close
            raise StorageError("the database is closed: the process is stopping")

    def _remember(self, connection: Any, _record: Any) -> None:
        if self._closed:  # it was being opened while we closed
            connection.run_async(_closed)
            self._mind_closed()
        self._opened = [c for c in self._opened if _is_open(c)] + [connection.driver_connection]

    async def verify(self) -> None:
        """Refuse a database that may lose acknowledged commits."""
        async with self.read() as db:
            if self.is_sqlite:
                mode = (await db.execute(text("PRAGMA journal_mode"))).scalar()
                full = (await db.execute(text("PRAGMA synchronous"))).scalar()
                if str(mode).lower() != "wal" or int(full or 0) < 2:  # noqa: PLR2004 - 2 is FULL
                    raise _unsafe("SQLite must run with journal_mode=WAL and synchronous=FULL")
                return
            for setting in ("fsync", "synchronous_commit"):
                value = (await db.execute(text(f"SHOW {setting}"))).scalar()
                if str(value) == "off":
                    raise _unsafe(f"PostgreSQL runs with {setting}=off: switch it on")

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncConnection]:
        """One write transaction, committed at the end."""
        self._mind_closed()
        self._mind_stuck()
        epoch = self._epoch  # of whoever asks now: work that waits must not outlive its lead
        try:
            async with self._writing:
                self._writing_since = self._clock.monotonic()
                async with self.engine.begin() as db:
                    await self._mind_fence(db, epoch)
                    yield db
        except SQLAlchemyError as error:
            raise StorageError(f"the database did not take it: {_short(error)}") from error

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncConnection]:
        """A connection to read from."""
        self._mind_closed()
        try:
            async with self.engine.connect() as db:
                yield db
        except SQLAlchemyError as error:
            raise StorageError(f"the database did not answer: {_short(error)}") from error

    async def put(self, table: Table, *rows: Row) -> None:
        """Upsert `rows` in a transaction shared with others of the next 20 ms; return when committed.

        Rows of one table are stored in the order of asking. Whoever stops waiting before the
        transaction has begun has asked for nothing.
        """
        self._mind_closed()
        self._mind_stuck()
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((table, rows, done))
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush())
        await done

    async def close(self) -> None:
        if self._flusher is not None:
            _, late = await asyncio.wait([self._flusher], timeout=STUCK_S)
            for task in late:
                task.cancel()
        self._closed = True
        await self.engine.dispose()
        # one that somebody still held comes back to a pool that is gone: nobody else would close it
        for left in filter(_is_open, self._opened):
            # the pool may be closing it just now, and whoever comes second is never answered
            with suppress(TimeoutError, ValueError):
                async with asyncio.timeout(CLOSE_S):
                    await left.close()

    async def _flush(self) -> None:
        while self._waiting:
            await self._clock.sleep(GROUP_S)
            group, self._waiting, epoch = self._waiting, [], self._epoch
            error = await self._stored(group)
            if error is not None and _is_of_one_row(error):
                for each in group:  # one that cannot be stored holds up no others
                    if self._epoch == epoch:
                        _answer([each], await self._stored([each]))
            _answer(group, error)

    async def _stored(self, group: Sequence[Asked]) -> Exception | None:
        """Store what is still asked for in one transaction; what went wrong, or None."""
        try:
            async with self.transaction() as db:
                by_table: dict[Table, list[Row]] = defaultdict(list)
                for table, rows, done in group:
                    if not done.done():  # nobody gave it up while the lock was waited for
                        by_table[table] += rows
                for table, rows in by_table.items():
                    await upsert(db, table, *rows)
        except Exception as error:  # noqa: BLE001 - handed to everyone who waits for it
            return error
        return None


def _answer(group: Sequence[Asked], error: Exception | None) -> None:
    for done in (done for _, _, done in group if not done.done()):
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)


def _is_of_one_row(error: Exception) -> bool:
    """True if a value is at fault and not the database."""
    return isinstance(error, UnicodeEncodeError) or isinstance(error.__cause__, DataError)


def _is_open(connection: Any) -> bool:
    """aiosqlite says it nowhere else."""
    return getattr(connection, "_connection", None) is not None


async def _closed(connection: Any) -> None:
    await connection.close()


def _durable(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _unsafe(message: str) -> ConfigError:
    return ConfigError([Problem("database", 1, message)])


def _short(error: SQLAlchemyError) -> str:
    cause = getattr(error, "orig", None) or error
    return f"{type(cause).__name__}"
