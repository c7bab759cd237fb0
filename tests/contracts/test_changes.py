"""A follower hears of a change from PostgreSQL at once, and hears again once a cut line is mended."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from tests.support.patience import comes_true
from tests.support.postgresql import fresh_database
from watchdog.clock import SystemClock
from watchdog.storage import changes
from watchdog.storage.engine import Database

LONG_S, AT_ONCE_S = 30.0, 2.0
LISTENING = "datname = current_database() AND query = 'LISTEN remissvakt'"


@pytest.fixture
async def database(postgresql: str) -> AsyncIterator[Database]:
    made = Database(fresh_database(postgresql, "changes"), SystemClock())
    yield made
    await made.close()


@pytest.fixture
async def heard(database: Database) -> AsyncIterator[changes.Changes]:
    """Somebody who listens."""
    made = changes.Changes(database, SystemClock())
    task = asyncio.create_task(made.listen())
    assert await comes_true(lambda: _is_listening(database))
    yield made
    task.cancel()
    await asyncio.wait({task})


async def test_what_was_committed_wakes_a_follower_long_before_it_looks_by_itself(
    database: Database, heard: changes.Changes
) -> None:
    assert await _wakes(database, heard)


async def test_what_was_rolled_back_wakes_nobody(
    database: Database, heard: changes.Changes
) -> None:
    begun = time.monotonic()
    with pytest.raises(LookupError):
        async with database.transaction() as db:
            await changes.tell(db)
            raise LookupError
    await heard.wait(1.0)
    assert time.monotonic() - begun >= 1.0


async def test_a_line_that_was_cut_is_made_again(
    database: Database, heard: changes.Changes
) -> None:
    async with database.transaction() as db:
        cut = text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {LISTENING}")
        assert len((await db.execute(cut)).all()) == 1
    assert await comes_true(lambda: _is_silent(database))
    assert await comes_true(lambda: _is_listening(database))
    assert await _wakes(database, heard)


async def _wakes(database: Database, heard: changes.Changes) -> bool:
    """Whether a commit is heard at once."""
    waiting = asyncio.create_task(heard.wait(LONG_S))
    async with database.transaction() as db:
        await changes.tell(db)
    begun = time.monotonic()
    await waiting
    return time.monotonic() - begun < AT_ONCE_S


async def _is_listening(database: Database) -> bool:
    async with database.engine.connect() as db:
        found = await db.execute(text(f"SELECT pid FROM pg_stat_activity WHERE {LISTENING}"))
        return found.first() is not None


async def _is_silent(database: Database) -> bool:
    return not await _is_listening(database)
