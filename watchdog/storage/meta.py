"""Numbers of the whole installation: the epoch, which rises each time a node begins to lead."""

from datetime import UTC, datetime

from sqlalchemy import select

from watchdog.errors import Fenced, StorageError
from watchdog.storage import audit
from watchdog.storage.engine import Database
from watchdog.storage.rows import upsert
from watchdog.storage.tables import meta

COUNTED_FROM = datetime(2020, 1, 1, tzinfo=UTC)
"""After a restore the epoch is the number of seconds since then: a backup cannot bring an older one back,
for an epoch that rises by one at each start never overtakes the clock."""


async def next_epoch(database: Database, seen: int | None = None) -> int:
    """Raise the epoch by one, in one transaction, and return it.

    `seen` is what it was when we took the lead: Fenced if another has led since.
    """
    async with database.transaction() as db:
        query = select(meta.c.value).where(meta.c.key == "epoch").with_for_update()
        found = (await db.execute(query)).scalar()
        if seen is not None and int(found or 0) != seen:
            raise Fenced("another node has led since we took the lead")
        epoch = int(found or 0) + 1
        await upsert(db, meta, {"key": "epoch", "value": str(epoch)})
    return epoch


async def raise_epoch(database: Database, *, by: str, now: datetime) -> int:
    """After a restore: put the epoch above any that clients may have seen. The new one.

    Whatever the backup holds, however often one is restored: it comes from `now`.
    """
    async with database.transaction() as db:
        found = (await db.execute(select(meta.c.value).where(meta.c.key == "epoch"))).scalar()
        raised = max(int(found or 0) + 1, int((now - COUNTED_FROM).total_seconds()))
        await upsert(db, meta, {"key": "epoch", "value": str(raised)})
        await audit.append(db, at=now, by=by, what="raise_epoch", subject=str(raised))
    return raised


async def epoch(database: Database) -> int:
    """The epoch in force."""
    async with database.read() as db:
        found = (await db.execute(select(meta.c.value).where(meta.c.key == "epoch"))).scalar()
    return int(found or 0)


async def write_and_read(database: Database, word: str) -> None:
    """Store `word` and read it back in another transaction. StorageError if it is not the same."""
    async with database.transaction() as db:
        await upsert(db, meta, {"key": "self_check", "value": word})
    async with database.read() as db:
        query = select(meta.c.value).where(meta.c.key == "self_check")
        if (await db.execute(query)).scalar() != word:
            raise StorageError("the database did not give back what it had taken")
