"""The outbox: notices stored with what they tell, sent afterwards, in order per endpoint."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from watchdog.model.incident import EventKind, Incident, IncidentEvent
from watchdog.model.notice import SET_BACK, Attempt, Notice
from watchdog.storage.engine import Database
from watchdog.storage.rows import insert_once, row
from watchdog.storage.tables import attempts, outbox

WAITING = outbox.c.delivered_at.is_(None) & outbox.c.dropped_at.is_(None)


async def add(db: AsyncConnection, notices: list[Notice]) -> None:
    """Store notices in the caller's transaction; one that is there already stays."""
    for notice in notices:
        await insert_once(db, outbox, row(notice))


async def drop_needless(
    db: AsyncConnection, incident: str, awaited: Collection[str], now: datetime
) -> None:
    """In the caller's transaction: who has acknowledged is not reminded, and nobody else in his place."""
    await db.execute(
        update(outbox)
        .where(
            WAITING,
            outbox.c.incident == incident,
            outbox.c.unless != "",
            outbox.c.unless.not_in(sorted(awaited)),
        )
        .values(dropped_at=now)
    )


async def follow(
    db: AsyncConnection,
    incident: Incident,
    events: Sequence[IncidentEvent],
    notices: list[Notice],
    now: datetime,
) -> None:
    """In the caller's transaction: store an event's notices, and drop what it makes needless.

    New advice asks everybody anew, so what followed up the old one is dropped.
    """
    for event in events:
        if event.kind is EventKind.ADVICE_CHANGED:
            await db.execute(
                update(outbox)
                .where(
                    WAITING,
                    outbox.c.incident == incident.id,
                    outbox.c.unless != "",
                    outbox.c.created_at < event.at,
                )
                .values(dropped_at=now)
            )
    await add(db, notices)
    await drop_needless(db, incident.id, incident.awaited, now)


async def note(db: AsyncConnection, attempt: Attempt) -> None:
    """Log a try to deliver, in the caller's transaction."""
    await insert_once(db, attempts, row(attempt))


async def settle(db: AsyncConnection, notice: Notice) -> None:
    """In the caller's transaction: what became of a notice before the database had it."""
    values: dict[str, object] = {
        "attempts": notice.attempts,
        "next_attempt_at": notice.next_attempt_at,
        "delivered_at": notice.delivered_at,
        "last_error": notice.last_error,
        "refused_at": notice.refused_at,
    }
    if notice.dropped_at is not None:  # what the database has dropped stays dropped
        values["dropped_at"] = notice.dropped_at
    await db.execute(
        update(outbox)
        .where(
            outbox.c.id == notice.id,
            outbox.c.delivered_at.is_(None),
            outbox.c.attempts <= notice.attempts,
        )
        .values(**values)
    )


def _is_due(now: datetime) -> ColumnElement[bool]:
    """As `Notice.is_due`."""
    return or_(
        outbox.c.not_before.is_(None),
        outbox.c.not_before <= now,
        and_(outbox.c.of != "", outbox.c.created_at > now + SET_BACK),
    )


def _is_aside(now: datetime) -> ColumnElement[bool]:
    """As `Notice.is_aside`."""
    next_at = outbox.c.next_attempt_at
    return and_(outbox.c.refused_at.is_not(None), next_at > now, next_at <= now + SET_BACK)


class Outbox:
    """What waits to be sent."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def heads(self, now: datetime, taken: Collection[str] = ()) -> list[Notice]:
        """The oldest undelivered notice of each endpoint, of those that may be sent at `now`.

        One that its receiver refuses is passed over until it is tried again.
        `taken` were delivered, which the database could not note yet.
        """
        due = WAITING & _is_due(now) & ~_is_aside(now)
        if taken:
            due &= outbox.c.id.not_in(sorted(taken))
        first = (
            select(outbox.c.endpoint, func.min(outbox.c.order).label("first"))
            .where(due)
            .group_by(outbox.c.endpoint)
            .subquery()
        )
        query = select(outbox).join(
            first,
            (outbox.c.endpoint == first.c.endpoint) & (outbox.c.order == first.c.first) & due,
        )
        return await self._read(query)

    async def next_order(self) -> int:
        """The place in line for the next notice."""
        async with self._database.read() as db:
            return int((await db.execute(select(func.max(outbox.c.order)))).scalar() or 0) + 1

    async def add(self, notices: list[Notice]) -> None:
        """Store notices that no incident's event caused: a report, a test."""
        async with self._database.transaction() as db:
            await add(db, notices)

    async def delivered(self, notice: Notice, attempt: Attempt) -> None:
        """It was taken (2xx). Marked only after, so a crash in between sends it again."""
        await self._mark(notice, attempt, delivered_at=attempt.at, last_error="")

    async def failed(
        self,
        notice: Notice,
        attempt: Attempt,
        next_at: datetime,
        refused_at: datetime | None = None,
    ) -> None:
        """It was not taken; it is due again at `next_at`. `refused_at`: newer ones may pass it."""
        error = attempt.outcome[:200]
        values = {"next_attempt_at": next_at, "last_error": error, "refused_at": refused_at}
        await self._mark(notice, attempt, **values)

    async def bring_forward(self, notice: Notice, now: datetime) -> bool:
        """The next channel tells it now, because this one fails; False if none is left to be told.

        So it does with whatever else waits behind it for the same endpoint.
        """
        behind = select(outbox.c.id).where(
            WAITING, outbox.c.endpoint == notice.endpoint, outbox.c.not_before.is_(None)
        )
        later = (
            WAITING
            & ((outbox.c.of == (notice.of or notice.id)) | outbox.c.of.in_(behind))
            & (outbox.c.endpoint != notice.endpoint)
            & (outbox.c.not_before > now)
        )
        nearest = select(outbox.c.of, func.min(outbox.c.not_before)).where(later)
        async with self._database.transaction() as db:
            found = (await db.execute(nearest.group_by(outbox.c.of))).all()
            for followed, at in found:
                await db.execute(
                    update(outbox)
                    .where(later, outbox.c.of == followed, outbox.c.not_before == at)
                    .values(not_before=now, next_attempt_at=now)
                )
        return bool(found)

    async def resend(self, ident: str, now: datetime) -> Notice | None:
        """Have a notice sent again, at once: one that waits, that failed, or that was taken."""
        async with self._database.transaction() as db:
            await db.execute(
                update(outbox)
                .where(outbox.c.id == ident)
                .values(delivered_at=None, dropped_at=None, not_before=None, next_attempt_at=now)
            )
        found = await self._read(select(outbox).where(outbox.c.id == ident))
        return found[0] if found else None

    async def get(self, ident: str) -> Notice | None:
        found = await self._read(select(outbox).where(outbox.c.id == ident))
        return found[0] if found else None

    async def listed(self, limit: int = 200, *, waiting: bool = False) -> list[Notice]:
        """Newest first; `waiting`: only what has not been taken."""
        query = select(outbox).order_by(outbox.c.order.desc(), outbox.c.id).limit(limit)
        return await self._read(query.where(WAITING) if waiting else query)

    async def of_incident(self, incident: str) -> list[Notice]:
        """Every notice of an incident, in their order."""
        query = select(outbox).where(outbox.c.incident == incident).order_by(outbox.c.order)
        return await self._read(query)

    async def attempts(self, notice: str) -> list[Attempt]:
        """Every try to deliver a notice, oldest first."""
        query = select(attempts).where(attempts.c.notice == notice).order_by(attempts.c.number)
        async with self._database.read() as db:
            return [Attempt(**found) for found in (await db.execute(query)).mappings()]

    async def failing(self, now: datetime) -> dict[str, tuple[int, float]]:
        """Endpoint to (tries in vain, seconds) of its notice that has waited longest after a try."""
        query = select(outbox).where(WAITING, outbox.c.attempts > 0)
        found: dict[str, tuple[int, float]] = {}
        for notice in await self._read(query):
            age = (now - (notice.not_before or notice.created_at)).total_seconds()
            tries, oldest = found.get(notice.endpoint, (0, 0.0))
            found[notice.endpoint] = (max(tries, notice.attempts), max(oldest, age))
        return found

    async def oldest_waiting(self, now: datetime) -> datetime | None:
        """Since when the oldest notice has been due."""
        due = func.min(func.coalesce(outbox.c.not_before, outbox.c.created_at))
        query = select(due).where(WAITING, _is_due(now))
        async with self._database.read() as db:
            return (await db.execute(query)).scalar()

    async def _read(self, query: Select[tuple[object, ...]]) -> list[Notice]:
        async with self._database.read() as db:
            return [Notice(**found) for found in (await db.execute(query)).mappings()]

    async def _mark(self, notice: Notice, attempt: Attempt, **values: object) -> None:
        async with self._database.transaction() as db:
            await note(db, attempt)
            await db.execute(
                update(outbox)
                .where(outbox.c.id == notice.id, outbox.c.delivered_at.is_(None))
                .values(attempts=attempt.number, **values)
            )
