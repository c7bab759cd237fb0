"""What was last published of each path, whether a person stopped it, and its commissioning."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from watchdog.errors import StorageError
from watchdog.storage.engine import Database
from watchdog.storage.rows import row, upsert
from watchdog.storage.tables import commissions, path_controls, path_states


@dataclass(frozen=True, slots=True, kw_only=True)
class PathState:
    """A path's newest evaluation, as other processes and the next run read it."""

    path: str
    epoch: int
    revision: int
    phase: str
    reason: str
    since: datetime
    evaluated_at: datetime
    life_at: datetime | None
    last_arrival_at: datetime | None
    evidence_limit_s: float
    text_damaged: bool
    open_orders: int
    sending: str
    learned: str
    """JSON: what the detector learned of this path."""
    scenario: str = ""
    """Of the path's site, as the states of its systems have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathControl:
    """`on`, `stopped` by a person, or `rejected`: the breaker opened at a negative answer."""

    path: str
    sending: str
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Commission:
    """Proof that one order sent by hand arrived and was cancelled, for this very template."""

    path: str
    fingerprint: str
    by: str
    placer: str
    at: datetime


async def save_state(db: AsyncConnection, state: PathState) -> None:
    """Store in the caller's transaction."""
    await upsert(db, path_states, row(state))


async def renew(database: Database, state: PathState, patience_s: float) -> None:
    """Store it with whatever else is stored just then. StorageError if that took too long.

    A renewal that was given up never comes later, when it could replace a newer one.
    """
    try:
        async with asyncio.timeout(patience_s):
            await database.put(path_states, row(state))
    except TimeoutError:
        raise StorageError(f"the database did not answer in {patience_s:g} s") from None


class States:
    """Reading and writing them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, states: list[PathState]) -> None:
        async with self._database.transaction() as db:
            for state in states:
                await save_state(db, state)

    async def all(self) -> dict[str, PathState]:
        async with self._database.read() as db:
            rows = (await db.execute(select(path_states))).mappings().all()
        return {found["path"]: PathState(**found) for found in rows}

    async def control(self, control: PathControl) -> None:
        async with self._database.transaction() as db:
            await upsert(db, path_controls, row(control))

    async def controls(self) -> dict[str, PathControl]:
        async with self._database.read() as db:
            rows = (await db.execute(select(path_controls))).mappings().all()
        return {found["path"]: PathControl(**found) for found in rows}

    async def commission(self, record: Commission) -> None:
        async with self._database.transaction() as db:
            await upsert(db, commissions, row(record))

    async def commissions(self) -> dict[str, Commission]:
        async with self._database.read() as db:
            rows: Any = (await db.execute(select(commissions))).mappings().all()
        return {found["path"]: Commission(**found) for found in rows}
