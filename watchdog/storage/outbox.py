"""The outbox: notices stored with what they tell, sent afterwards, in order per endpoint."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from watchdog.model.notice import Notice
from watchdog.storage.engine import Database
from watchdog.storage.rows import insert_once, row
from watchdog.storage.tables import outbox


async def add(db: AsyncConnection, notices: list[Notice]) -> None:
    """Store notices in the caller's transaction; one that is there already stays."""
    for notice in notices:
        await insert_once(db, outbox, row(notice))


class Outbox:
    """What waits to be sent."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def heads(self) -> list[Notice]:
        """The oldest undelivered notice of each endpoint."""
        first = (
            select(outbox.c.endpoint, func.min(outbox.c.order).label("first"))
            .where(outbox.c.delivered_at.is_(None))
            .group_by(outbox.c.endpoint)
            .subquery()
        )
        query = select(outbox).join(
            first,
            (outbox.c.endpoint == first.c.endpoint)
            & (outbox.c.order == first.c.first)
            & outbox.c.delivered_at.is_(None),
        )
        async with self._database.read() as db:
            return [Notice(**found) for found in (await db.execute(query)).mappings()]

    async def next_order(self) -> int:
        """The place in line for the next notice."""
        async with self._database.read() as db:
            return int((await db.execute(select(func.max(outbox.c.order)))).scalar() or 0) + 1

    async def delivered(self, notice: Notice, now: datetime) -> None:
        """It was taken (2xx). Marked only after, so a crash in between sends it again."""
        await self._mark(notice, delivered_at=now, attempts=notice.attempts + 1, last_error="")

    async def failed(self, notice: Notice, next_at: datetime, error: str) -> None:
        await self._mark(
            notice, next_attempt_at=next_at, attempts=notice.attempts + 1, last_error=error[:200]
        )

    async def listed(self, limit: int = 200) -> list[Notice]:
        """Newest first."""
        query = select(outbox).order_by(outbox.c.order.desc()).limit(limit)
        async with self._database.read() as db:
            return [Notice(**found) for found in (await db.execute(query)).mappings()]

    async def oldest_waiting(self) -> datetime | None:
        query = select(func.min(outbox.c.created_at)).where(outbox.c.delivered_at.is_(None))
        async with self._database.read() as db:
            return (await db.execute(query)).scalar()

    async def _mark(self, notice: Notice, **values: object) -> None:
        async with self._database.transaction() as db:
            await db.execute(
                update(outbox)
                .where(outbox.c.id == notice.id, outbox.c.delivered_at.is_(None))
                .values(**values)
            )
