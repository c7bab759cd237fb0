"""The order book: a row is committed before the first byte of its order leaves."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from watchdog.model.order import OPEN, Order, OrderState
from watchdog.orders.life import is_terminal
from watchdog.storage.engine import Database
from watchdog.storage.rows import row
from watchdog.storage.tables import orders


class OrderBook:
    """Orders on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, *changed: Order) -> None:
        """Store these orders; returns when they are committed (grouped over at most 20 ms)."""
        await self._database.put(orders, *(row(order) for order in changed))

    async def open(self, path: str | None = None) -> list[Order]:
        """Orders that wait for arrival or for their cancel, oldest first."""
        return await self.find(states=tuple(OPEN), path=path)

    async def find(
        self,
        *,
        states: Sequence[OrderState] = (),
        path: str | None = None,
        incident: str | None = None,
        since: datetime | None = None,
        limit: int = 100_000,
    ) -> list[Order]:
        """Orders by state, path, incident and the time that they were planned, oldest first."""
        query = select(orders).order_by(orders.c.planned_at, orders.c.placer).limit(limit)
        if states:
            query = query.where(orders.c.state.in_([state.value for state in states]))
        if path is not None:
            query = query.where(orders.c.path == path)
        if incident is not None:
            query = query.where(orders.c.incident == incident)
        if since is not None:
            query = query.where(orders.c.planned_at > since)
        async with self._database.read() as db:
            return [_order(found) for found in (await db.execute(query)).mappings()]

    async def get(self, placer: str) -> Order | None:
        async with self._database.read() as db:
            query = select(orders).where(orders.c.placer == placer)
            found = (await db.execute(query)).mappings().first()
        return _order(found) if found is not None else None

    async def counts(self, path: str | None = None) -> dict[str, int]:
        """State to number of orders."""
        query = select(orders.c.state, func.count()).group_by(orders.c.state)
        if path is not None:
            query = query.where(orders.c.path == path)
        async with self._database.read() as db:
            return {str(state): int(n) for state, n in (await db.execute(query)).all()}

    async def planned_since(self, path: str, since: datetime) -> list[datetime]:
        """When the orders of a path since `since` were planned."""
        query = select(orders.c.planned_at).where(
            orders.c.path == path, orders.c.planned_at > since
        )
        async with self._database.read() as db:
            return list((await db.execute(query)).scalars())

    async def unfinished(self, incident: str) -> int:
        """Orders of an incident that are neither cancelled nor handed over."""
        found = await self.find(states=tuple(OPEN), incident=incident)
        return sum(1 for order in found if not is_terminal(order))


def _order(found: Any) -> Order:
    values: dict[str, Any] = dict(found)
    values["state"] = OrderState(values["state"])
    return Order(**values)
