"""What a migration makes of rows that an earlier version left, and how long it may take."""

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from alembic import command
from sqlalchemy import Connection, text

from tests.support.incidents import an_outage
from tests.support.postgresql import fresh_database
from watchdog.clock import SystemClock
from watchdog.model.outage import Reason
from watchdog.storage.engine import CONNECTION, Database
from watchdog.storage.incidents import Incidents
from watchdog.storage.migrate import LOCK_ID, configuration, upgrade

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reason", "partial"),
    [(Reason.NOT_ARRIVING, False), (Reason.PARTIAL_LOSS, True), (Reason.SENDER_LOSS, True)],
)
async def test_an_outage_under_way_while_we_are_upgraded_keeps_what_it_lost(
    database: Database, reason: Reason, *, partial: bool
) -> None:
    def back(connection: Connection) -> None:
        command.downgrade(configuration(connection), "2026_11_22_audience")

    before = replace(an_outage(NOW, reason=reason), number=1)
    await Incidents(database).keep(before)
    async with database.engine.begin() as db:
        await db.run_sync(back)
    await upgrade(database)
    assert await Incidents(database).get("inc_1") == replace(before, partial=partial)


async def test_a_migration_may_take_its_time_and_wait_for_another_nodes(
    postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction of the service may neither idle nor wait for long; the schema is another matter."""
    hurried = "-c idle_in_transaction_session_timeout=100 -c lock_timeout=100"
    monkeypatch.setitem(CONNECTION, "options", hurried)
    migrate = command.upgrade

    waits: list[str] = []

    def slowly(config: Any, revision: str) -> None:
        connection: Connection = config.attributes["connection"]
        waits.append(connection.execute(text("SHOW lock_timeout")).scalar_one())
        time.sleep(0.3)
        migrate(config, revision)

    monkeypatch.setattr(command, "upgrade", slowly)
    url = fresh_database(postgresql, "slowly")
    database = Database(url, SystemClock())
    async with await psycopg.AsyncConnection.connect(url) as other:
        await other.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_ID])
        second = asyncio.create_task(upgrade(database))
        await asyncio.sleep(0.3)
        assert not second.done()
    await second
    assert await Incidents(database).get("inc_1") is None, "its tables are there"
    assert waits == ["5s"], "a table is waited for no longer than usual: the leader waits behind"
    await database.close()
