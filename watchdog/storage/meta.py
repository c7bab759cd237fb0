"""Numbers of the whole installation: the epoch, which rises each time a node begins to lead."""

from sqlalchemy import select

from watchdog.storage.engine import Database
from watchdog.storage.rows import upsert
from watchdog.storage.tables import meta


async def next_epoch(database: Database) -> int:
    """Raise the epoch by one, in one transaction, and return it."""
    async with database.transaction() as db:
        found = (await db.execute(select(meta.c.value).where(meta.c.key == "epoch"))).scalar()
        epoch = int(found or 0) + 1
        await upsert(db, meta, {"key": "epoch", "value": str(epoch)})
    return epoch


async def epoch(database: Database) -> int:
    """The epoch in force."""
    async with database.read() as db:
        found = (await db.execute(select(meta.c.value).where(meta.c.key == "epoch"))).scalar()
    return int(found or 0)
