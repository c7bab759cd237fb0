"""One connection of psycopg of its own, and how to end it while a question on it is still open."""

import asyncio
import contextlib
import os
import socket
from typing import Any, LiteralString

import psycopg

from watchdog.errors import StorageError
from watchdog.within import within

ANSWER_S = 1.0


class Session:
    """Asks one thing at a time.

    A question that was given up goes on inside the driver, which holds the connection's memory: to free
    that under it (`close`, PQfinish) sent the whole process to sleep, or would have crashed it. So the
    wire is cut first, the question fails by that, and only then is the connection freed.
    """

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self.connection = connection
        self.asking: asyncio.Task[Any] | None = None

    @classmethod
    async def connected(cls, url: str, idle_s: float) -> "Session":
        """A session that the server ends when it has been idle for so long. StorageError.

        One that comes too late, or when nobody wants it any more, is ended: it would be nobody's.
        """
        connecting = asyncio.ensure_future(cls._connect(url, idle_s))
        try:
            return await within(2 * ANSWER_S, connecting)
        except BaseException:
            connecting.add_done_callback(_end)
            raise

    @classmethod
    async def _connect(cls, url: str, idle_s: float) -> "Session":
        connection = None
        try:
            connection = await psycopg.AsyncConnection.connect(
                url, autocommit=True, connect_timeout=2
            )
            await connection.execute(f"SET idle_session_timeout = '{idle_s:g}s'")  # pyright: ignore[reportArgumentType, reportCallIssue]
        except BaseException as error:
            if connection is not None:
                await connection.close()
            if isinstance(error, (psycopg.Error, OSError)):
                raise StorageError(f"the database did not answer: {type(error).__name__}") from None
            raise
        return cls(connection)

    async def ask(self, query: LiteralString, *values: int) -> Any:
        """The first column of the first row. StorageError if the session ended, or it takes long."""
        self.asking = asyncio.ensure_future(self._answer(query, values))
        return await within(ANSWER_S, self.asking)

    async def _answer(self, query: LiteralString, values: tuple[int, ...]) -> Any:
        try:
            found = await (await self.connection.execute(query, values)).fetchone()
        except (psycopg.Error, OSError) as error:
            raise StorageError(f"the database ended our session: {type(error).__name__}") from None
        return found[0] if found else None

    async def close(self) -> None:
        """Returns within seconds; what is left then is closed when the driver has let go of it."""
        if self.asking is not None and not self.asking.done():
            self._cut()
            await asyncio.wait({self.asking}, timeout=ANSWER_S)
            if not self.asking.done():
                self.asking.add_done_callback(lambda _: self.connection.pgconn.finish())
                return
        with contextlib.suppress(psycopg.Error, OSError, StorageError):
            await within(ANSWER_S, self.connection.close())

    def _cut(self) -> None:
        with contextlib.suppress(psycopg.Error, OSError):
            wire = socket.socket(fileno=os.dup(self.connection.pgconn.socket))
            with wire:
                wire.shutdown(socket.SHUT_RDWR)


def _end(connecting: "asyncio.Task[Session]") -> None:
    if not connecting.cancelled() and connecting.exception() is None:
        connecting.result().connection.pgconn.finish()
