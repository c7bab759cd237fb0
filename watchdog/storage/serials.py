"""Ranges of serial numbers that were printed, so that none is given twice and each can be traced."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from watchdog.errors import StorageError
from watchdog.storage.engine import Database
from watchdog.storage.rows import row
from watchdog.storage.tables import serial_ranges


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialRange:
    """One pack of one clinic."""

    clinic_code: str
    pack: int
    clinic: str
    count: int
    first: str
    last: str
    at: datetime
    by: str


async def add(database: Database, made: SerialRange) -> bool:
    """Store it; False if a pack of that number was issued already."""
    try:
        async with database.transaction() as db:
            await db.execute(insert(serial_ranges).values(row(made)))
    except IntegrityError:
        return False
    except StorageError as error:
        if isinstance(error.__cause__, IntegrityError):
            return False
        raise
    return True


async def listed(database: Database, clinic: str | None = None) -> list[SerialRange]:
    """What was issued, newest first."""
    query: Any = select(serial_ranges).order_by(serial_ranges.c.pack.desc())
    if clinic is not None:
        query = query.where(serial_ranges.c.clinic == clinic)
    async with database.read() as db:
        return [SerialRange(**found) for found in (await db.execute(query)).mappings()]
