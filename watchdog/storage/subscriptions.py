"""Who has subscribed to notices while the service ran."""

from datetime import datetime

from sqlalchemy import select, update

from watchdog.model.endpoint import Endpoint
from watchdog.model.subscription import read, written
from watchdog.storage.engine import Database
from watchdog.storage.rows import upsert
from watchdog.storage.tables import outbox, subscriptions


async def add(database: Database, endpoint: Endpoint, by: str, now: datetime) -> None:
    """Store one, or put it in the place of the one of that id."""
    values = {"id": endpoint.id, "body": written(endpoint), "by": by, "at": now, "ended_at": None}
    async with database.transaction() as db:
        await upsert(db, subscriptions, values)


async def end(database: Database, ident: str, now: datetime) -> bool:
    """True if there was one. What waits for it is not sent any more."""
    async with database.transaction() as db:
        done = await db.execute(
            update(subscriptions)
            .where(subscriptions.c.id == ident, subscriptions.c.ended_at.is_(None))
            .values(ended_at=now)
        )
        if done.rowcount:
            waiting = (
                outbox.c.endpoint == ident,
                outbox.c.delivered_at.is_(None),
                outbox.c.dropped_at.is_(None),
            )
            await db.execute(update(outbox).where(*waiting).values(dropped_at=now))
    return bool(done.rowcount)


async def current(database: Database) -> tuple[Endpoint, ...]:
    """Those that have not ended, by id."""
    query = (
        select(subscriptions.c.body)
        .where(subscriptions.c.ended_at.is_(None))
        .order_by(subscriptions.c.id)
    )
    async with database.read() as db:
        return tuple(read(body) for body in (await db.execute(query)).scalars())
