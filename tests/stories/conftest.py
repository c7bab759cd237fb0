"""One world per story: SQLite, or a database of its own on the real PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.postgresql import fresh_database
from tests.support.world import World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with World(tmp_path) as made:
        yield made


@pytest.fixture
async def world_on_postgresql(tmp_path: Path, postgresql: str) -> AsyncIterator[World]:
    async with World(tmp_path, database=fresh_database(postgresql, "story")) as made:
        yield made
