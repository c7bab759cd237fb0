"""A session of its own on PostgreSQL is ended, whatever became of who asked for it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest

from tests.support.patience import comes_true
from tests.support.postgresql import fresh_database
from watchdog.clock import SystemClock
from watchdog.errors import StorageError
from watchdog.storage import leader, session
from watchdog.storage.engine import Database
from watchdog.storage.leader import Leadership
from watchdog.storage.migrate import upgrade

SESSIONS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = 'session' AND pid <> pg_backend_pid()"
)


@pytest.fixture
async def database(postgresql: str) -> AsyncIterator[Database]:
    made = Database(fresh_database(postgresql, "session"), SystemClock())
    await upgrade(made)
    await made.engine.dispose()  # no session of the pool is among those counted
    yield made
    await made.close()


@pytest.fixture(autouse=True)
def lasting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server ends none of them by itself while a test runs."""
    monkeypatch.setattr(leader, "IDLE_S", 600.0)


async def none_left(database: Database) -> bool:
    async with await psycopg.AsyncConnection.connect(database.plain_url) as db:
        found = await (await db.execute(SESSIONS)).fetchone()
    return found == (0,)


async def test_a_session_that_comes_too_late_is_ended(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect, came = psycopg.AsyncConnection.connect, asyncio.Event()

    async def late(*words: Any, **more: Any) -> Any:
        await asyncio.sleep(0.2)
        found = await connect(*words, **more)
        came.set()
        return found

    with monkeypatch.context() as slowly:
        slowly.setattr(session, "ANSWER_S", 0.05)
        slowly.setattr(psycopg.AsyncConnection, "connect", late)
        with pytest.raises(StorageError, match="did not answer in"):
            await Leadership(database, SystemClock()).take()
        await came.wait()
    assert await comes_true(lambda: none_left(database))


async def test_who_is_cancelled_while_taking_the_lead_leaves_no_lock_behind(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as slowly:
        slowly.setattr(leader, "EPOCH", "SELECT pg_sleep(20)::text")
        taking = asyncio.create_task(Leadership(database, SystemClock()).take())
        await asyncio.sleep(0.3)
        assert not await none_left(database)
        taking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await taking
    assert await comes_true(lambda: none_left(database))
    other = Leadership(database, SystemClock())
    assert await other.take()
    await other.release()


async def test_a_session_that_cannot_be_set_up_is_ended(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leader, "IDLE_S", -1.0)  # no such time: the server refuses it
    with pytest.raises(StorageError, match="did not answer: InvalidParameterValue"):
        await Leadership(database, SystemClock()).take()
    assert await comes_true(lambda: none_left(database))
