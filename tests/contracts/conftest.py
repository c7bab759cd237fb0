"""Each test on both databases: SQLite, and one of its own on the real PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.postgresql import fresh_database
from watchdog.clock import SystemClock
from watchdog.storage.engine import Database
from watchdog.storage.migrate import upgrade


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """Empty, at the newest schema."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'x.sqlite'}"
    else:
        url = fresh_database(request.getfixturevalue("postgresql"), "contract")
    made = Database(url, SystemClock())
    await upgrade(made)
    yield made
    await made.close()
