"""A closed database leaves no connection open, whoever still held one."""

import asyncio
import contextlib
import gc
import sqlite3
import time
import warnings
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from watchdog.clock import SystemClock
from watchdog.errors import StorageError
from watchdog.storage.engine import Database
from watchdog.storage.tables import meta

SLOW = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 3000000) SELECT max(x) FROM n"


async def test_a_reader_that_outlives_the_database_leaves_no_connection_open(
    tmp_path: Path,
) -> None:
    database = Database(f"sqlite:///{tmp_path}/db.sqlite", SystemClock())
    reading, closed = asyncio.Event(), asyncio.Event()

    async def read(held: Database) -> None:
        async with held.read() as db:
            await db.execute(text("SELECT 1"))
            reading.set()
            await closed.wait()

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        task = asyncio.create_task(read(database))
        await reading.wait()
        await database.close()
        closed.set()
        with contextlib.suppress(StorageError, SQLAlchemyError, ValueError):
            await task
        del task, database
        gc.collect()
    assert [str(found.message) for found in seen if "aiosqlite" in str(found.message)] == []


async def test_a_closed_database_is_not_opened_again(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/db.sqlite", SystemClock())
    async with database.read() as db:
        await db.execute(text("SELECT 1"))
    await database.close()
    with pytest.raises(StorageError, match="the process is stopping"):
        async with database.read():
            pass
    with pytest.raises(StorageError, match="the process is stopping"):
        async with database.transaction():
            pass
    with pytest.raises(StorageError, match="the process is stopping"):
        await database.put(meta, {"key": "a", "value": "b"})
    assert database._flusher is None, "what comes too late leaves nothing behind that would run"


async def test_closing_does_not_wait_for_the_connection_of_a_query_that_was_cancelled(
    tmp_path: Path,
) -> None:
    database = Database(f"sqlite:///{tmp_path}/db.sqlite", SystemClock())
    asked = asyncio.Event()

    async def ask() -> None:
        async with database.read() as db:
            asked.set()
            await db.execute(text(SLOW))

    asking = asyncio.create_task(ask())
    await asked.wait()
    await asyncio.sleep(0.05)
    asking.cancel()  # from here on the pool closes its connection, while we do
    await asyncio.sleep(0)
    await asyncio.wait_for(database.close(), 5)
    await asyncio.wait({asking}, timeout=5)


async def test_a_connection_that_was_being_opened_is_closed_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect, opened = sqlite3.connect, list[sqlite3.Connection]()

    def slowly(*words: Any, **more: Any) -> sqlite3.Connection:
        time.sleep(0.3)
        opened.append(connect(*words, **more))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", slowly)
    database = Database(f"sqlite:///{tmp_path}/db.sqlite", SystemClock())

    async def ask() -> None:
        async with database.read() as db:
            await db.execute(text("SELECT 1"))

    asking = asyncio.create_task(ask())
    await asyncio.sleep(0.1)
    await database.close()
    with pytest.raises(StorageError, match="the process is stopping"):
        await asking
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened[0].execute("SELECT 1")
