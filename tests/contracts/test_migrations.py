"""What a migration makes of rows that an earlier version left."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from alembic import command
from sqlalchemy import Connection

from tests.support.incidents import an_outage
from watchdog.model.outage import Reason
from watchdog.storage.engine import Database
from watchdog.storage.incidents import Incidents
from watchdog.storage.migrate import configuration, upgrade

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
