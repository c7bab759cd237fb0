"""Observations: appended in batches of at most a second, pruned after 30 days."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from watchdog.model.observation import Ev, Event
from watchdog.storage.engine import Database
from watchdog.storage.tables import observations, real_hours

KEPT, REAL_KEPT = timedelta(days=30), timedelta(hours=48)
REAL = (Ev.REAL_SENT.value, Ev.REAL_ARRIVED.value)


class Hour(NamedTuple):
    """Real referrals of one path in one hour."""

    begins: datetime
    sent: int
    arrived: int


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
    """Forget what is old: real referrals that arrived after 48 hours, everything after 30 days.

    Of real referrals the number sent and arrived in each hour stays. Design decisions, section 11.
    """
    came = select(observations.c.order_id).where(observations.c.ev == Ev.REAL_ARRIVED.value)
    seen = observations.c
    matched = and_(seen.at < now - REAL_KEPT, seen.ev.in_(REAL), seen.order_id.in_(came))
    old = or_(seen.at < now - KEPT, matched)
    async with database.transaction() as db:
        counted = await _by_hour(db, select(observations).where(old))
        for (path, hour), (sent, arrived) in counted.items():
            mine = and_(real_hours.c.path == path, real_hours.c.hour == hour)
            more = {"sent": real_hours.c.sent + sent, "arrived": real_hours.c.arrived + arrived}
            if not (await db.execute(update(real_hours).where(mine).values(more))).rowcount:
                row = {"path": path, "hour": hour, "sent": sent, "arrived": arrived}
                await db.execute(insert(real_hours).values(row))
        await db.execute(delete(observations).where(old))


async def hours(database: Database, path: str, earliest: datetime) -> list[Hour]:
    """Real referrals of a path by the hour of their sending or arrival, forgotten ones too."""
    async with database.read() as db:
        live = observations.c.path == path, observations.c.at >= earliest
        found = await _by_hour(db, select(observations).where(*live))
        stored = select(real_hours).where(
            real_hours.c.path == path, real_hours.c.hour >= _hour(earliest)
        )
        for row in await db.execute(stored):
            sent, arrived = found.get((path, row.hour), (0, 0))
            found[path, row.hour] = (sent + row.sent, arrived + row.arrived)
    return [Hour(hour, *counts) for (_, hour), counts in sorted(found.items())]


async def _by_hour(
    db: AsyncConnection, query: Select[Any]
) -> dict[tuple[str, datetime], tuple[int, int]]:
    """(sent, arrived) of the real referrals among these observations, by path and hour."""
    found: dict[tuple[str, datetime], tuple[int, int]] = {}
    for row in await db.execute(query.where(observations.c.ev.in_(REAL))):
        key = row.path, _hour(row.at)
        sent, arrived = found.get(key, (0, 0))
        is_sent = row.ev == Ev.REAL_SENT.value
        found[key] = (sent + is_sent, arrived + (not is_sent))
    return found


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
