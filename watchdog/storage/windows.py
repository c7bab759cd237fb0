"""Planned windows, as people entered them."""

from datetime import datetime

from sqlalchemy import select, update

from watchdog.model.maintenance import Window
from watchdog.storage.engine import Database
from watchdog.storage.rows import insert_once, row
from watchdog.storage.tables import windows


async def add(database: Database, window: Window) -> None:
    """Store one; the same id twice changes nothing."""
    async with database.transaction() as db:
        await insert_once(db, windows, row(window))


async def cancel(database: Database, ident: str, now: datetime) -> bool:
    """True if there was one to cancel."""
    async with database.transaction() as db:
        done = await db.execute(
            update(windows)
            .where(windows.c.id == ident, windows.c.cancelled_at.is_(None))
            .values(cancelled_at=now)
        )
    return bool(done.rowcount)


async def ending_after(database: Database, moment: datetime) -> list[Window]:
    """Windows that are not over, cancelled ones left out, the next one first."""
    query = (
        select(windows)
        .where(windows.c.ends_at > moment, windows.c.cancelled_at.is_(None))
        .order_by(windows.c.starts_at)
    )
    async with database.read() as db:
        return [Window(**found) for found in (await db.execute(query)).mappings()]
