"""Observations: appended in batches of at most a second, pruned after 30 days."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert, select

from watchdog.model.observation import Ev, Event
from watchdog.storage.engine import Database
from watchdog.storage.tables import observations

KEPT, REAL_KEPT = timedelta(days=30), timedelta(hours=48)


async def append(database: Database, seen: Sequence[tuple[str, Event]]) -> None:
    """Store (path, event) pairs in one transaction."""
    rows = [
        {
            "path": path,
            "ev": event.ev.value,
            "mono": event.mono,
            "at": datetime.fromtimestamp(event.t, UTC),
            "order_id": event.id,
            "sender": event.sender,
            "code": event.code,
            "scope": event.scope,
        }
        for path, event in seen
    ]
    if rows:
        async with database.transaction() as db:
            await db.execute(insert(observations), rows)


async def since(database: Database, path: str, earliest: datetime) -> list[Event]:
    """What was observed of a path, oldest first."""
    query = (
        select(observations)
        .where(observations.c.path == path, observations.c.at >= earliest)
        .order_by(observations.c.id)
    )
    async with database.read() as db:
        return [
            Event(
                ev=Ev(row.ev),
                mono=row.mono,
                t=row.at.timestamp(),
                id=row.order_id,
                sender=row.sender,
                code=row.code,
                scope=row.scope,
            )
            for row in await db.execute(query)
        ]


async def prune(database: Database, now: datetime) -> None:
    """Forget what is old: real referrals that arrived after 48 hours, everything after 30 days."""
    arrived = select(observations.c.order_id).where(observations.c.ev == Ev.REAL_ARRIVED.value)
    async with database.transaction() as db:
        await db.execute(delete(observations).where(observations.c.at < now - KEPT))
        await db.execute(
            delete(observations).where(
                observations.c.at < now - REAL_KEPT,
                observations.c.ev.in_([Ev.REAL_SENT.value, Ev.REAL_ARRIVED.value]),
                observations.c.order_id.in_(arrived),
            )
        )
