"""Clears against failing probes, as people asked for and confirmed them."""

from datetime import datetime

from sqlalchemy import select

from watchdog.model.override import ASKED_FOR, Override
from watchdog.storage.engine import Database
from watchdog.storage.rows import row, upsert
from watchdog.storage.tables import overrides


async def save(database: Database, override: Override) -> None:
    """Store it as it is now."""
    async with database.transaction() as db:
        await upsert(db, overrides, row(override))


async def current(database: Database, now: datetime) -> list[Override]:
    """Those that wait for a second person, are in force, or whose end was not told yet."""
    mine = overrides.c
    query = select(overrides).where(
        (mine.granted_at.is_(None) & (mine.asked_at > now - ASKED_FOR))
        | (mine.granted_at.is_not(None) & mine.told_end.is_(False))
    )
    async with database.read() as db:
        return [Override(**found) for found in (await db.execute(query)).mappings()]
